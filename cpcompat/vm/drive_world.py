"""The world that a program on a drive sees: the drive is ``/``, the board's clock is the time.

Modules that are loaded from the drive get built-ins of their own, and with them their own
``import`` and ``open``; everything else in the process stays CPython. This is a convenience, not a
wall: code that wants out gets out.
"""

from __future__ import annotations

import builtins
import importlib
import io
import os
import site
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from cpcompat import hal
from cpcompat.alarm.sleep import DeepSleepRequest
from cpcompat.vm import report
from cpcompat.vm.announce import Announcer
from cpcompat.vm.console import ConsoleInput, make_input
from cpcompat.vm.console_output import make_print
from cpcompat.vm.cpython import atexit as drive_atexit
from cpcompat.vm.cpython import gc as drive_gc
from cpcompat.vm.cpython import os as drive_os
from cpcompat.vm.cpython import path as drive_path
from cpcompat.vm.cpython import time as drive_time
from cpcompat.vm.cpython import traceback as drive_traceback
from cpcompat.vm.cpython.builtins import Opener, running
from cpcompat.vm.cpython.help import make_help
from cpcompat.vm.cpython.sys import DriveSys
from cpcompat.vm.exceptions import ReloadException
from cpcompat.vm.importer import ANNOTATIONS_DEFERRED, Importer
from cpcompat.vm.library_world import board_time, builtins_with, view_of
from cpcompat.vm.names import NameFinder
from cpcompat.vm.root import Root

if TYPE_CHECKING:
    from ast import Interactive
    from collections.abc import Callable
    from pathlib import Path

    from cpcompat.hal.clock import Clock

_NOT_ON_A_BOARD = ("copyright", "credits", "exit", "license", "quit")


class Ending(NamedTuple):
    """How a program ended.

    Attributes:
        kind: ``"done"``, ``"exception"``, ``"interrupt"``, ``"exit"``, ``"reload"`` or ``"sleep"``.
        error: What it raised.
        message: What `SystemExit` is to print; empty for a number or nothing.
    """

    kind: str
    error: BaseException | None = None
    message: str = ""

    @classmethod
    def by(cls, error: BaseException) -> Ending:
        """Return the ending that an exception makes."""
        if isinstance(error, ReloadException):
            return cls("reload", error)
        if isinstance(error, DeepSleepRequest):
            return cls("sleep")
        if isinstance(error, SystemExit):
            quiet = error.code is None or isinstance(error.code, int)
            return cls("exit", error, "" if quiet else str(error.code))
        return cls("interrupt" if isinstance(error, KeyboardInterrupt) else "exception", error)


class DriveWorld:
    """One drive and what its programs see. A process has at most one, for good.

    Args:
        root: The drive's folder.
        clock: The board's clock.
        machine: The board in words, ``"BOARD with CHIP"``.
        announce: Is told (kind, path on the drive) of each file that drive code opens for writing.
            Of all other ways to write `cpcompat.vm.announce.install` tells.
        rtc: What the real-time clock was set to, and who keeps it: the last arguments of
            `cpcompat.hal.wall.Wall`.

    Attributes:
        root: The drive.
        builtins: The built-ins that modules of the drive see.
        modules: The modules that look different from the drive.
        importer: How the drive imports.
        wall: The date and time.
        main: The present ``__main__``.
    """

    def __init__(
        self,
        root: Path,
        clock: Clock,
        *,
        machine: str = "Simulated board with sim",
        announce: Callable[[str, str], None] | None = None,
        rtc: tuple[Any, ...] = (),
    ) -> None:
        self.root = Root(root)
        if announce:
            self.root.announce = Announcer(self.root.folder, announce).tell
        self.wall = drive_time.wall_on(clock, *rtc)
        self._callbacks = drive_atexit.Callbacks()
        path = drive_path.build(self.root)
        self.modules = self._views(clock, machine, path)
        self.builtins = self.modules["builtins"].__dict__
        self.builtins["open"] = Opener(self.root).open
        system: Any = self.modules["sys"]
        self.importer = Importer(
            self.root,
            system,
            self.builtins,
            self.modules,
            {"asyncio": lambda: _virtual_loops(clock)},
        )
        self._complete_views()
        own_files = tuple(folder.rstrip("/") + "/" for folder in site.getsitepackages())
        opener = Opener(self.root, own_files).open
        views = {
            "os": drive_os.build_for_libraries(self.root, path),
            "os.path": path,
            "posixpath": path,
            "time": board_time(clock),
            "io": view_of(io, open=opener),
        }
        self.library_builtins = builtins_with(views, open=opener)
        self.main = self._new_main("<stdin>")

    def _views(self, clock: Clock, machine: str, path: ModuleType) -> dict[str, ModuleType]:
        return {
            "atexit": drive_atexit.build(self._callbacks),
            "builtins": _board_builtins(),
            "gc": drive_gc.build(),
            "importlib": view_of(importlib),
            "io": view_of(io),
            "os": drive_os.build(self.root, machine, path),
            "os.path": path,
            "posixpath": path,
            "sys": DriveSys(machine),
            "time": drive_time.build(clock, self.wall),
            "traceback": drive_traceback.build(),
        }

    def _complete_views(self) -> None:
        """Fill in what needs the import function, which needs the views."""
        self.modules["io"].__dict__["open"] = self.builtins["open"]
        self.modules["importlib"].__dict__.update(
            __import__=self.builtins["__import__"],
            import_module=self.importer.import_module,
            reload=self.importer.reload,
        )

    def install(self) -> None:
        """Make this process the program's: its folder, its path of modules, its streams."""
        os.fchdir(self.root.descriptor)
        hal.set_drive(self.root)
        hal.set_wall(self.wall.now_s)
        hal.set_rtc(self.wall)
        inside = self.root.folder + "/"
        sys.path[:] = [
            entry
            for entry in sys.path
            if entry not in {"", "."} and not (os.path.realpath(entry) + "/").startswith(inside)
        ]
        finder: Any = self.importer
        names = NameFinder(always=True, library_builtins=self.library_builtins)
        sys.meta_path[:0] = [finder, names]
        sys.modules["__main__"] = self.main
        sys.stdin = ConsoleInput()
        sys.stderr = sys.stdout  # a board has one console

    def new_main(self, file: str) -> ModuleType:
        """Return a fresh ``__main__``, in place.

        Args:
            file: What ``__file__`` says in it.
        """
        self.main = self._new_main(file)
        sys.modules["__main__"] = self.main
        return self.main

    def _new_main(self, file: str) -> ModuleType:
        main = ModuleType("__main__")
        main.__dict__.update(__builtins__=self.builtins, __file__=file)
        return main

    def run_file(self, name: str) -> Ending:
        """Run a file of the drive as the main program.

        Args:
            name: Its name, from the drive's root, as it is to be shown.
        """
        names = self.new_main(name).__dict__
        try:
            exec(self.importer.compile_file(name), names)
        except BaseException as error:
            return Ending.by(error)
        return Ending("done")

    def run_text(
        self, text: str | bytes | Interactive, file: str = "<stdin>", *, show: bool = False
    ) -> Ending:
        """Run text in the present ``__main__``.

        Args:
            text: The source, or what it was parsed to.
            file: Its name in tracebacks.
            show: Whether the value of an expression is shown, as at a prompt.
        """
        try:
            mode = "single" if show else "exec"
            code: Any = compile(text, file, mode, ANNOTATIONS_DEFERRED, dont_inherit=True)
            exec(code, self.main.__dict__)
        except BaseException as error:
            return Ending.by(error)
        return Ending("done")

    @property
    def atexit_waits(self) -> bool:
        """Whether the program registered anything with ``atexit``."""
        return len(self._callbacks) > 0

    def atexit_run(self) -> None:
        """Call what the program registered with ``atexit``; each failure is printed."""

        def failed(error: BaseException) -> None:
            sys.stdout.write(report.format_exception(error, notes=True))

        self._callbacks.run(failed)


def _virtual_loops(clock: Clock) -> None:
    from cpcompat.vm import virtual_time  # imports asyncio, so not before the program does

    virtual_time.install(clock)


def _board_builtins() -> ModuleType:
    """Return ``builtins`` for a drive; its ``__dict__`` is what the drive's modules look names up in.

    That is an exact dict: the interpreter's fast look-up of globals knows no other kind.
    """
    module = ModuleType("builtins", builtins.__doc__)
    own = module.__dict__
    own.update((k, v) for k, v in vars(builtins).items() if k not in _NOT_ON_A_BOARD)
    own.update(running(own), help=make_help(), input=make_input(), print=make_print())
    own["ReloadException"] = ReloadException
    return module
