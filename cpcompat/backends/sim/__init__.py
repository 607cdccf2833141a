"""Simulated hardware: a circuit of parts around a board, in this process or in one of its own.

This is the backend's package as `cpcompat.hal.backend.BackendModule` describes it; what a test
needs is in `cpcompat.backends.sim.circuit`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from pathlib import Path

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Backend, Broker, Launch

__all__ = ["attach", "broker", "connect", "safe_from"]


def connect(board: BoardDefinition) -> Backend:
    """Make a circuit in this process: for a plain program that runs without a supervisor.

    What is wired to the board says the file that ``$CPCOMPAT_SIM`` names; else ``sim.toml`` beside
    the program, or else in the current folder; without one the board is alone.

    Raises:
        CircuitError: The file says something that cannot be built.
    """
    from cpcompat.backends.sim.backend import SimBackend
    from cpcompat.backends.sim.circuit import Circuit

    circuit = Circuit(board)
    path = _circuit_file()
    if path is not None:
        from cpcompat.backends.sim.circuit_file import load

        load(circuit, path)
    return SimBackend(circuit)


def attach(board: BoardDefinition, grant: str, descriptors: list[int]) -> Backend:
    """Reach the circuit's own process; see `cpcompat.backends.sim.remote`."""
    from importlib import import_module

    backend: Backend = import_module("cpcompat.backends.sim.remote").attach(
        board, grant, descriptors
    )
    return backend


def broker(board: BoardDefinition, options: dict[str, object], launch: Launch) -> Broker:
    """Start the circuit's own process; see `cpcompat.backends.sim.circuit_broker`."""
    from importlib import import_module

    started: Broker = import_module("cpcompat.backends.sim.circuit_broker").broker(
        board, options, launch
    )
    return started


def safe_from(descriptors: list[int]) -> None:
    """See `cpcompat.backends.sim.circuit_broker`."""
    from importlib import import_module

    import_module("cpcompat.backends.sim.circuit_broker").safe_from(descriptors)


def _circuit_file() -> Path | None:
    import os
    import sys
    from pathlib import Path

    named = os.environ.get("CPCOMPAT_SIM")
    if named:
        return Path(named)
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    folders = [Path(script).parent] if script else []
    for folder in (*folders, Path()):
        if (folder / "sim.toml").is_file():
            return folder / "sim.toml"
    return None
