"""The buses of a circuit: what parts see, how long it takes, and what is reported of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.nets import PUSH_PULL
from cpcompat.backends.sim.part import I2cPart, SpiPart, UartPart
from cpcompat.backends.sim.uart_frames import Frame, hear
from cpcompat.board.detect import definition
from cpcompat.errors import CircuitError
from cpcompat.hal.errors import Fault, HalError

pytestmark = [pytest.mark.feature("sim board"), pytest.mark.simulated]

US = 1000


class Notebook:
    """A recorder that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def level(self, time_ns: int, pin: str, level: bool) -> None:
        """See `Recorder.level`."""
        self.heard.append(("level", time_ns, pin, level))

    def pwm(self, time_ns: int, pin: str, frequency_hz: int, duty: int) -> None:
        """See `Recorder.pwm`."""
        self.heard.append(("pwm", time_ns, pin, frequency_hz, duty))

    def i2c(self, *heard: Any) -> None:
        """See `Recorder.i2c`."""
        self.heard.append(("i2c", *heard))

    def spi(self, *heard: Any) -> None:
        """See `Recorder.spi`."""
        self.heard.append(("spi", *heard))

    def uart(self, *heard: Any) -> None:
        """See `Recorder.uart`."""
        self.heard.append(("uart", *heard))


class Diary(I2cPart):
    """An I2C part that keeps a diary and is told what to acknowledge."""

    addresses = (0x40, 0x41)
    acknowledges = 99

    def __init__(self) -> None:
        super().__init__()
        self.diary: list[object] = []
        self.answer: bytes | None = None

    def write(self, data: bytes) -> int:
        """Note it."""
        self.diary.append(data)
        return min(self.acknowledges, len(data))

    def read(self, length: int) -> bytes:
        """Note it."""
        self.diary.append(length)
        return bytes(range(length)) if self.answer is None else self.answer

    def stop(self) -> None:
        """Note it."""
        self.diary.append("stop")


class Shifter(SpiPart):
    """An SPI part that notes what it hears and answers with the same."""

    modes = (0,)
    max_hz = 1_000_000

    def __init__(self) -> None:
        super().__init__()
        self.diary: list[object] = []

    def select(self) -> None:
        """Note it."""
        self.diary.append("select")

    def exchange(self, data: bytes) -> bytes:
        """Note it."""
        self.diary.append(data)
        return data

    def deselect(self) -> None:
        """Note it."""
        self.diary.append("deselect")


class Listener(UartPart):
    """A serial part that notes what it hears, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[int, bytes]] = []

    def receive(self, data: bytes) -> None:
        """Note it."""
        self.heard.append((self.site.now_ns(), data))


def new(strict: bool = False) -> Circuit:
    """Return a bare board on virtual time."""
    return Circuit(definition("sim"), VirtualClock(), strict=strict)


# -- I2C -----------------------------------------------------------------------------------


def with_diary() -> tuple[Circuit, Diary]:
    """Return a board with a diary at its usual address."""
    circuit, part = new(), Diary()
    circuit.add_i2c(part)
    return circuit, part


def test_a_part_sees_whole_messages_and_one_stop() -> None:
    """The write, the read after the repeated START, STOP."""
    circuit, part = with_diary()
    circuit.i2cs[1].transfer(100_000, 0x40, b"\x01\x02", 3)
    assert part.diary == [b"\x01\x02", 3, "stop"]


def test_after_a_refused_byte_there_is_no_read() -> None:
    """The controller gives up: STOP."""
    circuit, part = with_diary()
    part.acknowledges = 1
    with pytest.raises(HalError):
        circuit.i2cs[1].transfer(100_000, 0x40, b"abc", 3)
    assert part.diary == [b"abc", "stop"]
    assert circuit.traffic[0].messages == [(False, b"ab", 1)]  # type: ignore[union-attr]


def test_a_busy_part_is_as_good_as_absent_and_hears_no_stop() -> None:
    """It did not acknowledge its address, in a write or in a read."""
    circuit, part = with_diary()
    part.acknowledges = -1
    with pytest.raises(HalError, match="no acknowledge"):
        circuit.i2cs[1].transfer(100_000, 0x40, b"a", None)
    part.answer = b""
    with pytest.raises(HalError, match="no acknowledge"):
        circuit.i2cs[1].transfer(100_000, 0x40, None, 2)
    assert part.diary == [b"a", 2]


def test_an_i2c_transfer_takes_the_time_of_its_wire() -> None:
    """9 bits a byte with its acknowledge, one for each START and one for STOP, at 100 kHz."""
    circuit, _ = with_diary()
    circuit.i2cs[1].transfer(100_000, 0x40, b"\x01", 2)
    assert circuit.clock.now_ns() == (1 + 18 + 1 + 27 + 1) * 10 * US


def test_an_unanswered_address_takes_its_time_too() -> None:
    """START, the address, STOP."""
    circuit = new()
    with pytest.raises(HalError):
        circuit.i2cs[1].transfer(100_000, 0x40, b"\x01", 2)
    assert circuit.clock.now_ns() == 11 * 10 * US


def test_a_line_held_low_stops_the_bus_and_is_named() -> None:
    """With whoever holds it."""
    circuit, _ = with_diary()
    circuit.drive("SDA", False)
    with pytest.raises(HalError) as caught:
        circuit.i2cs[1].transfer(100_000, 0x40, b"", None)
    assert caught.value.fault is Fault.TIMEOUT
    assert "GPIO2" in str(caught.value.cure)
    assert "the outside world" in str(caught.value.cure)


def test_the_other_bus_is_another_bus() -> None:
    """Whoever sits on bus 1 is not on bus 0."""
    circuit, _ = with_diary()
    with pytest.raises(HalError):
        circuit.i2cs[0].transfer(100_000, 0x40, b"", None)


def test_a_mistake_in_a_part_is_an_error_of_the_bus_that_names_it() -> None:
    """BROKEN, with the part's own error as the cause; and it is kept as a fault."""
    circuit, part = with_diary()
    part.answer = b"too long"
    with pytest.raises(HalError) as caught:
        circuit.i2cs[1].transfer(100_000, 0x40, None, 2)
    assert caught.value.fault is Fault.BROKEN
    assert "Diary raised ValueError: read(2) returned 8 bytes" in str(caught.value.cure)
    assert isinstance(caught.value.__cause__, ValueError)
    assert len(circuit.faults) == 1


def test_two_parts_cannot_have_one_address() -> None:
    """The message says who has it."""
    circuit, _ = with_diary()
    with pytest.raises(CircuitError, match="0x40 of bus 1 is taken by Diary"):
        circuit.add_i2c(Diary())
    circuit.add_i2c(Diary(), 0x41)
    assert list(circuit.parts) == ["diary", "diary-2"]


def test_a_part_only_takes_its_own_addresses() -> None:
    """The note lists them."""
    with pytest.raises(CircuitError, match="0x55") as caught:
        new().add_i2c(Diary(), 0x55)
    assert caught.value.__notes__ == ["It can have 0x40, 0x41."]


# -- SPI -----------------------------------------------------------------------------------


def with_shifter(strict: bool = False) -> tuple[Circuit, Shifter]:
    """Return a board with a part that is selected by D5."""
    circuit, part = new(strict), Shifter()
    circuit.add_spi(part, "D5")
    return circuit, part


def select(circuit: Circuit, level: bool = False, pin: str = "D5") -> None:
    """Drive a chip select."""
    circuit.configure(circuit.terminal(pin), PUSH_PULL, value=level)


def test_an_spi_part_hears_its_chip_select() -> None:
    """Once for each change, and nothing of transfers while it is high."""
    circuit, part = with_shifter()
    bus = circuit.spis[0]
    bus.transfer(1_000_000, 0, b"not for it")
    select(circuit)
    bus.transfer(1_000_000, 0, b"ab")
    bus.transfer(1_000_000, 0, b"c")
    select(circuit, True)
    bus.transfer(1_000_000, 0, b"nor this")
    assert part.diary == ["select", b"ab", b"c", "deselect"]


def test_a_chip_select_that_nobody_drives_is_high() -> None:
    """A resistor holds it."""
    _, part = with_shifter()
    assert part.diary == []


def test_an_spi_transfer_takes_the_time_of_its_wire() -> None:
    """8 bits a byte."""
    circuit, _ = with_shifter()
    circuit.spis[0].transfer(1_000_000, 0, bytes(100))
    assert circuit.clock.now_ns() == 800 * US


@pytest.mark.parametrize(
    ("baudrate_hz", "mode", "what"),
    [
        (1_000_000, 1, "works in mode 0 and was clocked in 1"),
        (8_000_000, 0, "follows 1000000 Hz at most and was clocked at 8000000"),
    ],
)
def test_a_wrong_mode_or_clock_gives_the_same_rubbish_each_time_and_a_fault(
    baudrate_hz: int, mode: int, what: str
) -> None:
    """Every bit comes late: on the way to the part, and on the way back."""
    circuit, part = with_shifter()
    select(circuit)
    answers = {circuit.spis[0].transfer(baudrate_hz, mode, b"\x81\x04") for _ in range(3)}
    assert part.diary == ["select"] + 3 * [b"\x40\x82"]
    assert answers == {b"\x20\x41"}
    assert {fault.what for fault in circuit.faults} == {f"Shifter {what}"}
    assert circuit.faults[0].where == "spi0 chip select GPIO5"


def test_a_strict_circuit_raises_on_a_wrong_mode() -> None:
    """Where it happens."""
    circuit, _ = with_shifter(strict=True)
    select(circuit)
    with pytest.raises(CircuitError, match="works in mode 0"):
        circuit.spis[0].transfer(1_000_000, 2, b"a")


def test_two_selected_parts_are_a_fault() -> None:
    """Both answer at the same time: a bit is high only where both are."""
    circuit, _ = with_shifter()
    circuit.add_spi(Shifter(), "D6")
    select(circuit)
    select(circuit, pin="D6")
    assert circuit.spis[0].transfer(1_000_000, 0, b"\x0f") == b"\x0f"
    assert "more than one drives MISO" in circuit.faults[0].what


def test_two_parts_cannot_have_one_chip_select() -> None:
    """By whatever name it goes."""
    circuit, _ = with_shifter()
    with pytest.raises(CircuitError, match="'GPIO5' is taken by Shifter"):
        circuit.add_spi(Shifter(), "GPIO5")


def test_mosi_wired_to_miso_is_a_loop() -> None:
    """What goes out comes in."""
    circuit = new()
    circuit.wire("MOSI", "MISO")
    assert circuit.spis[0].transfer(1_000_000, 0, b"loop") == b"loop"


@pytest.mark.parametrize(("level", "byte"), [(True, b"\xff"), (False, b"\x00")])
def test_without_an_answer_miso_has_the_level_of_its_line(level: bool, byte: bytes) -> None:
    """Whatever holds it there."""
    circuit = new()
    circuit.drive("MISO", level)
    assert circuit.spis[0].transfer(1_000_000, 0, b"ab") == byte * 2


# -- UART ----------------------------------------------------------------------------------


def with_listener() -> tuple[Circuit, Listener]:
    """Return a board with a part at its serial port, which is open."""
    circuit, part = new(), Listener()
    circuit.add_uart(part)
    circuit.uarts[0].open()
    return circuit, part


def test_a_serial_part_hears_bytes_when_they_have_passed_the_wire() -> None:
    """Ten bit times each, at 9600 baud; and the writer has waited as long."""
    circuit, part = with_listener()
    circuit.uarts[0].write(b"abc")
    assert part.heard == [(30 * 1_000_000_000 // 9600, b"abc")]
    assert circuit.clock.now_ns() == part.heard[0][0]


def test_bytes_from_a_part_come_one_by_one_in_their_own_time() -> None:
    """Behind those that are on the wire."""
    circuit, part = with_listener()
    port = circuit.uarts[0]
    part.site.send(b"a")
    part.site.send(b"b")
    seen = []
    for _ in range(4):
        seen.append(port.waiting())
        circuit.clock.sleep_ns(600 * US)
    assert seen == [0, 0, 1, 1]
    circuit.clock.sleep_ns(600 * US)
    assert port.take(9) == b"ab"


def test_what_a_part_sends_to_a_closed_port_is_lost() -> None:
    """Nobody was listening."""
    circuit, part = with_listener()
    port = circuit.uarts[0]
    port.close()
    part.site.send(b"lost")
    port.open()
    circuit.clock.sleep_ns(10_000 * US)
    assert port.take(9) == b""


def test_bytes_that_nobody_reads_are_kept_up_to_a_limit_and_then_counted() -> None:
    """The first 4096 stay."""
    circuit, part = with_listener()
    port = circuit.uarts[0]
    data = bytes(i & 0xFF for i in range(5000))
    part.site.send(data)
    circuit.clock.sleep_ns(6_000_000_000)
    assert port.take(9999) == data[:4096]
    assert port.overflows == 904


def test_another_rate_gives_the_same_rubbish_each_time_and_a_fault() -> None:
    """In both directions; the fault names both ends."""
    circuit, part = with_listener()
    port = circuit.uarts[0]
    port.frame = Frame(19200)
    answers = []
    for _ in range(2):
        part.site.send(b"U*")
        circuit.clock.sleep_ns(10_000 * US)
        answers.append(port.take(99))
    assert answers[0] == answers[1] != b"U*"
    assert answers[0]
    port.write(b"hello")
    assert part.heard[0][1] != b"hello"
    assert "19200 baud" in circuit.faults[0].what
    assert "9600 baud" in circuit.faults[0].what


def test_tx_wired_to_rx_is_a_loop() -> None:
    """What is sent is received when it has passed the wire."""
    circuit = new()
    circuit.wire("TX", "RX")
    port = circuit.uarts[0]
    port.open()
    port.write(b"loop")
    assert port.take(9) == b"loop"
    assert not circuit.contentions


def test_a_port_has_one_other_end() -> None:
    """The message says who it is."""
    circuit, _ = with_listener()
    with pytest.raises(CircuitError, match="port 0 is taken by Listener"):
        circuit.add_uart(Listener())


_FRAMES = st.builds(
    Frame,
    st.sampled_from([300, 9600, 19200, 57600, 115200]),
    st.integers(5, 8),
    st.sampled_from(["none", "even", "odd"]),
    st.integers(1, 2),
)


@given(st.binary(max_size=40), _FRAMES, st.sampled_from([-15, -10, 0, 10, 15]))
def test_ends_with_clocks_close_together_understand_each_other(
    data: bytes, frame: Frame, off_permille: int
) -> None:
    """Up to 2 % apart; by the bits on the line beyond what the shortcut covers."""
    receiver = frame._replace(baudrate=round(frame.baudrate * (1000 + off_permille) / 1000))
    mask = (1 << frame.bits) - 1
    heard = hear(data, frame, receiver)
    assert bytes(byte.value for byte in heard) == bytes(value & mask for value in data)
    assert not any(byte.bad for byte in heard)


@given(st.binary(max_size=20), st.integers(5, 8), st.sampled_from(["none", "even", "odd"]))
def test_the_line_sampled_bit_by_bit_reads_what_was_sent(
    data: bytes, bits: int, parity: Any
) -> None:
    """3 % apart the shortcut is not taken, and half a bit at the end of a frame still hits."""
    sender = Frame(10_000, bits, parity)
    receiver = Frame(10_300, bits, parity)
    assert not sender.suits(receiver)
    heard = hear(data, sender, receiver)
    assert bytes(byte.value for byte in heard) == bytes(x & (1 << bits) - 1 for x in data)


@given(st.binary(max_size=40), _FRAMES, _FRAMES)
def test_a_receiver_hears_something_in_order_whatever_is_sent(
    data: bytes, sender: Frame, receiver: Frame
) -> None:
    """It ends, and each byte fits its frame."""
    heard = hear(data, sender, receiver)
    times = [byte.offset_ns for byte in heard]
    assert times == sorted(times)
    assert all(0 <= byte.value < 1 << receiver.bits for byte in heard)


def test_a_wrong_parity_is_noticed() -> None:
    """Even on one side and odd on the other."""
    heard = hear(b"a", Frame(9600, 8, "even"), Frame(9600, 8, "odd"))
    assert [(byte.value, byte.bad) for byte in heard] == [(ord("a"), True)]


# -- who keeps a record --------------------------------------------------------------------


def test_a_recorder_hears_every_kind_of_thing_with_its_time() -> None:
    """Levels, transfers, pulses: each once."""
    circuit = new()
    circuit.add_i2c(Diary())
    notebook = Notebook()
    circuit.record(notebook)
    assert len(notebook.heard) == len(circuit.board.pins)
    notebook.heard.clear()
    circuit.clock.sleep_ns(5)
    circuit.drive("D4", True)
    circuit.i2cs[1].transfer(400_000, 0x40, b"\x01", 1)
    circuit.spis[0].transfer(1_000_000, 3, b"x")
    assert notebook.heard == [
        ("level", 5, "GPIO4", True),
        ("i2c", 5, 1, 400_000, 0x40, [(False, b"\x01", 1), (True, b"\x00", 1)]),
        ("spi", 5 + 97_500, 0, 1_000_000, 3, b"x", b"\x00"),
    ]


def test_a_recorder_hears_serial_bytes_of_both_directions() -> None:
    """As their sender frames them."""
    circuit, part = with_listener()
    notebook = Notebook()
    circuit.record(notebook)
    notebook.heard.clear()
    circuit.uarts[0].frame = Frame(9600, 8, "none", 2)
    circuit.uarts[0].write(b"out")
    part.site.send(b"in")
    assert [heard for heard in notebook.heard if heard[0] == "uart"] == [
        ("uart", 0, 0, "tx", 9600, 8, "none", 2, b"out"),
        ("uart", 33 * 1_000_000_000 // 9600, 0, "rx", 9600, 8, "none", 1, b"in"),
    ]


def test_a_recorder_hears_of_pulses_once_and_of_their_end() -> None:
    """Not of each edge."""
    circuit = new()
    notebook = Notebook()
    circuit.record(notebook)
    notebook.heard.clear()
    terminal = circuit.terminal("D12")
    circuit.pulse(terminal, 1000, 32768)
    for _ in range(20):
        circuit.clock.sleep_ns(130 * US)
        circuit.level("D12")
    circuit.configure(terminal, PUSH_PULL, value=False)
    pulses = [heard for heard in notebook.heard if heard[0] == "pwm"]
    assert pulses == [("pwm", 0, "GPIO12", 1000, 32768), ("pwm", 2_600_000, "GPIO12", 0, 0)]
    assert notebook.heard[-1][2:] == ("GPIO12", False)


def test_lookers_on_see_the_last_transfers() -> None:
    """So many and no more."""
    circuit, _ = with_diary()
    for value in range(300):
        circuit.i2cs[1].transfer(100_000, 0x40, bytes([value & 0xFF]), None)
    assert len(circuit.traffic) == 256
    assert circuit.traffic[-1].messages[0].data == bytes([299 & 0xFF])  # type: ignore[union-attr]
