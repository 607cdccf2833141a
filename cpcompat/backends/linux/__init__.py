"""Real hardware through the kernel's own interfaces, with the standard library alone.

This is the backend's package as `cpcompat.hal.backend.BackendModule` describes it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from typing import Any

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Backend, Broker, Launch
    from cpcompat.hal.finding import Finding
    from cpcompat.hal.hardware_watchdog import HardwareWatchdog

__all__ = [
    "attach",
    "board_table",
    "broker",
    "connect",
    "diagnose",
    "hardware_watchdog",
    "make_ready",
    "safe_from",
]


def connect(board: BoardDefinition) -> Backend:
    """Reach the hardware from a program without a supervisor.

    When the program ends, by an exception too, what it left open is closed and its lines are inputs.
    SIGKILL prevents that; under the supervisor not even that leaves a line driven.
    """
    import atexit

    from cpcompat.backends.linux.backend import LinuxBackend
    from cpcompat.backends.linux.nodes import DirectNodes

    backend = LinuxBackend(board, DirectNodes(board))
    atexit.register(backend.close)
    return backend


def attach(board: BoardDefinition, grant: str, descriptors: list[int]) -> Backend:
    """Reach the hardware through the broker's process; see `cpcompat.backends.linux.brokered_nodes`."""
    import json

    from cpcompat.backends.linux.backend import LinuxBackend
    from cpcompat.backends.linux.brokered_nodes import BrokeredNodes

    start_ns = json.loads(grant)["start_ns"]
    return LinuxBackend(board, BrokeredNodes(descriptors[0]), start_ns)


def broker(board: BoardDefinition, options: dict[str, object], launch: Launch) -> Broker:
    """Start the broker's process; see `cpcompat.backends.linux.line_broker`."""
    from cpcompat.backends.linux.line_broker import LinuxBroker

    return LinuxBroker(board, options, launch)


def safe_from(descriptors: list[int]) -> None:
    """See `cpcompat.backends.linux.line_broker`."""
    from cpcompat.backends.linux import line_broker

    line_broker.safe_from(descriptors)


def make_ready() -> None:
    """Load what `safe_from` needs."""
    from cpcompat.backends.linux import line_broker

    line_broker.make_ready()


def board_table() -> dict[str, Any]:
    """Return the board that this computer's GPIO lines and bus nodes make.

    Raises:
        HalError: There is no GPIO chip with named lines, or it may not be asked.
    """
    from cpcompat.backends.linux.board_maker import make

    return make()


def diagnose(board: BoardDefinition) -> list[Finding]:
    """Return what works on this computer of what the board's file says, and what cures the rest."""
    from cpcompat.backends.linux import diagnosis, facts

    return diagnosis.diagnose(board, facts.read(facts.ThisComputer()))


def hardware_watchdog(path: str, timeout_s: int) -> HardwareWatchdog:
    """Start the computer's own watchdog; see `cpcompat.backends.linux.watchdog_node`."""
    from cpcompat.backends.linux.watchdog_node import LinuxHardwareWatchdog

    return LinuxHardwareWatchdog(path, timeout_s)
