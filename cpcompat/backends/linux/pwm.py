"""PWM by the chip's own modulators: ``/dev/pwmchipN`` where there is one, else sysfs.

Source: the kernel's ``include/uapi/linux/pwm.h`` (6.17), ``Documentation/driver-api/pwm.rst``.
"""

from __future__ import annotations

import errno
import os
import time
from fcntl import ioctl
from struct import Struct
from typing import TYPE_CHECKING

from cpcompat.backends.linux.errors import hal_error
from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.pwm import PwmOutput

_CLASS = "/sys/class/pwm"
_SECOND_NS = 1_000_000_000
_FULL = 65535
_REQUEST, _FREE, _SET = 0x7501, 0x7502, 0x4020_7505
_WAVEFORM = Struct("=IIQQQ")
"""hwpwm, padding, and in nanoseconds: period, duty, offset of the rising edge."""
_UDEV_S = 1.0
"""How long udev may take to give a channel's new files to the group."""
_STEP_S = 0.01


def open_output(nodes: Nodes, board: BoardDefinition, pin: Pin) -> PwmOutput:
    """Open the modulator of a pin.

    Where the kernel has not got the board's controller (its overlay is off), pulses are made by
    software, and the log says what that means.

    Raises:
        HalError: ABSENT: the board has no modulator there; DENIED, BUSY.
    """
    row = board.for_backend.get("pwm", {}).get(pin.name)
    if row is None:
        able = ", ".join(p.label for p in board.pwm) or "none"
        raise HalError(Fault.ABSENT, f"PWM on {pin.label}", f"The board has it on: {able}.")
    chip = _chip(row["controller"])
    if chip is None:
        from cpcompat.backends.linux.soft_pwm import SoftPwm

        return SoftPwm(nodes, pin)
    try:
        return CharacterPwm(nodes, chip, row["channel"], pin.label)
    except FileNotFoundError:
        return SysfsPwm(nodes, chip, row["channel"], pin.label)
    except OSError as error:
        raise hal_error(error, f"PWM on {pin.label}", f"/dev/{chip}") from error


def _chip(controller: str) -> str | None:
    """Return the name of a controller's chip: never its number, which depends on what came first."""
    try:
        chips = sorted(os.listdir(_CLASS))  # noqa: PTH208
    except OSError:
        return None
    for chip in chips:
        device = os.path.realpath(f"{_CLASS}/{chip}/device")
        if os.path.basename(device) == controller:  # noqa: PTH119
            return chip
    return None


def _times(frequency_hz: int, duty: int, where: str) -> tuple[int, int]:
    """Return period and duty in nanoseconds."""
    period_ns = round(_SECOND_NS / frequency_hz) if frequency_hz >= 1 else 0
    if period_ns < 1:
        raise HalError(Fault.UNSUPPORTED, f"{frequency_hz} Hz on {where}")
    return period_ns, round(period_ns * duty / _FULL)


def switch_off(descriptor: int, channel: int) -> None:
    """Stop a channel that nobody has.

    Args:
        descriptor: The open ``/dev/pwmchipN``.
        channel: The channel.

    Raises:
        OSError: Somebody has it.
    """
    ioctl(descriptor, _REQUEST, channel)
    ioctl(descriptor, _SET, bytearray(_WAVEFORM.pack(channel, 0, 0, 0, 0)))
    ioctl(descriptor, _FREE, channel)


class CharacterPwm:
    """A channel by ``/dev/pwmchipN``: period and duty change in one call, at the end of a pulse.

    Args:
        nodes: The way to the node.
        chip: ``"pwmchip0"``.
        channel: The channel.
        where: The pin, for messages.

    Raises:
        OSError: There is no such node, or it refuses.
    """

    def __init__(self, nodes: Nodes, chip: str, channel: int, where: str) -> None:
        self._channel = channel
        self._where = where
        self._descriptor = nodes.open(f"/dev/{chip}", os.O_RDWR)
        try:
            ioctl(self._descriptor, _REQUEST, channel)
            self._wave(_SECOND_NS // 1000, 0)
        except BaseException:
            os.close(self._descriptor)
            raise

    def _wave(self, period_ns: int, duty_ns: int) -> None:
        ioctl(
            self._descriptor,
            _SET,
            bytearray(_WAVEFORM.pack(self._channel, 0, period_ns, duty_ns, 0)),
        )

    def set(self, frequency_hz: int, duty: int) -> None:
        """See `PwmOutput.set`."""
        period_ns, duty_ns = _times(frequency_hz, duty, self._where)
        try:
            self._wave(period_ns, duty_ns)
        except OSError as error:
            raise _refused(error, frequency_hz, self._where) from error

    def close(self) -> None:
        """See `PwmOutput.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            ioctl(
                descriptor, _SET, bytearray(_WAVEFORM.pack(self._channel, 0, 0, 0, 0))
            )  # a period of 0 switches it off
            ioctl(descriptor, _FREE, self._channel)
            os.close(descriptor)


class SysfsPwm:
    """A channel by its files, which stay open.

    Args:
        nodes: The way to the files.
        chip: ``"pwmchip0"``.
        channel: The channel.
        where: The pin, for messages.

    Raises:
        HalError: DENIED, BUSY, ABSENT.
    """

    def __init__(self, nodes: Nodes, chip: str, channel: int, where: str) -> None:
        self._nodes = nodes
        self._where = where
        self._channel = channel
        self._folder = f"{_CLASS}/{chip}"
        self._files: dict[str, int] = {}
        self._period_ns = self._duty_ns = 0
        self._enabled = False
        try:
            self._export("export")
            self._open_files()
            if os.pread(self._files["enable"], 1, 0) == b"1":
                self._write("enable", 0)  # a program that was killed left it running
        except OSError as error:
            self.close()
            raise hal_error(error, f"PWM on {where}", f"{self._folder}/export") from error

    def _export(self, file: str) -> None:
        descriptor = self._nodes.open(f"{self._folder}/{file}", os.O_WRONLY)
        try:
            os.write(descriptor, b"%d" % self._channel)
        except OSError as error:
            # BUSY: a program that was killed left the channel exported. Exports are no leases.
            if error.errno != errno.EBUSY or file != "export":
                raise
        finally:
            os.close(descriptor)

    def _open_files(self) -> None:
        """Open the channel's files; udev gives them to the group a moment after the export."""
        end_s = time.monotonic() + _UDEV_S
        for file in ("period", "duty_cycle", "enable"):
            path = f"{self._folder}/pwm{self._channel}/{file}"
            while file not in self._files:
                try:
                    self._files[file] = self._nodes.open(path, os.O_RDWR)
                except (PermissionError, FileNotFoundError):
                    if time.monotonic() > end_s:
                        raise
                    time.sleep(_STEP_S)

    def _write(self, file: str, number: int) -> None:
        os.pwrite(self._files[file], b"%d" % number, 0)

    def set(self, frequency_hz: int, duty: int) -> None:
        """See `PwmOutput.set`: the duty is never longer than the period, at no moment."""
        period_ns, duty_ns = _times(frequency_hz, duty, self._where)
        try:
            if duty_ns < self._duty_ns and period_ns < self._period_ns:
                self._write("duty_cycle", duty_ns)
            if period_ns != self._period_ns:
                if self._duty_ns > period_ns:
                    self._write("duty_cycle", 0)
                self._write("period", period_ns)
            self._write("duty_cycle", duty_ns)
            if not self._enabled:
                self._write("enable", 1)
        except OSError as error:
            self._put_back()
            raise _refused(error, frequency_hz, self._where) from error
        self._period_ns, self._duty_ns, self._enabled = period_ns, duty_ns, True

    def _put_back(self) -> None:
        """Go on with what was before a frequency that could not be made."""
        if self._enabled:
            for file, number in (("period", self._period_ns), ("duty_cycle", self._duty_ns)):
                try:
                    self._write(file, number)
                except OSError:
                    continue

    def close(self) -> None:
        """See `PwmOutput.close`."""
        files, self._files = self._files, {}
        if self._enabled:
            os.pwrite(files["enable"], b"0", 0)
            self._enabled = False
        for descriptor in files.values():
            os.close(descriptor)
        if files:
            self._export("unexport")


def _refused(error: OSError, frequency_hz: int, where: str) -> HalError:
    cure = "The controller cannot make it: take a frequency between 1 Hz and some megahertz."
    return hal_error(
        error, f"{frequency_hz} Hz on {where}", cure=cure if error.errno == errno.EINVAL else None
    )
