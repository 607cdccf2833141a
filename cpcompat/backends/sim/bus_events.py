"""What goes over a circuit's buses, as a list that people can read."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from cpcompat.backends.sim.records import I2cTraffic, SpiTraffic, UartTraffic

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit

Traffic: TypeAlias = I2cTraffic | SpiTraffic | UartTraffic
MOST_EVENTS = 100
"""The most that are told at once; of more, the last ones are, and the others counted."""
MOST_BYTES = 32
"""The most bytes of one message that are told; the size is told in any case."""


class _Counted(deque[Traffic]):
    """The last transfers, and how many there were."""

    seen = 0

    def append(self, record: Traffic) -> None:
        """Keep one more."""
        self.seen += 1
        super().append(record)


class Tap:
    """Counts what goes over the buses from now on until it is closed.

    A circuit keeps its last transfers in any case; only their number is new.

    Args:
        circuit: The circuit.

    Attributes:
        count: How many transfers there were.
    """

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._before = circuit.traffic
        self._kept = _Counted(circuit.traffic, circuit.traffic.maxlen)
        self._told = 0
        circuit.traffic = self._kept

    @property
    def count(self) -> int:
        """See the class."""
        return self._kept.seen

    def take(self) -> tuple[list[dict[str, Any]], int]:
        """Return what went over the buses since the last time, and how many more than that did."""
        fresh, self._told = self.count - self._told, self.count
        kept = min(fresh, MOST_EVENTS, len(self._kept))
        last = islice(self._kept, len(self._kept) - kept, None)
        return [event(record, self._circuit) for record in last], fresh - kept

    def close(self) -> None:
        """Count no more."""
        if self._circuit.traffic is self._kept:
            self._before.clear()
            self._before.extend(self._kept)
            self._circuit.traffic = self._before


def event(record: Traffic, circuit: Circuit) -> dict[str, Any]:
    """Return a transfer as the web page lists it.

    Args:
        record: The transfer.
        circuit: Knows the parts.
    """
    if isinstance(record, I2cTraffic):
        return _i2c(record, circuit)
    if isinstance(record, SpiTraffic):
        parts = circuit.spis[record.bus].parts
        named = [_name(circuit, parts.get(cs)) or cs for cs in record.selected]
        where = ", ".join(record.selected) or None
        told = {**_bytes("write", record.mosi), **_bytes("read", record.miso)}
        return _told(record.time_ns, f"SPI {record.bus}", where, ", ".join(named) or None, told)
    word = "write" if record.direction == "tx" else "read"
    told = {"write": None, "read": None, **_bytes(word, record.data)}
    part = _name(circuit, circuit.uarts[record.port].part)
    return _told(record.time_ns, f"UART {record.port}", None, part, told)


def _i2c(record: I2cTraffic, circuit: Circuit) -> dict[str, Any]:
    told: dict[str, Any] = {"write": None, "read": None}
    ok = True
    for message in record.messages:
        ok = ok and message.acked >= (0 if message.is_read else len(message.data))
        if message.acked >= 0:
            told.update(_bytes("read" if message.is_read else "write", message.data))
    part = _name(circuit, circuit.i2cs[record.bus].parts.get(record.address))
    return {**_told(record.time_ns, f"I2C {record.bus}", record.address, part, told), "ok": ok}


def _told(
    time_ns: int, bus: str, address: int | str | None, part: str | None, told: dict[str, Any]
) -> dict[str, Any]:
    return {"t_ns": time_ns, "bus": bus, "address": address, "part": part, "ok": True, **told}


def _bytes(word: str, data: bytes) -> dict[str, Any]:
    """Return bytes as hexadecimal digits, with their number where not all are there."""
    told: dict[str, Any] = {word: data[:MOST_BYTES].hex()}
    if len(data) > MOST_BYTES:
        told[f"{word}_size"] = len(data)
    return told


def _name(circuit: Circuit, part: object) -> str | None:
    return next((name for name, placed in circuit.parts.items() if placed.part is part), None)
