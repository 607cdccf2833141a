"""`supervisor.set_next_code_file`: which file runs next, and for how long that holds. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class NextCode(NamedTuple):
    """What the program asked for.

    Attributes:
        file: The file, as the program named it; empty for the usual ones.
        working_directory: Where to be when it starts; empty for the drive's root.
        reload_on_success: Run again at once after a normal end.
        reload_on_error: Run again at once after an exception.
        sticky_on_success: Keep all this after a normal end.
        sticky_on_error: Keep all this after any other end.
        sticky_on_reload: Keep all this after a reload.
        found: The file that is really run.
    """

    file: str = ""
    working_directory: str = ""
    reload_on_success: bool = False
    reload_on_error: bool = False
    sticky_on_success: bool = False
    sticky_on_error: bool = False
    sticky_on_reload: bool = False
    found: str = ""


def from_fact(fact: object) -> NextCode:
    """Return what a program stored in the fact ``next_code_file``; anything odd counts as nothing."""
    if not isinstance(fact, dict):
        return NextCode()
    flags = {name: fact.get(name) is True for name in NextCode._fields if "_on_" in name}
    texts = {
        "file": str(fact.get("filename") or ""),
        "working_directory": str(fact.get("working_directory") or ""),
    }
    return NextCode(**texts, **flags)  # type: ignore[arg-type]


def to_fact(wanted: NextCode) -> dict[str, object]:
    """Return it as the fact again."""
    fact: dict[str, object] = wanted._asdict()
    del fact["found"]
    fact["filename"] = fact.pop("file") or None
    return fact


def found(drive: Path, wanted: NextCode) -> str | None:
    """Return the wanted file's name from the drive's root, or None if it is not a file there."""
    path = Path("/", wanted.working_directory, wanted.file)
    inside = path.as_posix().lstrip("/")
    full = (drive / inside).resolve()
    if full.is_file() and full.is_relative_to(drive):
        return inside
    return None


def runs_again(running: NextCode, how: str) -> bool:
    """Tell whether the program is to run again at once after such an end."""
    if how == "done":
        return running.reload_on_success
    return how in ("exception", "interrupt", "died") and running.reload_on_error


def stays(running: NextCode, how: str) -> bool:
    """Tell whether the configuration of the run that ended holds for the next one too."""
    if how == "reload":
        return running.sticky_on_reload
    return running.sticky_on_success if how == "done" else running.sticky_on_error
