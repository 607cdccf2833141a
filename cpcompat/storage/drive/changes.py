"""Which changes of a drive are news: somebody else's, in a file that a program can see."""

from __future__ import annotations

from typing import Literal

from cpcompat.storage.drive.names import BOOT_OUT_NAME

Kind = Literal["write", "create", "remove", "move"]

_SEEN_AS: dict[str, tuple[Kind, ...]] = {
    "write": ("write", "create"),
    "rename": ("move", "create"),
    "remove": ("remove",),
    "mkdir": ("create",),
    "rmdir": ("remove",),
}
"""How the kernel tells of what a program announces."""


class Changes:
    """Tells the writes of others from those of the program itself.

    A program's own writes must not reload it, or a data logger would never get past its first
    line. The program announces each write before it makes it; the announcement holds until
    `forget`, because the kernel tells of a close long after the open.
    """

    def __init__(self) -> None:
        self._announced: set[tuple[str, str]] = set()

    def announce(self, kind: str, path: str) -> None:
        """Take note that the program is about to change a file of the drive.

        Args:
            kind: ``"write"``, ``"rename"``, ``"remove"``, ``"mkdir"``, ``"rmdir"`` or ``"change"``
                (mode or times).
            path: The file, as the program names it: ``"/data.txt"``.
        """
        for seen in _SEEN_AS.get(kind, ()):
            self._announced.add((seen, path.lstrip("/")))

    def forget(self) -> None:
        """Forget what was announced: a new program starts, and has written nothing."""
        self._announced.clear()

    def is_news(self, kind: Kind, path: str) -> bool:
        """Tell whether a change that was seen is somebody else's and counts.

        Args:
            kind: What happened.
            path: To which file, from the drive's root, without a leading slash.
        """
        if is_noise(path) or (kind, path) in self._announced:
            return False
        return kind not in ("create", "move") or not self._came_with_its_folder(path)

    def _came_with_its_folder(self, path: str) -> bool:
        """Tell whether the program made or moved a folder above the path.

        What a new folder holds is told when the folder is first looked at, and by that time the
        program may have put files into it.
        """
        folders = path.split("/")[:-1]
        return any(
            (kind, "/".join(folders[: depth + 1])) in self._announced
            for depth in range(len(folders))
            for kind in ("create", "move")
        )


def is_noise(path: str) -> bool:
    """Tell whether a path never counts: hidden files, editors' leftovers, the supervisor's own.

    Upstream counts every write. On Linux editors keep swap and backup files beside the file and
    write them while one types, so hidden names, ``name~``, ``#name#`` and Vim's ``4913`` are
    passed over, as are ``__pycache__`` folders.
    """
    if path == BOOT_OUT_NAME:
        return True
    return any(_is_noise_name(part) for part in path.split("/"))


def _is_noise_name(name: str) -> bool:
    return (
        name.startswith(".")
        or name.endswith("~")
        or (name.startswith("#") and name.endswith("#"))
        or name in ("4913", "__pycache__")
    )
