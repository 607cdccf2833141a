"""The enum-like classes of `microcontroller`."""

from __future__ import annotations

from cpcompat.hal.symbols import Choice, define_choices

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import ClassVar


class ResetReason(Choice):
    """Why the board started."""

    __slots__ = ()

    POWER_ON: ClassVar[ResetReason]
    """Power came."""
    BROWNOUT: ClassVar[ResetReason]
    """Power sagged."""
    SOFTWARE: ClassVar[ResetReason]
    """`reset` was called."""
    DEEP_SLEEP_ALARM: ClassVar[ResetReason]
    """An alarm ended a deep sleep."""
    RESET_PIN: ClassVar[ResetReason]
    """The reset button."""
    WATCHDOG: ClassVar[ResetReason]
    """The watchdog was not fed."""
    UNKNOWN: ClassVar[ResetReason]
    """Nobody knows."""
    RESCUE_DEBUG: ClassVar[ResetReason]
    """A debugger."""


class RunMode(Choice):
    """How the board is to start."""

    __slots__ = ()

    NORMAL: ClassVar[RunMode]
    """As always."""
    SAFE_MODE: ClassVar[RunMode]
    """In safe mode."""
    UF2: ClassVar[RunMode]
    """In the UF2 bootloader."""
    BOOTLOADER: ClassVar[RunMode]
    """In the chip's bootloader."""


_RESET_REASONS = (
    *("POWER_ON", "BROWNOUT", "SOFTWARE", "DEEP_SLEEP_ALARM", "RESET_PIN", "WATCHDOG"),
    *("UNKNOWN", "RESCUE_DEBUG"),
)

define_choices(ResetReason, "microcontroller.ResetReason", *_RESET_REASONS)
define_choices(RunMode, "microcontroller.RunMode", "NORMAL", "SAFE_MODE", "UF2", "BOOTLOADER")
