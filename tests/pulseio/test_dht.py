"""A DHT22 is read by Adafruit's driver, unmodified, on a simulated board and virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat import board, hal

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit

pytestmark = [pytest.mark.feature("pulseio"), pytest.mark.simulated]
US, MS = 1_000, 1_000_000


class Dht22:
    """A DHT22 at D5: asked by a millisecond of low, it answers with 40 bits by the lengths of its highs.

    Source: Aosong's AM2302 data sheet, «Communication and signal».
    """

    def __init__(self, circuit: Circuit, humidity: int, temperature: int) -> None:
        self._circuit = circuit
        self._low_ns = 0
        data = humidity.to_bytes(2, "big") + temperature.to_bytes(2, "big")
        self._bits = f"{int.from_bytes(data + bytes([sum(data) % 256])):040b}"
        circuit.pull("D5", hal.gpio.Pull.UP)
        circuit.watch("D5", self._changed)

    def _changed(self, level: bool) -> None:
        now_ns = self._circuit.now_ns()
        if not level:
            self._low_ns = now_ns
        elif now_ns - self._low_ns >= MS:
            lengths = [80, 80]
            for bit in self._bits:
                lengths += [50, 70 if bit == "1" else 26]
            self._answer(now_ns + 30 * US, [*lengths, 50])

    def _answer(self, at_ns: int, lengths_us: list[int]) -> None:
        steps: list[tuple[int, bool | None]] = []
        for number, length_us in enumerate(lengths_us):
            steps.append((at_ns, None if number % 2 else False))
            at_ns += length_us * US
        self._circuit.input_trace({"D5": [*steps, (at_ns, None)]})


def test_the_driver_reads_temperature_and_humidity(circuit: Circuit) -> None:
    """By PulseIn: the sensor is asked by a trigger, and its bits are the lengths of its pulses."""
    import adafruit_dht

    Dht22(circuit, 652, 351)
    sensor = adafruit_dht.DHT22(board.D5, use_pulseio=True)
    assert (sensor.humidity, sensor.temperature) == (65.2, 35.1)
    sensor.exit()
    assert hal.machine().claims.holder(board.D5) is None
