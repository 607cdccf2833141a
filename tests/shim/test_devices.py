"""The shim's spidev, PWM, converters and UARTs keep the kernel's rules."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.shim.world import World

pytestmark = [pytest.mark.feature("kernel shim"), pytest.mark.shim]

MESSAGE = 0x40206B00
READ_MODE, WRITE_MODE, WRITE_BITS = 0x80016B01, 0x40016B01, 0x40016B03
READ_HZ, WRITE_HZ = 0x80046B04, 0x40046B04
PWM = Path("/sys/class/pwm/pwmchip0")


def exchange(spi: int, out: bytes, hz: int = 1_000_000) -> bytes:
    """Pass bytes both ways in one message."""
    sent = ctypes.create_string_buffer(out, len(out))
    came = ctypes.create_string_buffer(len(out))
    transfer = struct.pack(
        "=QQIIHBBBBBB", ctypes.addressof(sent), ctypes.addressof(came), len(out), hz, *(0,) * 7
    )
    fcntl.ioctl(spi, MESSAGE, transfer)
    return came.raw


def refused(error: int) -> pytest.RaisesExc[OSError]:
    """Expect an OSError of one errno."""
    return pytest.raises(OSError, check=lambda e: e.errno == error)


@pytest.fixture
def spi(world: World) -> int:
    """A part that line 5 selects."""
    world.add_spi(0, 0, part="complement", line=5)
    return os.open("/dev/spidev0.0", os.O_RDWR | os.O_CLOEXEC)


def test_the_selected_part_answers_and_else_the_line_stays_high(world: World, spi: int) -> None:
    """By the line's level."""
    world.drive(5, False)
    assert exchange(spi, b"\x00\x0f") == b"\xff\xf0"
    assert os.read(spi, 2) == b"\xff\xff"
    assert os.write(spi, b"ab") == 2
    into = bytearray(3)
    assert os.readv(spi, [into]) == 3
    world.drive(5, True)
    assert exchange(spi, b"\x00\x0f") == b"\xff\xff"


def test_a_looped_bus_hears_itself(world: World) -> None:
    """Whatever is selected."""
    world.add_spi(1, 2, part="loop", part_modes=(0, 1, 2, 3))
    assert exchange(os.open("/dev/spidev1.2", os.O_RDWR), b"abc") == b"abc"


def test_the_mode_is_the_devices_and_stays(world: World, spi: int) -> None:
    """The clock does so only while somebody has it open."""
    fcntl.ioctl(spi, WRITE_MODE, bytearray([3]))
    fcntl.ioctl(spi, WRITE_HZ, bytearray(struct.pack("=I", 5000)))
    os.close(spi)
    again = os.open("/dev/spidev0.0", os.O_RDWR)
    mode, hz = bytearray(1), bytearray(4)
    fcntl.ioctl(again, READ_MODE, mode)
    fcntl.ioctl(again, READ_HZ, hz)
    assert mode[0] == 3
    assert struct.unpack("=I", hz) == (125_000_000,)


def test_what_the_driver_cannot_do_is_refused(world: World) -> None:
    """Word lengths, no chip select, more than bufsiz."""
    world.add_spi(0, 1, no_cs=False, bufsiz=64)
    spi = os.open("/dev/spidev0.1", os.O_RDWR)
    with refused(errno.EINVAL):
        fcntl.ioctl(spi, WRITE_BITS, bytearray([7]))
    with refused(errno.EINVAL):
        fcntl.ioctl(spi, WRITE_MODE, bytearray([0x40]))
    with refused(errno.EMSGSIZE):
        exchange(spi, bytes(65))
    with refused(errno.EMSGSIZE):
        os.write(spi, bytes(65))
    assert Path("/sys/module/spidev/parameters/bufsiz").read_text() == "64\n"


def test_a_pwm_channel_is_exported_set_and_enabled(world: World) -> None:
    """By its attributes in sysfs."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    PWM.joinpath("export").write_text("0")
    for name, value in (("period", "1000000"), ("duty_cycle", "250000"), ("enable", "1")):
        PWM.joinpath("pwm0", name).write_text(value)
    pulses = world.pulses(12)
    assert pulses is not None
    assert (pulses.period_ns, pulses.duty_ns) == (1_000_000, 250_000)
    assert PWM.joinpath("pwm0", "duty_cycle").read_text() == "250000\n"
    PWM.joinpath("pwm0", "enable").write_text("0")
    assert world.pulses(12) is None
    PWM.joinpath("unexport").write_text("0")
    assert not PWM.joinpath("pwm0").exists()


def test_pwm_keeps_the_kernels_rules(world: World) -> None:
    """No duty over the period, no channel twice, none that is not there, nothing before a period."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    export = PWM / "export"
    export.write_text("1")
    with refused(errno.EBUSY):
        export.write_text("1")
    with refused(errno.ENODEV):
        export.write_text("2")
    with refused(errno.EINVAL):
        PWM.joinpath("pwm1/enable").write_text("1")
    PWM.joinpath("pwm1/period").write_text("1000")
    with refused(errno.EINVAL):
        PWM.joinpath("pwm1/duty_cycle").write_text("1001")
    PWM.joinpath("pwm1/duty_cycle").write_text("1000")
    with refused(errno.EINVAL):
        PWM.joinpath("pwm1/period").write_text("999")


def test_a_kept_descriptor_writes_an_attribute_again_and_again(world: World) -> None:
    """At offset 0, as a fast program does; after a late chmod by udev too."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    PWM.joinpath("export").write_text("0")
    world.inject("open", errno.EACCES, path="pwm0/period")
    with pytest.raises(PermissionError):
        os.open(PWM / "pwm0/period", os.O_RDWR)
    period = os.open(PWM / "pwm0/period", os.O_RDWR)
    for value in (b"5000", b"90", b"1234"):
        assert os.pwrite(period, value, 0) == len(value)
        assert os.pread(period, 20, 0) == value + b"\n"


def test_the_pwm_character_device_sets_a_waveform_at_once(world: World) -> None:
    """Of Linux 6.17: request, set, get; a channel has one holder."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13), character_device=True)
    chip, other = (os.open("/dev/pwmchip0", os.O_RDWR) for _ in range(2))
    fcntl.ioctl(chip, 0x7501, 1)
    with refused(errno.EBUSY):
        fcntl.ioctl(other, 0x7501, 1)
    with refused(errno.EINVAL):
        fcntl.ioctl(other, 0x40207505, struct.pack("=IIQQQ", 1, 0, 1000, 500, 0))
    fcntl.ioctl(chip, 0x40207505, struct.pack("=IIQQQ", 1, 0, 1000, 500, 0))
    found = bytearray(struct.pack("=IIQQQ", 1, 0, 0, 0, 0))
    fcntl.ioctl(chip, 0xC0207504, found)
    assert struct.unpack("=IIQQQ", found) == (1, 0, 1000, 500, 0)
    os.close(chip)
    fcntl.ioctl(other, 0x7501, 1)


def test_a_converter_is_files(world: World) -> None:
    """Inputs are read; outputs take what fits them."""
    world.add_iio("mcp3008", inputs=2, bits=10)
    world.add_iio("ad5693r", outputs=1)
    world.set_volts(0, 1, 1.65)
    raw = Path("/sys/bus/iio/devices/iio:device0/in_voltage1_raw")
    assert abs(int(raw.read_text()) - 512) <= 1
    out = Path("/sys/bus/iio/devices/iio:device1")
    out.joinpath("out_voltage0_raw").write_text("40000")
    with refused(errno.EINVAL):
        out.joinpath("out_voltage0_raw").write_text("65536")
    assert world.dac(1, 0) is None
    out.joinpath("out_voltage0_powerdown").write_text("0")
    assert world.dac(1, 0) == 40000


def test_a_uart_echoes_at_its_pace(world: World) -> None:
    """What is sent at its rate; and is named by the device tree."""
    world.add_header()
    alias = Path("/proc/device-tree/aliases/serial0").read_bytes()
    assert alias == b"/soc/serial@7e215040\0"
    assert Path("/sys/class/tty/ttyS0/device/of_node").resolve().name == "serial@7e215040"
    port = os.open("/dev/serial0", os.O_RDWR | os.O_NOCTTY)
    settings = termios.tcgetattr(port)
    settings[4] = settings[5] = termios.B9600
    termios.tcsetattr(port, termios.TCSANOW, settings)
    assert os.write(port, b"hi") == 2
    assert os.read(port, 1) + os.read(port, 1) == b"hi"
    assert world.peers[1].received == b""
