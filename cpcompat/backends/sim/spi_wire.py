"""An SPI bus of the circuit: who is selected, and whether clock and mode suit it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cpcompat.backends.sim.records import SpiTraffic
from cpcompat.errors import CircuitError
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Pull

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.part import SpiPart
    from cpcompat.board.definition import SpiPins
    from cpcompat.hal.pin import Pin

_log = logging.getLogger(__name__)


class _Selectable:
    """A part with its chip select."""

    def __init__(self, part: SpiPart, cs: str) -> None:
        self.part = part
        self.cs = cs
        self.selected = False

    def change(self, level: bool) -> None:
        """Hear the level of the chip select."""
        if self.selected == level:
            self.selected = not level
            if level:
                self.part.deselect()
            else:
                self.part.select()


class SpiWire:
    """One SPI bus with its parts.

    Attributes:
        number: The bus's number on the board.
    """

    def __init__(self, circuit: Circuit, pins: SpiPins) -> None:
        self._circuit = circuit
        self.number = pins.bus
        self._mosi = circuit.terminal(pins.mosi)
        self._miso = circuit.terminal(pins.miso)
        self._parts: list[_Selectable] = []

    def add(self, part: SpiPart, cs: str | Pin) -> None:
        """Put a part on the bus; its chip select gets a pull-up, as boards have one.

        Raises:
            CircuitError: Another part of the bus has that chip select.
        """
        terminal = self._circuit.terminal(cs)
        for other in self._parts:
            if other.cs == terminal.name:
                kind = type(other.part).__name__
                raise CircuitError(f"chip select {terminal.name!r} is taken by {kind}")
        placed = _Selectable(part, terminal.name)
        self._parts.append(placed)
        self._circuit.pull(terminal.name, Pull.UP)
        self._circuit.watch(terminal.name, placed.change)
        placed.change(self._circuit.level(terminal.name))

    @property
    def parts(self) -> dict[str, SpiPart]:
        """The parts by their chip selects."""
        return {placed.cs: placed.part for placed in self._parts}

    def transfer(self, baudrate_hz: int, mode: int, mosi: bytes) -> bytes:
        """Clock bytes out and as many in, and let their wire time pass.

        Args:
            baudrate_hz: The clock.
            mode: 0 to 3.
            mosi: The bytes to send.

        Returns:
            What MISO brought: the selected part's answer, or the line's level when there is none.

        Raises:
            HalError: BROKEN when the part failed.
        """
        circuit = self._circuit
        circuit.advance()
        with circuit.lock:
            time_ns = circuit.now_ns()
            asked = [p for p in self._parts if p.selected]
            answers = [self._ask(p, baudrate_hz, mode, mosi) for p in asked]
            miso = self._join(answers, mosi)
            selected = tuple([p.cs for p in asked])
            circuit.traffic.append(SpiTraffic(time_ns, self.number, mosi, miso, selected))
            if circuit.recorder is not None:
                circuit.recorder.spi(time_ns, self.number, baudrate_hz, mode, mosi, miso)
            circuit.spend(len(mosi) * 8_000_000_000 // baudrate_hz)
        return miso

    def _join(self, answers: list[bytes], mosi: bytes) -> bytes:
        """Return what is on MISO when these parts answer at the same time."""
        if self._miso.net is self._mosi.net:
            answers = [*answers, mosi]
        if not answers:
            return (b"\xff" if self._miso.net.level else b"\x00") * len(mosi)
        if len(answers) > 1:
            who = " and ".join(p.cs for p in self._parts if p.selected)
            self._circuit.fault(f"spi{self.number}", f"more than one drives MISO: selected {who}")
        joined = answers[0]
        for other in answers[1:]:
            joined = bytes(a & b for a, b in zip(joined, other, strict=True))
        return joined

    def _ask(self, placed: _Selectable, baudrate_hz: int, mode: int, mosi: bytes) -> bytes:
        part = placed.part
        wrong = mode not in part.modes or baudrate_hz > part.max_hz
        if wrong:
            self._complain(placed, baudrate_hz, mode)
            mosi = _slipped(mosi)
        try:
            miso = part.exchange(mosi)
            if len(miso) != len(mosi):
                raise ValueError(f"exchange() of {len(mosi)} bytes returned {len(miso)}")
        except Exception as error:
            raise self._failed(placed, error) from error
        return _slipped(miso) if wrong else miso

    def _complain(self, placed: _Selectable, baudrate_hz: int, mode: int) -> None:
        part, kind = placed.part, type(placed.part).__name__
        where = f"spi{self.number} chip select {placed.cs}"
        if mode not in part.modes:
            modes = " and ".join(map(str, part.modes))
            self._circuit.fault(where, f"{kind} works in mode {modes} and was clocked in {mode}")
        if baudrate_hz > part.max_hz:
            self._circuit.fault(
                where, f"{kind} follows {part.max_hz} Hz at most and was clocked at {baudrate_hz}"
            )

    def _failed(self, placed: _Selectable, error: Exception) -> HalError:
        where = f"spi{self.number} chip select {placed.cs}"
        kind = type(placed.part).__name__
        _log.error("%s: the simulated part failed", where, exc_info=error)
        self._circuit.fault(where, f"{kind} raised {type(error).__name__}: {error}")
        cure = f"The simulated part {kind} raised {type(error).__name__}: {error}."
        return HalError(Fault.BROKEN, where, cure)


def _slipped(data: bytes) -> bytes:
    """Return what is read when each bit is sampled one clock late: everything moves by a bit."""
    return (int.from_bytes(data, "big") >> 1).to_bytes(len(data), "big")
