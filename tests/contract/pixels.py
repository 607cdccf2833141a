"""The contract of `cpcompat.hal.pixels.PixelOutput`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.hal.gpio import Direction, Drive, Pull

if TYPE_CHECKING:
    from tests.contract.rig import Rig


class PixelsContract:
    """What a line to pixels does."""

    def test_the_bytes_arrive_in_their_order(self, rig: Rig) -> None:
        """Every one of them, the highest bit first."""
        pixels = rig.backend.pixels(rig.pin("MOSI"))
        for data in (b"\x80\x01\x55", bytes(range(12)), b"\xff" * 9):
            pixels.write(data)
            assert rig.pixels() == data
        pixels.close()

    def test_any_buffer_can_be_sent(self, rig: Rig) -> None:
        """A part of a bytearray, too."""
        pixels = rig.backend.pixels(rig.pin("MOSI"))
        pixels.write(memoryview(bytearray(b"abcdef"))[1:4])
        assert rig.pixels() == b"bcd"
        pixels.close()

    def test_the_pixels_stay_as_they_are_when_the_line_is_closed(self, rig: Rig) -> None:
        """Closing again does nothing, and it can be opened anew."""
        pixels = rig.backend.pixels(rig.pin("MOSI"))
        pixels.write(b"123")
        pixels.close()
        pixels.close()
        assert rig.pixels() == b"123"
        again = rig.backend.pixels(rig.pin("MOSI"))
        again.write(b"4")
        again.close()

    def test_a_line_of_the_same_pin_may_be_a_low_output_meanwhile(self, rig: Rig) -> None:
        """So programs have it: the pin is an output before anything is sent."""
        line = rig.backend.line(rig.pin("MOSI"))
        line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, False)
        assert line.read() is False
        pixels = rig.backend.pixels(rig.pin("MOSI"))
        pixels.write(b"xyz")
        pixels.close()
        assert rig.pixels() == b"xyz"
        line.close()
