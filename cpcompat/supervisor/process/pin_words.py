"""What a pin is at the moment, in the words of the web page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition

_FUNCTIONS = {
    "DigitalInOut": "digital",
    "PWMOut": "PWM",
    "AnalogIn": "analog in",
    "AnalogOut": "analog out",
}
_BUSES = ("I2C", "SPI", "UART")


class PinWords:
    """Puts together what the hardware and the program's claims tell of a pin.

    Args:
        board: Knows which pin is which wire of a bus.
    """

    def __init__(self, board: BoardDefinition) -> None:
        wires: dict[tuple[str, str], str] = {}
        for i2c in board.i2c:
            wires |= {("I2C", i2c.scl.name): "SCL", ("I2C", i2c.sda.name): "SDA"}
        for spi in board.spi:
            wires |= {("SPI", spi.clock.name): "SCK", ("SPI", spi.mosi.name): "MOSI"}
            wires[("SPI", spi.miso.name)] = "MISO"
        for uart in board.uart:
            wires |= {("UART", uart.tx.name): "TX", ("UART", uart.rx.name): "RX"}
        self._wires = wires

    def of(self, pin: str, hardware: Mapping[str, Any], holder: str | None) -> dict[str, Any]:
        """Return a pin's state: ``function``, ``direction``, ``level``, ``pull``, ``holder``.

        Args:
            pin: The chip's name of it.
            hardware: What the backend tells of it; see `cpcompat.hal.viewing`.
            holder: What of the program holds it, ``"busio.I2C, code.py:3"``, or None.
        """
        function = hardware.get("function")
        if holder:
            function = self._function(pin, holder) or function
        direction = hardware.get("direction")
        plain = function == "digital" if holder else function is None and direction == "output"
        return {
            "function": function,
            "direction": direction if plain else None,
            "level": hardware.get("level"),
            "pull": hardware.get("pull") if direction == "input" else None,
            "holder": holder or hardware.get("holder"),
        }

    def _function(self, pin: str, holder: str) -> str:
        kind = holder.partition(",")[0].rpartition(".")[2]
        if kind in _BUSES:
            return f"{kind} {self._wires.get((kind, pin), '')}".strip()
        return _FUNCTIONS.get(kind, kind)
