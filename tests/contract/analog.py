"""The contract of `cpcompat.hal.analog`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from tests.contract.rig import Rig


class AnalogContract:
    """What analog inputs and outputs do."""

    @pytest.mark.parametrize("part", [0.0, 0.25, 0.5, 1.0])
    def test_a_voltage_reads_as_its_part_of_the_reference(self, rig: Rig, part: float) -> None:
        """Whatever the converter's width: to 0.1 % of full scale."""
        pin = rig.backend.analog_input(rig.pin("A1"))
        rig.set_volts("A1", pin.reference_v * part)
        assert abs(pin.read() - 65535 * part) <= 66

    @pytest.mark.parametrize(("volts", "value"), [(-1.0, 0), (9.0, 65535)])
    def test_a_voltage_out_of_range_reads_as_the_nearest_end(
        self, rig: Rig, volts: float, value: int
    ) -> None:
        """It neither wraps nor fails."""
        pin = rig.backend.analog_input(rig.pin("A1"))
        rig.set_volts("A1", volts)
        assert pin.read() == value

    @pytest.mark.parametrize("value", [0, 1, 40000, 65535])
    def test_an_output_makes_what_is_written(self, rig: Rig, value: int) -> None:
        """Seen from outside."""
        rig.backend.analog_output(rig.pin("A0")).write(value)
        assert rig.dac("A0") == value

    def test_a_closed_output_is_off(self, rig: Rig) -> None:
        """Its pin floats; closing again does nothing."""
        output = rig.backend.analog_output(rig.pin("A0"))
        output.write(1000)
        output.close()
        output.close()
        assert rig.dac("A0") is None

    def test_a_pin_without_a_converter_is_refused(self, rig: Rig) -> None:
        """ABSENT, for either direction."""
        for opened in (rig.backend.analog_input, rig.backend.analog_output):
            with pytest.raises(HalError) as caught:
                opened(rig.pin("D4"))
            assert caught.value.fault is Fault.ABSENT
