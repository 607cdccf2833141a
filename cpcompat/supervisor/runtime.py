"""`supervisor.runtime`: the facts of this run."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.arguments import in_range
from cpcompat.hal.refusals import noted
from cpcompat.supervisor.reasons import RunReason, SafeModeReason

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any

_NO_BLUETOOTH = "There is no workflow over Bluetooth."
_NO_STATUS_LED = "There is no status light; cpcompat.toml may name one: [supervisor] status_led."
_NO_DISPLAY = "There is no display."


class Runtime:
    """The facts of this run. There is one object: `supervisor.runtime`."""

    __slots__ = ()

    def __init__(self) -> None:
        raise TypeError("cannot create 'Runtime' instances")

    @property
    def usb_connected(self) -> bool:
        """Whether a USB host uses this board as a device; never where it is none (`cpcompat usb`)."""
        fact: Any = hal.host().get("usb_drive")
        return fact is not None and bool(fact["connected"])

    @property
    def serial_connected(self) -> bool:
        """Whether anybody reads the console."""
        return bool(hal.host().get("serial_connected"))

    @property
    def serial_bytes_available(self) -> int:
        """How many bytes wait on the console to be read."""
        return int(str(hal.host().get("serial_bytes_available")))

    @property
    def run_reason(self) -> RunReason:
        """Why this program runs."""
        reason: RunReason = getattr(RunReason, str(hal.host().get("run_reason")))
        return reason

    @property
    def safe_mode_reason(self) -> SafeModeReason | None:
        """Why the board is in safe mode: ``NONE`` when it is not, None for an error in safemode.py."""
        name = str(hal.host().get("safe_mode_reason"))
        reason: SafeModeReason | None = getattr(SafeModeReason, name, None)
        return reason

    @property
    def autoreload(self) -> bool:
        """Whether the program runs anew when a file on the drive is written."""
        return bool(hal.host().get("autoreload"))

    @autoreload.setter
    def autoreload(self, value: bool) -> None:
        hal.host().set("autoreload", bool(value))

    @property
    def ble_workflow(self) -> bool:
        """Whether the board can be reached over Bluetooth: no.

        Raises:
            NotImplementedError: It was to be set.
        """
        return False

    @ble_workflow.setter
    def ble_workflow(self, value: bool) -> None:
        raise noted(NotImplementedError(), _NO_BLUETOOTH)

    @property
    def rgb_status_brightness(self) -> int:
        """The brightness of the status light, 0 to 255; 0 where there is none.

        On Linux: a light of one colour shines at full brightness unless this is 0.

        Raises:
            ValueError: It is to be something else.
            NotImplementedError: It was to be set and there is none.
        """
        return int(str(hal.host().get("rgb_status_brightness") or 0))

    @rgb_status_brightness.setter
    def rgb_status_brightness(self, value: int) -> None:
        brightness = in_range(value, 0, 255, "brightness")
        if hal.host().get("rgb_status_brightness") is None:
            raise noted(NotImplementedError(), _NO_STATUS_LED)
        hal.host().set("rgb_status_brightness", brightness)

    @property
    def display(self) -> object:
        """The display that shows the console: None, there is none.

        Raises:
            NotImplementedError: It was to be set.
        """
        return None

    @display.setter
    def display(self, value: object) -> None:
        raise noted(NotImplementedError(), _NO_DISPLAY)


runtime: Runtime = object.__new__(Runtime)
