"""Which board this is, what its file says, and the way to its hardware."""

from __future__ import annotations

import os

from cpcompat.board.definition import BoardDefinition
from cpcompat.board.files import HELP, ids, matching, table
from cpcompat.errors import BackendMissingError, UnknownBoardError
from cpcompat.hal import HalError, Machine

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any

    from cpcompat.hal.backend import BackendModule

_DEVICE_TREE = "/proc/device-tree"
_DEVICES = "/dev"
_SIMULATED = "sim"
_ENTRY_POINTS = "cpcompat.backends"


def boards() -> list[str]:
    """Return the ids of the boards known here: the package's and those in ``$CPCOMPAT_BOARDS``."""
    return ids()


def definition(board_id: str) -> BoardDefinition:
    """Return what a board's file says.

    Args:
        board_id: The file's name without ``.toml``.

    Raises:
        UnknownBoardError: There is no such board, its file cannot be used, or its backend is to
            complete it and cannot.
    """
    says, path = table(board_id)
    if says.get("from_backend"):
        says = _completed(board_id, says)
    return _built(board_id, says, path)


def detect() -> str:
    """Return the id of the board that this is.

    ``$CPCOMPAT_BOARD`` decides; else the device tree's name of the board, where a board's file
    has it; else it is the simulated board.

    Raises:
        UnknownBoardError: This is a board with lines of its own, and no file describes it.
    """
    chosen = os.environ.get("CPCOMPAT_BOARD")
    if chosen:
        return chosen
    compatible = _device_tree("compatible")
    if compatible == [""]:
        return _SIMULATED
    found = matching(compatible, model)
    if found is None and _has_lines():
        raise UnknownBoardError(
            f"found the board {compatible[0]!r}, which no board's file describes",
            "«--board linux» (or CPCOMPAT_BOARD=linux in the environment) takes the names of its"
            " lines from the kernel. docs/adding-a-board.md says how to describe a board;"
            " «--board sim» is the simulated one.",
        )
    return found or _SIMULATED


def model() -> str:
    """Return what the device tree calls this board's model, "" where there is none."""
    return _device_tree("model")[0]


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
    return _backend(os.environ.get("CPCOMPAT_BACKEND") or board.backend, board.id)


def _backend(name: str, board_id: str) -> BackendModule:
    from importlib import import_module

    full_name = f"cpcompat.backends.{name}"
    try:
        return import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise
    found = _entry_point(name)
    if found is None:
        raise BackendMissingError(
            f"no backend {name!r} for the board {board_id!r}",
            "Install the package that brings it, or use the simulated board: «--board sim».",
        )
    return found


def _entry_point(name: str) -> BackendModule | None:
    from importlib.metadata import entry_points

    for point in entry_points(group=_ENTRY_POINTS, name=name):
        loaded: BackendModule = point.load()
        return loaded
    return None


def _completed(board_id: str, says: dict[str, Any]) -> dict[str, Any]:
    """Return what a board's file says with what its backend says of this computer."""
    make = getattr(_backend(says["backend"], board_id), "board_table", None)
    if make is None:
        raise UnknownBoardError(
            f"the backend {says['backend']!r} of the board {board_id!r} makes no boards"
        )
    try:
        return {**says, **make()}
    except HalError as error:
        raise UnknownBoardError(f"no board {board_id!r} here: {error}", error.cure) from error


def _built(board_id: str, says: dict[str, Any], path: str) -> BoardDefinition:
    try:
        return BoardDefinition(board_id, says)
    except KeyError as error:
        raise UnknownBoardError(
            f"board file {path!r} lacks or does not define {error.args[0]!r}", HELP
        ) from error


def _device_tree(name: str) -> list[str]:
    """Return the strings of a property of the device tree's root; one empty one off an SBC."""
    try:
        with open(f"{_DEVICE_TREE}/{name}", "rb") as file:
            return file.read().decode("ascii", "replace").rstrip("\0").split("\0")
    except OSError:
        return [""]


def _has_lines() -> bool:
    """Return whether the kernel offers GPIO lines."""
    try:
        return any(name.startswith("gpiochip") for name in os.listdir(_DEVICES))  # noqa: PTH208
    except OSError:
        return False
