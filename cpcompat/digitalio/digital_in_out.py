"""One digital pin."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.digitalio.modes import Direction, DriveMode, Pull, line_pull
from cpcompat.hal.arguments import checked_pin
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction as LineDirection
from cpcompat.hal.gpio import Drive as LineDrive
from cpcompat.hal.gpio import Pull as LinePull
from cpcompat.hal.gpio import quick
from cpcompat.hal.refusals import Hold, deinited, refusal

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, Self

    from cpcompat.hal.gpio import Line
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.refusals import Refusals

_INPUT, _OUTPUT = LineDirection.INPUT, LineDirection.OUTPUT
_PUSH_PULL, _OPEN_DRAIN = LineDrive.PUSH_PULL, LineDrive.OPEN_DRAIN
_NO_PULL = LinePull.NONE

_FAULTS: Refusals = {
    Fault.BUSY: (ValueError, "{where} in use"),
    Fault.ABSENT: (ValueError, "Invalid pin"),
    Fault.WRONG_DIRECTION: (AttributeError, "Cannot set value when direction is input."),
}
_PULL_FAULTS: Refusals = {**_FAULTS, Fault.UNSUPPORTED: (ValueError, "Invalid pull")}
_DRIVE_FAULTS: Refusals = {**_FAULTS, Fault.UNSUPPORTED: (ValueError, "Invalid drive_mode")}


class DigitalInOut:
    """One pin, as an input or an output; an input without a pull at first.

    Args:
        pin: The pin; nobody else may hold it.

    Raises:
        TypeError: That is no pin.
        ValueError: The pin is in use; a note names the holder. Or it cannot be a digital pin.

    On Linux: one line of the GPIO controller. Two objects in different programs cannot hold the
    same line.
    """

    # Reading and writing go through two slots that always hold the right callable for the state
    # that the object is in, so that neither checks it each time. What is passed is in slots, too.
    __slots__ = (
        *("_drive", "_hold", "_line", "_output", "_pin", "_pull", "_quick"),
        *("_read", "_write", "_handle", "_sense_order", "_drive_order", "_cell", "_low", "_high"),
    )

    _line: Line | None

    def __init__(self, pin: Pin) -> None:
        self._line = None
        checked_pin(pin, "pin")
        machine = hal.machine()
        self._hold = Hold(machine, (pin,), "digitalio.DigitalInOut", _FAULTS)
        with self._hold:
            line = machine.backend.line(pin)
            try:
                line.configure(_INPUT, _NO_PULL, _PUSH_PULL, False)
            except BaseException:
                line.close()
                raise
        self._line = line
        self._pin = pin
        self._quick = fast = quick(line)
        self._read = fast.call
        self._write: Callable[[Any, int, bytearray], object] = _refuse_write
        self._handle = fast.handle
        self._sense_order, self._drive_order = fast.sense, fast.drive
        self._cell, self._low, self._high = fast.cell, fast.low, fast.high
        self._output = False
        self._pull: Pull | None = None
        self._drive = DriveMode.PUSH_PULL

    def deinit(self) -> None:
        """Release the pin: it becomes an input without a pull. Doing it again does nothing."""
        line, self._line = self._line, None
        if line is None:
            return
        self._read = self._write = _refuse_dead
        try:
            line.close()
        finally:
            self._hold.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.deinit()

    def __del__(self) -> None:
        if getattr(self, "_line", None) is not None:
            self.deinit()

    def switch_to_output(
        self, value: bool = False, drive_mode: DriveMode = DriveMode.PUSH_PULL
    ) -> None:
        """Drive the pin from now on.

        Args:
            value: The level it starts with; no other one appears on the pin before.
            drive_mode: How the level is made.

        Raises:
            ValueError: The pin cannot be driven so, or the object is deinited.
        """
        line = self._live()
        open_drain = drive_mode is DriveMode.OPEN_DRAIN
        try:
            line.configure(
                _OUTPUT, _NO_PULL, _OPEN_DRAIN if open_drain else _PUSH_PULL, bool(value)
            )
        except HalError as error:
            raise refusal(error, _DRIVE_FAULTS) from None
        self._drive = DriveMode.OPEN_DRAIN if open_drain else DriveMode.PUSH_PULL
        self._output = True
        self._write = self._quick.call

    def switch_to_input(self, pull: Pull | None = None) -> None:
        """Read the pin from now on.

        Args:
            pull: The resistor, or None for none.

        Raises:
            TypeError: That is no pull.
            ValueError: The pin has no such resistor, or the object is deinited.
        """
        line = self._live()
        wanted = line_pull(pull)
        try:
            line.configure(_INPUT, wanted, _PUSH_PULL, False)
        except HalError as error:
            raise refusal(error, _PULL_FAULTS) from None
        self._pull = pull
        self._output = False
        self._write = _refuse_write

    @property
    def direction(self) -> Direction:
        """Which way the pin works. Setting it starts over: no pull, or low and push-pull."""
        self._live()
        return Direction.OUTPUT if self._output else Direction.INPUT

    @direction.setter
    def direction(self, value: Direction) -> None:
        self._live()
        if value is Direction.INPUT:
            self.switch_to_input()
        elif value is Direction.OUTPUT:
            self.switch_to_output()
        else:
            raise ValueError("Invalid direction")

    @property
    def value(self) -> bool:
        """The level on the pin; setting it drives an output."""
        try:
            self._read(self._handle, self._sense_order, self._cell)
        except (HalError, OSError) as error:
            raise self._refused(error) from None
        return self._cell[0] == 1

    @value.setter
    def value(self, value: bool) -> None:
        try:
            self._write(self._handle, self._drive_order, self._high if value else self._low)
        except (HalError, OSError) as error:
            raise self._refused(error) from None

    @property
    def drive_mode(self) -> DriveMode:
        """How an output makes its levels.

        Raises:
            AttributeError: The pin is an input.
        """
        self._live()
        if not self._output:
            raise AttributeError("Drive mode not used when direction is input.")
        return self._drive

    @drive_mode.setter
    def drive_mode(self, mode: DriveMode) -> None:
        self._live()
        if not self._output:
            raise AttributeError("Drive mode not used when direction is input.")
        self.switch_to_output(self.value, mode)

    @property
    def pull(self) -> Pull | None:
        """The resistor of an input, or None for none.

        Raises:
            AttributeError: The pin is an output.
        """
        self._live()
        if self._output:
            raise AttributeError("Pull not used when direction is output.")
        return self._pull

    @pull.setter
    def pull(self, pull: Pull | None) -> None:
        self._live()
        if self._output:
            raise AttributeError("Pull not used when direction is output.")
        self.switch_to_input(pull)

    def _refused(self, error: HalError | OSError) -> Exception:
        fault = error if isinstance(error, HalError) else self._quick.fault(error)
        return refusal(fault, _FAULTS) if isinstance(fault, HalError) else fault

    def _live(self) -> Line:
        line = self._line
        if line is None:
            raise deinited()
        return line


def _refuse_write(handle: object, order: int, cell: bytearray) -> NoReturn:
    raise AttributeError("Cannot set value when direction is input.")


def _refuse_dead(handle: object, order: int, cell: bytearray) -> NoReturn:
    raise deinited()
