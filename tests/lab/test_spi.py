"""SPI on a real kernel's driver: a flash memory is erased, written and read, as drivers do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.machine import NORMAL, Setup

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab

pytestmark = [pytest.mark.emulated, pytest.mark.slow, pytest.mark.feature("busio")]

FLASH = """
import board, digitalio
from adafruit_bus_device.spi_device import SPIDevice

select = digitalio.DigitalInOut(board.SELECT)
flash = SPIDevice(board.SPI(), select, baudrate=10_000_000)

def ask(command, count):
    answer = bytearray(count)
    with flash as spi:
        spi.write(command)
        spi.readinto(answer)
    return answer

def order(*commands):
    for command in commands:
        with flash as spi:
            spi.write(command)
    while ask(b"\\x05", 1)[0] & 1:
        pass

data = bytes(i * 7 + 3 & 0xFF for i in range(256))
print(ask(b"\\x9f", 3).hex())
order(b"\\x06", b"\\x20\\x00\\x10\\x00")
print(ask(b"\\x03\\x00\\x10\\x00", 256) == b"\\xff" * 256)
order(b"\\x06", b"\\x02\\x00\\x10\\x00" + data)
print(ask(b"\\x03\\x00\\x10\\x00", 256) == data)
print(sum(ask(bytes((3, 0, 0x10, i)), 8) == data[i : i + 8] for i in range(240)))
"""


@pytest.mark.parametrize(("select", "line"), [("D5", 5), ("CE0", 8)])
def test_a_flash_memory_is_erased_written_and_read(lab: Lab, select: str, line: int) -> None:
    """A W25Q80: its id, a page of 256 bytes, and 240 short reads.

    Selected by a pin that the program drives; and by the one that the kernel keeps as its own.
    """
    program = {"flash.py": FLASH.replace("SELECT", select)}
    ended = lab.run("python3 -m cpcompat flash.py", Setup(selects=line), program)
    assert ended.out.split() == ["ef5014", "True", "True", "240"], ended.out + ended.err


TOO_LONG = """
import board
spi = board.SPI()
spi.try_lock()
spi.configure(baudrate=1_000_000)
answer = bytearray(70_000)
spi.readinto(answer)
print(len(answer), set(answer))
"""


def test_a_read_longer_than_the_kernels_buffer_passes_whole(lab: Lab) -> None:
    """70,000 bytes of a bus where nobody is selected."""
    ended = lab.run("python3 -m cpcompat long.py", NORMAL, {"long.py": TOO_LONG})
    assert ended.out == "70000 {0}\n", ended.out + ended.err
