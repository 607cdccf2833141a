"""What programs see of a serial port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat import board, busio, hal
from cpcompat.hal import Fault
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("busio"), pytest.mark.simulated]

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."
MS = 1_000_000


@pytest.fixture
def uart(backend: RecordingBackend) -> Iterator[busio.UART]:
    """A port that waits a tenth of a second."""
    with busio.UART(board.TX, board.RX, timeout=0.1) as port:
        backend.calls.clear()
        yield port


def test_a_port_is_opened_with_its_frame(backend: RecordingBackend) -> None:
    """Every parameter by its name."""
    with busio.UART(
        tx=board.TX,
        rx=board.RX,
        rts=None,
        cts=None,
        rs485_dir=None,
        rs485_invert=False,
        baudrate=115_200,
        bits=7,
        parity=busio.UART.Parity.EVEN,
        stop=2,
        timeout=0.5,
        receiver_buffer_size=128,
    ) as port:
        assert backend.calls == [("uart", 0), ("configure", 115_200, 7, "even", 2)]
        assert port.baudrate == 115_200
        assert port.timeout == 0.5
    with busio.UART(board.TX, board.RX, parity=busio.UART.Parity.ODD):
        assert backend.calls[-1] == ("configure", 9600, 8, "odd", 1)


def test_reading_so_many_bytes_ends_with_the_last_of_them(
    uart: busio.UART, backend: RecordingBackend
) -> None:
    """The rest waits for the next call."""
    backend.incoming = [(0, b"abc"), (50 * MS, b"de")]
    assert uart.read(4) == b"abcd"
    assert backend.time.time_ns == 50 * MS
    assert uart.read(nbytes=1) == b"e"


def test_the_timeout_counts_anew_from_each_byte(
    uart: busio.UART, backend: RecordingBackend
) -> None:
    """Pauses shorter than it are no end, one that is longer is."""
    backend.incoming = [(90 * MS, b"a"), (180 * MS, b"b"), (270 * MS, b"c"), (400 * MS, b"d")]
    assert uart.read(10) == b"abc"
    assert backend.time.time_ns == 370 * MS


def test_reading_without_a_number_takes_all_that_comes(
    uart: busio.UART, backend: RecordingBackend
) -> None:
    """Until nothing comes for the timeout."""
    backend.incoming = [(0, b"x" * 600), (50 * MS, b"y")]
    assert uart.read() == b"x" * 600 + b"y"


def test_when_nothing_comes_reading_gives_none(uart: busio.UART, backend: RecordingBackend) -> None:
    """After the timeout on the board's clock; pyserial gives ``b""`` there."""
    assert uart.read(1) is None
    assert backend.time.time_ns == 100 * MS
    assert uart.read() is None
    assert uart.readline() is None
    assert uart.readinto(bytearray(2)) is None
    assert uart.read(0) == b""


def test_a_timeout_of_zero_does_not_wait(uart: busio.UART, backend: RecordingBackend) -> None:
    """What is there comes, and no more."""
    backend.incoming = [(0, b"ab"), (1, b"c")]
    uart.timeout = 0
    assert uart.read(5) == b"ab"
    assert backend.time.time_ns == 0


def test_a_line_ends_with_its_newline(uart: busio.UART, backend: RecordingBackend) -> None:
    """However it comes in pieces; the next line stays for later."""
    backend.incoming = [(0, b"$GP"), (10 * MS, b"GGA\r\n$GPR"), (20 * MS, b"MC\n")]
    assert uart.readline() == b"$GPGGA\r\n"
    assert uart.in_waiting == 4
    assert uart.readline() == b"$GPRMC\n"


def test_a_line_that_stays_without_its_end_comes_after_the_timeout(
    uart: busio.UART, backend: RecordingBackend
) -> None:
    """As much as there is of it."""
    backend.incoming = [(0, b"no end")]
    assert uart.readline() == b"no end"
    assert uart.in_waiting == 0


def test_what_a_line_left_over_is_read_first(uart: busio.UART, backend: RecordingBackend) -> None:
    """Bytes never change their order between the ways to read."""
    backend.incoming = [(0, b"one\ntwo"), (10 * MS, b"three")]
    assert uart.readline() == b"one\n"
    assert uart.read(2) == b"tw"
    buffer = bytearray(6)
    assert uart.readinto(buf=buffer) == 6
    assert buffer == b"othree"


def test_readinto_fills_as_much_as_comes(uart: busio.UART, backend: RecordingBackend) -> None:
    """And tells how much that was."""
    backend.incoming = [(0, b"abc")]
    buffer = bytearray(b"-----")
    assert uart.readinto(buffer) == 3
    assert buffer == b"abc--"
    assert uart.readinto(bytearray()) == 0


def test_waiting_bytes_are_counted_and_can_be_dropped(
    uart: busio.UART, backend: RecordingBackend
) -> None:
    """Those in the port and those that a line left over."""
    backend.incoming = [(0, b"a\nbc")]
    assert uart.in_waiting == 4
    assert uart.readline() == b"a\n"
    assert uart.in_waiting == 2
    uart.reset_input_buffer()
    assert uart.in_waiting == 0
    assert uart.read(1) is None


def test_writing_tells_how_much_went_out(uart: busio.UART, backend: RecordingBackend) -> None:
    """Any buffer serves."""
    assert uart.write(b"hello") == 5
    assert uart.write(buf=bytearray(b"!")) == 1
    assert backend.calls == [("write", b"hello"), ("write", b"!")]


def test_a_text_cannot_be_written(uart: busio.UART) -> None:
    """Upstream's text."""
    with refuses(TypeError, "string not supported; use bytes or bytearray"):
        uart.write("hello")  # type: ignore[arg-type]


def test_the_baudrate_changes_and_the_frame_stays(
    uart: busio.UART, backend: RecordingBackend
) -> None:
    """Unless the port cannot do it."""
    uart.baudrate = 4800
    assert backend.calls == [("configure", 4800, 8, "none", 1)]
    backend.faults["configure"] = Fault.UNSUPPORTED
    with refuses(ValueError, "Invalid baudrate"):
        uart.baudrate = 12345
    assert uart.baudrate == 4800


def test_a_port_may_only_send_or_only_receive(backend: RecordingBackend) -> None:
    """The other pin stays free."""
    with busio.UART(board.TX) as sender:
        assert hal.machine().claims.holder(board.RX) is None
        sender.write(b"a")
        with refuses(ValueError, "No rx pin"):
            sender.read(1)
    with busio.UART(rx=board.RX) as receiver, refuses(ValueError, "No tx pin"):
        receiver.write(b"a")
    with refuses(ValueError, "tx and rx cannot both be None"):
        busio.UART()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"bits": 4}, "bits must be 5-9"),
        ({"bits": 10}, "bits must be 5-9"),
        ({"stop": 3}, "stop must be 1-2"),
        ({"timeout": 101}, "timeout must be 0-100"),
        ({"timeout": -0.5}, "timeout must be 0-100"),
        ({"receiver_buffer_size": 0}, "receiver_buffer_size must be 1-65535"),
        ({"baudrate": 0}, "baudrate must be >= 1"),
    ],
)
def test_a_setting_out_of_range_is_refused(
    backend: RecordingBackend, wrong: dict[str, int], text: str
) -> None:
    """Upstream's texts; nothing is claimed."""
    with refuses(ValueError, text):
        busio.UART(board.TX, board.RX, **wrong)  # type: ignore[arg-type]
    assert hal.machine().claims.holder(board.TX) is None


def test_the_timeout_s_range_holds_later_too(uart: busio.UART) -> None:
    """It catches milliseconds meant as seconds."""
    with refuses(ValueError, "timeout must be 0-100"):
        uart.timeout = 1000
    assert uart.timeout == 0.1


def test_pins_are_checked(backend: RecordingBackend) -> None:
    """Type, distinctness, and whether the board has such a port."""
    with refuses(TypeError, "tx must be of type Pin, not int"):
        busio.UART(14, board.RX)  # type: ignore[arg-type]
    with refuses(ValueError, "Invalid pins"):
        busio.UART(board.TX, board.TX)
    with refuses(ValueError, "Invalid pins"):
        busio.UART(board.RX, board.TX)
    with refuses(ValueError, "Invalid pins"):
        busio.UART(board.TX, board.RX, rts=board.D13)
    with refuses(NotImplementedError, "RS485"):
        busio.UART(board.TX, board.RX, rs485_dir=board.D13)
    assert hal.machine().claims.holder(board.RX) is None


def test_parity_members_are_singletons_that_print_as_upstream_s() -> None:
    """And `Parity` makes no others."""
    assert repr(busio.UART.Parity.ODD) == "busio.UART.Parity.ODD"
    assert repr(busio.UART.Parity.EVEN) == "busio.UART.Parity.EVEN"
    assert type(busio.UART.Parity.ODD) is busio.UART.Parity
    with pytest.raises(TypeError):
        busio.UART.Parity()


@pytest.mark.parametrize(
    "use",
    [
        lambda port: port.read(1),
        lambda port: port.readline(),
        lambda port: port.readinto(bytearray(1)),
        lambda port: port.write(b"a"),
        lambda port: port.in_waiting,
        lambda port: port.baudrate,
        lambda port: setattr(port, "baudrate", 9600),
        lambda port: port.timeout,
        lambda port: setattr(port, "timeout", 1),
        lambda port: port.reset_input_buffer(),
    ],
)
def test_a_deinited_port_refuses_every_use(
    uart: busio.UART, use: Callable[[busio.UART], object]
) -> None:
    """Even when bytes are left from a line."""
    uart._received += b"left\n"
    uart.deinit()
    uart.deinit()
    with refuses(ValueError, DEAD):
        use(uart)


@pytest.mark.parametrize("stage", ["uart", "configure"])
def test_a_port_that_cannot_be_opened_leaves_its_pins_free(
    backend: RecordingBackend, stage: str
) -> None:
    """Whatever it fails at."""
    backend.faults[stage] = Fault.BUSY
    with refuses(ValueError, "UART peripheral in use"):
        busio.UART(board.TX, board.RX)
    assert hal.machine().claims.holder(board.TX) is None
    assert backend.calls.count(("close",)) == (stage == "configure")
