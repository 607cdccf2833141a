"""The identity of a pin: what a board's table names and every port is asked for."""

from __future__ import annotations


class Pin:
    """One pin of the chip. There is one object a pin; identity is equality.

    Not to be made by users: pins come from ``board`` and ``microcontroller.pin``.

    Attributes:
        name: The chip's name of it, ``"GPIO17"``.
        id: Its number on the chip's GPIO controller, or -1 when it has none.
        labels: The board's names of it in table order; the first is the one shown.
    """

    __slots__ = ("__weakref__", "id", "labels", "name")

    name: str
    id: int
    labels: tuple[str, ...]

    def __init__(self) -> None:
        raise TypeError("cannot create 'Pin' instances")

    __hash__ = object.__hash__

    @classmethod
    def make(cls, name: str, id: int, labels: tuple[str, ...] = ()) -> Pin:
        """Make the object of a pin; for whoever reads a board's table."""
        pin = object.__new__(cls)
        pin.name = name
        pin.id = id
        pin.labels = labels
        return pin

    @property
    def label(self) -> str:
        """The shortest name a user knows it by: ``"D17"``, else ``"GPIO27"``."""
        return self.labels[0] if self.labels else self.name

    def __repr__(self) -> str:
        return f"board.{self.labels[0]}" if self.labels else f"microcontroller.pin.{self.name}"
