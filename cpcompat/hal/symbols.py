"""Named constants: what `enum` would give, without the 5 ms that importing it takes on a Pi-class board."""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Self


class Symbol:
    """One of a few named constants, a singleton compared by identity.

    A subclass annotates its members and then calls `define`.

    Attributes:
        name: The constant's name in its class.
        value: What it is called in messages.
    """

    __slots__ = ("name", "value")
    name: str
    value: str

    def __init__(self) -> None:
        raise TypeError(f"cannot create '{type(self).__name__}' instances")

    @classmethod
    def define(cls, **values: str) -> None:
        """Make the members, once, right after the class."""
        for name, value in values.items():
            member = object.__new__(cls)
            member.name = name
            member.value = value
            setattr(cls, name, member)

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the member of that name.

        Raises:
            KeyError: There is none.
        """
        member = vars(cls).get(name)
        if not isinstance(member, cls):
            raise KeyError(name)
        return member

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class Choice:
    """A member of one of the enum-like classes that programs see: it prints as upstream's do."""

    __slots__ = ("_shown",)
    _shown: str

    def __init__(self) -> None:
        raise TypeError(f"cannot create '{type(self).__name__}' instances")

    def __repr__(self) -> str:
        return self._shown


def define_choices(kind: type[Choice], shown: str, *names: str) -> None:
    """Make the members of an enum-like class.

    Args:
        kind: The class.
        shown: What programs call it: ``"digitalio.Pull"``.
        names: The members' names.
    """
    for name in names:
        member = object.__new__(kind)
        member._shown = f"{shown}.{name}"
        setattr(kind, name, member)
