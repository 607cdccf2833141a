"""The names of a board's pins and its buses."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cpcompat import board, busio, digitalio, hal, microcontroller
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("board"), pytest.mark.simulated]


def test_importing_the_board_finds_no_board_and_no_hardware() -> None:
    """Even where the board cannot be found at all."""
    program = (
        "from cpcompat import board, hal\n"
        "board.__name__, getattr(board, '__wrapped__', None)\n"
        "assert hal._machine is None\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"CPCOMPAT_BOARD": "no such board"}, check=False
    )
    assert done.returncode == 0


def test_a_pin_has_one_object_under_all_its_names(backend: RecordingBackend) -> None:
    """The board's names and the chip's."""
    assert board.D13 is board.LED
    assert board.D13 is microcontroller.pin.P13


def test_a_pin_shows_the_board_s_first_name_of_it(backend: RecordingBackend) -> None:
    """In the order of the board's file; a pin without one shows the chip's."""
    assert repr(board.LED) == "board.D13"
    assert repr(board.D2) == "board.SDA"
    assert repr(microcontroller.pin.HIDDEN) == "microcontroller.pin.HIDDEN"


def test_pins_are_hashable_and_equal_only_to_themselves(backend: RecordingBackend) -> None:
    """They serve as keys of a dictionary."""
    names = {board.D13: "led", board.D0: "zero"}
    assert names[board.LED] == "led"
    assert hash(board.D13) == board.LED.__hash__()
    assert board.D13 != board.D0


def test_dir_lists_the_pins_and_nothing_else(backend: RecordingBackend) -> None:
    """What programs print to see what a board has."""
    listed = dir(board)
    assert listed == sorted(hal.machine().board.names)
    assert all(isinstance(getattr(board, name), microcontroller.Pin) for name in listed)


def test_the_board_tells_its_id(backend: RecordingBackend) -> None:
    """The name of its file."""
    assert board.board_id == "testboard"


def test_a_star_import_brings_pins_and_buses(backend: RecordingBackend) -> None:
    """As many tutorials begin."""
    names: dict[str, object] = {}
    exec("from cpcompat.board import *", names)
    assert names["LED"] is board.LED
    assert names["I2C"] is board.I2C
    assert names["board_id"] == "testboard"


def test_an_unknown_name_says_what_the_board_has(backend: RecordingBackend) -> None:
    """Upstream's text, the board and the names like it in the note."""
    with pytest.raises(AttributeError) as caught:
        _ = board.D99
    assert str(caught.value) == "'module' object has no attribute 'D99'"
    (note,) = caught.value.__notes__
    assert note.startswith("The board testboard has no D99. Names like it: D0, D1, D2, D13.")
    assert not hasattr(board, "NEOPIXEL")


def test_a_name_in_the_wrong_case_is_found_for_the_note(backend: RecordingBackend) -> None:
    """The commonest slip."""
    with pytest.raises(AttributeError) as caught:
        _ = board.led
    assert "Names like it: LED." in caught.value.__notes__[0]


BUSES = [
    pytest.param(board.I2C, busio.I2C, "scl", id="I2C"),
    pytest.param(board.SPI, busio.SPI, "clock", id="SPI"),
    pytest.param(board.UART, busio.UART, "tx", id="UART"),
]


@pytest.mark.parametrize(("make", "kind", "pin"), BUSES)
def test_a_bus_is_a_singleton_until_it_is_deinited(
    backend: RecordingBackend, make: Callable[[], busio.I2C], kind: type, pin: str
) -> None:
    """Then there is a new one."""
    bus = make()
    assert type(bus) is kind
    assert make() is bus
    bus.deinit()
    other = make()
    assert other is not bus
    assert make() is other
    other.deinit()


def test_the_stemma_connector_is_the_same_bus(backend: RecordingBackend) -> None:
    """One object for both names."""
    assert board.STEMMA_I2C() is board.I2C()


def test_the_buses_have_upstream_s_defaults(backend: RecordingBackend) -> None:
    """100 kHz; 9600 baud, 8 bits, no parity, one stop bit, one second."""
    board.I2C()
    assert ("i2c", 1, 100_000) in backend.calls
    uart = board.UART()
    assert ("configure", 9600, 8, "none", 1) in backend.calls
    assert uart.timeout == 1.0


def test_the_board_s_bus_holds_its_pins(backend: RecordingBackend) -> None:
    """A second bus on them, or a pin of its own, is refused."""
    board.I2C()
    with refuses(ValueError, "SCL in use") as caught:
        busio.I2C(board.SCL, board.SDA)
    assert caught.value.__notes__[0].startswith("Held by busio.I2C, made at ")
    with refuses(ValueError, "SDA in use"):
        digitalio.DigitalInOut(board.SDA)


def test_a_new_machine_has_buses_of_its_own(backend: RecordingBackend) -> None:
    """A bus of an earlier machine is not handed out."""
    bus = board.I2C()
    hal.set_machine(hal.Machine(hal.machine().board, backend))
    assert board.I2C() is not bus


@pytest.mark.parametrize("name", ["I2C", "SPI", "UART"])
def test_a_board_without_a_bus_says_so(bare_backend: RecordingBackend, name: str) -> None:
    """Upstream's exception and text."""
    with refuses(NotImplementedError, f"No default {name} bus") as caught:
        getattr(board, name)()
    assert "testboard" in caught.value.__notes__[0]


def test_nobody_can_make_a_pin() -> None:
    """Pins come from the board."""
    with refuses(TypeError, "cannot create 'Pin' instances"):
        microcontroller.Pin()
