"""The contract of `cpcompat.hal.spi.SpiBus`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.errors import Fault, HalError
from tests.contract.gpio import as_output

if TYPE_CHECKING:
    from cpcompat.hal.gpio import Line
    from cpcompat.hal.spi import SpiBus
    from tests.contract.rig import Rig


def bus(rig: Rig) -> tuple[SpiBus, Line]:
    """Open the board's usual bus and its part's chip select, which is high."""
    select = rig.backend.line(rig.pin("D5"))
    as_output(select, True)
    spi = rig.backend.spi(rig.board.spi[0])
    spi.configure(1_000_000, 0, 8)
    return spi, select


class SpiContract:
    """What an SPI bus does; the part answers each byte with its complement."""

    def test_bytes_go_out_and_come_in_at_the_same_time(self, rig: Rig) -> None:
        """Of one transfer."""
        spi, select = bus(rig)
        select.write(False)
        answer = bytearray(3)
        spi.transfer(b"\x00\x0f\xa5", answer, 0)
        assert answer == b"\xff\xf0\x5a"

    def test_while_reading_only_the_fill_byte_goes_out(self, rig: Rig) -> None:
        """Its complement comes back."""
        spi, select = bus(rig)
        select.write(False)
        answer = bytearray(2)
        spi.transfer(None, answer, 0x33)
        assert answer == b"\xcc\xcc"

    def test_writing_only_drops_what_comes_in(self, rig: Rig) -> None:
        """And nothing is wrong with that."""
        spi, select = bus(rig)
        select.write(False)
        spi.transfer(b"abc", None, 0)

    def test_a_part_that_is_not_selected_does_not_answer(self, rig: Rig) -> None:
        """The line keeps its level: no byte is the complement of what was sent."""
        spi, select = bus(rig)
        answer = bytearray(2)
        spi.transfer(b"\x5a\xa5", answer, 0)
        assert answer != b"\xa5\x5a"
        assert answer[0] == answer[1]
        select.write(False)
        spi.transfer(b"\x5a\xa5", answer, 0)
        assert answer == b"\xa5\x5a"

    def test_one_buffer_may_be_both(self, rig: Rig) -> None:
        """Out and in through the same memory."""
        spi, select = bus(rig)
        select.write(False)
        both = bytearray(b"\x01\x02")
        spi.transfer(both, both, 0)
        assert both == b"\xfe\xfd"

    def test_a_part_of_a_buffer_will_do(self, rig: Rig) -> None:
        """A slice without a copy."""
        spi, select = bus(rig)
        select.write(False)
        into = bytearray(4)
        spi.transfer(memoryview(b"..\x00\xff..")[2:4], memoryview(into)[1:3], 0)
        assert into == b"\x00\xff\x00\x00"

    @pytest.mark.parametrize("wanted_hz", [100_000, 1_000_000, 10_000_000])
    def test_the_clock_is_not_faster_than_asked_for(self, rig: Rig, wanted_hz: int) -> None:
        """And is said as it is."""
        spi, _ = bus(rig)
        assert 0 < spi.configure(wanted_hz, 0, 8) <= wanted_hz

    def test_another_mode_that_the_part_knows_works(self, rig: Rig) -> None:
        """Mode 3 samples on the same edge as mode 0."""
        spi, select = bus(rig)
        spi.configure(1_000_000, 3, 8)
        select.write(False)
        answer = bytearray(1)
        spi.transfer(b"\x0f", answer, 0)
        assert answer == b"\xf0"

    def test_words_of_another_length_are_refused(self, rig: Rig) -> None:
        """UNSUPPORTED, and the bus goes on with what it had."""
        spi, select = bus(rig)
        with pytest.raises(HalError) as caught:
            spi.configure(1_000_000, 0, 7)
        assert caught.value.fault is Fault.UNSUPPORTED
        select.write(False)
        answer = bytearray(1)
        spi.transfer(b"\x0f", answer, 0)
        assert answer == b"\xf0"

    def test_a_long_transfer_passes_whole(self, rig: Rig) -> None:
        """4 KiB, full duplex."""
        spi, select = bus(rig)
        select.write(False)
        data = bytes(i * 11 & 0xFF for i in range(4096))
        answer = bytearray(4096)
        spi.transfer(data, answer, 0)
        assert answer == bytes(value ^ 0xFF for value in data)

    def test_a_bus_can_be_closed_and_opened_again(self, rig: Rig) -> None:
        """Closing again does nothing."""
        spi, select = bus(rig)
        spi.close()
        spi.close()
        select.close()
        again, select = bus(rig)
        select.write(False)
        answer = bytearray(1)
        again.transfer(b"\x00", answer, 0)
        assert answer == b"\xff"
