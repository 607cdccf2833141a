"""What of a circuit has knobs: its parts, and what people do at its pins by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from cpcompat.backends.sim.knobs import turn
from cpcompat.backends.sim.outside import BUTTON, TRACE
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit, PlacedPart
    from cpcompat.backends.sim.part import Channel, Image
    from cpcompat.hal.pin import Pin

_TYPES = {float: "number", int: "integer", bool: "bool", str: "text"}


class Shown(Protocol):
    """Something with knobs.

    Attributes:
        name: Its name.
        head: What never changes of it: ``name``, ``kind``, ``bus``, ``about``.
    """

    name: str
    head: dict[str, Any]

    def knobs(self) -> list[dict[str, Any]]:
        """Return its knobs as they are now."""
        ...

    def turn(self, knob: str, value: object) -> None:
        """Turn a knob.

        Raises:
            CircuitError: There is no such knob, or it cannot be turned there.
        """
        ...

    def image(self) -> Image | None:
        """Return what it shows, None for what is no display."""
        ...


class ShownPart:
    """A part of the circuit.

    Args:
        circuit: The circuit.
        placed: The part.
    """

    def __init__(self, circuit: Circuit, placed: PlacedPart) -> None:
        self._circuit = circuit
        self._part = placed.part
        self.name = placed.name
        kind = type(placed.part).__name__.lower()
        self.head = _head(placed.name, kind, placed.place, placed.part.about)

    def knobs(self) -> list[dict[str, Any]]:
        """See `Shown.knobs`."""
        channels = type(self._part).channels()
        return [_knob(channel, getattr(self._part, name)) for name, channel in channels.items()]

    def turn(self, knob: str, value: object) -> None:
        """See `Shown.turn`."""
        turn(self._circuit, self.name, knob, value)

    def image(self) -> Image | None:
        """See `Shown.image`."""
        return self._part.image()


class ShownButton:
    """A button between a pin and ground, or the supply where a resistor pulls the pin down.

    Args:
        circuit: The circuit.
        pin: The pin.
    """

    def __init__(self, circuit: Circuit, pin: Pin) -> None:
        self._circuit = circuit
        self._terminal = circuit.terminal(pin)
        self.name = pin.label
        self.head = _head(pin.label, "button", pin.name, "a button at this pin")

    def knobs(self) -> list[dict[str, Any]]:
        """See `Shown.knobs`."""
        pressed = BUTTON in self._terminal.drivers
        return [_row("pressed", "button", pressed, about="while it is held")]

    def turn(self, knob: str, value: object) -> None:
        """See `Shown.turn`."""
        if knob != "pressed" or not isinstance(value, bool):
            raise CircuitError(f"{knob} = {value!r} is not pressed = true or false")
        if value:
            self._circuit.press(self._terminal.name, to=self._terminal.resistor < 0)
        else:
            self._circuit.release(self._terminal.name)

    def image(self) -> Image | None:
        """See `Shown.image`."""
        return None


class ShownVolts:
    """The voltages at the board's analog inputs.

    Args:
        circuit: The circuit.
    """

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._pins = {pin.label: circuit.terminal(pin) for pin in circuit.board.analog_inputs}
        self.name = "analog inputs"
        self.head = _head(self.name, "voltages", None, "what lies at the analog inputs")

    def knobs(self) -> list[dict[str, Any]]:
        """See `Shown.knobs`."""
        most = self._circuit.board.analog_reference_v
        return [
            _row(label, "number", terminal.volts or 0.0, unit="V", low=0.0, high=most, step=0.01)
            for label, terminal in self._pins.items()
        ]

    def turn(self, knob: str, value: object) -> None:
        """See `Shown.turn`."""
        most = self._circuit.board.analog_reference_v
        if knob not in self._pins:
            raise CircuitError(f"no input {knob!r}", f"There are: {', '.join(self._pins)}.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise CircuitError(f"{knob} = {value!r} is not a number from 0 to {most:g} V")
        self._circuit.set_volts(self._pins[knob].name, float(value))

    def image(self) -> Image | None:
        """See `Shown.image`."""
        return None


def shown(circuit: Circuit) -> list[Shown]:
    """Return what has knobs on a circuit: parts first; none has another's name."""
    found: list[Shown] = [ShownPart(circuit, placed) for placed in circuit.parts.values()]
    found += [ShownButton(circuit, pin) for pin in _buttons(circuit)]
    if circuit.board.analog_inputs:
        found.append(ShownVolts(circuit))
    return list({one.name: one for one in reversed(found)}.values())[::-1]


def _buttons(circuit: Circuit) -> list[Pin]:
    """Return the pins at which a person may press: the board's button, and those with a resistor."""
    board = circuit.board
    taken = {pin.name for bus in board.i2c for pin in (bus.scl, bus.sda)}
    taken |= {pin.name for pin in board.analog_inputs}
    taken |= {cs for wire in circuit.spis.values() for cs in wire.parts}
    return [
        pin
        for pin in board.pins.values()
        if pin.name not in taken
        and (
            "BUTTON" in pin.labels
            or circuit.terminal(pin).resistor
            or TRACE in circuit.terminal(pin).drivers
        )
    ]


def _head(name: str, kind: str, place: str | None, about: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "bus": place, "about": about}


def _knob(channel: Channel, value: object) -> dict[str, Any]:
    kind = "choice" if channel.choices else _TYPES[type(channel.default)]
    step = _step(channel.low, channel.high) if kind == "number" else None
    return _row(
        channel.name,
        kind,
        value,
        unit=channel.unit or None,
        low=channel.low,
        high=channel.high,
        step=1.0 if kind == "integer" else step,
        choices=list(channel.choices) or None,
        about=channel.about or None,
    )


def _row(
    name: str,
    kind: str,
    value: object,
    *,
    unit: str | None = None,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    choices: list[str] | None = None,
    about: str | None = None,
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "value": value,
        "unit": unit,
        "min": low,
        "max": high,
        "step": step,
        "choices": choices,
        "about": about,
    }


def _step(low: float | None, high: float | None) -> float | None:
    """Return a power of ten by which a slider crosses its range in some hundred steps."""
    if low is None or high is None or high <= low:
        return None
    return float(10.0 ** math.floor(math.log10((high - low) / 300)))
