"""cpcompat asks less of the kernel than its peers for the same effect, and makes no glitch.

Each operation is made by cpcompat and by the unmodified libraries that can do it, in a process of its
own, against the same emulated Raspberry Pi 4; the calls that reach the kernel are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.peers.running import Stepped

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("peers"), pytest.mark.shim]

PIN = "import board, digitalio\n"
I2C = """
import board, busio
i2c = busio.I2C(board.SCL, board.SDA)
i2c.try_lock()
one = bytearray(1)
"""
SPI = """
import board, busio
spi = busio.SPI(board.SCK, board.MOSI, board.MISO)
spi.try_lock()
spi.configure(baudrate=1_000_000)
out, into = bytes(64), bytearray(64)
"""
GPIOD = """
import gpiod
from gpiod.line import Bias, Direction, Value
def make(**settings):
    return gpiod.request_lines("/dev/gpiochip0", config={17: gpiod.LineSettings(**settings)})
"""
RPI = """
from RPi import GPIO
GPIO.setmode(GPIO.BCM)
GPIO.setwarnings(False)
"""


class Operation(NamedTuple):
    """One thing to do.

    Attributes:
        name: What.
        ours: How many calls it costs us at most.
        faces: Setup and step in CircuitPython's words: for cpcompat and for Blinka.
        peers: Setup and step in the words of others.
        effect: What is to see afterwards; the same whoever did it.
    """

    name: str
    ours: int
    faces: tuple[str, str]
    peers: dict[str, tuple[str, str]]
    effect: Callable[[World], object]


def pin(world: World) -> object:
    """Return what line 17 is like."""
    line = world.line(17)
    return line.output, line.level, line.pull if not line.output else None


def register(world: World) -> object:
    """Return the bytes of the part on the bus that the operations write."""
    return world.parts[0x50].read(1, 3)


OPERATIONS = [
    Operation(
        "set a pin",
        1,
        (
            PIN + "pin = digitalio.DigitalInOut(board.D17)\npin.switch_to_output()",
            "pin.value = True",
        ),
        {
            "gpiod": (
                GPIOD + "lines = make(direction=Direction.OUTPUT)",
                "lines.set_value(17, Value.ACTIVE)",
            ),
            "rpi-lgpio": (RPI + "GPIO.setup(17, GPIO.OUT)", "GPIO.output(17, 1)"),
        },
        pin,
    ),
    Operation(
        "read a pin",
        1,
        (PIN + "pin = digitalio.DigitalInOut(board.D17)\npin.switch_to_input()", "pin.value"),
        {
            "gpiod": (GPIOD + "lines = make(direction=Direction.INPUT)", "lines.get_value(17)"),
            "rpi-lgpio": (RPI + "GPIO.setup(17, GPIO.IN)", "GPIO.input(17)"),
        },
        lambda world: world.level(17),
    ),
    Operation(
        "claim a pin and make it a high output",
        2,
        (
            PIN + "other = digitalio.DigitalInOut(board.D27)",
            "pin = digitalio.DigitalInOut(board.D17)\npin.switch_to_output(True)",
        ),
        {
            "gpiod": (
                GPIOD,
                "lines = make(direction=Direction.INPUT)\n"
                "high = gpiod.LineSettings(direction=Direction.OUTPUT, output_value=Value.ACTIVE)\n"
                "lines.reconfigure_lines({17: high})",
            ),
            "rpi-lgpio": (
                RPI + "GPIO.setup(27, GPIO.IN)",
                "GPIO.setup(17, GPIO.IN)\nGPIO.setup(17, GPIO.OUT, initial=1)",
            ),
        },
        pin,
    ),
    Operation(
        "make a high output of an input",
        1,
        (
            PIN + "pin = digitalio.DigitalInOut(board.D17)\npin.switch_to_input()",
            "pin.switch_to_output(True)",
        ),
        {
            "rpi-lgpio": (RPI + "GPIO.setup(17, GPIO.IN)", "GPIO.setup(17, GPIO.OUT, initial=1)"),
        },
        pin,
    ),
    Operation(
        "make an input with a pull-up of a high output",
        1,
        (
            PIN + "pin = digitalio.DigitalInOut(board.D17)\npin.switch_to_output(True)",
            "pin.switch_to_input(digitalio.Pull.UP)",
        ),
        {
            "rpi-lgpio": (
                RPI + "GPIO.setup(17, GPIO.OUT, initial=1)",
                "GPIO.setup(17, GPIO.IN, GPIO.PUD_UP)",
            )
        },
        pin,
    ),
    Operation(
        "read a register",
        1,
        (I2C, "i2c.writeto_then_readfrom(0x50, b'\\x01', one)"),
        {"smbus2": ("import smbus2\nbus = smbus2.SMBus(1)", "bus.read_byte_data(0x50, 1)")},
        register,
    ),
    Operation(
        "write a register",
        1,
        (I2C, "i2c.writeto(0x50, b'\\x01\\x42')"),
        {"smbus2": ("import smbus2\nbus = smbus2.SMBus(1)", "bus.write_byte_data(0x50, 1, 0x42)")},
        register,
    ),
    Operation(
        "exchange 64 bytes",
        1,
        (SPI, "spi.write_readinto(out, into)"),
        {
            "spidev": (
                "import spidev\nspi = spidev.SpiDev(0, 0)\nspi.max_speed_hz = 1_000_000",
                "spi.xfer2(bytes(64))",
            )
        },
        lambda world: None,
    ),
    Operation(
        "write 64 bytes",
        1,
        (SPI, "spi.write(out)"),
        {
            "spidev": (
                "import spidev\nspi = spidev.SpiDev(0, 0)\nspi.max_speed_hz = 1_000_000",
                "spi.writebytes2(bytes(64))",
            )
        },
        lambda world: None,
    ),
]


def measure(world: World, way: tuple[str, str], ours: bool, effect: object) -> tuple[int, object]:
    """Return how many calls the first step costs, and its effect."""
    assert callable(effect)
    with Stepped(world, *way, ours=ours) as program:
        return len(program.step()), effect(world)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_costs_no_more_calls_than_any_peers(
    header: Callable[[], World], operation: Operation
) -> None:
    """And less than Blinka's, where that has any to spare."""
    costs: dict[str, int] = {}
    effects: dict[str, object] = {}
    ways = {"cpcompat": operation.faces, "Blinka": operation.faces, **operation.peers}
    for name, way in ways.items():
        costs[name], effects[name] = measure(header(), way, name == "cpcompat", operation.effect)
    assert costs["cpcompat"] <= min(costs.values()), costs
    assert costs["cpcompat"] <= operation.ours, costs
    assert len(set(map(repr, effects.values()))) == 1, effects


@pytest.mark.parametrize("ours", [True, False], ids=["cpcompat", "Blinka"])
def test_a_pin_goes_high_without_a_glitch(header: Callable[[], World], ours: bool) -> None:
    """One that a resistor keeps high stays high all the time; with Blinka it goes low first."""
    world = header()
    world.resistor(17, "up")
    start = world.mark()
    code = PIN + "pin = digitalio.DigitalInOut(board.D17)\npin.switch_to_output(True)"
    with Stepped(world, PIN, code, ours=ours) as program:
        program.step()
        assert world.levels(17, start) == ([] if ours else [False, True])


@pytest.mark.parametrize("ours", [True, False], ids=["cpcompat", "Blinka"])
def test_configuring_a_bus_for_each_device_costs_no_setup_when_nothing_changes(
    header: Callable[[], World], ours: bool
) -> None:
    """Blinka sets clock, mode and word length before each transfer."""
    step = "spi.configure(baudrate=1_000_000)\nspi.write_readinto(out, into)"
    with Stepped(header(), SPI, step, ours=ours) as program:
        program.step()
        setups = [call for call in program.step() if call.op == "spi_setup"]
    assert len(setups) == (0 if ours else 3)
