"""The built-ins that differ on a drive: `open`, and what compiles and runs text."""

from __future__ import annotations

import builtins
import errno
import io
import os
import sys
from typing import TYPE_CHECKING, Any

from cpcompat.hal.oserrors import board_error
from cpcompat.storage.vfs_fat import open_on, refuse_readonly
from cpcompat.vm.announce import WRITES
from cpcompat.vm.importer import ANNOTATIONS_DEFERRED

if TYPE_CHECKING:
    from cpcompat.vm.root import Root


class Opener:
    """The built-in ``open`` of a drive.

    Args:
        root: The drive.
        outside: Folders of the host that are reached by their host paths too: a library's own.
    """

    def __init__(self, root: Root, outside: tuple[str, ...] = ()) -> None:
        self._root = root
        self._outside = outside

    def open(
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = "\n",
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        """Open a file on the drive. Text is UTF-8, and its line ends are left as they are."""
        check_mode(mode)
        text = "b" not in mode
        rest = (buffering, (encoding or "utf-8") if text else encoding, errors)
        line_ends = newline if text else None
        if isinstance(file, int):
            return io.open(file, mode, *rest, line_ends, closefd, opener)
        name = os.fspath(file)
        if self._outside and os.fsdecode(name).startswith(self._outside):
            return io.open(file, mode, *rest, line_ends, closefd, opener)
        try:
            mounted = None if opener else self._root.mounted(name)
            if mounted is not None:
                return open_on(mounted[0], mounted[1], mode, *rest, line_ends)
            if "r" not in mode or "+" in mode:
                refuse_readonly(self._root.access)
            return io.open(name, mode, *rest, line_ends, closefd, opener or self._descriptor)
        except OSError as error:
            if error.errno is None or error.errno == errno.EROFS:
                raise
            raise board_error(error.errno, os.fsdecode(name)) from None

    def _descriptor(self, path: str, flags: int) -> int:
        if flags & WRITES:
            self._root.announce("write", self._root.on_host(path))
        return self._root.open(path, flags)


def check_mode(mode: str) -> None:
    """Refuse what is not a mode: one of r, w, x, a, at most one + and one of b, t.

    Raises:
        ValueError: In a board's words.
    """
    ways = sum(mode.count(letter) for letter in "rwxa")
    kinds = mode.count("b") + mode.count("t")
    if ways != 1 or kinds > 1 or mode.count("+") > 1 or ways + kinds + mode.count("+") != len(mode):
        raise ValueError("Invalid mode")


def running(own: dict[str, Any]) -> dict[str, Any]:
    """Return ``exec``, ``eval`` and ``compile`` for code that sees some built-ins.

    Args:
        own: Those built-ins; namespaces without any get these, not CPython's.
    """

    def exec_(source: Any, globals: Any = None, locals: Any = None, /, **others: Any) -> None:
        globals, locals = _names(own, globals, locals)
        builtins.exec(_compiled(source, "exec"), globals, locals, **others)

    def eval_(source: Any, globals: Any = None, locals: Any = None, /) -> Any:
        globals, locals = _names(own, globals, locals)
        if isinstance(source, str):
            source = source.lstrip(" \t")
        return builtins.eval(_compiled(source, "eval"), globals, locals)

    def compile_(
        source: Any,
        filename: Any,
        mode: str,
        flags: int = 0,
        dont_inherit: bool = False,
        optimize: int = -1,
        **others: Any,
    ) -> Any:
        """Compile text; annotations are left unevaluated, as on a board."""
        flags |= ANNOTATIONS_DEFERRED
        return builtins.compile(source, filename, mode, flags, True, optimize, **others)

    return {"exec": exec_, "eval": eval_, "compile": compile_}


def _compiled(source: Any, mode: str) -> Any:
    if isinstance(source, str | bytes | bytearray | memoryview):
        return compile(source, "<string>", mode, ANNOTATIONS_DEFERRED, dont_inherit=True)
    return source


def _names(own: dict[str, Any], globals: Any, locals: Any) -> tuple[Any, Any]:
    """Return the namespaces to run in: those given, or those of our caller's caller."""
    if globals is None:
        frame = sys._getframe(2)
        globals = frame.f_globals
        if locals is None:
            locals = frame.f_locals
    elif isinstance(globals, dict):
        globals.setdefault("__builtins__", own)
    return globals, globals if locals is None else locals
