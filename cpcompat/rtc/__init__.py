"""The real-time clock, which tells `time.time` and `time.localtime` of a drive the date and time.

On Linux: the clock is the program's, never the computer's. Until it is set it shows the computer's
local time; once set it goes on by itself, over reloads and resets, as long as ``cpcompat run``
does. In a program without a drive it ends with the process, and CPython's ``time`` does not
follow it.
"""

from __future__ import annotations

from .clock import RTC, set_time_source

__all__ = ["RTC", "set_time_source"]
