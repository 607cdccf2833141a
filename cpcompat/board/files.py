"""The boards' files: where they are, and what each says.

The package's own are one table, made by the build, so that no program parses TOML; a file that
was changed since is read anew. A user's are in the folders that ``$CPCOMPAT_BOARDS`` names.
"""

from __future__ import annotations

import os
from binascii import crc32

from cpcompat.board.matching import find, index
from cpcompat.errors import UnknownBoardError

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

DATA = f"{__file__.rpartition('/')[0]}/data"
HELP = "docs/adding-a-board.md says what a board's file must have."


def ids() -> list[str]:
    """Return the ids of the boards known here: the package's and the user's."""
    made = _made()
    found = set(made.BOARDS) if made else set()
    for folder in (DATA, *_user_folders()):
        found.update(_in_folder(folder))
    return sorted(found)


def table(board_id: str) -> tuple[dict[str, Any], str]:
    """Return what a board's file says, with what it includes, and the file's path.

    Raises:
        UnknownBoardError: There is no such board, or its file cannot be used.
    """
    if "/" in board_id or board_id.startswith("_"):
        raise _unknown(board_id)
    for folder in _user_folders():
        path = f"{folder}/{board_id}.toml"
        text = _read(path)
        if text is not None:
            return _parsed(text, path), path
    path = f"{DATA}/{board_id}.toml"
    made = _made()
    entry = made.BOARDS.get(board_id) if made else None
    text = _read(path)
    if entry is not None:
        checksum, included, says = entry
        if text is None or _checksum(text, included) == checksum:
            return says, path
    if text is None:
        raise _unknown(board_id)
    return _parsed(text, path), path


def matching(compatible: list[str], model: Callable[[], str]) -> str | None:
    """Return the id of the board that a device tree describes, or None; a user's file comes first.

    Args:
        compatible: The device tree's strings, the most exact first.
        model: Returns the device tree's ``model``; asked only where several boards share a string.
    """
    for folder in _user_folders():
        boards = index({name: _naming(folder, name, compatible) for name in _in_folder(folder)})
        found = find(boards, compatible, model)
        if found is not None:
            return found
    return find(_package_index(), compatible, model)


def _package_index() -> dict[str, dict[str, str]]:
    made = _made()
    new = [name for name in _in_folder(DATA) if made is None or name not in made.BOARDS]
    boards: dict[str, dict[str, str]] = dict(made.DETECT) if made else {}
    if new:  # a checkout that was changed since it was built, or never built
        boards.update(index({name: table(name)[0] for name in new}))
    return boards


def _naming(folder: str, board_id: str, compatible: list[str]) -> dict[str, Any]:
    """Return what a user's file says; an empty table at once where none of the names is in it."""
    path = f"{folder}/{board_id}.toml"
    text = _read(path) or b""
    if b"include" not in text and not any(name.encode() in text for name in compatible):
        return {}
    return _parsed(text, path)


def _user_folders() -> list[str]:
    return [folder for folder in os.environ.get("CPCOMPAT_BOARDS", "").split(":") if folder]


def _in_folder(folder: str) -> list[str]:
    names = os.listdir(folder) if os.path.isdir(folder) else ()  # noqa: PTH112, PTH208 - pathlib costs 10 ms
    return sorted(name[:-5] for name in names if name.endswith(".toml") and name[0] not in "_.")


def _made() -> ModuleType | None:
    """Return what the build made of the package's board files."""
    from importlib import import_module

    try:
        made = import_module("cpcompat.board._table")
    except ModuleNotFoundError:  # a checkout that was never built
        return None
    # A table that an earlier release's build left in a checkout has no index.
    return made if hasattr(made, "DETECT") else None


def _checksum(text: bytes, included: tuple[str, ...]) -> int:
    """Return the checksum of a package's file with those it includes, as the build makes it."""
    value = crc32(text)
    for name in included:
        value = crc32(_read(f"{DATA}/{name}.toml") or b"", value)
    return value


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnknownBoardError(f"cannot read board file {path!r}: {error.strerror}") from error


def _parsed(text: bytes, path: str) -> dict[str, Any]:
    from cpcompat.board.inclusion import InclusionError, resolve

    def shared(name: str) -> dict[str, Any] | None:
        for folder in (path.rpartition("/")[0], DATA):
            place = f"{folder}/{name}.toml"
            found = _read(place)
            if found is not None:
                return _toml(found, place)
        return None

    try:
        return resolve(_toml(text, path), shared)[0]
    except InclusionError as error:
        raise UnknownBoardError(f"board file {path!r}: {error}", HELP) from error


def _toml(text: bytes, path: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnknownBoardError(f"board file {path!r} is not TOML: {error}") from error


def _unknown(board_id: str) -> UnknownBoardError:
    return UnknownBoardError(f"unknown board {board_id!r}", f"Known boards: {', '.join(ids())}.")
