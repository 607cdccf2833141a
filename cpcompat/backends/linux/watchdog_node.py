"""The computer's watchdog, through the kernel's interface (linux/watchdog.h, Documentation/watchdog)."""

from __future__ import annotations

import errno
import os
from fcntl import ioctl
from struct import Struct

from cpcompat.backends.linux.errors import hal_error
from cpcompat.hal.errors import Fault

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from cpcompat.backends.linux.errors import Rows

_GET_SUPPORT, _GET_BOOT_STATUS, _KEEP_ALIVE = 0x80285700, 0x80045702, 0x80045705
_SET_TIMEOUT, _GET_TIMEOUT, _GET_TIME_LEFT = 0xC0045706, 0x80045707, 0x8004570A
_CARD_RESET, _MAGIC_CLOSE = 0x0020, 0x0100
_NUMBER, _INFO = Struct("=i"), Struct("=II32s")
_STOP = b"V"

_ROWS: Rows = {
    errno.EBUSY: (
        Fault.BUSY,
        "Another program feeds it, such as systemd: see RuntimeWatchdogSec in"
        " /etc/systemd/system.conf.",
    ),
}


class LinuxHardwareWatchdog:
    """See `cpcompat.hal.hardware_watchdog.HardwareWatchdog`.

    Whoever dies without closing it leaves it counting, unless a successor opens it in time.

    Args:
        path: Its node, ``"/dev/watchdog0"``.
        timeout_s: How long it is to wait; a driver that cannot keeps its own time.

    Raises:
        HalError: It is not there, is somebody else's, or may not be used.
    """

    def __init__(self, path: str, timeout_s: int) -> None:
        self._path = path
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        except OSError as error:
            raise hal_error(error, path, path, _ROWS) from error
        self._ask_for(timeout_s)
        self.timeout_s = self._number(_GET_TIMEOUT) or timeout_s
        self.has_bitten = bool((self._number(_GET_BOOT_STATUS) or 0) & _CARD_RESET)

    def _ask_for(self, timeout_s: int) -> None:
        try:
            ioctl(self._descriptor, _SET_TIMEOUT, bytearray(_NUMBER.pack(timeout_s)))
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTTY):
                self.close()
                raise hal_error(error, self._path, self._path, _ROWS) from error

    def _number(self, request: int) -> int | None:
        """Return what the driver answers to a question that it need not know."""
        answer = bytearray(_NUMBER.size)
        try:
            ioctl(self._descriptor, request, answer)
        except OSError:
            return None
        number: int = _NUMBER.unpack(answer)[0]
        return number

    def feed(self) -> None:
        """See `HardwareWatchdog.feed`."""
        try:
            ioctl(self._descriptor, _KEEP_ALIVE, bytearray(_NUMBER.size))
        except OSError as error:
            raise hal_error(error, self._path, self._path, _ROWS) from error

    def left_s(self) -> int | None:
        """See `HardwareWatchdog.left_s`."""
        return self._number(_GET_TIME_LEFT)

    def close(self) -> None:
        """See `HardwareWatchdog.close`; a kernel with ``nowayout`` lets nobody stop it."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor < 0:
            return
        try:
            info = bytearray(_INFO.size)
            ioctl(descriptor, _GET_SUPPORT, info)
            if _INFO.unpack(info)[0] & _MAGIC_CLOSE:
                os.write(descriptor, _STOP)
        except OSError as error:
            raise hal_error(error, self._path, self._path, _ROWS) from error
        finally:
            os.close(descriptor)
