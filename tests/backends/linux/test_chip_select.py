"""A chip select that the kernel keeps is used by what a program does with its pin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.detect import definition
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Line, Pull
from cpcompat.hal.spi import SpiBus
from tests.shim.world import World

pytestmark = [pytest.mark.feature("busio"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")
CE0, CE1 = BOARD.names["CE0"], BOARD.names["CE1"]


@pytest.fixture
def backend(world: World) -> Iterator[LinuxBackend]:
    """A Raspberry Pi with SPI switched on, and parts at both of the kernel's chip selects."""
    for select, line in ((0, 8), (1, 7)):
        world.add_spi(0, select, part="complement")
        world.set_line(line, f"GPIO{line}", f"spi0 CS{select}")
    made = LinuxBackend(BOARD, DirectNodes(BOARD))
    yield made
    made.close()


def output(backend: LinuxBackend, pin: object = CE0) -> Line:
    """Make a chip select an output, high."""
    line = backend.line(pin)  # type: ignore[arg-type]
    line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
    return line


def bus(backend: LinuxBackend) -> SpiBus:
    """Open SPI 0 and set it up."""
    spi = backend.spi(BOARD.spi[0])
    spi.configure(1_000_000, 0, 8)
    return spi


def ask(spi: SpiBus) -> bytes:
    """Return what answers to 0x0F."""
    answer = bytearray(1)
    spi.transfer(b"\x0f", answer, 0)
    return bytes(answer)


@pytest.mark.parametrize("first", ["line", "bus"])
def test_its_part_answers_while_the_pin_is_low(backend: LinuxBackend, first: str) -> None:
    """And not before or after; whichever was opened first."""
    if first == "line":
        line, spi = output(backend), bus(backend)
    else:
        spi, line = bus(backend), output(backend)
    assert ask(spi) != b"\xf0"
    line.write(False)
    assert ask(spi) == b"\xf0"
    assert line.read() is False
    line.write(True)
    assert ask(spi) != b"\xf0"


def test_it_stays_low_between_transfers_until_the_pin_is_high(
    world: World, backend: LinuxBackend
) -> None:
    """One transaction of a write, a read and both; then a transfer of nothing raises it."""
    spi, line = bus(backend), output(backend)
    line.write(False)
    start = world.mark()
    spi.transfer(b"ab", None, 0)
    spi.transfer(None, bytearray(3), 0)
    spi.transfer(b"c", bytearray(1), 0)
    line.write(True)
    # What the shim records of a message: clock, how many transfers, cs_change of the first.
    messages = [call for call in world.calls(start) if call.op == "spi_message"]
    assert [(call.c, call.result) for call in messages] == [(1, 2), (1, 3), (1, 1), (0, 0)]


def test_the_fast_way_to_write_leaves_it_low_too(world: World, backend: LinuxBackend) -> None:
    """write(2) would let it go, so it is not used."""
    spi, line = bus(backend), output(backend)
    line.write(False)
    start = world.mark()
    quick = spi.quick_write  # type: ignore[attr-defined]
    with pytest.raises(OSError) as refused:
        quick(b"abc")
    spi.not_written(b"abc", refused.value)  # type: ignore[attr-defined]
    assert [call.op for call in world.calls(start) if call.op[:3] == "spi"] == ["spi_message"]
    line.write(True)
    assert quick(b"abc") == 3


def test_a_bus_may_be_configured_while_its_part_is_selected(
    world: World, backend: LinuxBackend
) -> None:
    """The kernel's chip select is not told to stay out of it then; afterwards it is again."""
    spi, line = backend.spi(BOARD.spi[0]), output(backend)
    line.write(False)
    spi.configure(500_000, 3, 8)
    assert ask(spi) == b"\xf0"
    line.write(True)
    assert ask(spi) != b"\xf0"


def test_each_pin_selects_its_own_part(world: World, backend: LinuxBackend) -> None:
    """CE1's, by its own node."""
    spi, line = bus(backend), output(backend, CE1)
    line.write(False)
    start = world.mark()
    assert ask(spi) == b"\xf0"
    (message,) = [call for call in world.calls(start) if call.op == "spi_message"]
    assert message.device == 1


def test_a_closed_pin_selects_nobody(backend: LinuxBackend) -> None:
    """As a pin that is an input again."""
    spi, line = bus(backend), output(backend)
    line.write(False)
    line.close()
    assert ask(spi) != b"\xf0"


def test_an_input_cannot_be_written(backend: LinuxBackend) -> None:
    """As any other."""
    line = backend.line(CE0)
    line.configure(Direction.INPUT, Pull.NONE, Drive.PUSH_PULL, False)
    with pytest.raises(HalError) as caught:
        line.write(False)
    assert caught.value.fault is Fault.WRONG_DIRECTION
    assert line.read() is True


def test_a_pin_that_somebody_else_holds_stays_in_use(world: World, backend: LinuxBackend) -> None:
    """Only the kernel means the same by it."""
    world.set_line(8, "GPIO8", "gpiod-app")
    with pytest.raises(HalError) as caught:
        output(backend)
    assert caught.value.fault is Fault.BUSY


def test_where_the_kernel_leaves_it_alone_it_is_a_pin(world: World, backend: LinuxBackend) -> None:
    """With the overlay spi0-0cs."""
    world.set_line(8, "GPIO8", "")
    line = output(backend)
    assert world.driven() == ["GPIO8"]
    line.close()
