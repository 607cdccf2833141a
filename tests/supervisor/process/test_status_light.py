"""The status light: what it shows when, and on what."""

from __future__ import annotations

import asyncio
from itertools import islice
from pathlib import Path

import pytest

from cpcompat.errors import DriveError
from cpcompat.hal.pin import Pin
from cpcompat.supervisor.process.light_patterns import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    YELLOW,
    Colour,
    Steps,
    identify,
    scaled,
    steps,
)
from cpcompat.supervisor.process.states import Memory, State
from cpcompat.supervisor.process.status_light import KernelLamp, StatusLight

pytestmark = [pytest.mark.feature("status light"), pytest.mark.simulated]


def period(sequence: Steps | None) -> tuple[set[Colour], int, float]:
    """Return colours, number of flashes and seconds from one long pause to the next."""
    assert sequence is not None
    colours: set[Colour] = set()
    count, seconds = 0, 0.0
    for colour, duration in sequence:
        seconds += duration
        if colour != BLACK:
            colours.add(colour)
            count += 1
        elif duration > 1:
            break
    return colours, count, round(seconds, 3)


@pytest.mark.parametrize(
    ("state", "memory", "colour", "count", "seconds"),
    [
        (State.WAITING, Memory(how="done"), GREEN, 1, 5.4),
        (State.WAITING, Memory(how="exception"), RED, 2, 5.8),
        (State.WAITING, Memory(how="interrupt"), RED, 2, 5.8),
        (State.SAFE, Memory(safe="USER"), YELLOW, 3, 6.2),
    ],
)
def test_colour_and_count_tell_how_the_board_is(
    state: State, memory: Memory, colour: Colour, count: int, seconds: float
) -> None:
    """Upstream's numbers, over and over."""
    sequence = steps(state, memory)
    for _ in range(2):
        assert period(sequence) == ({colour}, count, seconds)


def test_the_window_blinks_quickly_and_a_running_program_has_the_light_for_itself() -> None:
    """125 ms on, 125 ms off."""
    window = steps(State.WINDOW, Memory())
    assert window is not None
    assert list(islice(window, 3)) == [(YELLOW, 0.125), (BLACK, 0.125), (YELLOW, 0.125)]
    assert steps(State.CODE, Memory()) is None
    assert steps(State.REPL, Memory()) is None


def test_identify_ends_by_itself() -> None:
    """A few seconds of blue."""
    shown = list(identify(2.0))
    assert sum(duration for _, duration in shown) == pytest.approx(2.0)
    assert {colour for colour, _ in shown} == {BLUE, BLACK}
    assert scaled((48, 0, 255), 63) == (11, 0, 63)


class Bulb:
    """A lamp that notes what it shows."""

    pins: tuple[Pin, ...] = ()
    usual_brightness = 255

    def __init__(self) -> None:
        self.shown: list[object] = []

    def show(self, colour: Colour) -> None:
        """See `Lamp.show`."""
        self.shown.append(colour)

    def rest(self) -> None:
        """See `Lamp.rest`."""
        self.shown.append("rest")

    def close(self) -> None:
        """See `Lamp.close`."""
        self.shown.append("closed")


def test_a_sequence_gives_way_to_the_next_and_brightness_holds() -> None:
    """And the lamp is free when nothing is to be shown."""

    async def play() -> list[object]:
        bulb = Bulb()
        light = StatusLight(bulb)
        light.brightness = 127
        light.play(steps(State.SAFE, Memory()))
        light.play(None)
        light.play(iter([(RED, 0.0)]))
        light.close()
        return bulb.shown

    assert asyncio.run(play()) == [(23, 23, 0), "rest", (23, 0, 0), "rest", "closed"]


def test_identify_flashes_blue_whatever_else_is_shown_and_then_goes_on() -> None:
    """At full brightness, also where the program has made the light dark."""

    async def play() -> list[object]:
        bulb, over = Bulb(), asyncio.Event()
        light = StatusLight(bulb)
        light.brightness = 0
        light.play(steps(State.SAFE, Memory()))
        light.identify(lambda: True, over.set)
        await asyncio.wait_for(over.wait(), 20)
        return bulb.shown

    dark, *flashes = asyncio.run(play())
    assert dark == BLACK
    assert flashes == [BLUE, BLACK] * 25


def test_identify_leaves_a_pin_alone_that_the_program_has_taken_meanwhile() -> None:
    """Not one flash more, and no rest at the end, which would take the pin away."""

    async def play() -> list[object]:
        bulb, asked = Bulb(), asyncio.Event()
        answers = iter([True, True, False])

        def may_shine() -> bool:
            answer = next(answers)
            if not answer:
                asked.set()
            return answer

        light = StatusLight(bulb)
        light.identify(may_shine, lambda: bulb.shown.append("after"))
        await asyncio.wait_for(asked.wait(), 20)
        return bulb.shown

    assert asyncio.run(play()) == [BLUE, BLACK]


def leds(folder: Path) -> Path:
    """Make a kernel's LED in a folder, and return where it is."""
    led = folder / "ACT"
    led.mkdir()
    (led / "brightness").write_text("0")
    (led / "max_brightness").write_text("255\n")
    (led / "trigger").write_text("none timer [mmc0] default-on\n")
    return led


def test_a_led_of_the_kernel_is_borrowed_and_given_back(tmp_path: Path) -> None:
    """Its trigger is as before afterwards."""
    led = leds(tmp_path)
    lamp = KernelLamp("ACT", tmp_path)
    assert (led / "trigger").read_text() == "none"
    lamp.show(RED)
    assert (led / "brightness").read_text() == "255"
    lamp.show(BLACK)
    assert (led / "brightness").read_text() == "0"
    lamp.close()
    assert (led / "trigger").read_text() == "mmc0"


def test_a_light_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    """So that the right name can be copied."""
    leds(tmp_path)
    with pytest.raises(DriveError, match="cannot use 'PWR' as the status light") as caught:
        KernelLamp("PWR", tmp_path)
    assert "ACT" in caught.value.__notes__[0]
