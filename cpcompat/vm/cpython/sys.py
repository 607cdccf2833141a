"""``sys`` on a drive: CPython's, but for what tells a program where it runs."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

from cpcompat.identity import RELEASE_TUPLE


class DriveSys(ModuleType):
    """A view of ``sys``: what it does not have itself is read from and written to the real one.

    Args:
        machine: The board in words, ``"BOARD with CHIP"``.
    """

    def __init__(self, machine: str) -> None:
        super().__init__("sys", "The interpreter.")
        self.__dict__["implementation"] = SimpleNamespace(
            name="circuitpython", version=RELEASE_TUPLE, _machine=machine, _mpy=0, cache_tag=None
        )
        self.__dict__["path"] = ["", "/", ".frozen", "/lib"]
        self.__dict__["argv"] = []

    # Properties, because __getattr__ costs ten times as much, and print loops look these up.
    @property
    def stdin(self) -> Any:
        """The console's input."""
        return sys.stdin

    @stdin.setter
    def stdin(self, stream: Any) -> None:
        sys.stdin = stream

    @property
    def stdout(self) -> Any:
        """The console's output."""
        return sys.stdout

    @stdout.setter
    def stdout(self, stream: Any) -> None:
        sys.stdout = stream

    @property
    def stderr(self) -> Any:
        """The console's output."""
        return sys.stderr

    @stderr.setter
    def stderr(self, stream: Any) -> None:
        sys.stderr = stream

    @property
    def modules(self) -> Any:
        """The modules that are loaded."""
        return sys.modules

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(sys, name)
        except AttributeError:
            raise AttributeError(f"module 'sys' has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        if name in self.__dict__ or isinstance(getattr(type(self), name, None), property):
            super().__setattr__(name, value)
        else:
            setattr(sys, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(sys, name)

    def __dir__(self) -> list[str]:
        return sorted({*dir(sys), *self.__dict__})
