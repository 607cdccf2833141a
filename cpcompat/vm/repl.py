"""The friendly REPL: the prompt of a board.

Source: CircuitPython ``shared/runtime/pyexec.c``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from cpcompat.vm import report
from cpcompat.vm.completion import completer
from cpcompat.vm.continuation import indentation, needs_more
from cpcompat.vm.drive_world import Ending
from cpcompat.vm.line_editor import Asks, LineEditor
from cpcompat.vm.paste import BANNER as PASTE_BANNER
from cpcompat.vm.paste import Paste, Pasted

if TYPE_CHECKING:
    from cpcompat.vm.drive_world import DriveWorld
    from cpcompat.vm.seat import Seat

_PROMPT, _MORE = ">>> ", "... "


class Repl:
    """Reads commands from a terminal, runs them, and shows what comes of it.

    Args:
        world: Where the commands run: in its present ``__main__``.
        seat: The terminal.
        banner: The line that is shown first.
    """

    def __init__(self, world: DriveWorld, seat: Seat, banner: str) -> None:
        self._world = world
        self._seat = seat
        self._banner = banner
        names = world.main.__dict__
        self._editor = LineEditor(completer(names, world.builtins))

    def run(self) -> str:
        """Serve the terminal until somebody leaves.

        Returns:
            ``"soft_reboot"`` (Ctrl-D, ``sys.exit()``, ``supervisor.reload()``), ``"raw"`` for the
            raw REPL, or ``"exit"`` when the terminal has gone.
        """
        self._show_banner()
        before = sys.displayhook
        sys.displayhook = self._show
        try:
            leaves = ""
            while not leaves:
                leaves = self._serve(*self._command())
            return leaves
        finally:
            sys.displayhook = before

    def _serve(self, asks: Asks | None, text: str) -> str:
        """Do what was asked for; return how the REPL is left, or nothing."""
        if asks is None:
            return "exit"
        if asks is Asks.LINE:
            return "soft_reboot" if self._leaves(text) else ""
        self._say("\r\n")
        if asks is Asks.FRIENDLY:
            self._show_banner()
        elif asks is Asks.PASTE:
            return "soft_reboot" if self._pastes() else ""
        return {Asks.END: "soft_reboot", Asks.RAW: "raw"}.get(asks, "")

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
                byte = self._seat.read()
            except KeyboardInterrupt:
                return Asks.INTERRUPT, ""
            except Exception as error:
                # A watchdog that was not fed: it bites here too, and the prompt comes again.
                self._say("\r\n")
                self._tell(Ending.by(error))
                self._say(editor.start(prompt, start))
                continue
            if not byte:
                return None, ""
            output, asks = editor.feed(byte)
            if output:
                self._say(output)
            if asks is not None:
                if asks is Asks.LINE:
                    editor.remember(editor.line)
                return asks, editor.line

    def _leaves(self, text: str) -> bool:
        """Run a command; return whether it asked to leave."""
        if not any(line.strip() and not line.lstrip().startswith("#") for line in text.split("\n")):
            return False
        ending = self._seat.run(lambda: self._world.run_text(text + "\n", show=True))
        self._tell(ending)
        return ending.kind in {"exit", "reload"}

    def _pastes(self) -> bool:
        """Take what is pasted and run it; return whether it asked to leave."""
        self._seat.write(PASTE_BANNER)
        paste = Paste()
        while byte := self._seat.read():
            output, ended = paste.feed(byte)
            self._seat.write(output)
            if ended is Pasted.DONE:
                break
            if ended is Pasted.CANCELLED:
                return False
        self._world.main.__dict__["__file__"] = "<stdin>"
        ending = self._seat.run(lambda: self._run_pasted(paste.text))
        self._tell(ending)
        return ending.kind in {"exit", "reload"}

    def _run_pasted(self, text: str) -> Ending:
        """Run a whole text, and show the values of its expressions."""
        import ast  # only here: few paste

        try:
            tree = ast.Interactive(ast.parse(text, "<stdin>").body)
        except Exception as error:
            return Ending.by(error)
        return self._world.run_text(tree, show=True)

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
        self._seat.write(text.encode("utf-8", "replace"))
