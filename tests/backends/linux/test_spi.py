"""SPI through the kernel: what it is called for, and what each of its refusals becomes."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator

import pytest

from cpcompat.backends.linux import facts
from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.detect import definition
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.spi import SpiBus
from tests.shim.world import World

pytestmark = [pytest.mark.feature("busio"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")


@pytest.fixture
def backend(world: World) -> Iterator[LinuxBackend]:
    """Reach the world's hardware as a plain program does."""
    made = LinuxBackend(BOARD, DirectNodes(BOARD))
    yield made
    made.close()


def bus(backend: LinuxBackend, baudrate_hz: int = 1_000_000) -> SpiBus:
    """Open SPI 0 and set it up."""
    spi = backend.spi(BOARD.spi[0])
    spi.configure(baudrate_hz, 0, 8)
    return spi


def test_a_transfer_is_one_call_and_nothing_is_set_up_for_it(
    world: World, backend: LinuxBackend
) -> None:
    """Clock and word length travel with it; one way needs no message at all."""
    world.add_spi(0, 0, part="loop")
    spi, read = bus(backend), bytearray(4)
    start = world.mark()
    for _ in range(2):
        spi.transfer(b"abcd", read, 0)
        assert read == b"abcd"
    spi.transfer(b"abcd", None, 0)
    spi.transfer(None, read, 0)
    operations = [call.op for call in world.calls(start)]
    assert operations == ["spi_message", "spi_message", "spi_write", "spi_read"]


def test_a_mode_that_a_program_left_behind_does_not_stay(
    world: World, backend: LinuxBackend
) -> None:
    """The mode belongs to the device and survives every close."""
    world.add_spi(0, 0, part="complement", part_modes=(0,), line="D5")
    world.drive("D5", False)
    spi = backend.spi(BOARD.spi[0])
    spi.configure(1_000_000, 3, 8)
    spi.close()
    again, read = bus(backend), bytearray(1)
    again.transfer(b"\x0f", read, 0)
    assert read == b"\xf0"


def test_more_than_the_kernels_buffer_goes_in_pieces(world: World, backend: LinuxBackend) -> None:
    """Chip select is the program's own, so the part sees one transfer."""
    world.add_spi(0, 0, part="complement", bufsiz=64, line="D5")
    world.drive("D5", False)
    spi, data = bus(backend), bytes(range(200))
    read = bytearray(200)
    spi.transfer(data, read, 0)
    assert read == bytes(byte ^ 0xFF for byte in data)
    spi.transfer(None, read, 0xFF)
    assert read == bytes(200)
    spi.transfer(data, None, 0)


def test_where_the_controller_drives_its_own_select_a_long_transfer_is_refused(
    world: World, backend: LinuxBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """It would rise between the pieces; the log has said that it is driven at all."""
    world.add_spi(0, 0, part="complement", no_cs=False, bufsiz=64)
    with caplog.at_level(logging.WARNING):
        spi = bus(backend)
    assert "drives its first chip select" in caplog.text
    read = bytearray(1)
    spi.transfer(b"\x0f", read, 0)
    with pytest.raises(HalError) as caught:
        spi.transfer(bytes(65), None, 0)
    assert caught.value.fault is Fault.UNSUPPORTED
    assert "spidev.bufsiz=65" in str(caught.value.cure)


def test_a_clock_that_the_controller_refuses_is_unsupported(
    world: World, backend: LinuxBackend
) -> None:
    """EINVAL, of the setup."""
    world.add_spi(0, 0)
    spi = backend.spi(BOARD.spi[0])
    world.inject(None, errno.EINVAL, device="spidev0.0", times=0)
    with pytest.raises(HalError) as caught:
        spi.configure(1_000_000, 0, 8)
    assert caught.value.fault is Fault.UNSUPPORTED
    world.no_faults()


def test_a_bus_that_is_switched_off_is_absent(
    world: World, backend: LinuxBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command that tells more."""
    # Where the tests run may be a container.
    monkeypatch.setattr(facts, "_is_container", lambda system: False)
    with pytest.raises(HalError) as caught:
        backend.spi(BOARD.spi[0])
    assert caught.value.fault is Fault.ABSENT
    assert "cpcompat doctor" in str(caught.value.cure)
