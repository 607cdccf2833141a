"""A pytest plugin that writes down which names of the faces the tests really call.

``pytest --record-calls FILE`` (see ``tests/conftest.py``) registers it. A function, a method or a
property counts when a frame of a file in ``tests/`` calls it; what the product calls itself, or a
driver does, is nobody's test. A class counts when a test makes an object of it or reads a member
of it, a constant when a test reads it, a module when any of its names counts.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import threading
from types import ModuleType, WrapperDescriptorType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import CodeType, FrameType

_MAKERS = ("__init__", "__new__")


class Recorder:
    """Notes the calls that test files make while tests run.

    Args:
        names: The full names to look for: ``busio.I2C.scan``.
        tests: The folder whose files are tests.
        file: Where the names that were called are written at the end, as JSON.

    Attributes:
        called: The names that were called so far.
    """

    def __init__(self, names: Iterable[str], tests: Path, file: Path) -> None:
        self.called: set[str] = set()
        self._tests = f"{tests}/"
        self._file = file
        self._codes: dict[CodeType, list[tuple[type | None, str]]] = {}
        self._lookups: dict[CodeType, str] = {}
        self._names = frozenset(names)
        for name in self._names:
            self._watch(name)

    def _watch(self, name: str) -> None:
        module, _, rest = name.partition(".")
        owner: Any = importlib.import_module(f"cpcompat.{module}")
        if not rest:
            return
        *path, last = rest.split(".")
        for part in path:
            owner = getattr(owner, part)
        thing = inspect.getattr_static(owner, last, None)
        static = isinstance(thing, staticmethod)  # which gets no object of the class
        kind = owner if inspect.isclass(owner) and not static else None
        if inspect.isclass(thing):
            for maker in _MAKERS:
                self._note_code(inspect.getattr_static(thing, maker), thing, name)
        elif isinstance(thing, property):
            for function in (thing.fget, thing.fset):
                self._note_code(function, kind, name)
        elif thing is None and inspect.ismodule(owner):
            self._lookups[owner.__getattr__.__code__] = module
        elif self._note_code(thing, kind, name):
            return
        elif isinstance(thing, WrapperDescriptorType):
            setattr(owner, last, self._in_python(thing, name))
        elif not hasattr(thing, "__get__"):
            setattr(kind or _own_class(owner), last, Constant(self, name, thing))

    def _note_code(self, function: Any, kind: type | None, name: str) -> bool:
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if code is not None:
            self._codes.setdefault(code, []).append((kind, name))
        return code is not None

    def _in_python(self, method: WrapperDescriptorType, name: str) -> Callable[..., Any]:
        """Return a method that the interpreter gives every class, with a look at who calls it."""

        def seen(*arguments: Any) -> Any:
            if self.is_test(sys._getframe(1)):
                self.note(name)
            return method(*arguments)

        return seen

    def see(self, frame: FrameType, event: str, argument: object) -> None:
        """Take an event of `sys.setprofile`."""
        code = frame.f_code
        if event != "call" or (code not in self._codes and code not in self._lookups):
            return
        if not self.is_test(frame.f_back):
            return
        first = frame.f_locals[code.co_varnames[0]] if code.co_argcount else None
        module = self._lookups.get(code)
        if module is not None and f"{module}.{first}" in self._names:
            self.note(f"{module}.{first}")
        for kind, name in self._codes.get(code, ()):
            if kind is None or isinstance(first, kind):
                self.note(name)

    def is_test(self, frame: FrameType | None) -> bool:
        """Return whether a frame runs a test's file."""
        return frame is not None and frame.f_code.co_filename.startswith(self._tests)

    def note(self, name: str) -> None:
        """Count a name, and the class and the module that it was reached by."""
        while name:
            self.called.add(name)
            name = name.rpartition(".")[0]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        """Look while a test and its fixtures run."""
        threading.setprofile(self.see)
        sys.setprofile(self.see)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def pytest_sessionfinish(self) -> None:
        """Write what was seen."""
        self._file.write_text(json.dumps(sorted(self.called)), "utf-8")


def _own_class(module: ModuleType) -> type:
    """Give a module a class of its own, whose descriptors see what is read of it, and return it."""
    if type(module) is ModuleType:
        module.__class__ = type("Watched", (ModuleType,), {})
    return type(module)


class Constant:
    """Stands for a constant in its class or module and tells when a test reads it.

    Args:
        recorder: Who is told.
        name: The constant's full name.
        value: The constant.
    """

    def __init__(self, recorder: Recorder, name: str, value: Any) -> None:
        self._recorder = recorder
        self._name = name
        self._value = value

    def __get__(self, instance: object, owner: type) -> Any:
        """Return the constant."""
        if self._recorder.is_test(sys._getframe(1)):
            self._recorder.note(self._name)
        return self._value

    def __set__(self, instance: object, value: Any) -> None:
        """Replace it. (A module's own dictionary is passed over only by what can be set.)"""
        self._value = value
