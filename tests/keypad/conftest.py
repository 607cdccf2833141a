"""A simulated board on virtual time, as this process's machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cpcompat import hal
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition


@pytest.fixture
def circuit() -> Iterator[Circuit]:
    """Return the circuit."""
    made = Circuit(definition("sim"), VirtualClock())
    hal.set_machine(hal.Machine(made.board, SimBackend(made)))
    yield made
    hal.set_machine(None)
