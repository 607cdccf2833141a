"""The contract of `cpcompat.hal.pwm.PwmOutput`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from tests.contract.rig import Rig


class PwmContract:
    """What a pulsed pin does."""

    def test_a_new_output_is_low_and_silent(self, rig: Rig) -> None:
        """Until it is set."""
        rig.backend.pwm(rig.pin("D12"))
        assert not rig.level("D12")

    @pytest.mark.parametrize("duty", [0, 1, 32768, 65535])
    def test_frequency_and_duty_are_as_set(self, rig: Rig, duty: int) -> None:
        """Seen from outside."""
        rig.backend.pwm(rig.pin("D12")).set(1000, duty)
        assert rig.pwm("D12") == (1000, duty)

    @pytest.mark.parametrize(("duty", "level"), [(0, False), (65535, True)])
    def test_the_ends_of_the_duty_are_steady_levels(self, rig: Rig, duty: int, level: bool) -> None:
        """No pulse is left at either."""
        rig.backend.pwm(rig.pin("D12")).set(1000, duty)
        for _ in range(20):
            rig.pass_ns(130_000)
            assert rig.level("D12") is level

    def test_half_the_duty_is_half_the_time(self, rig: Rig) -> None:
        """Both levels appear."""
        rig.backend.pwm(rig.pin("D12")).set(1000, 32768)
        seen = set()
        for _ in range(40):
            rig.pass_ns(130_000)
            seen.add(rig.level("D12"))
        assert seen == {True, False}

    def test_it_can_be_set_again(self, rig: Rig) -> None:
        """Both values at once."""
        output = rig.backend.pwm(rig.pin("D12"))
        output.set(1000, 100)
        output.set(50, 5000)
        assert rig.pwm("D12") == (50, 5000)

    def test_a_frequency_that_cannot_be_made_is_refused(self, rig: Rig) -> None:
        """UNSUPPORTED, and it goes on with what it had."""
        output = rig.backend.pwm(rig.pin("D12"))
        output.set(1000, 100)
        with pytest.raises(HalError) as caught:
            output.set(10**12, 100)
        assert caught.value.fault is Fault.UNSUPPORTED
        assert rig.pwm("D12") == (1000, 100)

    def test_a_closed_output_is_an_input(self, rig: Rig) -> None:
        """No pulse is left; closing again does nothing."""
        output = rig.backend.pwm(rig.pin("D12"))
        output.set(1000, 65535)
        output.close()
        output.close()
        assert rig.pwm("D12") is None
        rig.drive("D12", False)
        assert not rig.level("D12")

    def test_a_pin_without_pwm_is_refused(self, rig: Rig) -> None:
        """ABSENT."""
        with pytest.raises(HalError) as caught:
            rig.backend.pwm(rig.pin("D4"))
        assert caught.value.fault is Fault.ABSENT
