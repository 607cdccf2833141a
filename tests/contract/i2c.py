"""The contract of `cpcompat.hal.i2c.I2cBus`."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.errors import Fault, HalError

if TYPE_CHECKING:
    from cpcompat.hal.i2c import I2cBus
    from tests.contract.rig import Rig

MEMORY, SHORT, NOBODY, COUNTER = 0x50, 0x51, 0x2A, 255


def bus(rig: Rig) -> I2cBus:
    """Open the board's usual bus."""
    return rig.backend.i2c(rig.board.i2c[0], 100_000)


class I2cContract:
    """What an I2C bus does."""

    def test_what_is_written_is_read_back(self, rig: Rig) -> None:
        """By a write and a read with a repeated START between them."""
        i2c = bus(rig)
        i2c.transfer(MEMORY, b"\x10abc", None)
        answer = bytearray(3)
        i2c.transfer(MEMORY, b"\x10", answer)
        assert answer == b"abc"

    def test_a_write_and_its_read_are_one_transaction(self, rig: Rig) -> None:
        """The part sees one STOP for both."""
        i2c = bus(rig)
        before, after = bytearray(1), bytearray(1)
        i2c.transfer(MEMORY, bytes([COUNTER]), before)
        i2c.transfer(MEMORY, bytes([COUNTER]), after)
        assert after[0] - before[0] == 1

    def test_a_read_alone_goes_on_where_the_part_is(self, rig: Rig) -> None:
        """No byte is written before it."""
        i2c = bus(rig)
        i2c.transfer(MEMORY, b"\x20xyz", None)
        i2c.transfer(MEMORY, b"\x20", None)
        answer = bytearray(3)
        i2c.transfer(MEMORY, None, answer)
        assert answer == b"xyz"

    def test_an_empty_write_is_a_probe(self, rig: Rig) -> None:
        """It passes where somebody is."""
        bus(rig).transfer(MEMORY, b"", None)

    @pytest.mark.parametrize(
        ("write", "length"), [(b"", None), (b"\x00", None), (None, 1), (b"\x00", 1)]
    )
    def test_an_absent_address_is_not_acknowledged(
        self, rig: Rig, write: bytes | None, length: int | None
    ) -> None:
        """Whatever is asked of it; and the message names the address."""
        read = None if length is None else bytearray(length)
        with pytest.raises(HalError) as caught:
            bus(rig).transfer(NOBODY, write, read)
        assert caught.value.fault is Fault.NO_ACK
        assert "0x2a" in caught.value.where

    def test_a_refused_byte_is_an_error(self, rig: Rig) -> None:
        """The part takes two and refuses the third."""
        i2c = bus(rig)
        i2c.transfer(SHORT, b"ab", None)
        with pytest.raises(HalError) as caught:
            i2c.transfer(SHORT, b"abc", None)
        assert caught.value.fault is Fault.NO_ACK

    def test_the_bus_works_after_an_error(self, rig: Rig) -> None:
        """Nothing is left half done."""
        i2c = bus(rig)
        with pytest.raises(HalError):
            i2c.transfer(NOBODY, b"\x00", None)
        i2c.transfer(MEMORY, b"\x30!", None)
        answer = bytearray(1)
        i2c.transfer(MEMORY, b"\x30", answer)
        assert answer == b"!"

    def test_any_buffer_will_do(self, rig: Rig) -> None:
        """A slice without a copy, and an array of wider items."""
        i2c = bus(rig)
        out = bytearray(b"..\x40abcd..")
        i2c.transfer(MEMORY, memoryview(out)[2:7], None)
        into = bytearray(6)
        i2c.transfer(MEMORY, array("B", [0x40]), memoryview(into)[1:5])
        assert into == b"\x00abcd\x00"
        wide = array("H", [0, 0])
        i2c.transfer(MEMORY, b"\x40", wide)
        assert wide.tobytes() == b"abcd"

    def test_a_read_that_fails_leaves_the_buffer_alone(self, rig: Rig) -> None:
        """What was in it is still in it."""
        into = bytearray(b"keep")
        with pytest.raises(HalError):
            bus(rig).transfer(NOBODY, None, into)
        assert into == b"keep"

    def test_a_long_transfer_passes_whole(self, rig: Rig) -> None:
        """All that the memory holds below its counter, at once."""
        i2c = bus(rig)
        data = bytes(i * 7 & 0xFF for i in range(250))
        i2c.transfer(MEMORY, b"\x00" + data, None)
        answer = bytearray(250)
        i2c.transfer(MEMORY, b"\x00", answer)
        assert answer == data

    def test_a_bus_can_be_closed_and_opened_again(self, rig: Rig) -> None:
        """Closing again does nothing."""
        first = bus(rig)
        first.close()
        first.close()
        bus(rig).transfer(MEMORY, b"", None)
