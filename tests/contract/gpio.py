"""The contract of `cpcompat.hal.gpio.Line`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Line, Pull

if TYPE_CHECKING:
    from tests.contract.rig import Rig


def as_output(line: Line, value: bool, drive: Drive = Drive.PUSH_PULL) -> None:
    """Make a line an output."""
    line.configure(Direction.OUTPUT, Pull.NONE, drive, value)


def as_input(line: Line, pull: Pull = Pull.NONE) -> None:
    """Make a line an input."""
    line.configure(Direction.INPUT, pull, Drive.PUSH_PULL, False)


class GpioContract:
    """What a line does."""

    def test_opening_a_line_changes_nothing_on_it(self, rig: Rig) -> None:
        """Neither direction nor level: the pin is still the outside world's."""
        rig.drive("D4", True)
        line = rig.backend.line(rig.pin("D4"))
        assert rig.level("D4")
        rig.drive("D4", False)
        assert not rig.level("D4")
        line.close()

    @pytest.mark.parametrize("value", [False, True])
    def test_an_output_begins_with_the_level_asked_for(self, rig: Rig, value: bool) -> None:
        """Direction and level are set at once."""
        line = rig.backend.line(rig.pin("D4"))
        as_output(line, value)
        assert rig.level("D4") is value

    def test_an_output_drives_what_is_written(self, rig: Rig) -> None:
        """Seen from outside, and read back."""
        line = rig.backend.line(rig.pin("D4"))
        as_output(line, False)
        for value in (True, False, False, True):
            line.write(value)
            assert rig.level("D4") is value
            assert line.read() is value

    @pytest.mark.parametrize(("pull", "level"), [(Pull.UP, True), (Pull.DOWN, False)])
    def test_a_pull_decides_the_level_of_a_floating_input(
        self, rig: Rig, pull: Pull, level: bool
    ) -> None:
        """Nobody else drives it."""
        line = rig.backend.line(rig.pin("D4"))
        as_input(line, pull)
        assert line.read() is level

    @pytest.mark.parametrize("pull", [Pull.NONE, Pull.UP, Pull.DOWN])
    def test_who_drives_an_input_wins_over_its_pull(self, rig: Rig, pull: Pull) -> None:
        """A resistor gives way."""
        line = rig.backend.line(rig.pin("D4"))
        as_input(line, pull)
        for level in (True, False):
            rig.drive("D4", level)
            assert line.read() is level

    def test_an_input_goes_back_to_its_pull_when_it_is_let_go(self, rig: Rig) -> None:
        """A button that opens."""
        line = rig.backend.line(rig.pin("D4"))
        as_input(line, Pull.UP)
        rig.drive("D4", False)
        rig.drive("D4", None)
        assert line.read() is True

    def test_open_drain_pulls_low_and_lets_go(self, rig: Rig) -> None:
        """High is made by the outside world's resistor: here by its hand."""
        line = rig.backend.line(rig.pin("D4"))
        as_output(line, True, Drive.OPEN_DRAIN)
        for level in (True, False):
            rig.drive("D4", level)
            assert line.read() is level
        rig.drive("D4", None)
        line.write(False)
        assert line.read() is False

    def test_writing_to_an_input_is_refused(self, rig: Rig) -> None:
        """WRONG_DIRECTION, and the pin stays as it is."""
        line = rig.backend.line(rig.pin("D4"))
        as_input(line, Pull.DOWN)
        with pytest.raises(HalError) as caught:
            line.write(True)
        assert caught.value.fault is Fault.WRONG_DIRECTION
        assert not rig.level("D4")

    def test_an_output_can_become_an_input_and_an_output_again(self, rig: Rig) -> None:
        """As a data line that works both ways does."""
        line = rig.backend.line(rig.pin("D4"))
        as_output(line, True)
        as_input(line)
        rig.drive("D4", False)
        assert line.read() is False
        rig.drive("D4", None)
        as_output(line, True)
        assert rig.level("D4")

    def test_a_wire_carries_the_level_to_another_pin(self, rig: Rig) -> None:
        """D20 and D21 are wired together."""
        here, there = rig.backend.line(rig.pin("D20")), rig.backend.line(rig.pin("D21"))
        as_output(here, False)
        as_input(there, Pull.UP)
        for value in (True, False, True):
            here.write(value)
            rig.settle("D21", value)
            assert there.read() is value

    def test_a_closed_line_is_an_input(self, rig: Rig) -> None:
        """Whoever drives it from outside has it; closing again does nothing."""
        line = rig.backend.line(rig.pin("D4"))
        as_output(line, True)
        line.close()
        line.close()
        rig.drive("D4", False)
        assert not rig.level("D4")
