"""What programs see of an SPI bus."""

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


@pytest.fixture
def spi(backend: RecordingBackend) -> Iterator[busio.SPI]:
    """A bus whose lock is taken."""
    with busio.SPI(board.SCK, MOSI=board.MOSI, MISO=board.MISO) as bus:
        assert bus.try_lock()
        backend.calls.clear()
        yield bus


def test_a_transfer_writes_reads_or_does_both(spi: busio.SPI, backend: RecordingBackend) -> None:
    """Slices likewise; the fill byte goes out while only reading."""
    buffer = bytearray(4)
    spi.write(b"abcd")
    spi.write(buffer=b"abcd", start=1, end=3)
    spi.readinto(buffer, write_value=0xFF)
    assert buffer == b"\xa5" * 4
    spi.readinto(buffer=bytearray(4), start=3, end=4)
    spi.write_readinto(b"abcd", bytearray(4))
    spi.write_readinto(
        out_buffer=b"abcd",
        in_buffer=buffer,
        out_start=1,
        out_end=3,
        in_start=2,
        in_end=4,
    )
    assert backend.calls == [
        ("transfer", b"abcd", None, 0),
        ("transfer", b"bc", None, 0),
        ("transfer", None, 4, 0xFF),
        ("transfer", None, 1, 0),
        ("transfer", b"abcd", 4, 0),
        ("transfer", b"bc", 2, 0),
    ]


def test_nothing_to_transfer_is_no_transfer(spi: busio.SPI, backend: RecordingBackend) -> None:
    """An empty slice is no error."""
    spi.write(b"")
    spi.readinto(bytearray(3), start=3)
    spi.write_readinto(b"", bytearray())
    assert backend.calls == []


def test_slices_of_different_length_are_refused(spi: busio.SPI) -> None:
    """Upstream's text."""
    with refuses(ValueError, "buffer slices must be of equal length"):
        spi.write_readinto(b"abc", bytearray(2))


@pytest.mark.parametrize(
    ("polarity", "phase", "mode"), [(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 3)]
)
def test_polarity_and_phase_make_the_mode(
    spi: busio.SPI, backend: RecordingBackend, polarity: int, phase: int, mode: int
) -> None:
    """Two bits, the polarity first."""
    spi.configure(baudrate=1_000_000, polarity=polarity, phase=phase, bits=8)
    assert backend.calls == [("configure", 1_000_000, mode, 8)]


def test_the_clock_is_the_one_that_the_bus_makes(spi: busio.SPI) -> None:
    """The wanted one is a limit."""
    spi.configure(baudrate=3_000_000)
    assert spi.frequency == 2_000_000


def test_configuring_the_same_again_asks_the_bus_once(
    spi: busio.SPI, backend: RecordingBackend
) -> None:
    """Libraries configure before each transfer."""
    for _ in range(3):
        spi.configure(baudrate=500_000)
    assert len(backend.calls) == 1
    spi.configure()
    assert backend.calls[1:] == [("configure", 100_000, 0, 8)]


def test_a_configuration_that_failed_is_tried_again(
    spi: busio.SPI, backend: RecordingBackend
) -> None:
    """It does not count as made."""
    backend.faults["configure"] = Fault.UNSUPPORTED
    for _ in range(2):
        with refuses(OSError, "[Errno 5] Input/output error"):
            spi.configure(baudrate=500_000)
    assert len(backend.calls) == 2


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"polarity": 2}, "polarity must be 0-1"),
        ({"phase": -1}, "phase must be 0-1"),
        ({"polarity": 0, "phase": 2}, "phase must be 0-1"),
        ({"bits": 7}, "bits must be 8-9"),
        ({"baudrate": 0}, "baudrate must be >= 1"),
    ],
)
def test_a_setting_out_of_range_is_refused(
    spi: busio.SPI, backend: RecordingBackend, wrong: dict[str, int], text: str
) -> None:
    """Upstream's texts; the bus is not asked."""
    with refuses(ValueError, text):
        spi.configure(**wrong)
    assert backend.calls == []


def test_a_bus_may_lack_one_of_its_data_pins(backend: RecordingBackend) -> None:
    """That pin stays free; the other direction works."""
    with busio.SPI(board.SCK, board.MOSI) as writer:
        assert hal.machine().claims.holder(board.MISO) is None
        assert writer.try_lock()
        writer.write(b"a")
        with refuses(ValueError, "No miso pin"):
            writer.readinto(bytearray(1))
        with refuses(ValueError, "No miso pin"):
            writer.write_readinto(b"a", bytearray(1))
    with busio.SPI(board.SCK, MISO=board.MISO) as reader:
        assert reader.try_lock()
        reader.readinto(bytearray(1))
        with refuses(ValueError, "No mosi pin"):
            reader.write(b"a")
    with refuses(ValueError, "Must provide MISO or MOSI pin"):
        busio.SPI(board.SCK)


def test_half_duplex_is_not_offered(backend: RecordingBackend) -> None:
    """Upstream's exception of boards without it."""
    with refuses(NotImplementedError, "half_duplex"):
        busio.SPI(board.SCK, board.MOSI, board.MISO, half_duplex=True)


def test_pins_are_checked_and_free_after_a_failure(backend: RecordingBackend) -> None:
    """Wrong type, twice the same, none of the board's buses, and a bus that does not open."""
    with refuses(TypeError, "clock must be of type Pin, not int"):
        busio.SPI(11)  # type: ignore[arg-type]
    with refuses(TypeError, "mosi must be of type Pin, not int"):
        busio.SPI(board.SCK, 10)  # type: ignore[arg-type]
    with refuses(TypeError, "miso must be of type Pin, not str"):
        busio.SPI(board.SCK, MISO="9")  # type: ignore[arg-type]
    for pins in ((board.SCK, board.SCK), (board.SCK, board.MISO), (board.D0, board.MOSI)):
        with refuses(ValueError, "Invalid pins"):
            busio.SPI(*pins)
    backend.faults["configure"] = Fault.GONE
    with refuses(OSError, "[Errno 5] Input/output error"):
        busio.SPI(board.SCK, board.MOSI)
    assert backend.calls[-1] == ("close",)
    assert hal.machine().claims.holder(board.SCK) is None


USES = [
    pytest.param(lambda bus: bus.write(b"a"), id="write"),
    pytest.param(lambda bus: bus.readinto(bytearray(1)), id="readinto"),
    pytest.param(lambda bus: bus.write_readinto(b"a", bytearray(1)), id="write_readinto"),
    pytest.param(lambda bus: bus.configure(baudrate=1), id="configure"),
]


@pytest.mark.parametrize("use", USES)
def test_every_transfer_needs_the_lock(
    spi: busio.SPI, backend: RecordingBackend, use: Callable[[busio.SPI], None]
) -> None:
    """Configuring too."""
    spi.unlock()
    with refuses(RuntimeError, "Function requires lock"):
        use(spi)
    assert backend.calls == []
    assert spi.try_lock()
    use(spi)


@pytest.mark.parametrize(
    "use",
    [
        *USES,
        pytest.param(lambda bus: bus.frequency, id="frequency"),
        pytest.param(lambda bus: bus.try_lock(), id="try_lock"),
    ],
)
def test_a_deinited_bus_refuses_every_use(spi: busio.SPI, use: Callable[[busio.SPI], None]) -> None:
    """And its pins are free."""
    spi.deinit()
    with refuses(ValueError, DEAD):
        use(spi)
    assert hal.machine().claims.holder(board.MOSI) is None


@pytest.mark.parametrize("use", USES[:3])
def test_a_fault_in_a_transfer_is_an_eio(
    spi: busio.SPI, backend: RecordingBackend, use: Callable[[busio.SPI], None]
) -> None:
    """Upstream knows no other."""
    backend.faults["transfer"] = Fault.BROKEN
    with refuses(OSError, "[Errno 5] Input/output error") as caught:
        use(spi)
    assert "Mend the fake." in caught.value.__notes__
