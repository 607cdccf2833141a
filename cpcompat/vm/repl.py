"""The friendly REPL: the prompt of a board.

Source: CircuitPython ``shared/runtime/pyexec.c``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from cpcompat.vm import report
from cpcompat.vm.completion import completer
from cpcompat.vm.continuation import indentation, needs_more
from cpcompat.vm.line_editor import Asks, LineEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.vm.drive_world import DriveWorld, Ending

_PROMPT, _MORE = ">>> ", "... "


class Repl:
    """Reads commands from a terminal, runs them, and shows what comes of it.

    Args:
        world: Where the commands run: in its present ``__main__``.
        read: Waits for one byte; an empty one says that the terminal has gone.
        write: Puts bytes on the terminal.
        banner: The line that is shown first.
        armed: Is told when Ctrl-C is to interrupt (True: a command runs) and when it is a key.
    """

    def __init__(
        self,
        world: DriveWorld,
        read: Callable[[], bytes],
        write: Callable[[bytes], object],
        banner: str,
        armed: Callable[[bool], object] = lambda on: None,
    ) -> None:
        self._world = world
        self._read = read
        self._write = write
        self._banner = banner
        self._armed = armed
        names = world.main.__dict__
        self._editor = LineEditor(completer(names, world.builtins))

    def run(self) -> str:
        """Serve the terminal until somebody leaves.

        Returns:
            ``"soft_reboot"`` (Ctrl-D, ``sys.exit()``, ``supervisor.reload()``), or ``"exit"``
            when the terminal has gone.
        """
        self._show_banner()
        before = sys.displayhook
        sys.displayhook = self._show
        try:
            while True:
                asks, text = self._command()
                if asks is None:
                    return "exit"
                if asks is Asks.END:
                    self._say("\r\n")
                    return "soft_reboot"
                if asks is Asks.LINE and self._leaves(text):
                    return "soft_reboot"
                if asks is Asks.FRIENDLY:
                    self._say("\r\n")
                    self._show_banner()
                elif asks is Asks.INTERRUPT:
                    self._say("\r\n")
        finally:
            sys.displayhook = before

    def _command(self) -> tuple[Asks | None, str]:
        """Read one command, of as many lines as it takes."""
        asks, text = self._line(_PROMPT, "")
        while asks is Asks.LINE and needs_more(text):
            asks, line = self._line(_MORE, indentation(text))
            if asks is Asks.END:
                self._say("\r\n")
                return Asks.LINE, text
            text = f"{text}\n{line}"
        return asks, text

    def _line(self, prompt: str, start: str) -> tuple[Asks | None, str]:
        editor = self._editor
        self._say(editor.start(prompt, start))
        while True:
            try:
                byte = self._read()
            except KeyboardInterrupt:
                return Asks.INTERRUPT, ""
            if not byte:
                return None, ""
            output, asks = editor.feed(byte)
            if output:
                self._say(output)
            # The raw REPL and paste mode are not served here: those keys do nothing.
            if asks is not None and asks not in {Asks.RAW, Asks.PASTE}:
                if asks is Asks.LINE:
                    editor.remember(editor.line)
                return asks, editor.line

    def _leaves(self, text: str) -> bool:
        """Run a command; return whether it asked to leave."""
        if not any(line.strip() and not line.lstrip().startswith("#") for line in text.split("\n")):
            return False
        self._armed(True)
        try:
            ending = self._world.run_text(text + "\n", show=True)
        finally:
            self._armed(False)
        self._tell(ending)
        return ending.kind in {"exit", "reload"}

    def _tell(self, ending: Ending) -> None:
        out = sys.stdout
        if ending.kind == "exit":
            out.write(f"{ending.message}\n" if ending.message else "")
        elif ending.error is not None and ending.kind != "reload":
            out.write(report.format_exception(ending.error, notes=True))
        out.flush()

    def _show(self, value: Any) -> None:
        """Show the value of an expression, and keep it as ``_``."""
        if value is not None:
            sys.stdout.write(f"{value!r}\n")
            self._world.builtins["_"] = value

    def _show_banner(self) -> None:
        self._say(f"\r\n{self._banner}\r\n")

    def _say(self, text: str) -> None:
        self._write(text.encode())
