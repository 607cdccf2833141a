"""What the supervisor says on the console, and the control sequences around it.

The sentences are those of CircuitPython 10 (supervisor/shared, main.c), because people and tools
look for them; the banner names this project.
"""

from __future__ import annotations

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
SLEEPING = "Pretending to deep sleep until alarm, CTRL-C or file write.\n"
WOKEN = "Woken up by alarm.\n"
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


def title(field: str, address: str = "") -> str:
    """Return the escape sequence that shows the status bar as the terminal's title.

    Args:
        field: What runs.
        address: Where the web workflow listens; empty without one.
    """
    where = f"{address} | " if address else ""
    return f"\x1b]0;\U0001f40d{where}{field} | {RELEASE}\x1b\\"


def bad_setting(key: str, why: str) -> str:
    """Return what is said of a setting that the supervisor cannot read."""
    return f"An error occurred while retrieving '{key}':\n{why}\n"


def not_erased(why: str) -> str:
    """Return what is said when the drive could not be made a fresh one."""
    return f"The drive could not be erased:\n{why}\n"


def usb_drive_fails(why: str) -> str:
    """Return what is said when the USB drive cannot be offered, or not be brought back.

    Args:
        why: What was refused.
    """
    return f"\nThe USB drive: {why}\nNothing is lost; it is tried again. «cpcompat usb status» tells more.\n"


def usb_drive_damaged(path: str) -> str:
    """Return what is said when the host has left a file system that cannot be read.

    Args:
        path: Where it is kept.
    """
    return (
        "\nThe USB drive came back damaged: it was unplugged or reset while the computer wrote.\n"
        f"What is on it is kept in {path}; «fsck.vfat» may mend it.\n"
        "The drive's files are those from before.\n"
    )


def hangs(process: int) -> str:
    """Return what is said of a program that not even SIGKILL ends, because it hangs in the kernel.

    Args:
        process: Its process's id.
    """
    return (
        f"\nThe program cannot be ended: process {process} hangs in the kernel, out of the reach of "
        "SIGKILL.\nUsually a device was unplugged or a network drive is gone; bring it back, or restart "
        "the computer.\nUntil then its pins stay as they are, and no other program starts.\n"
    )


def restarting(delay_s: float) -> str:
    """Return what is said of a program that crashed and is tried again."""
    return f"\nRestarting in {delay_s:g} s. Press any key to enter the REPL instead.\n"


def safe_mode(reason: str) -> str:
    """Return why the board is in safe mode, and the way out.

    Args:
        reason: A name of ``supervisor.SafeModeReason``, or ``SAFEMODE_PY_ERROR``.
    """
    message = _SAFE_MODE.get(reason)
    if message is None:
        detail = _CRASHES.get(reason, "Unknown reason.")
        message = f"The program crashed hard. Whoops!\n{detail}"
    return f"{_SAFE_HEAD}{message}\nPress reset to exit safe mode.\n{_HOW_TO_RESET}"


_SAFE_HEAD = "Running in safe mode! Not running saved code.\n\nYou are in safe mode because:\n"
_HOW_TO_RESET = (
    "Reset is «cpcompat reset», or «import microcontroller; microcontroller.reset()» in the REPL.\n"
)
_SAFE_MODE = {
    "BROWNOUT": "Power dipped. Make sure you are providing enough power.",
    "USER": "You pressed the reset button during boot.",
    "NO_CIRCUITPY": "CIRCUITPY drive could not be found or created.",
    "PROGRAMMATIC": "The `microcontroller` module was used to boot into safe mode.",
    "SAFEMODE_PY_ERROR": "Error in safemode.py.",
    "STACK_OVERFLOW": "Stack overflow. Increase stack size.",
    "WATCHDOG": "Internal watchdog timer expired.",
}
_CRASHES = {
    "FLASH_WRITE_FAIL": "Failed to write internal flash.",
    "GC_ALLOC_OUTSIDE_VM": "Heap allocation when VM not running.",
    "HARD_FAULT": "Hard fault: memory access or instruction error.",
    "INTERRUPT_ERROR": "Interrupt error.",
    "NLR_JUMP_FAIL": "NLR jump failed. Likely memory corruption.",
    "NO_HEAP": "Unable to allocate to the heap.",
    "SDK_FATAL_ERROR": "The supervisor itself failed.",
}
