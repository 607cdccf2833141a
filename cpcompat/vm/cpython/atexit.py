"""``atexit`` on a drive: what a program registers is run when the program ends, not the process.

Source: CircuitPython ``shared-module/atexit``.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound="Callable[..., Any]")


class Callbacks:
    """What is to be called at the end, last registered first."""

    def __init__(self) -> None:
        self._calls: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def register(self, func: _F, *args: Any, **kwargs: Any) -> _F:
        """Have a function called at the end; return it, so that it can be used as a decorator."""
        if not callable(func):
            raise TypeError(f"'{type(func).__name__}' object isn't callable")
        self._calls.append((func, args, kwargs))
        return func

    def unregister(self, func: Callable[..., Any]) -> None:
        """Forget every registration of a function."""
        self._calls[:] = [call for call in self._calls if call[0] != func]

    def __len__(self) -> int:
        return len(self._calls)

    def run(self, failed: Callable[[BaseException], None]) -> None:
        """Call everything and forget it.

        Args:
            failed: Is told of each exception; the next function is called all the same. A
                `SystemExit` just ends its function.
        """
        while self._calls:
            func, args, kwargs = self._calls.pop()
            try:
                func(*args, **kwargs)
            except SystemExit:
                continue
            except BaseException as error:
                failed(error)


def build(callbacks: Callbacks) -> ModuleType:
    """Return the module.

    Args:
        callbacks: Where registrations go.
    """
    module = ModuleType("atexit", "Functions to call when the program ends.")
    module.__dict__.update(register=callbacks.register, unregister=callbacks.unregister)
    return module
