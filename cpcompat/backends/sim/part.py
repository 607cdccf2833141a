"""What a simulated part is: the classes that a part's author derives from.

A part is told whole transactions, answers with bytes, and has *channels*: the quantities of the
world around it, in engineering units, that a circuit file, a test or a person sets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from collections.abc import Callable


_LARGEST = 2**63


class Site(Protocol):
    """Where a part sits: its clock, and the wires that lead away from it."""

    def now_ns(self) -> int:
        """Return the circuit's time in nanoseconds."""
        ...

    def at(self, time_ns: int, action: Callable[[], None]) -> None:
        """Have something done at a time to come (at once if it has passed)."""
        ...

    def drive(self, pin: str, level: bool | None) -> None:
        """Drive the net at a pin of the board from this part's side; None lets it float."""
        ...

    def level(self, pin: str) -> bool:
        """Return the level now at a pin of the board."""
        ...

    def watch(self, pin: str, action: Callable[[bool], None]) -> None:
        """Have ``action`` called with the new level whenever the net at that pin changes."""
        ...

    def send(self, data: bytes) -> None:
        """For a part on a UART: put bytes on the board's RX line, after those before them."""
        ...


class Channel:
    """A quantity of the world around a part, as a class attribute of the part.

    Reading and writing the attribute on a part reads and turns the knob.

    Args:
        default: The value at first; its type (float, int, bool or str) is the channel's type.
        low: The least value it can have, for numbers.
        high: The greatest.
        unit: The unit, as people write it: ``"°C"``.
        choices: The legal values, for a text.
        about: What it is, in a few words.
    """

    def __init__(
        self,
        default: float | bool | str,
        *,
        low: float | None = None,
        high: float | None = None,
        unit: str = "",
        choices: tuple[str, ...] = (),
        about: str = "",
    ) -> None:
        self.default = default
        self.low = low
        self.high = high
        self.unit = unit
        self.choices = choices
        self.about = about
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, part: Part | None, owner: type | None = None) -> Any:
        if part is None:
            return self
        return part.values.get(self.name, self.default)

    def __set__(self, part: Part, value: object) -> None:
        part.values[self.name] = self.checked(value)
        part.turned(self.name)

    def checked(self, value: object) -> float | bool | str:
        """Return the value as this channel's type.

        Raises:
            CircuitError: It is of another type or outside the range; the message names both.
        """
        legal = self.legal()
        kind = type(self.default)
        if kind is float and type(value) is int and abs(value) < _LARGEST:
            value = float(value)
        if type(value) is not kind:
            raise CircuitError(f"{self.name} = {value!r} is not {legal}")
        if isinstance(value, str) and self.choices and value not in self.choices:
            raise CircuitError(f"{self.name} = {value!r} is not {legal}")
        if isinstance(value, int | float) and not self._in_range(value):
            raise CircuitError(f"{self.name} = {value!r} is not {legal}")
        return value

    def _in_range(self, value: float) -> bool:
        # What is no number at all is in no range, not even in one without an end.
        return (
            (self.low is None or value >= self.low)
            and (self.high is None or value <= self.high)
            and -_LARGEST < value < _LARGEST
        )

    def legal(self) -> str:
        """Return the legal values in words: ``"a number from -40 to 85 °C"``."""
        if self.choices:
            return "one of " + ", ".join(repr(choice) for choice in self.choices)
        word = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}
        words = [word[type(self.default)]]
        if self.low is not None:
            words.append(f"from {self.low:g}")
        if self.high is not None:
            words.append(f"to {self.high:g}")
        if self.unit:
            words.append(self.unit)
        return " ".join(words)


class Part:
    """A simulated part. Derive from `I2cPart`, `SpiPart`, `UartPart` or `PixelPart`.

    Options that a circuit file may give (pin names, sizes) are keyword arguments of ``__init__``.

    Attributes:
        about: One line for lists of parts.
        values: The channels that have been set.
        site: Where it sits; given by `attach` before the first transaction.
    """

    about: ClassVar[str] = ""
    site: Site

    def __init__(self) -> None:
        self.values: dict[str, float | bool | str] = {}

    def attach(self, site: Site) -> None:
        """Power the part up at its place. A part that has pins of its own asks the site for them."""
        self.site = site

    def turned(self, channel: str) -> None:
        """Hear that somebody turned a knob. A part that reacts to it at once overrides this."""

    @classmethod
    def channels(cls) -> dict[str, Channel]:
        """Return the part's channels by name, in the order of the class."""
        found: dict[str, Channel] = {}
        for owner in reversed(cls.__mro__):
            found.update((k, v) for k, v in vars(owner).items() if isinstance(v, Channel))
        return found

    def image(self) -> Image | None:
        """Return what a display shows, or None for a part that is none."""
        return None


class Image:
    """A picture, row by row from the top left.

    Attributes:
        width: In pixels.
        height: In pixels.
        mode: ``"L"``: one byte a pixel, 0 black to 255 white; ``"RGB"``: three bytes a pixel.
        data: The bytes.
    """

    __slots__ = ("data", "height", "mode", "width")

    def __init__(self, width: int, height: int, mode: str, data: bytes) -> None:
        self.width = width
        self.height = height
        self.mode = mode
        self.data = data


class I2cPart(Part):
    """A part on an I2C bus.

    Attributes:
        addresses: The 7-bit addresses it can be set to, the usual one first.
        address: The one it has.
    """

    addresses: ClassVar[tuple[int, ...]] = ()
    address: int = 0

    def write(self, data: bytes) -> int:
        """Take the bytes of one write message (after START or repeated START and the address).

        Returns:
            How many were acknowledged; fewer than all of them is a NAK on the next one, and -1
            is a NAK on the address itself (a part that is busy).
        """
        raise NotImplementedError

    def read(self, length: int) -> bytes:
        """Return exactly ``length`` bytes for one read message.

        No byte at all is a NAK on the address (a part that is busy).
        """
        raise NotImplementedError

    def stop(self) -> None:
        """Hear the STOP condition that ends the transaction."""


class SpiPart(Part):
    """A part on an SPI bus with an active-low chip select.

    Attributes:
        modes: The SPI modes that it works in.
        max_hz: The fastest clock that it follows.
    """

    modes: ClassVar[tuple[int, ...]] = (0,)
    max_hz: ClassVar[int] = 10_000_000

    def select(self) -> None:
        """Hear chip select go low."""

    def exchange(self, data: bytes) -> bytes:
        """Take what MOSI brings; return as many bytes for MISO."""
        raise NotImplementedError

    def deselect(self) -> None:
        """Hear chip select go high."""


class PixelPart(Part):
    """A chain of pixels at a pin."""

    def receive(self, data: bytes) -> None:
        """Take the bytes between two pauses of the line."""


class UartPart(Part):
    """A part at the other end of the board's UART. It talks by ``self.site.send``.

    Attributes:
        baudrate: The rate that it talks at; at another one the board reads rubbish.
    """

    baudrate: int = 9600

    def receive(self, data: bytes) -> None:
        """Take what the board sends."""
