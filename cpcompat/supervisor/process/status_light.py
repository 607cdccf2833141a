"""The status light: shows how the board is while no program runs, and is dark and free otherwise."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cpcompat.errors import DriveError
from cpcompat.hal.errors import HalError
from cpcompat.supervisor.process.light_patterns import BLACK, Colour, Steps, identify, scaled

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Broker
    from cpcompat.hal.pin import Pin

_log = logging.getLogger(__name__)
_LEDS = Path("/sys/class/leds")
_NEOPIXEL = "neopixel"
IDENTIFY_S = 5.0
"""How long the light flashes blue."""


class Lamp(Protocol):
    """Something that can shine.

    Attributes:
        pins: The board's pins that it takes, which a program may want itself.
        usual_brightness: How bright it is if nobody says, 0 to 255
            (``supervisor/shared/status_leds.c``).
    """

    pins: tuple[Pin, ...]
    usual_brightness: int

    def show(self, colour: Colour) -> None:
        """Shine in a colour; black is dark. A lamp of one colour shines for any other.

        Raises:
            OSError: It cannot.
        """
        ...

    def rest(self) -> None:
        """Go dark, and let go of what a program may want to use itself."""
        ...

    def close(self) -> None:
        """Let it be what it was before."""
        ...


class PinLamp:
    """A light on a pin of the board, of one colour.

    Args:
        broker: The way to the pin.
        pin: The pin.
    """

    usual_brightness = 255

    def __init__(self, broker: Broker, pin: Pin) -> None:
        self._broker = broker
        self._pin = pin
        self.pins: tuple[Pin, ...] = (pin,)

    def show(self, colour: Colour) -> None:
        """See `Lamp.show`."""
        try:
            self._broker.shine(self._pin, colour != BLACK)
        except HalError as error:
            raise OSError(str(error)) from error

    def rest(self) -> None:
        """See `Lamp.rest`: the pin becomes an input."""
        try:
            self._broker.shine(self._pin, None)
        except HalError:
            _log.warning("the pin of the status light cannot be let go")

    def close(self) -> None:
        """See `Lamp.close`."""
        self.rest()


class PixelLamp:
    """A NeoPixel at a pin of the board.

    Args:
        broker: The way to the pin.
        pin: The pin.
    """

    usual_brightness = 63

    def __init__(self, broker: Broker, pin: Pin) -> None:
        self._broker = broker
        self._pin = pin
        self.pins: tuple[Pin, ...] = (pin,)

    def show(self, colour: Colour) -> None:
        """See `Lamp.show`."""
        red, green, blue = colour
        try:
            self._broker.glow(self._pin, bytes((green, red, blue)))
        except HalError as error:
            raise OSError(f"{error}. {error.cure or ''}") from error

    def rest(self) -> None:
        """See `Lamp.rest`."""
        try:
            self._broker.glow(self._pin, bytes(3))
        except HalError:
            _log.warning("the NeoPixel that is the status light does not go dark")

    def close(self) -> None:
        """See `Lamp.close`."""
        self.rest()


class KernelLamp:
    """One of the kernel's LEDs, such as the Raspberry Pi's ACT.

    Source: Linux ``Documentation/leds/leds-class.rst``.

    Args:
        name: Its name under ``/sys/class/leds``.
        leds: Where the kernel shows its LEDs.

    Raises:
        DriveError: There is none of that name, or it may not be written.
    """

    usual_brightness = 255

    def __init__(self, name: str, leds: Path = _LEDS) -> None:
        folder = leds / name
        self.pins: tuple[Pin, ...] = ()
        try:
            self._brightness = folder / "brightness"
            self._trigger = folder / "trigger"
            self._most = (folder / "max_brightness").read_text().strip()
            self._before = self._active_trigger()
            self._trigger.write_text("none")
        except OSError as error:
            known = ", ".join(sorted(led.name for led in leds.glob("*"))) or "none"
            raise DriveError(
                f"cannot use {name!r} as the status light: {error.strerror}",
                f"The kernel's LEDs here: {known}. Writing them needs root, or a udev rule.",
            ) from error

    def _active_trigger(self) -> str:
        words = self._trigger.read_text().split()
        return next((word[1:-1] for word in words if word.startswith("[")), "none")

    def show(self, colour: Colour) -> None:
        """See `Lamp.show`."""
        self._brightness.write_text("0" if colour == BLACK else self._most)

    def rest(self) -> None:
        """See `Lamp.rest`: no program uses it but through the kernel, too."""
        self._brightness.write_text("0")

    def close(self) -> None:
        """See `Lamp.close`: it goes back to what the kernel showed on it."""
        self._trigger.write_text(self._before)


class StatusLight:
    """Plays sequences on a lamp; without a lamp it costs nothing, not even a wake-up.

    Args:
        lamp: The lamp, or None.

    Attributes:
        brightness: 0 to 255; from the next colour on.
    """

    def __init__(self, lamp: Lamp | None) -> None:
        self._lamp = lamp
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self.brightness = 255 if lamp is None else lamp.usual_brightness

    @property
    def exists(self) -> bool:
        """Whether there is a lamp."""
        return self._lamp is not None

    @property
    def usual_brightness(self) -> int | None:
        """How bright the lamp is if nobody says, 0 to 255; None without one."""
        return None if self._lamp is None else self._lamp.usual_brightness

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The board's pins that the lamp takes."""
        return () if self._lamp is None else self._lamp.pins

    def identify(self, may_shine: Callable[[], bool], after: Callable[[], None]) -> None:
        """Flash blue for a while, also while a program runs, whatever brightness it has set.

        Args:
            may_shine: Asked before each flash; False ends it, and the lamp is not touched any more.
            after: Called at the end, to show what is to be shown otherwise.
        """
        self._stop()
        self._identify(identify(IDENTIFY_S), may_shine, after)

    def _identify(
        self, steps: Steps, may_shine: Callable[[], bool], after: Callable[[], None]
    ) -> None:
        if not may_shine():
            return
        step = next(steps, None)
        if step is None:
            after()
        else:
            self._show(step[0])
            self._timer = self._loop.call_later(step[1], self._identify, steps, may_shine, after)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def play(self, steps: Steps | None) -> None:
        """Show a sequence instead of the one before; None leaves the lamp dark."""
        self._stop()
        if self._lamp is None:
            return
        if steps is None:
            self._lamp.rest()
        else:
            self._step(steps)

    def _step(self, steps: Steps) -> None:
        step = next(steps, None)
        if step is not None:
            self._show(scaled(step[0], self.brightness))
            self._timer = self._loop.call_later(step[1], self._step, steps)

    def _show(self, colour: Colour) -> None:
        if self._lamp is None:
            return
        try:
            self._lamp.show(colour)
        except OSError as error:
            _log.warning("the status light fails and stays dark: %s", error)
            self._lamp = None

    def close(self) -> None:
        """Let the lamp be what it was before."""
        self.play(None)
        if self._lamp is not None:
            self._lamp.close()


def lamp(wanted: str, board: BoardDefinition, broker: Broker) -> Lamp | None:
    """Return the lamp of a name.

    Args:
        wanted: A pin's name on the board, the same after ``neopixel:``, a name under
            ``/sys/class/leds``, or empty.
        board: The board.
        broker: The way to its pins.

    Raises:
        DriveError: There is no such lamp.
    """
    if not wanted:
        return None
    kind, _, name = wanted.rpartition(":")
    pin = board.names.get(name) or board.pins.get(name)
    if kind == _NEOPIXEL:
        if pin is None:
            raise DriveError(
                f"cannot use {wanted!r} as the status light: the board {board.id!r} has no {name!r}",
                f"«cpcompat boards {board.id}» lists its pins.",
            )
        return PixelLamp(broker, pin)
    return KernelLamp(wanted) if pin is None else PinLamp(broker, pin)
