"""Converters through the kernel's Industrial I/O.

Source: the kernel's ``Documentation/ABI/testing/sysfs-bus-iio``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cpcompat.backends.linux.errors import hal_error
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.pin import Pin

_DEVICES = "/sys/bus/iio/devices"
_FULL = 65535
_LONGEST = 64


def _place(board: BoardDefinition, pin: Pin, direction: str) -> tuple[str, str]:
    """Return the folder of a pin's converter, and what its channel's files begin with.

    Raises:
        HalError: ABSENT: the board's file names no converter, or the kernel has not got it.
    """
    able = board.analog_inputs if direction == "in" else board.analog_outputs
    row = board.for_backend.get("analog", {}).get(pin.name) if pin in able else None
    where = f"analog {direction}put on {pin.label}"
    if row is None:
        names = ", ".join(p.label for p in able) or "none"
        raise HalError(Fault.ABSENT, where, f"The board has it on: {names}.")
    folder = _device(row["device"])
    if folder is None:
        cure = f"The kernel has no converter {row['device']!r}: its overlay or driver is missing."
        raise HalError(Fault.ABSENT, where, cure)
    return folder, f"{direction}_voltage{row['channel']}"


def _device(name: str) -> str | None:
    """Return the folder of a device, by the name that its driver gives it."""
    try:
        found = sorted(os.listdir(_DEVICES))  # noqa: PTH208
    except OSError:
        return None
    for device in found:
        try:
            with open(f"{_DEVICES}/{device}/name", encoding="utf-8") as file:
                if file.read().strip() == name:
                    return f"{_DEVICES}/{device}"
        except OSError:
            continue
    return None


def _scale_mv(folder: str, channel: str, direction: str) -> float:
    """Return how many millivolts one step is; a channel's own scale comes before the common one."""
    for file in (f"{channel}_scale", f"{direction}_voltage_scale"):
        try:
            with open(f"{folder}/{file}", encoding="ascii") as opened:
                return float(opened.read())
        except (OSError, ValueError):
            continue
    return 0.0


class LinuxAnalogInput:
    """See `cpcompat.hal.analog.AnalogInput`.

    Args:
        nodes: The way to the files.
        board: The board, whose file says the voltage that reads as full scale.
        pin: The pin.

    Raises:
        HalError: ABSENT, DENIED, UNSUPPORTED.
    """

    def __init__(self, nodes: Nodes, board: BoardDefinition, pin: Pin) -> None:
        self._where = f"analog input on {pin.label}"
        folder, channel = _place(board, pin, "in")
        self.reference_v = board.analog_reference_v
        scale_mv = _scale_mv(folder, channel, "in")
        if not scale_mv or not self.reference_v:
            cure = "The driver gives no scale, or the board's file no reference_v."
            raise HalError(Fault.UNSUPPORTED, self._where, cure)
        self._step = _FULL * scale_mv / 1000 / self.reference_v
        path = f"{folder}/{channel}_raw"
        try:
            self._descriptor = nodes.open(path, os.O_RDONLY)
        except OSError as error:
            raise hal_error(error, self._where, path) from error

    def read(self) -> int:
        """See `AnalogInput.read`."""
        try:
            raw = int(os.pread(self._descriptor, _LONGEST, 0))
        except OSError as error:
            raise hal_error(error, self._where) from error
        return min(max(round(raw * self._step), 0), _FULL)

    def close(self) -> None:
        """See `AnalogInput.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class LinuxAnalogOutput:
    """See `cpcompat.hal.analog.AnalogOutput`.

    Args:
        nodes: The way to the files.
        board: The board.
        pin: The pin.

    Raises:
        HalError: ABSENT, DENIED, UNSUPPORTED.
    """

    def __init__(self, nodes: Nodes, board: BoardDefinition, pin: Pin) -> None:
        self._where = f"analog output on {pin.label}"
        folder, channel = _place(board, pin, "out")
        scale_mv = _scale_mv(folder, channel, "out")
        if not scale_mv or not board.analog_reference_v:
            cure = "The driver gives no scale, or the board's file no reference_v."
            raise HalError(Fault.UNSUPPORTED, self._where, cure)
        self._step = board.analog_reference_v * 1000 / scale_mv / _FULL
        path = f"{folder}/{channel}_raw"
        self._off = -1
        try:
            self._descriptor = nodes.open(path, os.O_RDWR)
            self._off = _opened_if_there(nodes, f"{folder}/{channel}_powerdown")
        except OSError as error:
            raise hal_error(error, self._where, path) from error
        self._power(True)

    def _power(self, on: bool) -> None:
        if self._off >= 0:
            os.pwrite(self._off, b"0" if on else b"1", 0)

    def write(self, value: int) -> None:
        """See `AnalogOutput.write`."""
        try:
            os.pwrite(self._descriptor, b"%d" % round(value * self._step), 0)
        except OSError as error:
            raise hal_error(error, self._where) from error

    def close(self) -> None:
        """See `AnalogOutput.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._power(False)
            os.close(descriptor)
            if self._off >= 0:
                os.close(self._off)


def _opened_if_there(nodes: Nodes, path: str) -> int:
    try:
        return nodes.open(path, os.O_RDWR)
    except FileNotFoundError:
        return -1
