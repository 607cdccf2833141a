"""Serial frames bit by bit: what a receiver makes of what a sender puts on the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cpcompat.hal.uart import Parity


class Frame(NamedTuple):
    """How a byte is put on a serial line.

    Attributes:
        baudrate: Bits a second.
        bits: Data bits.
        parity: The parity bit.
        stop: Stop bits.
    """

    baudrate: int
    bits: int = 8
    parity: Parity = "none"
    stop: int = 1

    def length(self) -> int:
        """Return how many bit times a byte takes."""
        return 1 + self.bits + (self.parity != "none") + self.stop

    def duration_ns(self, count: int) -> int:
        """Return how long so many bytes take that follow each other."""
        return count * self.length() * 1_000_000_000 // self.baudrate

    def suits(self, other: Frame) -> bool:
        """Tell whether two ends understand each other: one shape, and clocks within 2 %."""
        if self.bits != other.bits or self.parity != other.parity:
            return False
        return abs(self.baudrate - other.baudrate) * 50 <= other.baudrate


class Heard(NamedTuple):
    """A byte as a receiver took it.

    Attributes:
        offset_ns: When it was complete, from the start of the transmission.
        value: The byte.
        bad: Its stop bit was low, or its parity wrong.
    """

    offset_ns: int
    value: int
    bad: bool


def hear(data: bytes, sender: Frame, receiver: Frame) -> list[Heard]:
    """Return what a receiver hears when a sender sends without gaps.

    Where the frames do not suit each other, the line is sampled as a UART does it: from each
    falling edge, in the middle of each bit by the receiver's own clock. So the rubbish is the
    rubbish that a real port reads, and the same each time.
    """
    if sender.suits(receiver):
        mask = (1 << sender.bits) - 1
        return [Heard(sender.duration_ns(i + 1), x & mask, False) for i, x in enumerate(data)]
    line = [level for value in data for level in _line_levels(value, sender)]
    return _sample(line, 1e9 / sender.baudrate, receiver)


def _line_levels(value: int, frame: Frame) -> list[int]:
    data = [value >> i & 1 for i in range(frame.bits)]
    parity = [] if frame.parity == "none" else [sum(data) % 2 ^ (frame.parity == "odd")]
    return [0, *data, *parity, *[1] * frame.stop]


def _sample(line: list[int], line_ns: float, frame: Frame) -> list[Heard]:
    """Sample a line (one level each ``line_ns``, high before and after) as a UART does."""
    step_ns = 1e9 / frame.baudrate
    heard: list[Heard] = []

    def level(time_ns: float) -> int:
        index = int(time_ns // line_ns)
        return line[index] if index < len(line) else 1

    place = 0
    while (place := _falling(line, place)) < len(line):
        start_ns = place * line_ns
        bits = [level(start_ns + (1.5 + i) * step_ns) for i in range(frame.bits)]
        end = 1.5 + frame.bits
        bad = False
        if frame.parity != "none":
            bad = level(start_ns + end * step_ns) != sum(bits) % 2 ^ (frame.parity == "odd")
            end += 1
        stop_ns = start_ns + end * step_ns
        value = sum(bit << i for i, bit in enumerate(bits))
        heard.append(Heard(round(stop_ns), value, bad or not level(stop_ns)))
        place = int(stop_ns // line_ns) + 1
    return heard


def _falling(line: list[int], first: int) -> int:
    """Return the index of the first low level after a high one, from an index on."""
    for place in range(first, len(line)):
        if not line[place] and (place == 0 or line[place - 1]):
            return place
    return len(line)
