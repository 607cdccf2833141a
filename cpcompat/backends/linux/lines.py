"""GPIO lines through the character device: one call for everything, and no frame too many in between.

Measured: setting a line costs a call of ``ioctl`` with a ``bytearray`` and one frame of Python. With
``bytes`` or a number CPython raises and swallows a TypeError first, which costs four times as much.
"""

from __future__ import annotations

import errno
import os
from fcntl import ioctl
from sys import byteorder

from cpcompat.backends.linux import gpio_uapi as uapi
from cpcompat.backends.linux.errors import hal_error
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull, Quick, quick_by_methods

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from cpcompat.backends.linux.errors import Rows
    from cpcompat.backends.linux.nodes import Nodes
    from cpcompat.hal.pin import Pin

CONSUMER = "cpcompat"
"""What others see of who uses a line begins with it; the process's id follows."""

BIASES = {
    Pull.NONE: uapi.BIAS_DISABLED,
    Pull.UP: uapi.BIAS_PULL_UP,
    Pull.DOWN: uapi.BIAS_PULL_DOWN,
}
_DRIVES = {Drive.PUSH_PULL: 0, Drive.OPEN_DRAIN: uapi.OPEN_DRAIN}
_LOW, _HIGH = bytearray(uapi.LINE_VALUES.pack(0, 1)), bytearray(uapi.LINE_VALUES.pack(1, 1))
"""The kernel only reads these, so all lines share them."""
_BIT = 0 if byteorder == "little" else 7
FREE_CONFIG = uapi.config([uapi.Setting(uapi.FREE)])
"""Makes each line of a request an input without a pull."""

_CANNOT = "The chip's driver cannot make this line so, or the kernel is older than 5.10."
REQUEST: Rows = {
    errno.EINVAL: (Fault.UNSUPPORTED, _CANNOT),
    errno.ENOTTY: (Fault.UNSUPPORTED, _CANNOT),
    errno.EPERM: (Fault.BUSY, "The kernel keeps this line for itself."),
}
CONFIGURE: Rows = {**REQUEST, errno.EPERM: (Fault.WRONG_DIRECTION, None)}
"""What the kernel says of a request that is open."""


def consumer() -> str:
    """Return what others see of who uses a line: this process."""
    return f"{CONSUMER} {os.getpid()}"


def in_use(error: OSError, pin: Pin, nodes: Nodes) -> HalError:
    """Return the fault of a request that the kernel refused, with the line's holder if it is in use."""
    if error.errno != errno.EBUSY:
        return hal_error(error, pin.label, rows=REQUEST)
    try:
        holder = nodes.line_info(pin.id)[1]
    except (OSError, HalError):
        holder = ""
    return hal_error(error, pin.label, cure=_holder(pin, holder))


def _holder(pin: Pin, holder: str) -> str:
    if not holder:
        return "The kernel does not say by whom. Use another pin."
    used = f"{pin.name} is used by {holder!r}."
    words = holder.split()
    if words[0] == CONSUMER and words[-1].isdecimal():
        return f"{used} That is another program: end it first, «kill {words[-1]}»."
    if words[0].startswith("spi") and "CS" in holder:
        overlay = f"{words[0]}-0cs"
        return (
            f"{used} The overlay «{overlay}» frees it («dtoverlay={overlay}»), or use another pin."
        )
    return f"{used} End what uses it, or use another pin."


class LinuxLine:
    """See `cpcompat.hal.gpio.Line`. The line is requested when it is first configured or read.

    Args:
        nodes: The way to the chip.
        pin: The line.
    """

    __slots__ = ("__weakref__", "_cell", "_closed", "_descriptor", "_flags", "_nodes", "_pin")

    def __init__(self, nodes: Nodes, pin: Pin) -> None:
        self._nodes = nodes
        self._pin = pin
        self._closed = False
        self._descriptor = -1
        self._flags = 0
        self._cell = bytearray(_HIGH)

    def configure(self, direction: Direction, pull: Pull, drive: Drive, value: bool) -> None:
        """See `Line.configure`: one call of the kernel."""
        if direction is Direction.INPUT:
            self._set(uapi.INPUT | BIASES[pull], False)
        else:
            self._set(uapi.OUTPUT | _DRIVES[drive], value)

    def _set(self, flags: int, value: bool) -> None:
        if self._descriptor < 0:
            self._request(flags, value)
            return
        try:
            ioctl(self._descriptor, uapi.SET_CONFIG, _config(flags, value))
        except OSError as error:
            raise hal_error(error, self._pin.label, rows=REQUEST) from error
        self._flags = flags

    def _request(self, flags: int, value: bool) -> None:
        if self._closed:
            raise HalError(Fault.GONE, self._pin.label, "The line has been closed: open it anew.")
        asked = uapi.request([self._pin.id], [uapi.Setting(flags, value)], consumer())
        try:
            self._descriptor = self._nodes.lines(asked)
        except OSError as error:
            raise in_use(error, self._pin, self._nodes) from error
        self._flags = flags

    def _requested(self) -> int:
        """Return the request's descriptor; a line that was not configured stays as it is."""
        if self._descriptor < 0:
            self._request(0, False)
        return self._descriptor

    def read(self) -> bool:
        """See `Line.read`."""
        descriptor = self._requested()
        try:
            ioctl(descriptor, uapi.GET_VALUES, self._cell)
        except OSError as error:
            raise self._fault(error) from error
        return self._cell[_BIT] == 1

    def write(self, value: bool) -> None:
        """See `Line.write`."""
        descriptor = self._requested()
        try:
            ioctl(descriptor, uapi.SET_VALUES, _HIGH if value else _LOW)
        except OSError as error:
            raise self._fault(error) from error

    def quick(self) -> Quick:
        """See `cpcompat.hal.gpio.quick`: the kernel is called directly."""
        if byteorder == "big":  # the level is in the last byte there
            return quick_by_methods(self)
        cells = (self._cell, _LOW, _HIGH)
        descriptor = self._requested()
        return Quick(ioctl, descriptor, uapi.GET_VALUES, uapi.SET_VALUES, cells, self._fault)

    def _fault(self, error: OSError) -> HalError:
        return hal_error(error, self._pin.label, rows=CONFIGURE)

    def close(self) -> None:
        """See `Line.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        self._closed = True
        if descriptor >= 0:
            if self._flags not in (0, uapi.FREE) and self._nodes.is_owner():
                free(descriptor, self._pin.label)
            self._nodes.give_back(descriptor)

    def __del__(self) -> None:
        # A line that its user dropped: nobody could let it go any more while the program runs.
        self.close()


_configs: dict[tuple[int, bool], bytearray] = {}


def _config(flags: int, value: bool) -> bytearray:
    """Return the configuration of one line; made once, since data lines change direction often."""
    made = _configs.get((flags, value))
    if made is None:
        made = _configs[flags, value] = uapi.config([uapi.Setting(flags, value)])
    return made


def free(descriptor: int, where: str) -> None:
    """Make the lines of a request inputs without pulls; a chip that has gone is no error."""
    try:
        ioctl(descriptor, uapi.SET_CONFIG, FREE_CONFIG)
    except OSError as error:
        import logging  # 10 ms of start on a small board, for what hardly ever happens

        logging.getLogger(__name__).warning("%s stays as it is: %s", where, error)
