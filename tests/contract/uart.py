"""The contract of `cpcompat.hal.uart.UartPort`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpcompat.hal.uart import UartPort
    from tests.contract.rig import Rig

S = 1_000_000_000


def port(rig: Rig) -> UartPort:
    """Open the board's usual port at the other end's rate."""
    uart = rig.backend.uart(rig.board.uart[0])
    uart.configure(9600, 8, "none", 1)
    return uart


def read_all(uart: UartPort, count: int) -> bytes:
    """Read until so many bytes are there or nothing more comes."""
    data = b""
    while len(data) < count and (more := uart.read(count - len(data), S)):
        data += more
    return data


class UartContract:
    """What a serial port does; the other end sends back what it hears."""

    def test_what_is_sent_comes_back(self, rig: Rig) -> None:
        """All of it, in order; and write says how much that was."""
        uart = port(rig)
        assert uart.write(b"hello") == 5
        assert read_all(uart, 5) == b"hello"

    def test_every_byte_value_passes(self, rig: Rig) -> None:
        """None is taken for a control character."""
        uart = port(rig)
        data = bytes(range(256))
        uart.write(data)
        assert read_all(uart, 256) == data

    def test_reading_waits_for_the_first_byte(self, rig: Rig) -> None:
        """And returns with what there is, without waiting for the limit."""
        uart = port(rig)
        uart.write(b"x")
        assert uart.read(100, S) == b"x"

    def test_reading_without_a_timeout_returns_at_once(self, rig: Rig) -> None:
        """With nothing where nothing has come."""
        before_ns = rig.backend.clock.now_ns()
        assert port(rig).read(10, 0) == b""
        assert rig.backend.clock.now_ns() - before_ns < S

    def test_a_timeout_is_kept(self, rig: Rig) -> None:
        """On the backend's clock."""
        uart = port(rig)
        before_ns = rig.backend.clock.now_ns()
        assert uart.read(10, 50_000_000) == b""
        assert 50_000_000 <= rig.backend.clock.now_ns() - before_ns < S

    def test_no_more_is_read_than_asked_for(self, rig: Rig) -> None:
        """The rest stays."""
        uart = port(rig)
        uart.write(b"abcdef")
        assert read_all(uart, 4) == b"abcd"
        assert read_all(uart, 2) == b"ef"

    def test_waiting_tells_how_much_has_come(self, rig: Rig) -> None:
        """Bytes on their way do not count."""
        uart = port(rig)
        assert uart.waiting() == 0
        uart.write(b"abc")
        rig.pass_ns(S // 10)
        assert uart.waiting() == 3
        uart.read(1, 0)
        assert uart.waiting() == 2

    def test_bytes_take_their_time(self, rig: Rig) -> None:
        """At 9600 baud a hundred bytes are on the wire for more than a tenth of a second."""
        uart = port(rig)
        before_ns = rig.backend.clock.now_ns()
        uart.write(b"." * 100)
        assert len(read_all(uart, 100)) == 100
        assert rig.backend.clock.now_ns() - before_ns > S // 10

    def test_what_was_discarded_is_gone(self, rig: Rig) -> None:
        """And what comes afterwards is there."""
        uart = port(rig)
        uart.write(b"old")
        rig.pass_ns(S // 10)
        uart.discard()
        assert uart.waiting() == 0
        uart.write(b"new")
        assert read_all(uart, 3) == b"new"

    def test_a_port_can_be_closed_and_opened_again(self, rig: Rig) -> None:
        """What had come is forgotten; closing again does nothing."""
        uart = port(rig)
        uart.write(b"old")
        rig.pass_ns(S // 10)
        uart.close()
        uart.close()
        again = port(rig)
        assert again.waiting() == 0
        again.write(b"new")
        assert read_all(again, 3) == b"new"
