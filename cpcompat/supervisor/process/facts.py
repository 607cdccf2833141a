"""The facts of a board's life that programs can ask for, and which of them a program may change."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cpcompat.hal.mounts import Access

_CHANGEABLE: dict[str, tuple[type, ...]] = {
    "autoreload": (bool,),
    "status_bar_console": (bool,),
    "run_reason": (str,),
    "next_code_file": (dict, type(None)),
    "next_run_mode": (str,),
    "watchdog": (dict, type(None)),
    "alarms": (list,),
    "rgb_status_brightness": (int,),
    "drive_access": (dict,),
    "usb_drive_enabled": (bool,),
    "drive_label": (str,),
    "rtc_base_ns": (int,),
}
_LARGEST = 4_000


class Facts:
    """Name to value, as `cpcompat.hal.host.Host.get` gives them.

    Args:
        auto_reload: Whether writes to the drive start the program anew.
        paths: Where things are that outlive programs; these facts hold in every life.
    """

    def __init__(self, auto_reload: bool, paths: Mapping[str, str]) -> None:
        self._values: dict[str, object] = {}
        self._paths = dict(paths)
        self._brightness: int | None = None
        self._has_usb_drive = False
        self._kept: dict[str, object] = {"rtc_base_ns": None, "drive_label": "CIRCUITPY"}
        self.power_on(auto_reload, "POWER_ON")

    def power_on(self, auto_reload: bool, reset_reason: str, safe: str = "") -> None:
        """Begin a new life: nothing of the last one is left but the clock and the drive's label.

        Args:
            auto_reload: Whether writes to the drive start the program anew.
            reset_reason: Why the board boots, a name of ``microcontroller.ResetReason``.
            safe: Why it is in safe mode, a name of ``supervisor.SafeModeReason``; empty if not.
        """
        self._values = {
            "run_reason": "STARTUP",
            "safe_mode_reason": safe or "NONE",
            "reset_reason": reset_reason,
            "autoreload": auto_reload,
            "serial_connected": False,
            "serial_bytes_available": 0,
            "previous_traceback": None,
            "status_bar_console": True,
            "drive": None,
            "next_code_file": None,
            "next_run_mode": "NORMAL",
            "watchdog": None,
            "alarms": [],
            "rgb_status_brightness": self._brightness,
            "wake_alarm": None,
            "drive_access": {},
            "usb_drive": None,
            "usb_drive_enabled": False,
            **self._kept,
            **self._paths,
        }
        if self._has_usb_drive:
            self.has_usb_drive()

    def has_light(self, brightness: int | None) -> None:
        """Note how bright the status light is at first, 0 to 255; None if there is none."""
        self._brightness = brightness
        self._values["rgb_status_brightness"] = brightness

    def has_usb_drive(self) -> None:
        """Note that the board is a USB device with a drive: the host is the one that may write it."""
        self._has_usb_drive = True
        self._values["drive_access"] = {"usb_writable": True}
        self._values["usb_drive"] = {"connected": False, "held": False}
        self._values["usb_drive_enabled"] = True

    @property
    def host_writable(self) -> bool:
        """Whether the USB host may write the drive."""
        fact = self._values["drive_access"]
        return isinstance(fact, dict) and Access.from_fact(fact, bypass=False).host_writable

    @property
    def host_holds_drive(self) -> bool:
        """Whether the USB host has the drive, so that nobody else may write it."""
        fact = self._values["usb_drive"]
        return isinstance(fact, dict) and fact["held"] is True

    def set(self, name: str, value: object) -> None:
        """Note a fact of the supervisor's own finding."""
        self._values[name] = value
        if name in self._kept:
            self._kept[name] = value

    def get(self, name: str) -> object:
        """Return one fact."""
        return self._values[name]

    def change(self, name: str, value: object) -> bool:
        """Let a program change a fact; return False for what it may not change, or not so."""
        kind = _CHANGEABLE.get(name)
        if kind is None or not isinstance(value, kind) or len(json.dumps(value)) > _LARGEST:
            return False
        self.set(name, value)
        return True

    def all(self) -> dict[str, object]:
        """Return a copy of them all."""
        return dict(self._values)
