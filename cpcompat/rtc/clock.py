"""The one clock, and who may stand in for it."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.refusals import noted
from cpcompat.hal.wall import date_of, seconds_of

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    import time

__all__ = ["RTC", "set_time_source"]

_NO_CALIBRATION = (
    "The computer's clock is kept exact by the system (NTP); there is nothing to adjust."
)
_only: RTC | None = None


class RTC:
    """The real-time clock; there is one, and ``RTC()`` always gives it.

    On Linux: setting it needs no rights and leaves the computer's clock alone.
    """

    __slots__ = ()

    def __new__(cls) -> RTC:
        """Return the one clock."""
        global _only
        if _only is None:
            _only = object.__new__(cls)
        return _only

    @property
    def datetime(self) -> time.struct_time:
        """The date and time, local time.

        It is set to a `time.struct_time` or a tuple of nine fields, the last three of which do
        not count.

        Raises:
            TypeError: That is no tuple of nine.
            OverflowError: The year is before 2000.
        """
        return date_of(hal.rtc().clock_s())

    @datetime.setter
    def datetime(self, value: time.struct_time | tuple[int, ...]) -> None:
        hal.rtc().set_s(seconds_of(value))

    @property
    def calibration(self) -> int:
        """How much faster the clock shall go: 0.

        Raises:
            NotImplementedError: It was to be set.
        """
        return 0

    @calibration.setter
    def calibration(self, value: int) -> None:
        raise noted(NotImplementedError("calibration"), _NO_CALIBRATION)


def set_time_source(rtc: object) -> None:
    """Have `time.time` and `time.localtime` ask another clock, until the program ends.

    Args:
        rtc: Anything with a ``datetime`` of nine fields: an `RTC`, or the driver of a clock chip.
    """
    hal.rtc().source = None if isinstance(rtc, RTC) else rtc
