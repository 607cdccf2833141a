"""MCP3008, Microchip: an analog-to-digital converter of 10 bits and 8 channels, on SPI.

Source: Microchip MCP3004/3008 data sheet, DS21295D: the output code in section 4.2, the serial
communication in 5.0 with table 5-2 and figures 5-1 and 5-2, use with microcontrollers in 6.1.
"""

from __future__ import annotations

from typing import Final

from cpcompat.backends.sim.part import Channel, SpiPart

_BITS: Final = 10
_FULL: Final = 1 << _BITS
_CHANNELS: Final = tuple(f"ch{number}" for number in range(8))


def _input(number: int) -> Channel:
    return Channel(0.0, low=-0.6, high=6.1, unit="V", about=f"at input CH{number}")


class Mcp3008(SpiPart):
    """An MCP3008. Between bytes of 8 the start bit may stand anywhere, as on the chip."""

    about = "8 analog inputs, 10 bits"
    modes = (0, 3)
    max_hz = 3_600_000

    ch0 = _input(0)
    ch1 = _input(1)
    ch2 = _input(2)
    ch3 = _input(3)
    ch4 = _input(4)
    ch5 = _input(5)
    ch6 = _input(6)
    ch7 = _input(7)
    vref = Channel(3.3, low=0.25, high=5.5, unit="V", about="the reference: what reads as full")

    def __init__(self) -> None:
        super().__init__()
        self._command: int | None = None
        self._output: list[int] = []

    def select(self) -> None:
        """Begin: wait for a start bit."""
        self._command = None
        self._output = []

    def exchange(self, data: bytes) -> bytes:
        """Take and give bit by bit; zeros stand for a data line that nobody drives."""
        answer = bytearray()
        for byte in data:
            out = 0
            for shift in range(7, -1, -1):
                out = out << 1 | self._clock(byte >> shift & 1)
            answer.append(out)
        return bytes(answer)

    def _clock(self, bit: int) -> int:
        """Go through one clock: take a bit, return one."""
        if self._output:
            return self._output.pop()
        if self._command is None:
            if bit:
                self._command = 1
        elif self._command < 0b1_0000:
            self._command = self._command << 1 | bit
            if self._command >= 0b1_0000:
                self._output = self._answer(self._command & 0xF)
        return 0

    def _answer(self, command: int) -> list[int]:
        """Return the bits that follow the last control bit, the last one first (figure 5-1)."""
        code = self._convert(command)
        forth = [code >> i & 1 for i in range(_BITS - 1, -1, -1)]
        back = [code >> i & 1 for i in range(1, _BITS)]
        # One clock to end the sample, then the null bit; most significant bit first, then again
        # with the least significant first, then zeros.
        return [0, 0, *forth, *back][::-1]

    def _convert(self, command: int) -> int:
        """Return the code for the four bits single, D2, D1, D0 (table 5-2, equation 4-2)."""
        first = command & 7
        volts: float = getattr(self, _CHANNELS[first])
        if not command & 8:
            volts -= getattr(self, _CHANNELS[first ^ 1])
        return max(0, min(int(_FULL * volts / self.vref), _FULL - 1))
