"""What a board library from site-packages sees: the board's clock, and on a drive its files.

The library's ``sys`` stays the real one: it is CPython code, and says so.
"""

from __future__ import annotations

import builtins
import time
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpcompat.hal.clock import Clock


class BoardLibraryLoader(SourceFileLoader):
    """Loads a module's source as ever, with built-ins of its own."""

    _builtins: dict[str, Any]

    @classmethod
    def instead_of(cls, loader: Any, own_builtins: dict[str, Any]) -> Any:
        """Return such a loader for what another one would load; one of extension modules stays.

        Args:
            loader: The loader that was found.
            own_builtins: The built-ins to see.
        """
        if type(loader) is not SourceFileLoader:
            return loader
        own = cls(loader.name, loader.path)
        own._builtins = own_builtins
        return own

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        module.__dict__["__builtins__"] = self._builtins
        super().exec_module(module)


def plain_builtins() -> dict[str, Any]:
    """Return the built-ins of board libraries in a program without a drive: the board's clock."""
    return builtins_with({"time": board_time(None)})


def builtins_with(modules: Mapping[str, ModuleType], **others: Any) -> dict[str, Any]:
    """Return CPython's built-ins, with another view of some modules.

    Args:
        modules: What ``import`` gives for these names.
        others: Built-ins to replace.
    """
    real_import = builtins.__import__
    find = modules.get

    def import_(
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: tuple[str, ...] = (),
        level: int = 0,
    ) -> ModuleType:
        if level == 0:
            module = find(name)
            if module is not None:
                return module if fromlist or "." not in name else modules[name.partition(".")[0]]
        return real_import(name, globals, locals, fromlist, level)

    own = dict(vars(builtins))
    own["__import__"] = import_
    own.update(others)
    return own


def view_of(real: ModuleType, **others: Any) -> ModuleType:
    """Return a module like another one, with some names replaced.

    Args:
        real: The module to look like.
        others: The names that differ.
    """
    view = ModuleType(real.__name__, real.__doc__)
    view.__dict__.update(vars(real))
    view.__dict__.update(others)
    return view


def _machine_clock() -> Clock:
    """Return the clock of this process's machine; without any, the host's own time goes on."""
    global _host_clock
    from cpcompat.errors import CpcompatError
    from cpcompat.hal import machine

    try:
        return machine().backend.clock
    except CpcompatError:
        if _host_clock is None:
            from cpcompat.hal.clock import RealClock

            _host_clock = RealClock(0)
        return _host_clock


_host_clock: Clock | None = None


def board_time(clock: Clock | None) -> ModuleType:
    """Return ``time`` with a board's clock in it.

    Args:
        clock: The clock; None asks for this process's machine at each call.
    """

    def the_clock() -> Clock:
        return clock if clock is not None else _machine_clock()

    def monotonic() -> float:
        return the_clock().now_ns() / 1e9

    def monotonic_ns() -> int:
        return the_clock().now_ns()

    def sleep(seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        the_clock().sleep_ns(int(seconds * 1_000_000_000))

    return view_of(time, monotonic=monotonic, monotonic_ns=monotonic_ns, sleep=sleep)
