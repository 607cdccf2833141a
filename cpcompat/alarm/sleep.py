"""Waiting for alarms."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.alarm.pin import PinAlarm
from cpcompat.alarm.time import TimeAlarm, at
from cpcompat.errors import CpcompatError
from cpcompat.hal.gpio import Pull
from cpcompat.hal.refusals import Hold

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from cpcompat.digitalio import DigitalInOut
    from cpcompat.hal.edges import EdgeSource
    from cpcompat.hal.host import Host

    Alarm = PinAlarm | TimeAlarm

_LOOK_NS = 5_000_000
"""How often a pin is looked at; its edges are kept meanwhile, so none is lost."""
_LONG_NS = 3_600_000_000_000
_MOST_EDGES = 64

_woken: tuple[Host, Alarm | None] | None = None


class DeepSleepRequest(BaseException):
    """Ends the program so that the board can go to sleep."""


def light_sleep_until_alarms(*alarms: Alarm) -> Alarm:
    """Wait until one of the alarms goes off.

    Args:
        alarms: The alarms.

    Returns:
        The one that did; `wake_alarm` is it, too.

    Raises:
        TypeError: None is given, or something else than alarms.
        ValueError: A pin is in use.
    """
    _check(alarms)
    if not alarms:
        raise TypeError("Expected a kind of Alarm")
    fired = alarms[wait(alarms)]
    _wake(fired)
    return fired


def exit_and_deep_sleep_until_alarms(
    *alarms: Alarm, preserve_dios: Sequence[DigitalInOut] = ()
) -> NoReturn:
    """End the program; it starts from its beginning when one of the alarms goes off.

    Args:
        alarms: The alarms; without any the board sleeps until it is reset.
        preserve_dios: Not offered: must be empty.

    Raises:
        TypeError: Something else than an alarm is given.
        NotImplementedError: ``preserve_dios`` is not empty.
        CpcompatError: The program runs without a supervisor, so nobody would wake it.
    """
    _check(alarms)
    if preserve_dios:
        raise NotImplementedError("preserve_dios")
    host = hal.host()
    if host.cells("sleep_memory") is None:
        raise CpcompatError(
            "no supervisor to wake this program",
            "This program was started by itself. Under «cpcompat run» it can sleep.",
        )
    host.set("alarms", [described(alarm) for alarm in alarms])
    raise DeepSleepRequest


def woken_by() -> Alarm | None:
    """Return the alarm that went off last, or the one that woke the board; else None."""
    host = hal.host()
    if _woken is None or _woken[0] is not host:
        fact = host.get("wake_alarm")
        _wake(from_description(fact) if isinstance(fact, dict) else None)
    assert _woken is not None
    return _woken[1]


def _wake(alarm: Alarm | None) -> None:
    global _woken
    _woken = (hal.host(), alarm)


def described(alarm: Alarm) -> dict[str, object]:
    """Return an alarm as JSON can say it."""
    if isinstance(alarm, TimeAlarm):
        left_s = alarm.monotonic_time - hal.machine().backend.clock.now_ns() / 1e9
        return {"kind": "time", "at": alarm.monotonic_time, "in_s": left_s}
    return {
        "kind": "pin",
        "pin": alarm.pin.name,
        "value": alarm.value,
        "edge": alarm._edge,
        "pull": alarm._pull,
    }


def from_description(said: dict[str, object]) -> Alarm:
    """Return the alarm that `described` was given."""
    if said["kind"] == "time":
        return at(float(str(said["at"])))
    pin = hal.machine().board.pins[str(said["pin"])]
    return PinAlarm(pin, bool(said["value"]), bool(said["edge"]), bool(said["pull"]))


def wait(alarms: Sequence[Alarm]) -> int:
    """Wait until one of the alarms goes off; return its index. Without any, wait for ever."""
    clock = hal.machine().backend.clock
    times = [(a.monotonic_time * 1e9, n) for n, a in enumerate(alarms) if isinstance(a, TimeAlarm)]
    pins = [(a, n) for n, a in enumerate(alarms) if isinstance(a, PinAlarm)]
    with Watched([alarm for alarm, _ in pins]) as watched:
        while True:
            for alarm, n in pins:
                if watched.fired(alarm):
                    return n
            due = min(times, default=None)
            left_ns = _LONG_NS if due is None else int(due[0] - clock.now_ns())
            if due is not None and left_ns <= 0:
                return due[1]
            clock.sleep_ns(min(left_ns, _LOOK_NS) if pins else left_ns)


class Watched:
    """The pins of some alarms, while somebody waits for these.

    Args:
        alarms: The alarms.

    Raises:
        ValueError: A pin is in use.
    """

    def __init__(self, alarms: Sequence[PinAlarm]) -> None:
        machine = hal.machine()
        self._hold = Hold(machine, {alarm.pin for alarm in alarms}, "alarm.pin.PinAlarm", {})
        self._sources: dict[PinAlarm, EdgeSource] = {}
        with self._hold:
            for alarm in alarms:
                pull = Pull.NONE if not alarm._pull else Pull.DOWN if alarm.value else Pull.UP
                self._sources[alarm] = machine.backend.edges(
                    alarm.pin, pull, alarm.value, not alarm.value, 0
                )

    def __enter__(self) -> Watched:
        return self

    def fired(self, alarm: PinAlarm) -> bool:
        """Tell whether an alarm has gone off."""
        source = self._sources[alarm]
        if alarm._edge:
            return bool(source.read(_MOST_EDGES))
        return source.level() == alarm.value

    def __exit__(self, *error: object) -> None:
        for source in self._sources.values():
            source.close()
        self._hold.release()


def _check(alarms: Sequence[object]) -> None:
    for alarm in alarms:
        if not isinstance(alarm, PinAlarm | TimeAlarm):
            raise TypeError("Expected a kind of Alarm")
    if sum(isinstance(alarm, TimeAlarm) for alarm in alarms) > 1:
        raise ValueError("Only one alarm.time alarm can be set.")
