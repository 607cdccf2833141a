"""Waveform files: an independent decoder must find in them what was on the buses."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim import waves
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.part import UartPart
from cpcompat.backends.sim.parts.at24c32 import At24c32
from cpcompat.backends.sim.parts.mcp3008 import Mcp3008
from cpcompat.backends.sim.trace import WaveFile
from cpcompat.backends.sim.uart_frames import Frame
from cpcompat.hal.clock import Clock, RealClock
from cpcompat.hal.errors import HalError
from cpcompat.hal.gpio import Direction, Drive, Pull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.uart import Parity
    from tests.backends.sim.sigrok import Sigrok

pytestmark = [pytest.mark.feature("circuit: waveform file"), pytest.mark.simulated]

SPI = "spi:clk=SCLK:mosi=MOSI:miso=MISO:cs=D8:cpol={}:cpha={}"


class Echo(UartPart):
    """A part that sends back what it gets."""

    def receive(self, data: bytes) -> None:
        """Send it back."""
        self.site.send(data)


class Bench:
    """A circuit whose waveform file is being written."""

    def __init__(self, board: BoardDefinition, path: Path, clock: Clock) -> None:
        self.path = path
        self.circuit = Circuit(board, clock)
        self.backend = SimBackend(self.circuit)

    def record(self) -> None:
        """Begin to record."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT)
        levels = {name: self.circuit.level(name) for name in self.circuit.board.pins}
        virtual = self.circuit.virtual
        self.file = WaveFile(descriptor, self.circuit.board, levels, virtual=virtual)
        self.circuit.record(self.file)

    def end(self) -> Path:
        """Close the file and return its path."""
        self.file.close(self.circuit.clock.now_ns())
        return self.path


@pytest.fixture(params=["real", "virtual"])
def bench(request: pytest.FixtureRequest, sim_board: BoardDefinition, tmp_path: Path) -> Bench:
    """Return a bench on real time and one on virtual time."""
    clock: Clock = VirtualClock() if request.param == "virtual" else RealClock()
    return Bench(sim_board, tmp_path / "trace.vcd", clock)


def test_sigrok_decodes_i2c_with_repeated_start_and_both_kinds_of_nak(
    bench: Bench, sim_board: BoardDefinition, sigrok: Sigrok
) -> None:
    """Addresses, bytes, ACK and NAK are those of the transactions, in their order."""
    bench.circuit.add_i2c(At24c32(), 0x57)
    bench.record()
    bus = bench.backend.i2c(sim_board.i2c[0], 400_000)
    bus.transfer(0x57, b"\x00\x10\xca\xfe", None)
    with pytest.raises(HalError):
        bus.transfer(0x57, b"", None)
    bench.circuit.clock.sleep_ns(10_000_000)
    back = bytearray(2)
    bus.transfer(0x57, b"\x00\x10", back)
    with pytest.raises(HalError):
        bus.transfer(0x33, b"\x01", None)
    assert back == b"\xca\xfe"
    seen = sigrok.decode(bench.end(), "i2c:scl=SCL:sda=SDA", "i2c=addr-data", sparse_ns=50)
    assert " ".join(seen) == (
        "Start Write Address write: 57 ACK Data write: 00 ACK Data write: 10 ACK "
        "Data write: CA ACK Data write: FE ACK Stop "
        "Start Write Address write: 57 NACK Stop "
        "Start Write Address write: 57 ACK Data write: 00 ACK Data write: 10 ACK "
        "Start repeat Read Address read: 57 ACK Data read: CA ACK Data read: FE NACK Stop "
        "Start Write Address write: 33 NACK Stop"
    )


@pytest.mark.parametrize("mode", [0, 3])
def test_sigrok_decodes_spi_both_ways_inside_chip_select(
    bench: Bench, sim_board: BoardDefinition, sigrok: Sigrok, mode: int
) -> None:
    """Each transfer lies inside its chip select, whatever the clock's mode."""
    part = Mcp3008()
    bench.circuit.add_spi(part, "D8")
    part.ch3 = 3.3 / 2
    bench.record()
    select = bench.backend.line(sim_board.names["D8"])
    select.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    bus = bench.backend.spi(sim_board.spi[0])
    bus.configure(1_000_000, mode, 8)
    answer = bytearray(3)
    for _ in range(2):
        select.write(False)
        bus.transfer(b"\x01\xb0\x00", answer, 0)
        select.write(True)
    assert answer == b"\x00\x02\x00"
    path = bench.end()
    decoder = SPI.format(mode >> 1, mode & 1)
    assert sigrok.decode(path, decoder, "spi=mosi-transfer") == ["01 B0 00"] * 2
    assert sigrok.decode(path, decoder, "spi=miso-transfer") == ["00 02 00"] * 2


@pytest.mark.parametrize(("parity", "stop"), [("none", 1), ("even", 2), ("odd", 1)])
def test_sigrok_decodes_a_uart_both_ways(
    bench: Bench, sim_board: BoardDefinition, sigrok: Sigrok, parity: Parity, stop: int
) -> None:
    """Bytes of both directions come out, with the parity and stop bits of the port."""
    if parity == "none":
        bench.circuit.add_uart(Echo())
    bench.record()
    port = bench.backend.uart(sim_board.uart[0])
    port.configure(9600, 8, parity, stop)
    port.write(b"Hi\xff\x00")
    if parity == "none":
        data = b""
        while len(data) < 4:
            data += port.read(4, 1_000_000_000)
        assert data == b"Hi\xff\x00"
    path = bench.end()
    decoder = f"uart:tx=TX:rx=RX:baudrate=9600:parity={parity}:stop_bits={stop}.0"
    sent = sigrok.decode(path, decoder, "uart=tx-data", sparse_ns=200)
    assert sent == ["48", "69", "FF", "00"]
    if parity == "none":
        assert sigrok.decode(path, decoder, "uart=rx-data", sparse_ns=200) == sent
    assert sigrok.decode(path, decoder, "uart=tx-warnings:rx-warnings", sparse_ns=200) == []


def test_an_adc_read_while_a_uart_talks_is_decoded_as_well_as_the_uart(
    bench: Bench, sim_board: BoardDefinition, sigrok: Sigrok
) -> None:
    """A slow serial line and a fast bus overlap in the file without harm to either."""
    bench.circuit.add_spi(Mcp3008(), "D8")
    bench.record()
    select = bench.backend.line(sim_board.names["D8"])
    select.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    bus = bench.backend.spi(sim_board.spi[0])
    bus.configure(100_000, 0, 8)
    port = bench.backend.uart(sim_board.uart[0])
    port.configure(115200, 8, "none", 1)
    for _ in range(3):
        port.write(b"abcdef")
        select.write(False)
        bus.transfer(b"\x01\x80\x00", None, 0)
        select.write(True)
    path = bench.end()
    sent = sigrok.decode(path, "uart:tx=TX:baudrate=115200", "uart=tx-data", sparse_ns=20)
    assert bytes.fromhex("".join(sent)) == b"abcdef" * 3
    decoder = SPI.format(0, 0)
    assert sigrok.decode(path, decoder, "spi=mosi-transfer", sparse_ns=20) == ["01 80 00"] * 3


def test_a_level_inside_a_transfer_on_virtual_time_is_drawn_where_it_happened(
    sim_board: BoardDefinition, tmp_path: Path
) -> None:
    """On virtual time every stamp is true, so an input may change in the middle of a transfer."""
    bench = Bench(sim_board, tmp_path / "trace.vcd", VirtualClock())
    bench.circuit.add_i2c(At24c32(), 0x57)
    bench.circuit.input_trace({"D5": [(100_000, True)]})
    bench.record()
    bench.backend.i2c(sim_board.i2c[0], 100_000).transfer(0x57, b"\x00\x00", None)
    changes = list(read_vcd(bench.end()))
    at = changes.index((100_000, "D5", True))
    assert {name for _, name, _ in changes[:at]} >= {"SCL", "SDA"}
    assert {name for _, name, _ in changes[at + 1 :]} >= {"SCL", "SDA"}


def test_pulses_are_drawn_with_their_period_and_duty(
    sim_board: BoardDefinition, tmp_path: Path
) -> None:
    """A PWM pin's edges are in the file although nobody told them one by one."""
    bench = Bench(sim_board, tmp_path / "trace.vcd", VirtualClock())
    bench.record()
    pwm = bench.backend.pwm(sim_board.names["D18"])
    pwm.set(1000, 65535 // 4)
    bench.circuit.clock.sleep_ns(10_000_000)
    pwm.close()
    edges = [(t, level) for t, name, level in read_vcd(bench.end()) if name == "D18" and t > 0]
    rises = [t for t, level in edges if level]
    falls = [t for t, level in edges if not level]
    assert rises[:3] == [1_000_000, 2_000_000, 3_000_000]
    assert abs(falls[1] - rises[0] - 250_000) < 100


def test_times_in_a_file_never_go_back(bench: Bench, sim_board: BoardDefinition) -> None:
    """However transfers, levels and serial bytes follow each other, time goes forward."""
    bench.circuit.add_i2c(At24c32(), 0x57)
    bench.record()
    line = bench.backend.line(sim_board.names["D5"])
    line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, False)
    bus = bench.backend.i2c(sim_board.i2c[0], 100_000)
    port = bench.backend.uart(sim_board.uart[0])
    for index in range(50):
        line.write(index % 2 == 0)
        port.write(b"ab")
        bus.transfer(0x57, b"\x00\x00", bytearray(1))
    times = [t for t, _, _ in read_vcd(bench.end())]
    assert times == sorted(times)
    assert len(times) > 50 * 50


def test_a_file_whose_writer_was_killed_is_readable_up_to_there(
    tmp_path: Path, sigrok: Sigrok
) -> None:
    """What was flushed before SIGKILL decodes; nothing has to be closed for it."""
    path = tmp_path / "killed.vcd"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, cwd="/")
    seen = sigrok.decode(path, "i2c:scl=SCL:sda=SDA", "i2c=data-write", sparse_ns=100)
    assert seen[:2] == ["Data write: 00", "Data write: 01"]
    assert len(seen) >= 100


KILLED = """
import os, signal, sys
from cpcompat.backends.sim.recorder import I2cMessage
from cpcompat.backends.sim.trace import WaveFile
from cpcompat.board.detect import definition
board = definition("sim")
file = WaveFile(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT), board, {}, virtual=False)
for n in range(200):
    file.i2c(0, 1, 400_000, 0x20, [I2cMessage(False, bytes([n]), 1)])
    if n == 150:
        file.flush(0)
os.kill(os.getpid(), signal.SIGKILL)
"""


def read_vcd(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Yield time, signal and level of each change in a VCD file, first levels included."""
    names: dict[str, str] = {}
    time_ns = 0
    for line in path.read_text("ascii").splitlines():
        if line.startswith("$var"):
            _, _, _, code, name, _ = line.split()
            names[code] = name
        elif line.startswith("#"):
            time_ns = int(line[1:])
        elif line[0] in "01":
            yield time_ns, names[line[1:]], line[0] == "1"


@given(
    data=st.binary(min_size=1, max_size=20),
    baudrate=st.integers(50, 4_000_000),
    bits=st.integers(5, 8),
    parity=st.sampled_from(["none", "even", "odd"]),
    stop=st.integers(1, 2),
)
def test_a_drawn_uart_frame_samples_back_to_its_byte(
    data: bytes, baudrate: int, bits: int, parity: Parity, stop: int
) -> None:
    """Sampled in the middle of each bit, the drawing gives the byte and the right parity."""
    frame = Frame(baudrate, bits, parity, stop)
    for byte in data:
        sampled = _sampled(frame, byte)
        got = sum(level << index for index, level in enumerate(sampled[1 : 1 + bits]))
        assert got == byte & (1 << bits) - 1
        assert not sampled[0]
        assert sampled[-1]
        if parity != "none":
            assert (got.bit_count() + sampled[1 + bits]) % 2 == (parity == "odd")


def _sampled(frame: Frame, byte: int) -> list[bool]:
    """Return the level in the middle of each bit of a drawn frame."""
    changes = [(time_ns, level) for time_ns, _, level in waves.uart(0, frame, byte)]
    bit_ns = 1e9 / frame.baudrate
    middles = [(index + 0.5) * bit_ns for index in range(frame.length())]
    return [[x for t, x in changes if t <= middle][-1] for middle in middles]
