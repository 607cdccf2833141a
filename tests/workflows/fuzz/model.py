"""What the web workflow should do to a drive, said a second time and without a file system. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

FOLDER: Final = None
SPECIAL: Final = "special"
"""A link, a pipe: it is there, and nobody may see through it."""
Content = bytes | str | None
Names = tuple[str, ...]


class Said(NamedTuple):
    """What a request should be answered with.

    Attributes:
        status: The status.
        body: A file's bytes, or None where the body does not matter.
        names: A folder's names, or None.
    """

    status: int
    body: bytes | None = None
    names: list[str] | None = None


def split(raw: str) -> tuple[Names, bool] | None:
    """Return the names of a request's path behind ``/fs``, and whether it is a folder's.

    Returns:
        None for a path that no file can have.
    """
    data = bytearray()
    at = 0
    try:
        encoded = raw.encode("utf-8")
    except UnicodeEncodeError:
        return None
    while at < len(encoded):
        escape = encoded[at + 1 : at + 3]
        hexadecimal = len(escape) == 2 and all(one in b"0123456789abcdefABCDEF" for one in escape)
        if encoded[at : at + 1] == b"%" and hexadecimal:
            data.append(int(escape, 16))
            at += 3
        else:
            data.append(encoded[at])
            at += 1
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if len(raw) > 4096 or any(one < " " or one in "\\\x7f" for one in text):
        return None
    names = [name for name in text.split("/") if name]
    if any(name in (".", "..") or len(name.encode()) > 255 for name in names):
        return None
    return tuple(names), text.endswith("/")


class Model:
    """A drive.

    Args:
        tree: What is on it; `FOLDER`, `SPECIAL` or a file's bytes, by names.

    Attributes:
        tree: What is on it now.
    """

    def __init__(self, tree: dict[Names, Content]) -> None:
        self.tree = dict(tree)

    def kind(self, names: Names) -> str:
        """Return ``"folder"``, ``"file"``, ``"special"`` or ``"nothing"``; nothing is behind links."""
        if not names:
            return "folder"
        if self.kind(names[:-1]) != "folder" or names not in self.tree:
            return "nothing"
        content = self.tree[names]
        if content is FOLDER:
            return "folder"
        return "file" if isinstance(content, bytes) else "special"

    def _below(self, names: Names) -> list[Names]:
        return [one for one in self.tree if one[: len(names)] == names]

    # What is asked. The path was split already, and is one that a file can have.

    def get(self, names: Names, is_folder: bool) -> Said:
        """Read a file or list a folder."""
        kind = self.kind(names)
        if is_folder and kind == "folder":
            inside = [one for one in self.tree if one[:-1] == names]
            seen = [one[-1] for one in inside if self.tree[one] != SPECIAL]
            return Said(200, names=sorted(seen))
        content = self.tree.get(names)
        if not is_folder and kind == "file" and isinstance(content, bytes):
            return Said(200, content)
        return Said(404)

    def put(self, names: Names, is_folder: bool, data: bytes) -> Said:
        """Write a file or make a folder."""
        if is_folder:
            return self._make(names)
        kind = self.kind(names)
        if self.kind(names[:-1]) != "folder":
            return Said(404)
        if kind in ("folder", "special"):
            return Said(500 if kind == "folder" else 409)
        self.tree[names] = data
        return Said(201 if kind == "nothing" else 204)

    def _make(self, names: Names) -> Said:
        for depth in range(1, len(names) + 1):
            kind = self.kind(names[:depth])
            if kind == "special":
                return Said(409)
            if kind == "file" and depth < len(names):
                return Said(404)
        missing = [names[:depth] for depth in range(1, len(names) + 1)]
        missing = [one for one in missing if self.kind(one) == "nothing"]
        for one in missing:
            self.tree[one] = FOLDER
        return Said(201 if missing else 204)

    def delete(self, names: Names) -> Said:
        """Delete a file, or a folder with all in it, or a link."""
        if not names:
            return Said(409)
        if self.kind(names) == "nothing":
            return Said(404)
        for one in self._below(names):
            del self.tree[one]
        return Said(204)

    def move(self, names: Names, target: Names) -> Said:
        """Give a file or folder another name."""
        if not names or not target:
            return Said(409)
        if self.kind(names[:-1]) != "folder" or self.kind(target[:-1]) != "folder":
            return Said(404)
        if self.kind(names) in ("nothing", "special"):
            return Said(404)
        if self.kind(target) != "nothing":
            return Said(412)
        if target[: len(names)] == names:
            return Said(400)
        for one in self._below(names):
            self.tree[target + one[len(names) :]] = self.tree.pop(one)
        return Said(201)
