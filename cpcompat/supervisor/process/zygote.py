"""The zygote: a warm interpreter that forks each program, reaps it, and outlives the supervisor.

It is one thread that waits, with everything a program needs already imported, so that a fresh VM
costs a fork instead of the start of an interpreter. The programs are its children: when the
supervisor dies, it ends them, brings the lines back to their reset state and goes.
"""

from __future__ import annotations

import faulthandler
import fcntl
import gc
import importlib
import os
import resource
import selectors
import signal
import socket
from typing import Any, NoReturn

from cpcompat.protocol import (
    Keep,
    KeepTerminal,
    Link,
    Message,
    Reaped,
    ServiceEnded,
    Spawned,
    SpawnProgram,
    SpawnService,
    pair,
)
from cpcompat.supervisor.process import kernel, terminal

_WARM = (
    "asyncio",
    "collections",
    "cpcompat.analogio",
    "cpcompat.board.detect",
    "cpcompat.busio",
    "cpcompat.digitalio",
    "cpcompat.microcontroller",
    "cpcompat.micropython",
    "cpcompat.nvm",
    "cpcompat.pwmio",
    "cpcompat.rainbowio",
    "cpcompat.storage",
    "cpcompat.supervisor",
    "cpcompat.vm.child",
    "json",
    "linecache",
    "random",
    "struct",
)
"""What a program finds imported: this package and the standard library. Never anybody's library:
a library that has been saved must be read anew."""

OOM_SCORE = 500
"""How much sooner the kernel kills a program than anything else when memory runs out."""


_FIRST_FREE = 3
_HELD_OFF = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""A terminal and a service manager send these to everybody; the supervisor alone decides."""


def start() -> tuple[Link, int]:
    """Fork a zygote.

    The caller must have one thread only: a fork copies no other.

    Returns:
        The link to it and its process's id.
    """
    for module in _WARM:
        importlib.import_module(module)
    ours, theirs = pair()
    supervisor = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            _serve(theirs, supervisor)
        finally:
            os._exit(1)
    theirs.close()
    return Link(ours), pid


def _serve(end: socket.socket, supervisor: int) -> NoReturn:
    os.setsid()
    faulthandler.disable()  # the crash of a program is no failure of the supervisor's
    for number in _HELD_OFF:
        signal.signal(number, signal.SIG_IGN)
    signal.set_wakeup_fd(-1)
    link = _keep_only([end.fileno()])[0]
    end.detach()
    kernel.become_subreaper()
    # Frozen objects are never written to by the collector, so programs share their pages.
    gc.collect()
    gc.disable()
    gc.freeze()
    Zygote(Link(socket.socket(fileno=link)), supervisor).serve()


class Zygote:
    """The zygote's side.

    Args:
        link: The link to the supervisor.
        supervisor: The supervisor's process id.
    """

    def __init__(self, link: Link, supervisor: int) -> None:
        self._link = link
        self._supervisor = supervisor
        self._programs: set[int] = set()
        self._services: set[int] = set()
        self._backend = ""
        self._kept: list[int] = []
        self._attributes: dict[str, Any] = {}
        self._terminal: list[int] = []

    def serve(self) -> NoReturn:
        """Fork and reap until the supervisor has gone; then end everything and exit."""
        wake, self._wake = socket.socketpair()
        wake.setblocking(False)
        self._wake.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        selector = selectors.DefaultSelector()
        selector.register(self._link, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is wake:
                    wake.recv(4096)
                    self._reap()
                    continue
                arrived = self._link.receive()
                if arrived is None:
                    self._end()
                self._obey(*arrived)

    def _obey(self, message: Message, descriptors: list[int]) -> None:
        if isinstance(message, SpawnProgram):
            self._fork_program(message, descriptors)
            self._make_ready()
        elif isinstance(message, SpawnService):
            self._fork_service(message, descriptors)
        elif isinstance(message, Keep):
            for old in self._kept:
                os.close(old)
            self._backend, self._kept = message.backend, descriptors
            return
        elif isinstance(message, KeepTerminal):
            for old in self._terminal:
                os.close(old)
            self._attributes, self._terminal = message.attributes, descriptors
            return
        for descriptor in descriptors:
            os.close(descriptor)

    def _fork_program(self, order: SpawnProgram, descriptors: list[int]) -> None:
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                _become_program(order, descriptors, zygote)
            finally:
                os._exit(1)
        self._programs.add(pid)
        self._tell_spawned(pid)

    def _fork_service(self, order: SpawnService, descriptors: list[int]) -> None:
        pid = os.fork()
        if pid == 0:
            try:
                _become_service(order, descriptors)
            finally:
                os._exit(1)
        self._services.add(pid)
        self._tell_spawned(pid)

    def _make_ready(self) -> None:
        """Load what `_end` needs: a small board takes long for that, and pins wait for it."""
        if self._backend:
            getattr(importlib.import_module(self._backend), "make_ready", _nothing)()

    def _tell_spawned(self, pid: int) -> None:
        # Opened here, where the child cannot have been reaped, so it cannot mean another process.
        handle = os.pidfd_open(pid)
        try:
            self._link.send(Spawned(pid), (handle,))
        except OSError:
            self._end()
        finally:
            os.close(handle)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            try:
                self._note_end(pid, status)
            except OSError:
                self._end()

    def _note_end(self, pid: int, status: int) -> None:
        if pid in self._programs:
            self._programs.discard(pid)
            kernel.sweep(self._services | self._programs)
            self._link.send(Reaped(pid, status))
        elif pid in self._services:
            self._services.discard(pid)
            self._link.send(ServiceEnded(pid, status))

    def _end(self) -> NoReturn:
        """The supervisor has gone: leave no program and no driven line behind."""
        kernel.sweep(self._services)
        if self._kept:
            importlib.import_module(self._backend).safe_from(self._kept)
        for descriptor in self._terminal:
            terminal.put_back(descriptor, terminal.from_json(self._attributes["termios"]))
        os._exit(0)


def _nothing() -> None:
    """A backend need not make ready."""


def _become_program(order: SpawnProgram, descriptors: list[int], zygote: int) -> None:
    os.setsid()
    kernel.die_with_parent(zygote)
    _back_to_defaults()
    console, *passed = descriptors
    for standard in range(_FIRST_FREE):
        os.dup2(console, standard)
    link, *granted = _keep_only(passed)
    _limit(order.memory_limit)
    gc.enable()
    importlib.import_module("random").seed()
    program = importlib.import_module("cpcompat.vm.child")
    program.main(Link(socket.socket(fileno=link)), granted)


def _become_service(order: SpawnService, descriptors: list[int]) -> None:
    os.setsid()
    _back_to_defaults()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    # What a part of the user's own prints is a remark, not a program's output.
    os.dup2(2, 1)
    kept = _keep_only(descriptors)
    gc.enable()
    importlib.import_module(order.module).main(order.arguments, kept)
    os._exit(0)


def _back_to_defaults() -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in _HELD_OFF:
        signal.signal(number, signal.SIG_DFL)


def _keep_only(descriptors: list[int]) -> list[int]:
    """Close every descriptor but the standard three and these; return where these are now."""
    high = [fcntl.fcntl(d, fcntl.F_DUPFD_CLOEXEC, 64) for d in descriptors]
    os.closerange(_FIRST_FREE, 64)
    placed = [_FIRST_FREE + index for index in range(len(high))]
    for source, place in zip(high, placed, strict=True):
        os.dup2(source, place, inheritable=False)
    os.closerange(_FIRST_FREE + len(placed), os.sysconf("SC_OPEN_MAX"))
    return placed


def _limit(memory: int) -> None:
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(str(OOM_SCORE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
