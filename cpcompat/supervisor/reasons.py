"""The enum-like classes of `supervisor`."""

from __future__ import annotations

from cpcompat.hal.symbols import Choice, define_choices

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import ClassVar


class RunReason(Choice):
    """Why this program runs."""

    __slots__ = ()

    STARTUP: ClassVar[RunReason]
    """The board booted."""
    AUTO_RELOAD: ClassVar[RunReason]
    """A file on the drive was written."""
    SUPERVISOR_RELOAD: ClassVar[RunReason]
    """The program called `reload`."""
    REPL_RELOAD: ClassVar[RunReason]
    """Somebody left the REPL, or pressed Ctrl-D."""


class SafeModeReason(Choice):
    """Why the board is in safe mode."""

    __slots__ = ()

    NONE: ClassVar[SafeModeReason]
    """It is not."""
    BROWNOUT: ClassVar[SafeModeReason]
    """Power sagged."""
    FLASH_WRITE_FAIL: ClassVar[SafeModeReason]
    """The drive could not be written."""
    GC_ALLOC_OUTSIDE_VM: ClassVar[SafeModeReason]
    """Memory was asked for while no program ran."""
    HARD_FAULT: ClassVar[SafeModeReason]
    """The program crashed."""
    INTERRUPT_ERROR: ClassVar[SafeModeReason]
    """Interrupts were enabled more often than disabled."""
    NLR_JUMP_FAIL: ClassVar[SafeModeReason]
    """An exception had nowhere to go."""
    NO_CIRCUITPY: ClassVar[SafeModeReason]
    """There is no drive."""
    NO_HEAP: ClassVar[SafeModeReason]
    """There is no memory."""
    PROGRAMMATIC: ClassVar[SafeModeReason]
    """The program asked for it."""
    SDK_FATAL_ERROR: ClassVar[SafeModeReason]
    """The chip's own software failed."""
    STACK_OVERFLOW: ClassVar[SafeModeReason]
    """Calls were nested too deep."""
    USB_BOOT_DEVICE_NOT_INTERFACE_ZERO: ClassVar[SafeModeReason]
    """The USB keyboard is not the first interface."""
    USB_TOO_MANY_ENDPOINTS: ClassVar[SafeModeReason]
    """The USB devices need more endpoints than there are."""
    USB_TOO_MANY_INTERFACE_NAMES: ClassVar[SafeModeReason]
    """The USB devices have too many names."""
    USER: ClassVar[SafeModeReason]
    """Somebody pressed the button while the board started."""
    WATCHDOG: ClassVar[SafeModeReason]
    """The watchdog was not fed."""


_SAFE_MODE_REASONS = (
    *("NONE", "BROWNOUT", "FLASH_WRITE_FAIL", "GC_ALLOC_OUTSIDE_VM", "HARD_FAULT"),
    *("INTERRUPT_ERROR", "NLR_JUMP_FAIL", "NO_CIRCUITPY", "NO_HEAP", "PROGRAMMATIC"),
    *("SDK_FATAL_ERROR", "STACK_OVERFLOW", "USB_BOOT_DEVICE_NOT_INTERFACE_ZERO"),
    *("USB_TOO_MANY_ENDPOINTS", "USB_TOO_MANY_INTERFACE_NAMES", "USER", "WATCHDOG"),
)
_RUN_REASONS = ("STARTUP", "AUTO_RELOAD", "SUPERVISOR_RELOAD", "REPL_RELOAD")

define_choices(RunReason, "supervisor.RunReason", *_RUN_REASONS)
define_choices(SafeModeReason, "supervisor.SafeModeReason", *_SAFE_MODE_REASONS)
