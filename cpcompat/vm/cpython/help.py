"""``help`` of a board: a few words, the modules that are built in, or what an object has.

The layout is upstream's (``py/builtinhelp.c``), because tools read the list of modules.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cpcompat.identity import RELEASE
from cpcompat.vm.names import FACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_WELCOME = f"""Welcome to cpcompat, CircuitPython-compatible {RELEASE}!

Visit circuitpython.org for more information.

To list built-in modules type `help("modules")`.
"""
_FROM_CPYTHON = (
    "__future__ __main__ array asyncio atexit binascii builtins codeop collections errno gc getpass "
    "hashlib io ipaddress json locale math os random re select ssl struct sys time traceback "
    "warnings zlib"
).split()
"""What boards have built in and CPython brings; ``asyncio`` needs no installing here."""
_COLUMNS, _WIDTH = 4, 18
_CPYTHONS_OWN = frozenset(
    "__annotations__ __builtins__ __cached__ __dict__ __doc__ __firstlineno__ __loader__ "
    "__package__ __path__ __slots__ __spec__ __static_attributes__ __weakref__".split()
)


def make_help() -> Callable[..., None]:
    """Return the built-in ``help``."""

    def help(*thing: Any) -> None:
        """Tell about a thing; about the modules for ``"modules"``; how to ask without any."""
        if len(thing) > 1:
            raise TypeError(f"function expected at most 1 arguments, got {len(thing)}")
        if not thing:
            text = _WELCOME
        elif thing[0] == "modules" and isinstance(thing[0], str):
            text = modules([*FACES, *_FROM_CPYTHON])
        else:
            text = "".join(_about(thing[0]))
        sys.stdout.write(text)

    return help


def modules(names: list[str]) -> str:
    """Return names in columns, read downwards, and the line under them."""
    names = sorted(names)
    rows = -(-len(names) // _COLUMNS)
    lines = [_row(names[row::rows]) for row in range(rows)]
    return "".join(lines) + "Plus any modules on the filesystem\n"


def _row(names: list[str]) -> str:
    """Return one line; a name as wide as its column or wider takes another column's width."""
    *others, last = names
    return (
        "".join(name.ljust(len(name) // _WIDTH * _WIDTH + _WIDTH) for name in others) + f"{last}\n"
    )


def _about(thing: Any) -> Iterator[str]:
    yield f"object {_shown(thing)} is of type {type(thing).__name__}\n"
    for name, value in _members(thing):
        yield f"  {name} -- {_shown(value)}\n"


def _members(thing: Any) -> list[tuple[str, Any]]:
    """Return what a module or a type itself defines, without what only CPython has."""
    if isinstance(thing, ModuleType):
        if _is_ours(thing.__name__):  # some of these names are made when they are asked for
            return [("__name__", _short(thing.__name__))] + [
                (name, getattr(thing, name)) for name in dir(thing) if _is_public(thing, name)
            ]
        table: Mapping[str, Any] = vars(thing)
        ours = False
    else:
        kind = thing if isinstance(thing, type) else type(thing)
        table, ours = vars(kind), _is_ours(kind.__module__)
    return [
        (name, value)
        for name, value in table.items()
        if name not in _CPYTHONS_OWN and not (ours and name[0] == "_" and name[1:2] != "_")
    ]


def _is_public(module: ModuleType, name: str) -> bool:
    return name in vars(module).get("__all__", (name,)) and not name.startswith("_")


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "cpcompat"


def _short(name: str) -> str:
    return name.removeprefix("cpcompat.")


def _shown(thing: Any) -> str:
    """Return a thing as `print` shows it; of a module no folder of the host."""
    if not isinstance(thing, ModuleType):
        return str(thing)
    file = vars(thing).get("__file__") or ""
    where = f" from {file!r}" if file and not file.startswith("/") else ""
    return f"<module {_short(thing.__name__)!r}{where}>"
