"""Which board this is, what its file says, and the way to its hardware."""

from __future__ import annotations

import os
from binascii import crc32

from cpcompat.board.definition import BoardDefinition
from cpcompat.errors import BackendMissingError, UnknownBoardError
from cpcompat.hal import Machine

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any

    from cpcompat.hal.backend import BackendModule

_DATA = f"{__file__.rpartition('/')[0]}/data"
_DEVICE_TREE = "/proc/device-tree/compatible"
_SIMULATED = "sim"
_ENTRY_POINTS = "cpcompat.backends"


def boards() -> list[str]:
    """Return the ids of the boards known here: the package's and those in ``$CPCOMPAT_BOARDS``."""
    found = set(_tables())
    for folder in (_DATA, *_user_folders()):
        names = os.listdir(folder) if os.path.isdir(folder) else ()  # noqa: PTH112, PTH208 - pathlib costs 10 ms
        found.update(name[:-5] for name in names if name.endswith(".toml") and name[0] != "_")
    return sorted(found)


def definition(board_id: str) -> BoardDefinition:
    """Return what a board's file says.

    Args:
        board_id: The file's name without ``.toml``.

    Raises:
        UnknownBoardError: There is no such board, or its file cannot be used.
    """
    if "/" in board_id:
        raise _unknown(board_id)
    for folder in _user_folders():
        path = f"{folder}/{board_id}.toml"
        text = _read(path)
        if text is not None:
            return _built(board_id, _parsed(text, path), path)
    path = f"{_DATA}/{board_id}.toml"
    text = _read(path)
    checksum, table = _tables().get(board_id, (0, None))
    if table is None or (text is not None and crc32(text) != checksum):
        if text is None:
            raise _unknown(board_id)
        table = _parsed(text, path)
    return _built(board_id, table, path)


def detect() -> str:
    """Return the id of the board that this is.

    ``$CPCOMPAT_BOARD`` decides; else the device tree's name of the board, where a board's file
    has it; else it is the simulated board.

    Raises:
        BackendMissingError: This is a Raspberry Pi, for which no board's file is known.
    """
    chosen = os.environ.get("CPCOMPAT_BOARD")
    if chosen:
        return chosen
    compatible = _compatible()
    if compatible:
        for board_id in boards():
            if not set(definition(board_id).detect).isdisjoint(compatible):
                return board_id
        if compatible[0].startswith("raspberrypi,"):
            raise BackendMissingError(
                f"found the board {compatible[0]!r}, which this release cannot drive",
                "Its hardware backend is not part of this release. Use the simulated board:"
                " «--board sim», or CPCOMPAT_BOARD=sim in the environment.",
            )
    return _SIMULATED


def connect(board_id: str | None = None) -> Machine:
    """Return the machine that this program runs on, connected to its hardware.

    Args:
        board_id: The board; None finds it by `detect`.

    Raises:
        UnknownBoardError: There is no such board.
        BackendMissingError: Nothing here can drive it.
    """
    board = definition(board_id or detect())
    return Machine(board, backend_module(board).connect(board))


def backend_module(board: BoardDefinition) -> BackendModule:
    """Return the package that drives a board: its own, or the one ``$CPCOMPAT_BACKEND`` names.

    Raises:
        BackendMissingError: There is no such package.
    """
    from importlib import import_module

    name = os.environ.get("CPCOMPAT_BACKEND") or board.backend
    full_name = f"cpcompat.backends.{name}"
    try:
        return import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise
    found = _entry_point(name)
    if found is None:
        raise BackendMissingError(
            f"no backend {name!r} for the board {board.id!r}",
            "Install the package that brings it, or use the simulated board: «--board sim».",
        )
    return found


def _entry_point(name: str) -> BackendModule | None:
    from importlib.metadata import entry_points

    for point in entry_points(group=_ENTRY_POINTS, name=name):
        loaded: BackendModule = point.load()
        return loaded
    return None


def _user_folders() -> list[str]:
    return [folder for folder in os.environ.get("CPCOMPAT_BOARDS", "").split(":") if folder]


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnknownBoardError(f"cannot read board file {path!r}: {error.strerror}") from error


def _tables() -> dict[str, tuple[int, dict[str, Any]]]:
    """Return what the build made of the package's board files, each with its file's checksum."""
    from importlib import import_module

    try:
        made: dict[str, tuple[int, dict[str, Any]]] = import_module("cpcompat.board._table").BOARDS
    except ModuleNotFoundError:  # a checkout that was never built
        return {}
    return made


def _parsed(text: bytes, path: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnknownBoardError(f"board file {path!r} is not TOML: {error}") from error


def _built(board_id: str, table: dict[str, Any], path: str) -> BoardDefinition:
    try:
        return BoardDefinition(board_id, table)
    except KeyError as error:
        raise UnknownBoardError(
            f"board file {path!r} lacks or does not define {error.args[0]!r}",
            "docs/adding-a-board.md says what a board's file must have.",
        ) from error


def _unknown(board_id: str) -> UnknownBoardError:
    return UnknownBoardError(f"unknown board {board_id!r}", f"Known boards: {', '.join(boards())}.")


def _compatible() -> list[str]:
    """Return the device tree's names of this board, the most exact first; none off an SBC."""
    try:
        text = _read(_DEVICE_TREE)
    except UnknownBoardError:
        return []
    return text.decode("ascii", "replace").rstrip("\0").split("\0") if text else []
