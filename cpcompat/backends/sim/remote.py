"""The way of a supervised program to the circuit's own process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cpcompat.backends.sim import wire_format as wire
from cpcompat.backends.sim.connection import Connection
from cpcompat.backends.sim.page import DONE_POSTS, NOW_NS
from cpcompat.backends.sim.remote_ports import (
    RemoteAnalog,
    RemoteEdges,
    RemoteI2c,
    RemoteLine,
    RemotePixels,
    RemotePwm,
    RemoteSpi,
    RemoteUart,
)
from cpcompat.hal.background import Chores
from cpcompat.hal.clock import RealClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.board.definition import BoardDefinition, I2cPins, SpiPins, UartPins
    from cpcompat.hal.clock import Clock
    from cpcompat.hal.pin import Pin


class RemoteVirtualClock:
    """The virtual clock, which is the circuit's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ask = connection.ask
        self._chores = Chores()

    def now_ns(self) -> int:
        """See `Clock.now_ns`: on the page, while nothing is under way that could take time."""
        numbers = self._connection.numbers
        if numbers[DONE_POSTS] == self._connection.posts:
            return numbers[NOW_NS]
        return int(wire.NUMBER.unpack(self._ask(wire.NOW))[0])

    def sleep_ns(self, duration_ns: int) -> None:
        """See `Clock.sleep_ns`."""
        self._chores.pass_until(self.now_ns() + duration_ns, self._sleep_until)

    def _sleep_until(self, target_ns: int) -> None:
        self._ask(wire.SLEEP, 0, wire.NUMBER.pack(max(target_ns - self.now_ns(), 0)))

    def each(self, interval_ns: int, work: Callable[[], object]) -> Callable[[], None]:
        """See `Clock`."""
        return self._chores.each(self.now_ns(), interval_ns, work)


class RemoteBackend:
    """See `cpcompat.hal.backend.Backend`.

    Args:
        connection: The way to the circuit.
        start_ns: When the board's clock began, on the host's monotonic clock; None for a circuit
            on virtual time.
    """

    def __init__(self, connection: Connection, start_ns: int | None) -> None:
        self._connection = connection
        self._virtual = start_ns is None
        self._start_ns = start_ns
        self.clock: Clock = (
            RemoteVirtualClock(connection) if start_ns is None else RealClock(start_ns)
        )

    def line(self, pin: Pin) -> RemoteLine:
        """See `Backend.line`."""
        return RemoteLine(self._connection, pin.name, self._start_ns)

    def edges(
        self, pin: Pin, pull: Any, rising: bool, falling: bool, debounce_ns: int
    ) -> RemoteEdges:
        """See `Backend.edges`."""
        number = wire.PULLS.index(pull)
        return RemoteEdges(
            self._connection, "edges", pin.name, number, rising, falling, debounce_ns
        )

    def i2c(self, pins: I2cPins, frequency_hz: int) -> RemoteI2c:
        """See `Backend.i2c`."""
        return RemoteI2c(self._connection, "i2c", pins.bus, frequency_hz)

    def spi(self, pins: SpiPins) -> RemoteSpi:
        """See `Backend.spi`."""
        return RemoteSpi(self._connection, "spi", pins.bus)

    def uart(self, pins: UartPins) -> RemoteUart:
        """See `Backend.uart`."""
        return RemoteUart(self._connection, self._virtual, pins.port)

    def pwm(self, pin: Pin) -> RemotePwm:
        """See `Backend.pwm`."""
        return RemotePwm(self._connection, "pwm", pin.name)

    def pixels(self, pin: Pin) -> RemotePixels:
        """See `Backend.pixels`."""
        return RemotePixels(self._connection, "pixels", pin.name)

    def analog_input(self, pin: Pin) -> RemoteAnalog:
        """See `Backend.analog_input`."""
        return RemoteAnalog(self._connection, "input", pin.name)

    def analog_output(self, pin: Pin) -> RemoteAnalog:
        """See `Backend.analog_output`."""
        return RemoteAnalog(self._connection, "output", pin.name)

    def cpu_temperature_c(self) -> float | None:
        """See `Backend.cpu_temperature_c`."""
        value: float | None = json.loads(self._connection.ask(wire.TEMPERATURE))
        return value

    def cpu_voltage_v(self) -> float | None:
        """See `Backend`."""
        value: float | None = json.loads(self._connection.ask(wire.VOLTAGE))
        return value

    def uid(self) -> bytes:
        """See `Backend.uid`; every simulated board is the same one."""
        return b"cpcmpsim"

    def close(self) -> None:
        """See `Backend.close`."""
        self._connection.close()


def attach(board: BoardDefinition, grant: str, descriptors: list[int]) -> RemoteBackend:
    """See `cpcompat.hal.backend.BackendModule.attach`."""
    said = json.loads(grant)
    start_ns = None if said["virtual"] else said["start_ns"]
    return RemoteBackend(Connection(descriptors, board), start_ns)
