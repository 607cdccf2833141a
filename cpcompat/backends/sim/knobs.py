"""The knobs of a circuit: the channels of its parts, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit
    from cpcompat.backends.sim.part import Part


def part_named(circuit: Circuit, name: str) -> Part:
    """Return a part of a circuit.

    Raises:
        CircuitError: There is none of that name; the note lists those that there are.
    """
    placed = circuit.parts.get(name)
    if placed is None:
        legal = ", ".join(circuit.parts) or "none"
        raise CircuitError(f"no part {name!r}", f"The circuit has: {legal}.")
    return placed.part


def turn(circuit: Circuit, name: str, channel: str, value: object) -> None:
    """Turn a knob.

    Args:
        circuit: The circuit.
        name: The part's name on it.
        channel: The part's channel.
        value: The new value.

    Raises:
        CircuitError: There is no such part or channel, or the channel cannot have that value.
    """
    part = part_named(circuit, name)
    channels = type(part).channels()
    if channel not in channels:
        legal = ", ".join(channels) or "none"
        raise CircuitError(f"{name!r} has no channel {channel!r}", f"It has: {legal}.")
    setattr(part, channel, value)
