"""A drive on real buses, over the kernel shim and through the broker: drivers, and what users see of faults.

The drivers are Adafruit's own, unmodified. Figures of the parts are from their datasheets.
"""

from __future__ import annotations

import errno
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.programs.conftest import PROMPT, Board
from tests.shim.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RunToEnd = Callable[..., subprocess.CompletedProcess[bytes]]

pytestmark = [
    pytest.mark.feature("hardware broker"),
    pytest.mark.feature("busio"),
    pytest.mark.shim,
]

REAL = ("--board", "raspberry_pi_4b")
OWN = (27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
"""dig_T1 … dig_P9 of the worked example in the BMP280's datasheet, 3.12."""


def bme280(world: World) -> None:
    """Put a BME280 on the bus that measures what the datasheet's example does."""
    part = world.add_part(1, 0x77)
    part.write(0xD0, b"\x60")
    unsigned = (0, 3)
    words = [
        figure.to_bytes(2, "little", signed=place not in unsigned)
        for place, figure in enumerate(OWN)
    ]
    part.write(0x88, b"".join(words))
    part.write(0xF7, (415148 << 4).to_bytes(3, "big") + (519888 << 4).to_bytes(3, "big"))


def printed(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return what a program printed, and no line of the supervisor's."""
    text = done.stdout.decode()
    printed = text.partition("code.py output:\n")[2].partition("\nCode done running.")[0]
    assert not done.returncode, text + done.stderr.decode()
    return printed.strip("\n")


def test_a_bme280_is_read_by_its_driver(world: World, run_to_end: RunToEnd) -> None:
    """With the datasheet's result: 25.08 °C, 1006.53 hPa."""
    world.add_i2c(1)
    bme280(world)
    done = run_to_end(
        "import board\nfrom adafruit_bme280 import basic\n"
        "sensor = basic.Adafruit_BME280_I2C(board.I2C())\n"
        "print(f'{sensor.temperature:.2f} {sensor.pressure:.2f}')\n",
        *REAL,
    )
    assert printed(done) == "25.08 1006.53"


def test_a_clock_and_a_memory_on_one_bus_keep_what_their_drivers_write(
    world: World, run_to_end: RunToEnd
) -> None:
    """A DS3231 and a 24LC32, in turn."""
    world.add_i2c(1)
    clock = world.add_part(1, 0x68)
    memory = world.add_part(1, 0x50, pointer_bytes=2)
    done = run_to_end(
        "import time\nimport board, adafruit_ds3231, adafruit_24lc32\n"
        "i2c = board.I2C()\n"
        "clock = adafruit_ds3231.DS3231(i2c)\n"
        "memory = adafruit_24lc32.EEPROM_I2C(i2c)\n"
        "clock.datetime = time.struct_time((2026, 11, 24, 10, 30, 15, 1, -1, -1))\n"
        "memory[7] = 0x2A\n"
        "now = clock.datetime\n"
        "print(now.tm_year, now.tm_mon, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec)\n"
        "print(memory[7])\n",
        *REAL,
    )
    assert printed(done) == "2026 11 24 10 30 15\nbytearray(b'*')"
    assert clock.read(0, 3) == b"\x15\x30\x10"
    assert memory.read(7, 1) == b"\x2a"


def test_pins_of_an_expander_are_driven_and_read(world: World, run_to_end: RunToEnd) -> None:
    """An MCP23017's, by its driver's digitalio."""
    world.add_i2c(1)
    part = world.add_part(1, 0x20)
    part.write(0x12, b"\x02")  # GPIOA: its pin 1 is high
    done = run_to_end(
        "import board\nfrom digitalio import Direction\n"
        "from adafruit_mcp230xx.mcp23017 import MCP23017\n"
        "chip = MCP23017(board.I2C())\n"
        "one, two = chip.get_pin(1), chip.get_pin(8)\n"
        "one.direction = Direction.INPUT\n"
        "print(one.value)\n"
        "two.switch_to_output(True)\n",
        *REAL,
    )
    assert printed(done) == "True"
    assert part.read(0x01, 1) == b"\xfe"  # IODIRB
    assert part.read(0x13, 1)[0] & 1  # GPIOB


def test_a_picture_reaches_a_display(world: World, run_to_end: RunToEnd) -> None:
    """An SSD1306's memory: one long write after the control byte 0x40."""
    world.add_i2c(1)
    display = world.add_part(1, 0x3C, size=256)
    done = run_to_end(
        "import board, adafruit_ssd1306\n"
        "display = adafruit_ssd1306.SSD1306_I2C(16, 8, board.I2C())\n"
        "display.fill(0)\ndisplay.pixel(0, 0, 1)\ndisplay.pixel(3, 7, 1)\ndisplay.show()\n",
        *REAL,
    )
    assert printed(done) == ""
    assert display.read(0x40, 16) == b"\x01\x00\x00\x80" + bytes(12)


def test_a_converter_is_read_over_spi_with_a_pin_for_its_select(
    world: World, run_to_end: RunToEnd
) -> None:
    """The part answers each byte with its complement: 0x01 0x80 0x00 brings 10 bits of ones."""
    world.add_spi(0, 0, part="complement", line="D5")
    done = run_to_end(
        "import board, busio, digitalio\n"
        "from adafruit_mcp3xxx.mcp3008 import MCP3008, P0\n"
        "from adafruit_mcp3xxx.analog_in import AnalogIn\n"
        "spi = busio.SPI(board.SCK, board.MOSI, board.MISO)\n"
        "print(MCP3008(spi, digitalio.DigitalInOut(board.D5)).read(0))\n",
        *REAL,
    )
    assert printed(done) == "1023"
    assert world.driven() == []


def test_a_receiver_of_positions_is_understood(world: World, board: Callable[..., Board]) -> None:
    """A GPS's sentence over the header's serial port."""
    port = world.add_uart("ttyS0", "/soc/serial@7e215040", "serial0")
    one = board(
        "import board, busio, adafruit_gps\n"
        "uart = busio.UART(board.TX, board.RX, baudrate=9600, timeout=10)\n"
        "gps = adafruit_gps.GPS(uart)\n"
        "print('listening')\n"
        "while not gps.has_fix:\n    gps.update()\n"
        "print(f'{gps.latitude:.4f} {gps.longitude:.4f}')\n",
        *REAL,
    )
    one.sees(b"listening\r\n")
    port.send(b"$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,*76\r\n")
    one.sees(b"53.3613 -6.5056\r\n", PROMPT)


TRIES = """
try:
    import board, busio, digitalio
    CODE
except Exception as error:
    print(f"{type(error).__name__}: {error}", *error.__notes__, sep="\\n")
print("goes on")
"""
READS = "i2c = board.I2C(); i2c.try_lock(); i2c.readfrom_into(0x76, bytearray(1))"


def said(run_to_end: RunToEnd, code: str) -> str:
    """Return what a program sees of an error that it catches; it went on afterwards."""
    text = printed(run_to_end(TRIES.replace("CODE", code), *REAL))
    assert text.endswith("\ngoes on"), text
    return text.removesuffix("\ngoes on")


def test_a_part_that_is_unplugged_is_no_device(world: World, run_to_end: RunToEnd) -> None:
    """With its address, and who else is there."""
    world.add_i2c(1)
    world.add_part(1, 0x50)
    world.add_part(1, 0x76).remove()
    text = said(run_to_end, READS)
    assert "OSError: [Errno 19]" in text
    assert "0x76" in text
    assert "0x50" in text


def test_a_stuck_bus_is_a_timeout_with_what_helps(world: World, run_to_end: RunToEnd) -> None:
    """SDA held low, or a clock held for too long."""
    world.add_i2c(1)
    world.add_part(1, 0x76)
    world.inject("i2c_rdwr", errno.ETIMEDOUT, device="i2c-1", times=0)
    text = said(run_to_end, READS)
    assert "TimeoutError: [Errno 110]" in text
    assert "i2c_arm_baudrate" in text


def test_a_bus_without_a_node_names_the_command_that_knows_more(
    world: World, run_to_end: RunToEnd
) -> None:
    """It is not switched on."""
    text = said(run_to_end, "busio.I2C(board.SCL, board.SDA)")
    assert "OSError: [Errno 19]" in text
    assert "i2c-1" in text
    assert "cpcompat doctor" in text or "docker run --device" in text


def test_a_node_for_others_names_who_may_use_it(world: World, run_to_end: RunToEnd) -> None:
    """Permission denied; the broker is the one who is refused."""
    world.add_i2c(1)
    world.inject("open", errno.EACCES, path="/dev/i2c-1", times=0)
    text = said(run_to_end, "busio.I2C(board.SCL, board.SDA)")
    assert "PermissionError: [Errno 13]" in text
    assert "/dev/i2c-1" in text
    # Where the tests run may be a container.
    assert "docker run --device" in text or "usermod" in text or "Log out" in text


def test_a_line_that_is_busy_names_its_holder(world: World, run_to_end: RunToEnd) -> None:
    """The kernel's own driver has it."""
    world.set_line(17, "GPIO17", "onewire@11")
    text = said(run_to_end, "digitalio.DigitalInOut(board.D17)")
    assert "ValueError: D17 in use" in text
    assert "onewire@11" in text


def test_a_kernel_that_is_too_old_is_said_to_be(
    kernel_shim: None, tmp_path: Path, run_to_end: RunToEnd
) -> None:
    """Before Linux 5.10 there is no second version of the character device."""
    with World(tmp_path / "world", without_v2=True):
        text = said(run_to_end, "digitalio.DigitalInOut(board.D17)")
    assert "5.10" in text


def test_an_error_that_nobody_catches_is_shown_with_its_cure(
    world: World, board: Callable[..., Board]
) -> None:
    """At the console, and the board waits as ever."""
    world.set_line(17, "GPIO17", "onewire@11")
    one = board("import board, digitalio\ndigitalio.DigitalInOut(board.D17)\n", *REAL)
    one.sees(b"ValueError: D17 in use", b"onewire@11", PROMPT)


@pytest.mark.feature("safe mode")
def test_a_low_supply_leads_into_safe_mode_and_is_the_reason_of_the_reset(
    world: World, board: Callable[..., Board]
) -> None:
    """The Raspberry Pi's firmware tells of it by the kernel's sensor."""
    world.tree.write("/sys/class/hwmon/hwmon0/name", "rpi_volt\n")
    world.tree.write("/sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n")
    one = board("print('never')", *REAL)
    assert b"never" not in one.sees(b"Power dipped. Make sure you are providing enough power.")
    one.sees(PROMPT)
    one.types(b"x")
    one.sees(b">>> ")
    one.types(b"import microcontroller; print(microcontroller.cpu.reset_reason)\r")
    one.sees(b"\r\nmicrocontroller.ResetReason.BROWNOUT\r\n")
