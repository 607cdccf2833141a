"""What the status light shows, as a sequence of colours with times. Pure.

Source: CircuitPython ``supervisor/shared/status_leds.c``, ``supervisor/shared/rgb_led_colors.h`` and
``main.c``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import TypeAlias

from cpcompat.supervisor.process.states import Memory, State

Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each."""
Steps: TypeAlias = Iterator[tuple[Colour, float]]
"""Colours, and for how many seconds each is shown."""

BLACK, RED, GREEN, YELLOW = (0, 0, 0), (48, 0, 0), (0, 48, 0), (48, 48, 0)
BLUE, WHITE = (0, 0, 48), (48, 48, 48)

_FLASH_S, _DARK_S, _PAUSE_S = 0.1, 0.3, 5.0
_WINDOW_S = 0.125
_FAILED = ("exception", "interrupt", "died", "crashed")


def steps(state: State, memory: Memory) -> Steps | None:
    """Return what to show in a state, endless or not; None leaves the light to the program.

    Args:
        state: What the board is doing.
        memory: How the last program ended, and whether this is safe mode.
    """
    if state is State.WINDOW:
        return _repeat((YELLOW, _WINDOW_S), (BLACK, _WINDOW_S))
    if state is State.SAFE:
        return flashes(YELLOW, 3)
    if state in (State.WAITING, State.SETTLING, State.RESTARTING):
        return flashes(RED, 2) if memory.how in _FAILED else flashes(GREEN, 1)
    if state is State.SLEEPING:
        return iter(((BLACK, 0.0),))
    return None


def flashes(colour: Colour, count: int) -> Steps:
    """Return some flashes and a long pause, over and over."""
    once = ((colour, _FLASH_S), (BLACK, _DARK_S)) * count
    return _repeat(*once, (BLACK, _PAUSE_S))


def identify(seconds: float) -> Steps:
    """Return quick blue flashes, by which somebody finds the board that they mean."""
    pairs = int(seconds / (2 * _FLASH_S))
    return iter(((BLUE, _FLASH_S), (BLACK, _FLASH_S)) * pairs)


def scaled(colour: Colour, brightness: int) -> Colour:
    """Return a colour as it is shown at a brightness.

    Args:
        colour: The colour.
        brightness: 0 to 255.
    """
    red, green, blue = (part * brightness // 255 for part in colour)
    return red, green, blue


def _repeat(*once: tuple[Colour, float]) -> Steps:
    for whole in repeat(once):
        yield from whole
