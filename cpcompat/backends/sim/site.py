"""A part's place on a circuit: what it can do and see there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.backends.sim.uart_frames import Frame
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.part import UartPart
    from cpcompat.backends.sim.uart_wire import UartWire


class PartSite:
    """The `cpcompat.backends.sim.part.Site` of one part.

    Args:
        circuit: The circuit.
        name: The part's name, by which its drivers go.
        uart: The serial line that it sits on, if it does.
    """

    def __init__(self, circuit: Circuit, name: str, uart: UartWire | None = None) -> None:
        self._circuit = circuit
        self._name = name
        self._uart = uart

    def now_ns(self) -> int:
        """See `Site.now_ns`."""
        return self._circuit.now_ns()

    def at(self, time_ns: int, action: Callable[[], None]) -> None:
        """See `Site.at`."""
        self._circuit.at(time_ns, action)

    def drive(self, pin: str, level: bool | None) -> None:
        """See `Site.drive`."""
        self._circuit.drive(pin, level, self._name)

    def level(self, pin: str) -> bool:
        """See `Site.level`."""
        return self._circuit.level(pin)

    def watch(self, pin: str, action: Callable[[bool], None]) -> None:
        """See `Site.watch`."""
        self._circuit.watch(pin, action)

    def send(self, data: bytes) -> None:
        """See `Site.send`; framed 8N1 at the part's own rate."""
        if self._uart is None:
            raise CircuitError(f"{self._name!r} is not on a serial line")
        part: UartPart | None = self._uart.part
        self._uart.feed(data, Frame(part.baudrate) if part is not None else None)
