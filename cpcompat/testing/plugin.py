"""The pytest plugin: a simulated board for each test that asks for one.

``circuit`` is the board and everything wired to it (`cpcompat.backends.sim.circuit.Circuit`), on
virtual time: a driver's ``time.sleep`` costs nothing, and transfers take the time of their wires.
While it is there, ``import board, busio, …`` mean cpcompat's modules on this board. Import drivers
inside the test, or call ``cpcompat.install()`` in ``conftest.py`` to import them at the top.

``@pytest.mark.circuit(…)`` changes it: ``board="sim"``, ``clock="real"``, ``strict=True`` (the first
contention or fault raises where it happens), ``allow_contention=True``, ``allow_faults=True``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cpcompat.backends.sim.circuit import Circuit

_OPTIONS = {
    "board": "sim",
    "clock": "virtual",
    "strict": False,
    "allow_contention": False,
    "allow_faults": False,
}


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers",
        "circuit(board, clock, strict, allow_contention, allow_faults): the fixture's way",
    )


@pytest.fixture
def circuit(request: pytest.FixtureRequest) -> Iterator[Circuit]:
    """A simulated board with nothing wired to it, as this process's hardware.

    Afterwards all is as before: pins are free and the names mean what they did. Outputs that drove
    against each other, and parts that were used in a way that would not work, fail the test.
    """
    from cpcompat import hal
    from cpcompat.backends.sim.backend import SimBackend
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.clock import VirtualClock
    from cpcompat.board.detect import definition
    from cpcompat.hal.clock import RealClock
    from cpcompat.testing.names import board_names

    options = _options(request)
    clock = RealClock() if options["clock"] == "real" else VirtualClock()
    made = Circuit(definition(str(options["board"])), clock, strict=bool(options["strict"]))
    backend = SimBackend(made)
    hal.set_machine(hal.Machine(made.board, backend))
    try:
        with board_names():
            yield made
    finally:
        hal.set_machine(None)
        backend.close()
    _judge(made, options)


def _options(request: pytest.FixtureRequest) -> dict[str, object]:
    options: dict[str, object] = dict(_OPTIONS)
    for mark in reversed(list(request.node.iter_markers("circuit"))):
        unknown = [name for name in mark.kwargs if name not in options]
        if unknown or mark.args:
            pytest.fail(f"pytest.mark.circuit takes {', '.join(_OPTIONS)} by name", pytrace=False)
        options.update(mark.kwargs)
    if options["clock"] not in ("virtual", "real"):
        pytest.fail(f'clock={options["clock"]!r} is neither "virtual" nor "real"', pytrace=False)
    return options


def _judge(circuit: Circuit, options: Mapping[str, object]) -> None:
    found: list[str] = []
    if not options["allow_contention"]:
        found += [f"contention on {contention}" for contention in circuit.contentions]
    if not options["allow_faults"]:
        found += [str(fault) for fault in circuit.faults]
    if found:
        pytest.fail("the circuit found fault:\n" + "\n".join(found), pytrace=False)


@pytest.fixture
def input_trace(
    circuit: Circuit,
) -> Callable[[Mapping[str, Iterable[tuple[int, bool | None]]]], None]:
    """A function that plays levels on pins: ``input_trace({"D4": [(0, True), (5_000_000, False)]})``.

    Times are nanoseconds on the circuit's clock, which is at 0 when the test begins. They pass as
    the program sleeps, or by ``circuit.clock.sleep_ns``.
    """
    return circuit.input_trace


@pytest.fixture
def circuit_file(request: pytest.FixtureRequest, circuit: Circuit) -> Callable[[str], Circuit]:
    """A function that wires up what the text of a circuit file says, and returns the circuit.

    A part of one's own (``part = "my_part.py:MyPart"``) is looked for beside the test's file.
    """
    from cpcompat.backends.sim.circuit_file import build_text

    def wire_up(text: str) -> Circuit:
        build_text(circuit, text, "circuit_file()", request.path.parent)
        return circuit

    return wire_up
