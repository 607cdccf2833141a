"""What the supervisor says on the console, and the control sequences around it.

The sentences are those of CircuitPython 10 (supervisor/shared, main.c), because people and tools
look for them; the banner names this project.
"""

from __future__ import annotations

import signal

from cpcompat.identity import RELEASE, banner

CLEAR_LINE = "\x1b[2K\x1b[0G"
NO_TITLE = "\x1b]0;\x1b\\"
AUTO_RELOAD_ON = (
    "Auto-reload is on. Simply save files over USB to run them or enter REPL to disable.\n"
)
AUTO_RELOAD_OFF = "Auto-reload is off.\n"
PRESS_ANY_KEY = "\nPress any key to enter the REPL. Use CTRL-D to reload.\n"
DONE = "\nCode done running.\n"
STOPPED_BY_RELOAD = "\nCode stopped by auto-reload. Reloading soon.\n"
SOFT_REBOOT = "soft reboot\n"
TWO_EXTENSIONS = "WARNING: Your code filename has two extensions\n"
KEYS = "Ctrl-C stops the program, Ctrl-D reloads, Ctrl-] leaves"


def header(board: str, chip: str, board_id: str, uid: bytes) -> str:
    """Return what is printed at boot and stands at the top of ``boot_out.txt``."""
    lines = [banner(board, chip), f"Board ID:{board_id}"]
    if uid:
        lines.append(f"UID:{uid.hex().upper()}")
    return "\n".join(lines) + "\n"


def output_of(file: str) -> str:
    """Return the line above a file's output."""
    return f"{file} output:\n"


def not_found(file: str) -> str:
    """Return the line for a next code file that is not there."""
    return f"{file} not found.\n"


def title(field: str) -> str:
    """Return the escape sequence that shows the status bar as the terminal's title."""
    return f"\x1b]0;\U0001f40d{field} | {RELEASE}\x1b\\"


def killed(signal_number: int) -> str:
    """Return what is said of a program that a signal has ended."""
    try:
        name = signal.Signals(signal_number).name
    except ValueError:
        name = "?"
    reasons: dict[int, str] = {
        signal.SIGSEGV: "memory access error",
        signal.SIGBUS: "memory access error",
        signal.SIGILL: "illegal instruction",
        signal.SIGABRT: "abort in native code",
        signal.SIGKILL: "killed, as the kernel does when memory runs out",
    }
    why = reasons.get(signal_number, "a signal")
    return f"\nThe program was ended by signal {signal_number} ({name}): {why}.\n"


def vanished(status: int) -> str:
    """Return what is said of a program whose process left without a word."""
    return f"\nThe program's process exited with status {status} before the program ended.\n"
