"""The shim's i2c-dev keeps the kernel's rules."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
from typing import TYPE_CHECKING

import pytest

from tests.shim.world import SHORT

if TYPE_CHECKING:
    from tests.shim.buses import Part
    from tests.shim.world import World

pytestmark = [pytest.mark.feature("kernel shim"), pytest.mark.shim]

FUNCS, SLAVE, SLAVE_FORCE, RDWR, SMBUS = 0x705, 0x703, 0x706, 0x707, 0x720
READ = 1
QUICK, BYTE, BYTE_DATA, WORD_DATA, BLOCK_DATA, I2C_BLOCK = 0, 1, 2, 3, 5, 8


def _room(message: bytes | int) -> int:
    return message if isinstance(message, int) else max(1, len(message))


def transfer(bus: int, address: int, *messages: bytes | int) -> list[bytes]:
    """Pass messages in one I2C_RDWR, bytes out and lengths in, and return what came in."""
    buffers = [
        ctypes.create_string_buffer(b"" if isinstance(m, int) else m, _room(m)) for m in messages
    ]
    table = b"".join(
        struct.pack(
            "@HHH2xP",
            address,
            READ if isinstance(message, int) else 0,
            message if isinstance(message, int) else len(message),
            ctypes.addressof(buffer),
        )
        for message, buffer in zip(messages, buffers, strict=True)
    )
    block = ctypes.create_string_buffer(table, len(table))
    fcntl.ioctl(bus, RDWR, struct.pack("@PI4x", ctypes.addressof(block), len(messages)))
    return [b.raw for m, b in zip(messages, buffers, strict=True) if isinstance(m, int)]


def smbus(bus: int, reading: int, command: int, size: int, data: bytes = b"") -> bytes:
    """Make one I2C_SMBUS call and return the data union."""
    union = ctypes.create_string_buffer(data, 34)
    fcntl.ioctl(bus, SMBUS, struct.pack("@BBIP", reading, command, size, ctypes.addressof(union)))
    return union.raw


@pytest.fixture
def part(world: World) -> Part:
    """Bus 1 with memory at 0x50."""
    world.add_i2c(1)
    return world.add_part(1, 0x50)


@pytest.fixture
def bus(part: Part) -> int:
    """Open the bus."""
    return os.open("/dev/i2c-1", os.O_RDWR | os.O_CLOEXEC)


def refused(error: int, bus: int, address: int, *messages: bytes | int) -> None:
    """See a transfer fail."""
    with pytest.raises(OSError) as caught:
        transfer(bus, address, *messages)
    assert caught.value.errno == error


def test_written_registers_are_read_back(part: Part, bus: int) -> None:
    """With a repeated START, and alone from where the pointer is."""
    transfer(bus, 0x50, b"\x10abc")
    assert transfer(bus, 0x50, b"\x10", 2) == [b"ab"]
    assert transfer(bus, 0x50, 1) == [b"c"]
    assert part.read(0x10, 3) == b"abc"


def test_a_part_with_a_wide_pointer_takes_two_bytes_for_it(world: World) -> None:
    """As larger memories do."""
    world.add_i2c(1)
    part = world.add_part(1, 0x57, pointer_bytes=2, size=4096)
    part.write(0x123, b"wide")
    bus = os.open("/dev/i2c-1", os.O_RDWR)
    assert transfer(bus, 0x57, b"\x01\x23", 4) == [b"wide"]


@pytest.mark.parametrize("nak", [errno.EREMOTEIO, errno.ENXIO, errno.EIO])
def test_nobody_answers_with_the_drivers_errno(world: World, nak: int) -> None:
    """They differ."""
    world.add_i2c(3, nak=nak)
    refused(nak, os.open("/dev/i2c-3", os.O_RDWR), 0x2A, b"")


def test_a_part_that_takes_two_bytes_refuses_the_third(world: World, bus: int) -> None:
    """Not acknowledged."""
    world.add_part(1, 0x51, takes=2)
    transfer(bus, 0x51, b"ab")
    refused(errno.EREMOTEIO, bus, 0x51, b"abc")


def test_one_call_is_one_transaction(world: World, bus: int) -> None:
    """A part that counts STOPs sees one."""
    world.add_part(1, 0x52, counts=True)
    before = transfer(bus, 0x52, b"\xff", 1)
    after = transfer(bus, 0x52, b"\xff", 1)
    assert after[0][0] - before[0][0] == 1


def test_the_address_belongs_to_the_open_description(bus: int) -> None:
    """Copies share it; another open does not."""
    other = os.open("/dev/i2c-1", os.O_RDWR)
    fcntl.ioctl(bus, SLAVE, 0x50)
    copy = os.dup(bus)
    os.write(copy, b"\x20x")
    os.write(copy, b"\x20")
    assert os.read(copy, 1) == b"x"
    with pytest.raises(OSError):
        os.read(other, 1)


def test_smbus_calls_do_what_their_messages_say(part: Part, bus: int) -> None:
    """Bytes, words, blocks."""
    fcntl.ioctl(bus, SLAVE, 0x50)
    smbus(bus, 0, 0, QUICK)
    smbus(bus, 0, 0x30, WORD_DATA, b"\x34\x12")
    assert part.read(0x30, 2) == b"\x34\x12"
    assert smbus(bus, 1, 0x31, BYTE_DATA)[0] == 0x12
    assert smbus(bus, 1, 0x30, WORD_DATA)[:2] == b"\x34\x12"
    assert smbus(bus, 1, 0x30, I2C_BLOCK, b"\2")[:3] == b"\2\x34\x12"
    smbus(bus, 0, 0x30, BYTE)
    assert smbus(bus, 1, 0, BYTE)[0] == 0x34


def test_counted_blocks_are_read_where_the_adapter_can(world: World, bus: int) -> None:
    """Its I2C alone is not enough: the length comes from the part."""
    with pytest.raises(OSError) as caught:
        smbus(bus, 1, 0x40, BLOCK_DATA)
    assert caught.value.errno == errno.EOPNOTSUPP
    world.add_i2c(4, funcs=0x0FFF0009)
    world.add_part(4, 0x50).write(0x40, b"\3xyz")
    other = os.open("/dev/i2c-4", os.O_RDWR)
    fcntl.ioctl(other, SLAVE, 0x50)
    assert smbus(other, 1, 0x40, BLOCK_DATA)[:4] == b"\3xyz"


def test_an_adapter_without_i2c_only_knows_smbus(world: World) -> None:
    """EOPNOTSUPP for the rest, as a PC's or i2c-stub."""
    world.add_i2c(0, funcs=0x0EFF0008 & ~0x00F00000)
    world.add_part(0, 0x50).write(5, b"!")
    bus = os.open("/dev/i2c-0", os.O_RDWR)
    funcs = bytearray(8)
    fcntl.ioctl(bus, FUNCS, funcs)
    assert not funcs[0] & 1
    refused(errno.EOPNOTSUPP, bus, 0x50, b"\0")
    fcntl.ioctl(bus, SLAVE, 0x50)
    assert smbus(bus, 1, 5, BYTE_DATA)[0] == ord("!")
    with pytest.raises(OSError):
        smbus(bus, 1, 5, WORD_DATA)


def test_an_address_with_a_kernel_driver_is_busy(world: World, bus: int) -> None:
    """For I2C_SLAVE; I2C_RDWR passes, and sysfs names the driver."""
    world.bind(1, 0x50, "rtc-ds1307")
    with pytest.raises(OSError) as caught:
        fcntl.ioctl(bus, SLAVE, 0x50)
    assert caught.value.errno == errno.EBUSY
    fcntl.ioctl(bus, SLAVE_FORCE, 0x50)
    transfer(bus, 0x50, b"\0")
    driver = os.path.realpath("/sys/bus/i2c/devices/1-0050/driver")
    assert driver == "/sys/bus/i2c/drivers/rtc-ds1307"


@pytest.mark.parametrize("error", [errno.EIO, errno.ETIMEDOUT, errno.EAGAIN, errno.EBUSY])
def test_errors_come_as_injected(world: World, bus: int, error: int) -> None:
    """For one address, and then no more."""
    world.inject("i2c_rdwr", error, device="i2c-1", address=0x50)
    world.add_part(1, 0x51)
    transfer(bus, 0x51, b"\0")
    refused(error, bus, 0x50, b"\0")
    transfer(bus, 0x50, b"\0")


def test_too_much_at_once_is_refused(bus: int) -> None:
    """42 messages, and 8192 bytes in each."""
    refused(errno.EINVAL, bus, 0x50, *([b"\0"] * 43))
    refused(errno.EINVAL, bus, 0x50, bytes(8193))
    assert len(transfer(bus, 0x50, *([1] * 42))) == 42


def test_a_transfer_may_be_cut_short(world: World, bus: int) -> None:
    """The kernel then tells how many messages, or bytes, were passed."""
    world.inject("i2c_rdwr", SHORT, device="i2c-1", address=0x50)
    block = ctypes.create_string_buffer(1)
    table = struct.pack("@HHH2xP", 0x50, 0, 1, ctypes.addressof(block)) * 2
    messages = ctypes.create_string_buffer(table, len(table))
    pair = struct.pack("@PI4x", ctypes.addressof(messages), 2)
    assert fcntl.ioctl(bus, RDWR, bytearray(pair)) == 1
    assert fcntl.ioctl(bus, RDWR, bytearray(pair)) == 2
    fcntl.ioctl(bus, SLAVE, 0x50)
    world.inject("i2c_write", SHORT)
    assert os.write(bus, b"abc") == 2
