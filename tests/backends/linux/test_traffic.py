"""Looking at real buses: what passes is told while somebody looks, and costs nothing when nobody does."""

from __future__ import annotations

import mmap
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat import hal
from cpcompat.backends.linux import traffic_ring as ring
from cpcompat.backends.linux.part_guesses import guess
from cpcompat.backends.linux.recorder import Recorder
from cpcompat.backends.linux.traffic import MOST_EVENTS, Ring, Traffic
from cpcompat.busio import I2C, SPI
from cpcompat.hal.errors import HalError
from tests.backends.linux.test_broker import BOARD, Bench
from tests.backends.linux.test_view import Looker
from tests.shim.world import World
from tests.workflows.page.promises import check_message

pytestmark = [pytest.mark.feature("live view"), pytest.mark.shim]

SMBUS = 0x10000 | 0x180000 | 0x600000 | 0xC000000
"""I2C_FUNC_SMBUS_QUICK, and reading and writing bytes, words and blocks."""


@pytest.fixture
def bench(world: World, tmp_path: Path) -> Iterator[Bench]:
    """Start a broker and begin a program, with memory on the I2C bus and a loop on the SPI bus."""
    world.add_i2c(1)
    world.add_part(1, 0x50)
    world.add_spi(0, 0, part="loop")
    made = Bench(tmp_path, {})
    yield made
    made.close()


def heard(looker: Looker) -> list[dict[str, Any]]:
    """Return the events since the last time; they are as the page is promised."""
    news = looker.asks("news")
    check_message({"type": "bus", "events": news["events"], "dropped": news["dropped"]})
    for event in news["events"]:
        del event["t_ns"]
    events: list[dict[str, Any]] = news["events"]
    return events


def test_what_passes_a_real_i2c_bus_is_told_with_address_and_bytes(bench: Bench) -> None:
    """A register that is read, and an address where nobody answers."""
    looker, read = Looker(bench), bytearray(2)
    looker.asks("news")
    bus = bench.program.i2c(BOARD.i2c[0], 100_000)
    bus.transfer(0x50, b"\x10\x2a\x2b", None)
    bus.transfer(0x50, b"\x10", read)
    with pytest.raises(HalError):
        bus.transfer(0x51, b"\x10", read)
    here = {"bus": "I2C 1", "address": 0x50, "part": "often a 24C32 memory", "ok": True}
    assert heard(looker) == [
        {**here, "write": "102a2b", "read": None},
        {**here, "write": "10", "read": "2a2b"},
        {**here, "address": 0x51, "part": None, "ok": False, "write": "10", "read": None},
    ]
    assert heard(looker) == []


def test_what_passes_a_real_spi_bus_is_told_whichever_way_it_goes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that else goes past this package, too; of a long one the first bytes, and its size."""
    looker, data = Looker(bench), bytearray(b"abcd")
    looker.asks("news")
    monkeypatch.setattr(hal, "_machine", hal.Machine(BOARD, bench.program))
    with SPI(BOARD.names["SCK"], BOARD.names["MOSI"], BOARD.names["MISO"]) as spi:
        assert spi.try_lock()
        spi.write(b"\x9f" * 100)
        spi.write_readinto(data, data)
        spi.readinto(data)
        events = heard(looker)
    assert [(one["write"], one["read"]) for one in events] == [
        ("9f" * 32, None),
        (b"abcd".hex(), b"abcd".hex()),
        (None, "00" * 4),
    ]
    assert events[0]["write_size"] == 100
    assert {(one["bus"], one["address"], one["ok"]) for one in events} == {("SPI 0", None, True)}


def test_what_passes_an_adapter_that_knows_smbus_alone_is_told_as_it_was_asked_for(
    world: World, tmp_path: Path
) -> None:
    """Address and bytes, not SMBus's commands; what it has no words for was never on the wire."""
    world.add_i2c(1, funcs=SMBUS)
    world.add_part(1, 0x50)
    with closing(Bench(tmp_path, {})) as bench:
        looker, read = Looker(bench), bytearray(2)
        looker.asks("news")
        bus = bench.program.i2c(BOARD.i2c[0], 100_000)
        bus.transfer(0x50, b"\x20\x0a\x0b", None)
        bus.transfer(0x50, b"\x20", read)
        with pytest.raises(HalError):
            bus.transfer(0x33, b"", None)
        with pytest.raises(HalError):
            bus.transfer(0x50, b"\0\1", bytearray(40))
        told = [(one["address"], one["ok"], one["write"], one["read"]) for one in heard(looker)]
    assert told == [
        (0x50, True, "200a0b", None),
        (0x50, True, "20", "0a0b"),
        (0x33, False, "", None),
    ]


def test_what_passes_a_serial_port_is_told_each_way(world: World, bench: Bench) -> None:
    """With the port's name; a look that finds nothing to read is no news."""
    peer = world.add_uart("ttyS0", "/soc/serial@7e215040", "serial0", echo_baud=9600)
    looker = Looker(bench)
    looker.asks("news")
    port = bench.program.uart(BOARD.uart[0])
    port.configure(9600, 8, "none", 1)
    assert port.read(10, 0) == b""
    port.write(b"hello")
    read = b""
    while len(read) < 5:
        read += port.read(10, 10**9)
    events = heard(looker)
    port.close()
    assert bytes(peer.received) == read == b"hello"
    assert {(one["bus"], one["address"], one["ok"]) for one in events} == {("UART 0", None, True)}
    assert [one["write"] for one in events if one["write"]] == [b"hello".hex()]
    assert "".join(one["read"] or "" for one in events) == b"hello".hex()


def test_a_bus_that_only_reads_refuses_to_write_while_somebody_looks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it does at any other time."""
    looker = Looker(bench)
    looker.asks("news")
    monkeypatch.setattr(hal, "_machine", hal.Machine(BOARD, bench.program))
    with SPI(BOARD.names["SCK"], MISO=BOARD.names["MISO"]) as spi:
        assert spi.try_lock()
        with pytest.raises(ValueError, match="No mosi pin"):
            spi.write(b"a")


def test_nothing_is_noted_while_nobody_looks(bench: Bench) -> None:
    """Neither before somebody looked nor after; a bus that is open hears of it."""
    bus = bench.program.i2c(BOARD.i2c[0], 100_000)
    recorder = bench.program._recorder
    assert recorder is not None
    bus.transfer(0x50, b"\x10", None)
    assert not any(recorder.watched[:])
    looker = Looker(bench)
    assert heard(looker) == []
    bus.transfer(0x50, b"\x11", None)
    assert [one["write"] for one in heard(looker)] == ["11"]
    looker.end.close()
    bench.broker.uid()
    Looker(bench).end.close()  # the process has seen to the first one's end by then
    while recorder.watched[0]:
        bench.nodes.line_info(17)
    kept = recorder.watched[:]
    bus.transfer(0x50, b"\x12", None)
    assert recorder.watched[:] == kept


def test_what_is_too_much_to_be_told_is_counted(bench: Bench) -> None:
    """The last are told."""
    looker = Looker(bench)
    looker.asks("news")
    bus = bench.program.i2c(BOARD.i2c[0], 100_000)
    for number in range(ring.SLOTS + 50):
        bus.transfer(0x50, bytes((number & 0xFF,)), None)
    news = looker.asks("news")
    assert len(news["events"]) == MOST_EVENTS
    assert news["dropped"] == ring.SLOTS + 50 - MOST_EVENTS
    assert news["events"][-1]["write"] == f"{(ring.SLOTS + 49) & 0xFF:02x}"


def test_the_next_program_has_a_ring_of_its_own_and_the_last_one_is_heard_out(
    bench: Bench,
) -> None:
    """An earlier program cannot write into it."""
    looker = Looker(bench)
    looker.asks("news")
    bench.program.i2c(BOARD.i2c[0], 100_000).transfer(0x50, b"\x01", None)
    bench.attach()
    bench.program.i2c(BOARD.i2c[0], 100_000).transfer(0x50, b"\x02", None)
    assert [one["write"] for one in heard(looker)] == ["01", "02"]


def test_the_ring_keeps_its_size_whatever_a_program_does() -> None:
    """Else the broker would die of its memory's absence."""
    made = Ring()
    for size in (0, ring.SIZE * 2):
        with pytest.raises(PermissionError):
            os.ftruncate(made.descriptor, size)
    made.close()


def noted(count: int) -> bytearray:
    """Return a ring into which a program has noted some transfers."""
    shared = mmap.mmap(-1, ring.SIZE)
    recorder = Recorder(shared, 0)
    for _ in range(count):
        recorder.uart(0, b"ab", None)
    return bytearray(shared[:])


@given(st.binary(max_size=2 * ring.SLOT), st.integers(0, ring.SIZE), st.integers(0, 400))
def test_a_program_may_write_anything_into_its_ring(data: bytes, at: int, count: int) -> None:
    """What is no whole record is passed over; what is one, can be told."""
    whole = noted(count)
    spoilt = bytearray(whole)
    spoilt[at : at + len(data)] = data
    known = {record.number for record in ring.records(bytes(whole), 0)}
    found = [record.number for record in ring.records(bytes(spoilt[: ring.SIZE]), 0)]
    assert found == sorted(set(found))
    assert set(found) <= known
    assert ring.records(data, 0) == []


@given(st.integers(1, ring.SLOTS), st.integers(0, 115))
def test_a_record_that_was_written_by_halves_is_not_shown(number: int, cut: int) -> None:
    """A program killed amid it leaves the beginning of the new one and the end of the old."""
    old, new = noted(number), noted(number + ring.SLOTS)
    at = ring.place(number)
    torn = bytearray(old)
    torn[at : at + cut] = new[at : at + cut]
    shown = {record.number for record in ring.records(bytes(torn), 0)}
    half = bytes(torn) != bytes(old)
    assert (number in shown) is not half or torn[at : at + 116] == new[at : at + 116]
    assert shown <= {*range(1, number + 1), number + ring.SLOTS}


def test_a_program_that_is_killed_amid_its_notes_leaves_whole_ones_alone(world: World) -> None:
    """It notes without end, and the signal comes anywhere."""
    traffic = Traffic()
    listener = traffic.listen(BOARD)
    descriptor = traffic.fresh()
    for _ in range(20):
        started, starts = os.pipe()
        pid = os.fork()
        if pid == 0:
            recorder = Recorder(mmap.mmap(descriptor, ring.SIZE), 0)
            recorder.uart(0, b"\x55" * 32, None)
            os.write(starts, b"x")
            while True:
                recorder.uart(0, b"\x55" * 32, None)
        os.read(started, 1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(started)
        os.close(starts)
        events, _ = listener.take()
        assert {event["write"] for event in events} <= {"55" * 32}
        descriptor = traffic.fresh()
    listener.close()


def test_a_part_s_name_is_said_to_be_a_guess() -> None:
    """The address alone says little."""
    guesses = [guess(address) for address in range(0x80)]
    assert all(one is None or one.startswith("often a ") for one in guesses)
    assert guess(0x77) == "often a BME280, BMP280 or BMP180"


def test_an_unmodified_face_reads_a_register_while_somebody_looks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it reads is what it would read else."""
    looker, data = Looker(bench), bytearray(2)
    looker.asks("news")
    monkeypatch.setattr(hal, "_machine", hal.Machine(BOARD, bench.program))
    with I2C(BOARD.names["SCL"], BOARD.names["SDA"]) as i2c:
        assert i2c.try_lock()
        i2c.writeto(0x50, b"\x10\x2a\x2b")
        i2c.writeto_then_readfrom(0x50, b"\x10", data)
        assert i2c.scan() == [0x50]
    assert data == b"\x2a\x2b"
    acknowledged = [one["address"] for one in heard(looker) if one["ok"]]
    assert acknowledged == [0x50], "among the last hundred there is the probe of it"
