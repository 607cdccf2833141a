"""What the supervisor says on the console about programs, and the status bar in the title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.storage.drive.names import DOUBLED
from cpcompat.supervisor.process import wording

if TYPE_CHECKING:
    from cpcompat.protocol import Ended
    from cpcompat.supervisor.process.console import Console
    from cpcompat.supervisor.process.facts import Facts
    from cpcompat.supervisor.process.states import Memory

_LONGEST_FILE = 32


class Announcer:
    """The supervisor's voice.

    Args:
        console: Where it is heard.
        facts: Say whether the status bar is wanted.

    Attributes:
        hushed: The status bar keeps still: what reads the console is no terminal but a tool.
        address: Where the web workflow listens; empty without one.
    """

    def __init__(self, console: Console, facts: Facts) -> None:
        self._console = console
        self._facts = facts
        self._title = "Done"
        self.hushed = False
        self.address = ""

    def say(self, text: str) -> None:
        """Say a text with LF newlines."""
        self._console.say(text)

    def clear_line(self) -> None:
        """Begin at the start of an empty line, where there is a terminal."""
        self._console.say_control(wording.CLEAR_LINE)

    def show_title(self, field: str) -> None:
        """Show what runs in the terminal's title."""
        self._title = field
        if self._facts.get("status_bar_console") and not self.hushed:
            self._console.say_control(self.title())

    @property
    def field(self) -> str:
        """What the status bar says of the program: its file, how it ended, or ``"REPL"``."""
        return self._title

    def title(self) -> str:
        """Return the sequence that shows the status bar as it is now."""
        return wording.title(self._title, self.address)

    def status_bar_switched(self) -> None:
        """The program switched the status bar: clear it and, if it is on, draw it again."""
        if not self.hushed:
            self._console.say_control(wording.NO_TITLE)
        self.show_title(self._title)

    def output_of(self, name: str) -> None:
        """Head the output of a file."""
        self.clear_line()
        self.say(wording.output_of(name))

    def done(self, ended: Ended, name: str, death: str, memory: Memory) -> None:
        """Say how code.py ended.

        Args:
            ended: How.
            name: The file that ran.
            death: What to say of a program that ended without a word.
            memory: Whether a reload is pending.
        """
        summary = ended.how in ("exception", "interrupt")
        field = f"{ended.line}@{ended.file[:_LONGEST_FILE]} {ended.error}" if summary else "Done"
        self.show_title(field)
        if name in DOUBLED:
            self.say(wording.TWO_EXTENSIONS)
        if ended.how in ("died", "crashed"):
            self.say(death)
        if ended.how != "crashed":
            stopped = ended.how == "reload" and memory.pending
            self.say(wording.STOPPED_BY_RELOAD if stopped else wording.DONE)

    def prompt(self, memory: Memory) -> None:
        """Say how to go on, and in safe mode why nothing runs."""
        self.clear_line()
        self.say(wording.AUTO_RELOAD_ON if memory.auto_reload else wording.AUTO_RELOAD_OFF)
        if memory.safe:
            self.say(wording.safe_mode(memory.safe))
        self.say(wording.PRESS_ANY_KEY)
