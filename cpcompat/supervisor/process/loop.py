"""The supervisor: turns what happens into events, asks the machine, and does what it says."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from cpcompat.protocol import Fact
from cpcompat.storage.drive.changes import Changes
from cpcompat.storage.drive.place import run_folder, state_folder
from cpcompat.supervisor.process import light_patterns, power_on
from cpcompat.supervisor.process.console import Console, Keyboard
from cpcompat.supervisor.process.control import Control, Order
from cpcompat.supervisor.process.facts import Facts
from cpcompat.supervisor.process.inbox import Inbox
from cpcompat.supervisor.process.launcher import Launcher
from cpcompat.supervisor.process.machine import ALIVE, IDLE, RUNNING, Event, Memory, State, step
from cpcompat.supervisor.process.options import Options
from cpcompat.supervisor.process.program import WATCHDOG_SIGNAL, Program
from cpcompat.supervisor.process.quiet import Quiet
from cpcompat.supervisor.process.stages import Stages
from cpcompat.supervisor.process.uart import Uart
from cpcompat.supervisor.process.viewers import Pty, Stdio, Viewer
from cpcompat.supervisor.process.watch import Watch
from cpcompat.supervisor.process.watchdog import Watchdog

_LEAVE_KEY = 0x1D
_KEYS = {0x03: Event.CTRL_C, 0x04: Event.CTRL_D}

Note: TypeAlias = Callable[[Memory], Memory]


class Supervisor:
    """One board's life, from power on until it is left.

    Args:
        options: How to run.
        launcher: Makes the launcher, given what is to hear of ended programs.
        terminal: Whether standard output is a terminal (raw by now).

    Attributes:
        orders: What workflows answer at the control socket, by the order's name.
        listeners: Called after each change of the state.
    """

    def __init__(
        self,
        options: Options,
        launcher: Callable[[Callable[[int, int], None]], Launcher],
        terminal: bool,
    ) -> None:
        self.options = options
        self.console = Console()
        self.keyboard = Keyboard(self.interrupt)
        folder = run_folder(options.drive)
        paths = {
            "nvm_path": str(state_folder(options.drive) / "nvm"),
            "sleep_memory_path": str(folder / "sleep_memory"),
            "watchdog_path": str(folder / "watchdog"),
            "claims_path": str(folder / "claims"),
            "sd_card": options.sd_card,
        }
        self.facts = Facts(options.auto_reload, paths)
        self.watchdog = Watchdog(folder / "watchdog", self._bitten)
        self.changes = Changes()
        self.quiet = Quiet(self)
        self.orders: dict[str, Order] = {}
        self.listeners: list[Callable[[], None]] = []
        self.memory = Memory(
            safe=options.failure,
            repl_first=options.repl,
            reload_by_default=options.auto_reload,
            auto_reload=options.auto_reload,
            runs_left=options.runs,
        )
        self._state = State.OFF
        self._terminal = terminal
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[tuple[Event, Note | None]] = asyncio.Queue()
        self._timers: dict[Event, asyncio.TimerHandle] = {}
        self._last_input = False
        self._leaving_signal = 0
        self._control: Control | None = None
        self.watch = Watch(options.drive)
        self._loop.add_reader(self.watch.fileno(), self._drive_changed)
        self.inbox = Inbox(self)
        self.launcher = launcher(self.inbox.reaped)
        self.stages = Stages(self)

    @property
    def state(self) -> State:
        """What the board is doing."""
        return self._state

    @property
    def program(self) -> Program | None:
        """The program that lives now."""
        return self.stages.program

    async def run(self) -> tuple[int, int]:
        """Live until the machine says that it is over.

        Returns:
            The exit status, and the signal that asked to leave or 0.
        """
        self._open_console()
        self._control = Control(self, run_folder(self.options.drive))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self._signalled, number)
        try:
            self.post(Event.POWER)
            while self._state is not State.OVER:
                await self._live_once()
            await self.console.drain()
        finally:
            self._close()
        return self.stages.endings.exit_status(self.memory), self._leaving_signal

    async def _live_once(self) -> None:
        event, note = await self._events.get()
        if event is Event.POWER:
            self._power_on()
        if note is not None:
            self.memory = note(self.memory)
        before = self._state
        self._state, self.memory, actions = step(before, self.memory, event)
        if self._state is not before:
            self.stages.light.play(None)
        for action in actions:
            await self.stages.do(action)
        if self._state is not before:
            self.state_is_news()
        self._feed()

    def state_is_news(self) -> None:
        """Show what the board is doing on its light, and to who listens."""
        self.stages.light.play(light_patterns.steps(self._state, self.memory))
        for listener in self.listeners:
            listener()

    def _power_on(self) -> None:
        reason = str(self.facts.get("reset_reason"))
        window_s = self.stages.window_s = power_on.window_s(self.options, self.console.say)
        self.memory = power_on.looked_at(self.options.drive, self.memory, reason, window_s)
        self.facts.set("safe_mode_reason", self.memory.safe or "NONE")
        if self.memory.safe == "BROWNOUT":
            self.facts.set("reset_reason", "BROWNOUT")

    def post(self, event: Event, note: Note | None = None) -> None:
        """Have the machine hear of an event, and of what it brought."""
        self._events.put_nowait((event, note))

    def post_later(self, event: Event, delay_s: float) -> None:
        """Have the machine hear of an event after a time; later orders replace earlier ones."""
        if event in self._timers:
            self._timers[event].cancel()
        self._timers[event] = self._loop.call_later(delay_s, self.post, event)

    def post_never(self, event: Event) -> None:
        """Take back what `post_later` was told."""
        if event in self._timers:
            self._timers.pop(event).cancel()

    def hard_reset(self, reason: str, next_safe: str = "") -> None:
        """Boot anew, whatever runs, as a press on the reset button does.

        Args:
            reason: A name of ``microcontroller.ResetReason``.
            next_safe: Why the boot is to be one into safe mode; empty for a usual one.
        """
        self.stages.reset_reason = reason
        self.post(
            Event.HARD_RESET, lambda memory: replace(memory, reset_wanted=True, next_safe=next_safe)
        )

    def _bitten(self, mode: str) -> None:
        """The watchdog was not fed."""
        if mode == "RESET":
            self.hard_reset("WATCHDOG")
        elif self.program is not None:
            self.facts.set("watchdog", None)
            self.program.send(Fact("watchdog", None))
            self.program.signal(WATCHDOG_SIGNAL)

    # Console.

    def _open_console(self) -> None:
        options = self.options
        if options.console == "stdio":
            self.console.add(Stdio(self._typed, self.console.resume, self._terminal))
        elif options.console == "uart" and options.console_link is not None:
            self.console.add(Uart(options.console_link, self.typed, self.viewer_came))
        elif options.console == "pty":
            pty = Pty(options.console_link, self.typed, self.viewer_came)
            self.console.add(pty)
            self.stages.console_path = pty.path
        self.facts.set("serial_connected", self.console.connected)

    def viewer_came(self) -> None:
        """Note that somebody looks on from now on."""
        self.facts.set("serial_connected", True)
        self.post(Event.VIEWER)

    def _typed(self, data: bytes) -> None:
        if not data:
            self._no_more_input()
            return
        if self._terminal and _LEAVE_KEY in data:
            self.post(Event.LEAVE)
            return
        if not self._terminal and self.options.console == "stdio":
            # A pipe brings lines; the console's Enter is a carriage return.
            data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r")
        self.typed(data)

    def typed(self, data: bytes) -> None:
        """Take what was typed at any viewer."""
        self.keyboard.typed(data)
        self._feed()

    def add_viewer(self, make: Callable[[Callable[[bytes], None]], Viewer], typed: bytes) -> None:
        """Let somebody look on and type who has come just now.

        Args:
            make: Makes the viewer, given what is to get what is typed there.
            typed: What was typed already.
        """
        self.console.add(make(self.typed), with_past=True)
        self.viewer_came()
        if typed:
            self.typed(typed)

    def _no_more_input(self) -> None:
        """End a REPL that is fed from a pipe; a program without input simply has none."""
        self._last_input = True
        if self.options.repl:
            self.keyboard.queue += b"\r\x04"
            self._feed()

    def _feed(self) -> None:
        """Give what was typed to whoever is to get it now."""
        if self._state in RUNNING:
            if self.keyboard.queue:
                self.console.type_in(self.keyboard.take())
        elif self._state in IDLE and self.keyboard.queue and self._events.empty():
            key = self.keyboard.take(1)[0]
            self.post(_KEYS.get(key, Event.KEY))

    def interrupt(self) -> None:
        """Do what Ctrl-C does while a program runs."""
        self.console.drop_input()
        self.post(Event.CTRL_C)

    def _signalled(self, number: int) -> None:
        if number == signal.SIGINT and self._state in RUNNING:
            self.interrupt()
            return
        self._leaving_signal = number
        self.post(Event.LEAVE)

    # Drive.

    def _drive_changed(self) -> None:
        if self.program is not None:
            # Announcements are sent before the writes, so they are read before the changes.
            self.program.read()
        changes = self.watch.read()
        for listener in self.stages.drive.changed:
            listener()
        if not any(self.changes.is_news(*change) for change in changes):
            return
        self.quiet.disturbed()
        if self.memory.auto_reload and self._state not in (State.REPL, State.REPL_ENDS):
            self.facts.set("run_reason", "AUTO_RELOAD")
            if self.program is not None:
                self.program.send(Fact("run_reason", "AUTO_RELOAD"))
        self.post(Event.CHANGED)

    # The end.

    def ends_with_input(self) -> bool:
        """Tell whether the REPL's end is the end: it was fed from a pipe that has closed."""
        return self._last_input and self.options.repl

    def _close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._loop.remove_reader(self.watch.fileno())
        self.watch.close()
        if self._state in ALIVE and self.program is not None:
            self.program.signal(signal.SIGKILL)
        self.watchdog.off()
        self.stages.close()
        self.launcher.close()
        if self._control is not None:
            self._control.close()
        self.console.close()
