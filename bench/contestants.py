"""Who takes part in the hardware benchmark, and how each does each operation in its own words."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """One operation.

    Attributes:
        code: What is timed.
        before: What makes it possible.
        after: What undoes that.
    """

    code: str
    before: str = "pass"
    after: str = "pass"


class Contestant(NamedTuple):
    """One library.

    Attributes:
        name: Its name in the table.
        ours: Whether its program is run by ``python -m cpcompat``.
        setup: What its program does first.
        steps: The operations that it can do.
    """

    name: str
    ours: bool
    setup: str
    steps: dict[str, Step]


def _faces(out: int, into: int) -> str:
    return f"""
import board, busio, digitalio
from adafruit_bus_device.i2c_device import I2CDevice
from adafruit_register.i2c_struct import UnaryStruct

class Driver:
    value = UnaryStruct(1, "<B")

    def __init__(self, device):
        self.i2c_device = device

output, source = digitalio.DigitalInOut(board.D{out}), digitalio.DigitalInOut(board.D{into})
output.switch_to_output()
i2c = busio.I2C(board.SCL, board.SDA)
driver = Driver(I2CDevice(i2c, 0x50))
spi = busio.SPI(board.SCK, board.MOSI, board.MISO)
spi.try_lock()
spi.configure(baudrate=1_000_000)
register, one = bytearray([1]), bytearray(1)
four, into_four = bytearray(4), bytearray(4)
block, into_block = bytearray(4096), bytearray(4096)
"""


_FACE_STEPS = {
    "pin_set": Step("output.value = True"),
    "pin_get": Step("source.value"),
    "i2c_read": Step(
        "i2c.writeto_then_readfrom(0x50, register, one)", "i2c.try_lock()", "i2c.unlock()"
    ),
    "i2c_register": Step("driver.value"),
    "spi_4": Step("spi.write_readinto(four, into_four)"),
    "spi_4096": Step("spi.write_readinto(block, into_block)"),
    "spi_write": Step("spi.write(block)"),
}

_GPIOD = """
import gpiod
from gpiod.line import Direction, Value
HIGH = Value.ACTIVE

def request(line, direction):
    settings = gpiod.LineSettings(direction=direction)
    return gpiod.request_lines("/dev/gpiochip0", config={line: settings})

output, source = request(23, Direction.OUTPUT), request(24, Direction.INPUT)
"""
_RPI = """
from RPi import GPIO
GPIO.setmode(GPIO.BCM)
GPIO.setwarnings(False)
GPIO.setup(25, GPIO.OUT)
GPIO.setup(26, GPIO.IN)
"""
_SPIDEV = """
import spidev
spi = spidev.SpiDev(0, 0)
spi.max_speed_hz = 1_000_000
four, block = bytearray(4), bytearray(4096)
"""

CONTESTANTS = (
    Contestant("cpcompat", True, _faces(22, 27), _FACE_STEPS),
    Contestant("Blinka", False, _faces(20, 21), _FACE_STEPS),
    Contestant(
        "gpiod",
        False,
        _GPIOD,
        {"pin_set": Step("output.set_value(23, HIGH)"), "pin_get": Step("source.get_value(24)")},
    ),
    Contestant(
        "rpi-lgpio",
        False,
        _RPI,
        {"pin_set": Step("GPIO.output(25, 1)"), "pin_get": Step("GPIO.input(26)")},
    ),
    Contestant(
        "smbus2",
        False,
        "import smbus2\nbus = smbus2.SMBus(1)",
        {"i2c_read": Step("bus.read_byte_data(0x50, 1)")},
    ),
    Contestant(
        "spidev",
        False,
        _SPIDEV,
        {
            "spi_4": Step("spi.xfer2(four)"),
            "spi_4096": Step("spi.xfer2(block)"),
            "spi_write": Step("spi.writebytes2(block)"),
        },
    ),
)


class Operation(NamedTuple):
    """A line of the table.

    Attributes:
        key: Its name among the steps.
        words: Its name in the table.
        at_most: How many times the loop in C it may take us.
    """

    key: str
    words: str
    at_most: float


OPERATIONS = (
    Operation("pin_set", "pin set", 2.2),
    Operation("pin_get", "pin get", 2.3),
    Operation("i2c_read", "I2C, one register", 5.6),
    Operation("i2c_register", "I2C, one register, through bus_device and register", 10.5),
    Operation("spi_4", "SPI, 4 bytes full duplex", 5.8),
    Operation("spi_4096", "SPI, 4 KiB full duplex", 6.5),
    Operation("spi_write", "SPI, 4 KiB written", 2.0),
)
