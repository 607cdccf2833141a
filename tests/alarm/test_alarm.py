"""Alarms and sleep, on a simulated board with virtual time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from cpcompat import alarm, board, digitalio, hal
from cpcompat.alarm.sleep import DeepSleepRequest, described, from_description
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.board.detect import definition
from cpcompat.errors import CpcompatError
from cpcompat.hal.cells import Cells
from cpcompat.hal.host import NoHost
from tests.fakes.cells import ListCells
from tests.fakes.refusing import refuses

pytestmark = [pytest.mark.feature("alarm"), pytest.mark.simulated]


class Above(NoHost):
    """A supervisor that keeps bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = ListCells(16)

    def cells(self, name: str) -> Cells | None:
        """See `Host.cells`."""
        return self.memory


@pytest.fixture
def circuit() -> Iterator[Circuit]:
    """A simulated board on virtual time, as this process's machine."""
    made = Circuit(definition("sim"), VirtualClock())
    hal.set_machine(hal.Machine(made.board, SimBackend(made)))
    hal.set_host(NoHost())
    yield made
    hal.set_machine(None)
    hal.set_host(None)


def at_s(seconds: float) -> alarm.time.TimeAlarm:
    """Return an alarm at a time."""
    return alarm.time.TimeAlarm(monotonic_time=seconds)


def test_light_sleep_lasts_until_the_time_and_returns_the_alarm(circuit: Circuit) -> None:
    """And `wake_alarm` is that alarm from then on."""
    assert alarm.wake_alarm is None
    wanted = at_s(5.0)
    assert alarm.light_sleep_until_alarms(wanted) is wanted
    assert alarm.wake_alarm is wanted
    assert circuit.now_ns() == 5_000_000_000


@pytest.mark.parametrize("value", [True, False])
def test_a_pin_that_comes_to_its_level_ends_the_sleep(circuit: Circuit, value: bool) -> None:
    """Before the time does, and the pin is free again."""
    circuit.input_trace({"D5": [(0, not value), (2_000_000_000, value)]})
    pin = alarm.pin.PinAlarm(board.D5, value)
    assert alarm.light_sleep_until_alarms(at_s(60), pin) is pin
    assert 2_000_000_000 <= circuit.now_ns() < 2_100_000_000
    digitalio.DigitalInOut(board.D5).deinit()


def test_an_edge_alarm_wants_a_change_and_not_a_level(circuit: Circuit) -> None:
    """The level it begins with does not count, a short pulse does."""
    changes = [(0, True), (10**9, False), (2 * 10**9, True), (2 * 10**9 + 1000, False)]
    circuit.input_trace({"D5": changes})
    pin = alarm.pin.PinAlarm(pin=board.D5, value=True, edge=True)
    assert alarm.light_sleep_until_alarms(pin) is pin
    assert circuit.now_ns() >= 2 * 10**9


def test_a_pull_holds_the_pin_at_the_other_level(circuit: Circuit) -> None:
    """So that a floating pin does not wake."""
    waking = at_s(1)
    pins = [
        alarm.pin.PinAlarm(board.D5, value=True, pull=True),
        alarm.pin.PinAlarm(board.D6, value=False, pull=True),
    ]
    assert alarm.light_sleep_until_alarms(waking, *pins) is waking


def test_an_alarm_by_the_date_goes_off_so_many_seconds_from_now(circuit: Circuit) -> None:
    """It is turned into the board's own time."""
    later = alarm.time.TimeAlarm(epoch_time=int(time.time()) + 10)
    assert 8.5 < later.monotonic_time < 10.5


def test_deep_sleep_tells_the_supervisor_its_alarms_and_ends_the_program(circuit: Circuit) -> None:
    """What is told makes the same alarms again."""
    host = Above()
    hal.set_host(host)
    pin = alarm.pin.PinAlarm(board.D5, value=False, edge=True, pull=True)
    with pytest.raises(DeepSleepRequest):
        alarm.exit_and_deep_sleep_until_alarms(at_s(9), pin)
    said = host.get("alarms")
    assert isinstance(said, list)
    again = [from_description(one) for one in said]
    assert [described(one) for one in again] == said
    assert isinstance(again[0], alarm.time.TimeAlarm)
    assert again[0].monotonic_time == 9.0
    assert isinstance(again[1], alarm.pin.PinAlarm)
    assert (again[1].pin, again[1].value) == (board.D5, False)


def test_sleep_memory_is_an_array_of_bytes(circuit: Circuit) -> None:
    """Kept by the supervisor."""
    host = Above()
    hal.set_host(host)
    alarm.sleep_memory[3] = 7
    assert host.memory.content[3] == 7
    assert alarm.sleep_memory is alarm.sleep_memory
    host.memory.full = True
    with refuses(RuntimeError, "Unable to write to sleep_memory."):
        alarm.sleep_memory[0] = 1


def test_without_a_supervisor_deep_sleep_says_how_to_have_one(circuit: Circuit) -> None:
    """And so does the sleep memory."""
    with pytest.raises(CpcompatError, match="no supervisor to wake"):
        alarm.exit_and_deep_sleep_until_alarms()
    with pytest.raises(CpcompatError, match="no supervisor to keep"):
        _ = alarm.sleep_memory


def test_each_mistake_is_told_in_upstream_s_words(circuit: Circuit) -> None:
    """Kinds, numbers and times."""
    with refuses(TypeError, "Expected a kind of Alarm"):
        alarm.light_sleep_until_alarms(5)  # type: ignore[arg-type]
    with refuses(TypeError, "Expected a kind of Alarm"):
        alarm.light_sleep_until_alarms()
    with refuses(ValueError, "Only one alarm.time alarm can be set."):
        alarm.light_sleep_until_alarms(at_s(1), at_s(2))
    with refuses(ValueError, "Supply one of monotonic_time or epoch_time"):
        alarm.time.TimeAlarm()
    circuit.clock.sleep_ns(10**9)
    with refuses(ValueError, "Time is in the past."):
        at_s(0.5)
    with refuses(NotImplementedError, "preserve_dios"):
        pin = digitalio.DigitalInOut(board.D7)
        alarm.exit_and_deep_sleep_until_alarms(preserve_dios=(pin,))
    with pytest.raises(NotImplementedError):
        alarm.touch.TouchAlarm(board.D5)
