"""Colours of the rainbow."""

from __future__ import annotations

__all__ = ["colorwheel"]


def colorwheel(n: float) -> int:
    """Return a fully saturated colour as 0xRRGGBB.

    Args:
        n: The hue: 0 red, 85 green, 170 blue, 256 red again; it goes round.
    """
    place = float(n) % 256
    third = min(int(place // 85), 2)
    rising = min(int((place - third * 85) * 3), 255)
    falling = 255 - rising
    if third == 0:
        return falling << 16 | rising << 8
    if third == 1:
        return falling << 8 | rising
    return rising << 16 | falling
