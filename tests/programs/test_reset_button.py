"""A reset button that the drive names: it counts while the safe-mode window is open."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.programs.conftest import COMMAND, PATIENCE_S, PROMPT, Board
from tests.programs.test_console import wait_for

if TYPE_CHECKING:
    from tests.shim.world import World

pytestmark = pytest.mark.feature("safe mode")

Start = Callable[..., Board]
PRESSED = b"You pressed the reset button during boot.\r\n"
HELD = '[[input]]\npin = "BUTTON"\nevents = [[0, 0], [{until_ns}, 1]]\n'
REAL = ("--board", "raspberry_pi_4b")


def named(drive: Path, pin: str, more: str = "") -> None:
    """Name the button, on a drive."""
    (drive / "cpcompat.toml").write_text(f'[supervisor]\nreset_button = "{pin}"\n{more}')


@pytest.mark.simulated
def test_a_button_that_is_held_during_the_window_leads_into_safe_mode(
    board: Start, circuitpy_drive: Path
) -> None:
    """Held from the start; with the button named the window is a second long."""
    named(circuitpy_drive, "BUTTON")
    (circuitpy_drive / "sim.toml").write_text(HELD.format(until_ns=30_000_000_000))
    one = board("print('ran')")
    assert b"ran" not in one.sees(b"You are in safe mode because:\r\n", PRESSED, PROMPT)


@pytest.mark.simulated
def test_without_a_press_the_board_boots_and_the_pin_is_free(
    board: Start, circuitpy_drive: Path
) -> None:
    """A button pressed after the window is the program's, and so is the pin."""
    named(circuitpy_drive, "D17")
    (circuitpy_drive / "settings.toml").write_text("CIRCUITPY_SAFE_MODE_DELAY = 0.1\n")
    one = board("print('begun')\ninput()")
    one.sees(b"begun\r\n")
    assert json.loads(one.circuit("show"))["pins"]["D17"]["pull"] == "none"
    one.types(b"\r")
    one.sees(PROMPT)
    one.saves(
        "import board, digitalio\nwith digitalio.DigitalInOut(board.D17) as pin:\n"
        "    pin.switch_to_input(digitalio.Pull.UP)\n    print('mine', pin.value)\n"
    )
    one.sees(b"mine True\r\n", PROMPT)


@pytest.mark.shim
def test_on_real_lines_a_press_in_the_window_counts_too(
    world: World, board: Start, circuitpy_drive: Path
) -> None:
    """The line is an input with a pull-up meanwhile, and is let go."""
    named(circuitpy_drive, "D17")
    (circuitpy_drive / "settings.toml").write_text("CIRCUITPY_SAFE_MODE_DELAY = 20\n")
    one = board("print('ran')", *REAL)
    wait_for(lambda: world.line("GPIO17").used)
    assert world.line("GPIO17").pull == "up"
    assert not world.line("GPIO17").output
    world.drive("GPIO17", False)
    assert b"ran" not in one.sees(b"You are in safe mode because:\r\n", PRESSED, PROMPT)
    assert not world.line("GPIO17").used


@pytest.mark.shim
def test_a_real_line_is_the_status_light_while_no_program_runs(
    world: World, board: Start, circuitpy_drive: Path
) -> None:
    """It flashes while the board waits, and the program has it for itself."""
    (circuitpy_drive / "cpcompat.toml").write_text('[supervisor]\nstatus_led = "D17"\n')
    one = board(
        "import board, digitalio\nled = digitalio.DigitalInOut(board.D17)\n"
        "led.switch_to_output(False)\nprint('mine', led.value)\ninput()\n",
        *REAL,
    )
    one.sees(b"mine False\r\n")
    assert not world.level("GPIO17")
    one.types(b"\r")
    one.sees(PROMPT)
    wait_for(lambda: world.level("GPIO17"))
    wait_for(lambda: not world.level("GPIO17"))
    one.types(b"x")
    one.sees(b">>> ")
    assert not world.line("GPIO17").output


PIXEL = """
from cpcompat.backends.sim.part import Channel, PixelPart


class Pixel(PixelPart):
    seen = Channel("")

    def receive(self, data):
        self.seen = f"{self.seen} {data.hex()}"[-200:]
"""


@pytest.mark.simulated
def test_a_neopixel_is_the_status_light_in_its_colours(board: Start, circuitpy_drive: Path) -> None:
    """Green at a brightness of 63 when a program has ended, and dark while one runs."""
    (circuitpy_drive / "cpcompat.toml").write_text('[supervisor]\nstatus_led = "neopixel:D18"\n')
    (circuitpy_drive / "sim.toml").write_text(
        '[[pixels]]\npart = "pixel.py:Pixel"\nname = "light"\npin = "D18"\n'
    )
    (circuitpy_drive / "pixel.py").write_text(PIXEL)

    def seen() -> list[str]:
        channels = json.loads(one.circuit("show"))["parts"]["light"]["channels"]
        return str(channels["seen"]["value"]).split()

    one = board(
        "import supervisor\nprint('begun', supervisor.runtime.rgb_status_brightness)\ninput()\n"
    )
    one.sees(b"begun 63\r\n")
    assert set(seen()[-1:]) <= {"000000"}
    one.types(b"\r")
    one.sees(PROMPT)
    wait_for(lambda: seen()[-2:] == ["0b0000", "000000"])
    one.saves("1/0\n")
    one.sees(b"ZeroDivisionError", PROMPT)
    wait_for(lambda: seen()[-2:] == ["000b00", "000000"])


@pytest.mark.shim
def test_on_real_lines_the_neopixel_is_at_mosi(
    world: World, board: Start, circuitpy_drive: Path
) -> None:
    """Sent by the broker; at another pin the log says why there is none."""
    world.add_header()
    (circuitpy_drive / "cpcompat.toml").write_text('[supervisor]\nstatus_led = "neopixel:D10"\n')
    one = board("pass", *REAL)
    one.sees(PROMPT)

    def sent() -> list[bytes]:
        return [call.data[4:16] for call in world.calls() if call.op == "spi_write"]

    wait_for(lambda: bytes.fromhex("8888c8cc 88888888 88888888") in sent())
    one.types(b"x")
    one.sees(b">>> ")
    assert sent()[-1] == bytes.fromhex("88888888 88888888 88888888")
    (circuitpy_drive / "cpcompat.toml").write_text('[supervisor]\nstatus_led = "neopixel:D99"\n')
    words = [COMMAND, "run", str(circuitpy_drive)]
    one.close()
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert "has no 'D99'" in done.stderr


@pytest.mark.simulated
def test_a_button_that_the_board_lacks_is_told_before_anything_runs(circuitpy_drive: Path) -> None:
    """With the place where the board's pins are listed."""
    named(circuitpy_drive, "D99")
    (circuitpy_drive / "code.py").write_text("pass")
    words = [COMMAND, "run", str(circuitpy_drive)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert "reset_button = 'D99': the board 'sim' has no such line" in done.stderr
    assert "cpcompat boards sim" in done.stderr
