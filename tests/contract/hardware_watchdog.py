"""The contract of `cpcompat.hal.hardware_watchdog.HardwareWatchdog`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from tests.contract.rig import Rig

MS = 1_000_000


class HardwareWatchdogContract:
    """What a hardware watchdog does."""

    def test_it_runs_from_its_opening_on(self, rig: Rig) -> None:
        """With the time that was asked for, and all of it left."""
        watchdog = rig.watchdog(10)
        assert rig.watchdog_runs()
        assert watchdog.timeout_s == 10
        left_s = watchdog.left_s()
        assert left_s is not None
        assert 9 <= left_s <= 10
        assert watchdog.has_bitten is False
        watchdog.close()

    def test_feeding_gives_it_all_its_time_again(self, rig: Rig) -> None:
        """Which has become less meanwhile."""
        watchdog = rig.watchdog(10)
        rig.pass_ns(2500 * MS)
        before_s = watchdog.left_s()
        watchdog.feed()
        after_s = watchdog.left_s()
        assert before_s is not None
        assert after_s is not None
        assert before_s <= 8
        assert 9 <= after_s <= 10
        watchdog.close()

    def test_closing_stops_it(self, rig: Rig) -> None:
        """Closing again does nothing; it can be opened anew."""
        watchdog = rig.watchdog(10)
        watchdog.close()
        watchdog.close()
        assert not rig.watchdog_runs()
        rig.watchdog(10).close()

    def test_it_goes_on_when_its_feeder_dies(self, rig: Rig) -> None:
        """Until a successor takes it over."""
        child = os.fork()
        if child == 0:
            rig.watchdog(10)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert rig.watchdog_runs()
        successor = rig.watchdog(10)
        successor.feed()
        successor.close()
        assert not rig.watchdog_runs()

    def test_it_has_one_feeder(self, rig: Rig) -> None:
        """The second is told who that may be."""
        watchdog = rig.watchdog(10)
        with pytest.raises(HalError) as caught:
            rig.watchdog(10)
        assert caught.value.fault is Fault.BUSY
        assert "systemd" in str(caught.value.cure)
        watchdog.close()

    def test_a_time_that_it_cannot_wait_leaves_it_its_own(self, rig: Rig) -> None:
        """A day and more is too long for any."""
        watchdog = rig.watchdog(100_000)
        assert 0 < watchdog.timeout_s < 100_000
        watchdog.close()
