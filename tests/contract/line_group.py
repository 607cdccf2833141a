"""The contract of `cpcompat.hal.line_group.LineGroup`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull
from cpcompat.hal.line_group import grouped

if TYPE_CHECKING:
    from cpcompat.hal.line_group import LineGroup
    from tests.contract.rig import Rig

D4, D20 = 0b01, 0b10


def group(rig: Rig) -> LineGroup:
    """Open D4, which is bit 0, and D20, which is bit 1."""
    return grouped(rig.backend, [rig.pin("D4"), rig.pin("D20")])


class LineGroupContract:
    """What several lines do together."""

    def test_some_lines_drive_while_the_others_are_read(self, rig: Rig) -> None:
        """Each is its bit."""
        lines = group(rig)
        for level in (True, False, True):
            rig.drive("D4", level)
            lines.configure(D20, D20, Pull.NONE)
            assert lines.read() == D20 | level
            lines.configure(D20, 0, Pull.NONE)
            assert lines.read() == level
        lines.close()

    def test_an_output_of_a_group_begins_with_the_level_asked_for(self, rig: Rig) -> None:
        """Directions and levels are set at once, and can take turns."""
        lines = group(rig)
        lines.configure(D4 | D20, D4, Pull.NONE)
        assert rig.level("D4") is True
        assert lines.read() == D4
        lines.configure(D20, D20, Pull.NONE)
        rig.drive("D4", False)
        assert lines.read() == D20
        rig.drive("D4", None)
        lines.configure(D4, 0, Pull.NONE)
        assert rig.level("D4") is False
        lines.close()

    def test_only_the_lines_that_are_meant_are_written(self, rig: Rig) -> None:
        """The others keep their levels."""
        lines = group(rig)
        lines.configure(D4 | D20, 0, Pull.NONE)
        lines.write(D4 | D20, D4)
        assert lines.read() == D4
        assert rig.level("D4") is True
        lines.write(D20, D4 | D20)
        assert lines.read() == D20
        lines.configure(D4 | D20, D4, Pull.NONE)
        assert lines.read() == D4
        lines.close()

    def test_an_input_of_a_group_cannot_be_written(self, rig: Rig) -> None:
        """And its level stays the outside world's."""
        lines = group(rig)
        lines.configure(D20, 0, Pull.NONE)
        rig.drive("D4", True)
        with pytest.raises(HalError) as caught:
            lines.write(0, D4)
        assert caught.value.fault is Fault.WRONG_DIRECTION
        assert lines.read() == D4
        lines.close()

    def test_a_closed_group_frees_its_lines(self, rig: Rig) -> None:
        """They are inputs again, and another one can have them; closing again does nothing."""
        lines = group(rig)
        lines.configure(D4 | D20, D4 | D20, Pull.NONE)
        lines.close()
        lines.close()
        rig.drive("D4", False)
        assert rig.level("D4") is False
        line = rig.backend.line(rig.pin("D4"))
        line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, False)
        line.close()
