"""The raw REPL: runs what other programs send, and answers in a form that they can read."""

from __future__ import annotations

import errno
import warnings
from typing import TYPE_CHECKING

from cpcompat.vm import report
from cpcompat.vm.drive_world import Ending
from cpcompat.vm.raw_input import BANNER, RawInput, Wants

if TYPE_CHECKING:
    from cpcompat.vm.drive_world import DriveWorld
    from cpcompat.vm.seat import Seat

_INCOMPLETE = 0x4000  # PyCF_ALLOW_INCOMPLETE_INPUT, as CPython's codeop uses it
_END = b"\x04"


class RawRepl:
    """Serves a program at the other end of the terminal.

    Args:
        world: Where the commands run: in its present ``__main__``.
        seat: The terminal.
    """

    def __init__(self, world: DriveWorld, seat: Seat) -> None:
        self._world = world
        self._seat = seat
        self._input = RawInput(is_broken)

    def run(self) -> str:
        """Serve until the other end wants something else.

        Returns:
            ``"soft_reboot"``, ``"friendly"``, or ``"exit"`` when the terminal has gone.
        """
        self._world.main.__dict__["__file__"] = "<stdin>"
        self._seat.write(BANNER)
        while byte := self._seat.read():
            answer = self._input.feed(byte)
            if answer.wants is Wants.RUN:
                if self._leaves(answer.output):
                    return "soft_reboot"
                continue
            if answer.output:
                self._seat.write(answer.output)
            if answer.wants is Wants.CANCELLED:
                self._tell(Ending("interrupt", KeyboardInterrupt()))
            elif answer.wants is Wants.REBOOT:
                return "soft_reboot"
            elif answer.wants is Wants.FRIENDLY:
                return "friendly"
        return "exit"

    def _leaves(self, accepted: bytes) -> bool:
        """Run what was sent and answer; return whether it asked to leave.

        Args:
            accepted: What tells the other end that it runs; an interrupt may come from then on.
        """

        def command() -> Ending:
            self._seat.write(accepted)
            return self._world.run_text(self._input.text)

        return self._tell(self._seat.run(command))

    def _tell(self, ending: Ending) -> bool:
        """Say how a command ended; return whether it asked to leave."""
        leaves = ending.kind in {"exit", "reload"}
        text = ""
        if ending.kind == "exit":
            text = f"{ending.message}\n" if ending.message else ""
        elif ending.error is not None and not leaves:
            # No notes: what tools read is what a board says.
            text = report.format_exception(ending.error, notes=False)
            text = with_symbol(text, ending.error)
        said = text.encode("utf-8", "replace")
        self._seat.write(_END + said + _END + (b"" if leaves else b">"))
        return leaves


def with_symbol(text: str, error: BaseException) -> str:
    """Name an `OSError` by its symbol before its words, in a traceback.

    Tools that were made for MicroPython (mpremote, ampy) know a file that is not there by
    ``OSError: [Errno 2] ENOENT`` only.

    Args:
        text: The traceback.
        error: The exception that it tells of.
    """
    number = error.errno if isinstance(error, OSError) else None
    symbol = errno.errorcode.get(number or 0)
    if symbol is None:
        return text
    before, found, after = text.rpartition(f"OSError: [Errno {number}] ")
    return f"{before}{found}{symbol}: {after}" if found and not after.startswith(symbol) else text


def is_broken(lines: bytes) -> bool:
    """Tell whether no text that begins with these lines can be compiled.

    Args:
        lines: Whole lines of source.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(lines, "<stdin>", "exec", _INCOMPLETE, dont_inherit=True)
        except SyntaxError as error:
            return "incomplete input" not in str(error)
        except (ValueError, OverflowError, MemoryError, RecursionError):
            return False
    return False
