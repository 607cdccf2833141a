"""What this runtime says it is: the release it is compatible with, its day, and the banner.

Tools parse the banner: circup takes the third word before the semicolon from the end as the
version, Thonny looks for «circuitpython» in it.
"""

from __future__ import annotations

RELEASE = "10.3.1"
"""The release of CircuitPython whose behaviour this is."""
RELEASE_TUPLE = (10, 3, 1, "")
BUILD_DATE = "2026-11-24"


def banner(board: str, chip: str) -> str:
    """Return the line that tells version, day, board and chip.

    Args:
        board: The board's name for people.
        chip: The chip's name.
    """
    return f"cpcompat, CircuitPython-compatible {RELEASE} on {BUILD_DATE}; {board} with {chip}"
