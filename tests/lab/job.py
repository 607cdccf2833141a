"""What the emulated Pi is given to do, and what came of it.

Both travel as files in QEMU's own working directory, which the guest's agent reaches by Arm semihosting
(https://github.com/ARM-software/abi-aa/blob/main/semihosting/semihosting.rst).
"""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_LEFT_OUT = {"__pycache__", ".mypy_cache", ".pytest_cache", "node_modules"}


class Ended(NamedTuple):
    """How a job ended.

    Attributes:
        status: The command's exit status.
        out: Its standard output.
        err: Its standard error.
        files: What was asked back, by its path under /job.
    """

    status: int
    out: str
    err: str
    files: dict[str, bytes]


def hand_over(
    work: Path, command: str, put: Mapping[str, Path | str], get: Iterable[str] = ()
) -> None:
    """Write a job into QEMU's working directory.

    Args:
        work: That directory.
        command: What bash runs, in /job.
        put: Files and folders by where they go under /job; a string is a file's text.
        get: Paths under /job that are wanted back.
    """
    (work / "job.sh").write_text(command, "utf-8")
    (work / "get.txt").write_text("\n".join(get), "utf-8")
    with tarfile.open(work / "job.tar", "w") as bundle:
        for number, (place, what) in enumerate(put.items()):
            source = what
            if isinstance(source, str):
                source = work / f"text{number}"
                source.write_text(str(what), "utf-8")
            bundle.add(source, arcname=place.lstrip("/"), filter=_kept)


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name.rsplit("/", 1)[-1] in _LEFT_OUT else member


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.exists() else ""


def take_back(work: Path) -> Ended | None:
    """Return how the job ended, or None when the machine went down before it did."""
    if not _text(work / "status"):
        return None
    files: dict[str, bytes] = {}
    if (work / "back.tar").exists():
        with tarfile.open(work / "back.tar") as bundle:
            for member in bundle:
                content = bundle.extractfile(member) if member.isfile() else None
                if content is not None:
                    files[member.name] = content.read()
    return Ended(int(_text(work / "status")), _text(work / "stdout"), _text(work / "stderr"), files)
