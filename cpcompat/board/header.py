"""The header of a board as people see it: two rows of pins, and what lies beside them. Pure.

Source: the pinout of the Raspberry Pi's 40-pin and 26-pin headers in its documentation
(``documentation/computers/raspberry-pi.html``, GPIO and the 40-pin header).
"""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any

    from cpcompat.board.definition import BoardDefinition

_REV2 = (
    "3V3 GPIO2 GPIO3 GPIO4 GND GPIO17 GPIO27 GPIO22 3V3 GPIO10 GPIO9 GPIO11 GND",
    "5V 5V GND GPIO14 GPIO15 GPIO18 GND GPIO23 GPIO24 GND GPIO25 GPIO8 GPIO7",
)
_REV1 = (
    "3V3 GPIO0 GPIO1 GPIO4 GND GPIO17 GPIO21 GPIO22 3V3 GPIO10 GPIO9 GPIO11 GND",
    _REV2[1],
)
HEADERS = {
    "raspberry-pi-26-rev1": _REV1,
    "raspberry-pi-26-rev2": _REV2,
    "raspberry-pi-40": (
        f"{_REV2[0]} GPIO0 GPIO5 GPIO6 GPIO13 GPIO19 GPIO26 GND",
        f"{_REV2[1]} GPIO1 GND GPIO12 GND GPIO16 GPIO20 GPIO21",
    ),
}
"""The usual ones: the odd pins from pin 1 on, and the even ones."""


def rows(board: BoardDefinition) -> list[list[dict[str, Any]]]:
    """Return a board's pins in rows of cells.

    Rows of two are the header, from pin 1 on; then each pin that is not on it has a row of its own. A
    cell has ``label``, ``names`` (the board's names), ``pin`` (the chip's name, or None) and ``kind``:
    ``"gpio"``, ``"ground"`` or ``"power"``.
    """
    found = [[_cell(board, label) for label in row] for row in _layout(board.header)]
    there = {cell["pin"] for row in found for cell in row}
    return found + [[_cell(board, name)] for name in board.pins if name not in there]


def _layout(header: object) -> list[list[str]]:
    """Return the labels of each row; of what is none, nothing."""
    if isinstance(header, str):
        odd, even = HEADERS.get(header, ("", ""))
        return [list(pair) for pair in zip(odd.split(), even.split(), strict=True)]
    given = header if isinstance(header, list | tuple) else []
    return [[str(label) for label in row] for row in given if isinstance(row, list | tuple)]


def _cell(board: BoardDefinition, label: str) -> dict[str, Any]:
    pin = board.pins.get(label) or board.names.get(label)
    if pin is not None:
        return {"label": label, "names": list(pin.labels), "pin": pin.name, "kind": "gpio"}
    kind = "ground" if label == "GND" else "power"
    return {"label": label, "names": [], "pin": None, "kind": kind}
