"""What programs see of keys in a matrix and at shift registers, which have to be looked for."""

from __future__ import annotations

import _thread
from typing import TYPE_CHECKING

import pytest

from cpcompat import board, digitalio, hal, keypad
from cpcompat.hal import Fault
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from tests.fakes.backend import RecordingBackend
    from tests.shim.world import World

pytestmark = pytest.mark.feature("keypad")

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."
MS = 1_000_000
ROWS, COLUMNS = ("D5", "D6"), ("D16", "D17", "D18")


class Wires:
    """Keys that join rows with columns, by way of diodes.

    Args:
        circuit: The circuit.
        active: The level with which a row is looked at.
    """

    def __init__(self, circuit: Circuit, active: bool) -> None:
        self._circuit, self._active = circuit, active
        self.down: set[tuple[str, str]] = set()
        self.most_rows = 0
        for row in ROWS:
            circuit.watch(row, lambda level: self.settle())

    def settle(self) -> None:
        """Let each column have the level that the keys which are down give it."""
        live = {row for row in ROWS if self._circuit.level(row) is self._active}
        self.most_rows = max(self.most_rows, len(live))
        for column in COLUMNS:
            joined = any((row, column) in self.down for row in live)
            self._circuit.drive(column, self._active if joined else None, "the keys")


def matrix(circuit: Circuit, anodes: bool = True, **more: float) -> tuple[keypad.KeyMatrix, Wires]:
    """Return a matrix of two rows and three columns."""
    wires = Wires(circuit, not anodes)
    rows = [getattr(board, name) for name in ROWS]
    columns = [getattr(board, name) for name in COLUMNS]
    return keypad.KeyMatrix(rows, columns, anodes, **more), wires  # type: ignore[arg-type]


def taken(keys: keypad.KeyMatrix | keypad.ShiftRegisterKeys) -> list[tuple[int, bool]]:
    """Take all events: key, and whether it was pressed."""
    found = []
    while (event := keys.events.get()) is not None:
        found.append((event.key_number, event.pressed))
    return found


@pytest.mark.simulated
@pytest.mark.parametrize("anodes", [True, False])
def test_each_key_of_a_matrix_is_told_from_the_others(circuit: Circuit, anodes: bool) -> None:
    """All six, though the program looks only at the end of each press."""
    keys, wires = matrix(circuit, anodes)
    assert keys.key_count == 6
    circuit.clock.sleep_ns(50 * MS)
    for number in range(6):
        row, column = keys.key_number_to_row_column(number)
        assert keys.row_column_to_key_number(row, column) == number
        wires.down = {(ROWS[row], COLUMNS[column])}
        circuit.clock.sleep_ns(50 * MS)
        wires.down = set()
        circuit.clock.sleep_ns(50 * MS)
        assert taken(keys) == [(number, True), (number, False)]
    assert wires.most_rows == 1


@pytest.mark.simulated
def test_several_keys_of_a_matrix_may_be_down(circuit: Circuit) -> None:
    """With diodes all of them are told."""
    keys, wires = matrix(circuit)
    circuit.clock.sleep_ns(50 * MS)
    wires.down = {("D5", "D16"), ("D5", "D17"), ("D6", "D16")}
    circuit.clock.sleep_ns(50 * MS)
    assert taken(keys) == [(0, True), (1, True), (3, True)]


@pytest.mark.simulated
def test_a_matrix_looks_while_the_program_does_not(circuit: Circuit) -> None:
    """And each event has the time of its look."""
    keys, wires = matrix(circuit, interval=0.01)
    began = keypad.Event().timestamp
    circuit.clock.sleep_ns(25 * MS)
    wires.down = {("D6", "D18")}
    circuit.clock.sleep_ns(30 * MS)
    wires.down = set()
    circuit.clock.sleep_ns(2000 * MS)
    first, second = keys.events.get(), keys.events.get()
    assert first is not None and second is not None
    assert (first.timestamp - began, second.timestamp - began) == (30, 60)


@pytest.mark.simulated
def test_a_matrix_is_reset_as_keys_are(circuit: Circuit) -> None:
    """What is down is pressed anew."""
    keys, wires = matrix(circuit)
    wires.down = {("D5", "D17")}
    circuit.clock.sleep_ns(50 * MS)
    keys.events.clear()
    keys.reset()
    assert taken(keys) == [(1, True)]


@pytest.mark.simulated
def test_a_matrix_lets_its_pins_go_and_looks_no_more(circuit: Circuit) -> None:
    """All are inputs without a pull then, and no chore is left."""
    keys, _ = matrix(circuit)
    with refuses(ValueError, "D17 in use"):
        digitalio.DigitalInOut(board.D17)
    keys.deinit()
    keys.deinit()
    for name in (*ROWS, *COLUMNS):
        assert (circuit.terminal(name).mode, circuit.terminal(name).pull) == (0, 0)
    levels: list[bool] = []
    circuit.watch("D5", levels.append)
    circuit.clock.sleep_ns(100 * MS)
    assert levels == []
    for use in (
        lambda: keys.events,
        lambda: keys.key_number_to_row_column(0),
        lambda: keys.row_column_to_key_number(0, 0),
    ):
        with refuses(ValueError, DEAD):
            use()
    with matrix(circuit)[0]:
        pass
    digitalio.DigitalInOut(board.D5).deinit()


@pytest.mark.simulated
def test_what_a_matrix_does_not_have_is_refused(circuit: Circuit) -> None:
    """Keys, rows, columns, and pins that are twice in it."""
    keys, _ = matrix(circuit)
    with refuses(ValueError, "key_number must be 0-5"):
        keys.key_number_to_row_column(6)
    with refuses(ValueError, "row must be 0-1"):
        keys.row_column_to_key_number(2, 0)
    with refuses(ValueError, "column must be 0-2"):
        keys.row_column_to_key_number(0, -1)
    keys.deinit()
    with refuses(ValueError, "row_pins and column_pins contain duplicate pins"):
        keypad.KeyMatrix([board.D5], [board.D5])
    with refuses(TypeError, "pin must be of type Pin, not str"):
        keypad.KeyMatrix([board.D5], ["D6"])  # type: ignore[list-item]
    assert hal.machine().claims.holder(board.D5) is None


@pytest.mark.simulated
def test_a_fault_beside_the_program_is_told_when_it_asks(backend: RecordingBackend) -> None:
    """By each look at the queue, as an OSError."""
    keys = keypad.KeyMatrix([board.D0], [board.D1])
    backend.faults["configure"] = Fault.GONE
    backend.time.sleep_ns(100 * MS)
    for _ in range(2):
        with pytest.raises(OSError, match="5"):
            keys.events.get()
    del backend.faults["configure"]
    assert keys.events.get() is None
    keys.deinit()


@pytest.mark.simulated
def test_a_matrix_that_cannot_begin_holds_nothing(backend: RecordingBackend) -> None:
    """Lines that were opened are closed."""
    backend.faults["configure"] = Fault.UNSUPPORTED
    with refuses(ValueError, "Invalid pin"):
        keypad.KeyMatrix([board.D0], [board.D1])
    assert hal.machine().claims.holder(board.D0) is None
    assert backend.calls[-2:] == [("close",), ("close",)]


class Registers:
    """A chain of 74HC165 registers: LOAD low takes the keys in, high holds; each clock shifts.

    Args:
        circuit: The circuit.
        data: The chain's end.
        size: How many keys it has.
    """

    def __init__(self, circuit: Circuit, data: str, size: int) -> None:
        self._circuit, self._data = circuit, data
        self.levels = [True] * size
        self._held: list[bool] = []
        circuit.watch("D5", self._clocked)
        circuit.watch("D6", self._latched)

    def _latched(self, level: bool) -> None:
        if level:
            self._held = list(self.levels)
        self._show()

    def _clocked(self, level: bool) -> None:
        if level and self._held:
            self._held.pop(0)
        self._show()

    def _show(self) -> None:
        self._circuit.drive(self._data, self._held[0] if self._held else True, "the register")


def registers(
    circuit: Circuit, **more: bool
) -> tuple[keypad.ShiftRegisterKeys, Registers, Registers]:
    """Return eight keys at one chain and three at another."""
    first, second = Registers(circuit, "D16", 8), Registers(circuit, "D17", 3)
    keys = keypad.ShiftRegisterKeys(
        clock=board.D5,
        latch=board.D6,
        data=(board.D16, board.D17),
        key_count=(8, 3),
        value_when_pressed=False,
        **more,
    )
    return keys, first, second


@pytest.mark.simulated
def test_each_key_of_two_chains_has_its_number(circuit: Circuit) -> None:
    """Key 0 comes out first; the second chain's follow the first's."""
    keys, first, second = registers(circuit)
    assert keys.key_count == 11
    circuit.clock.sleep_ns(50 * MS)
    for number in range(11):
        chain, place = (first, number) if number < 8 else (second, number - 8)
        chain.levels[place] = False
        circuit.clock.sleep_ns(50 * MS)
        chain.levels[place] = True
        circuit.clock.sleep_ns(50 * MS)
        assert taken(keys) == [(number, True), (number, False)]
    first.levels[1] = False
    circuit.clock.sleep_ns(50 * MS)
    keys.reset()
    assert taken(keys) == [(1, True), (1, True)]
    with keys:
        keys.deinit()
    assert hal.machine().claims.holder(board.D16) is None


@pytest.mark.simulated
def test_one_chain_needs_no_lists(circuit: Circuit) -> None:
    """A pin and a number; and some registers latch when the pin goes low."""
    levels: list[bool] = []
    circuit.watch("D6", levels.append)
    keys = keypad.ShiftRegisterKeys(
        clock=board.D5,
        latch=board.D6,
        data=board.D16,
        key_count=4,
        value_when_pressed=True,
        value_to_latch=False,
        interval=0.01,
    )
    assert keys.key_count == 4
    assert levels == [True, False, True]


@pytest.mark.simulated
def test_counts_that_do_not_fit_the_chains_are_refused(circuit: Circuit) -> None:
    """And pins that are none."""
    rest = {"clock": board.D5, "latch": board.D6, "value_when_pressed": False}
    with refuses(ValueError, "key_count length must be 1"):
        keypad.ShiftRegisterKeys(data=board.D16, key_count=(8, 8), **rest)  # type: ignore[arg-type]
    with refuses(ValueError, "key_count must be >= 1"):
        keypad.ShiftRegisterKeys(data=board.D16, key_count=0, **rest)  # type: ignore[arg-type]
    with refuses(TypeError, "data must be of type Pin, not int"):
        keypad.ShiftRegisterKeys(data=[7], key_count=[8], **rest)  # type: ignore[arg-type, list-item]
    assert hal.machine().claims.holder(board.D5) is None


@pytest.mark.shim
def test_a_thread_looks_at_the_kernels_lines_and_ends(world: World) -> None:
    """A press that the program slept through is told; no thread is left after the end."""
    from cpcompat.backends.linux import connect
    from cpcompat.board.detect import definition

    made = definition("raspberry_pi_4b")
    hal.set_machine(hal.Machine(made, connect(made)))
    try:
        before = _thread._count()
        pins = made.names
        keys = keypad.KeyMatrix([pins["D5"]], [pins["D6"]], interval=0.002)
        clock = hal.machine().backend.clock
        for level in (False, None):
            world.drive(6, level)
            mark = world.mark()
            while len(world.levels(5, mark)) < 9:  # some whole looks
                clock.sleep_ns(MS)
        assert taken(keys) == [(0, True), (0, False)]
        keys.deinit()
        while _thread._count() > before:
            clock.sleep_ns(MS)
        assert not (world.line(5).used or world.line(6).used)
    finally:
        hal.set_machine(None)


@pytest.mark.shim
def test_a_matrix_is_one_request_and_three_calls_a_row(world: World) -> None:
    """Sixteen keys are looked at by thirteen calls of the kernel."""
    from cpcompat.backends.linux import connect
    from cpcompat.board.detect import definition

    made = definition("raspberry_pi_4b")
    hal.set_machine(hal.Machine(made, connect(made)))
    try:
        pins = [made.names[f"D{number}"] for number in (5, 6, 12, 13, 16, 17, 18, 19)]
        mark = world.mark()
        keys = keypad.KeyMatrix(pins[:4], pins[4:], interval=3600)
        assert [call.op for call in world.calls(mark)].count("get_line") == 1
        mark = world.mark()
        keys.reset()
        ops = [call.op for call in world.calls(mark)]
        assert ops == ["set_config", "get_values", "set_values"] * 4 + ["set_config"]
        keys.deinit()
    finally:
        hal.set_machine(None)
