"""The simulated MCP3008, bit by bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim.parts.mcp3008 import Mcp3008

if TYPE_CHECKING:
    from tests.backends.sim.parts.conftest import Bench

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]


def clocked(part: Mcp3008, bits: str) -> str:
    """Clock bits in with one select; return the bits that come out."""
    padded = bits.ljust(-(-len(bits) // 8) * 8, "0")
    part.select()
    answer = part.exchange(int(padded, 2).to_bytes(len(padded) // 8, "big"))
    part.deselect()
    return "".join(f"{byte:08b}" for byte in answer)[: len(bits)]


def test_a_single_ended_input_reads_its_share_of_the_reference(bench: Bench) -> None:
    """The framing in three bytes of the data sheet's figure 6-1."""
    part = bench.place(Mcp3008())
    part.ch3 = 1.65
    part.select()
    answer = part.exchange(bytes([0x01, 0x80 | 3 << 4, 0x00]))
    assert (answer[1] & 3) << 8 | answer[2] == 512


@given(lead=st.integers(0, 20), code=st.integers(0, 1023))
def test_the_start_bit_may_stand_anywhere(new_bench: type[Bench], lead: int, code: int) -> None:
    """The answer begins with a null bit, one clock after the last control bit."""
    part = new_bench().place(Mcp3008())
    part.ch0 = (code + 0.5) * 3.3 / 1024
    bits = clocked(part, "0" * lead + "11000" + "0" * 12)
    assert bits == "0" * (lead + 5 + 2) + f"{code:010b}"


def test_after_the_last_bit_come_the_bits_again_in_reverse_and_then_zeros(bench: Bench) -> None:
    """Figure 5-2."""
    part = bench.place(Mcp3008())
    part.ch0 = 3.3 * 0b1100101011 / 1024 + 0.001
    bits = clocked(part, "11000" + "0" * 27)
    assert bits[7:] == "1100101011" + "101010011" + "000000"


def test_transfers_in_one_select_go_on_with_the_same_conversion(bench: Bench) -> None:
    """One byte at a time gives what three at once give."""
    part = bench.place(Mcp3008())
    part.ch7 = 2.0
    part.select()
    whole = part.exchange(b"\x01\xf0\x00")
    part.deselect()
    part.select()
    assert b"".join(part.exchange(bytes([byte])) for byte in b"\x01\xf0\x00") == whole


def test_a_new_select_starts_over(bench: Bench) -> None:
    """A transfer cut short leaves nothing behind."""
    part = bench.place(Mcp3008())
    part.ch0 = 3.29
    part.select()
    part.exchange(b"\x01")
    part.deselect()
    assert clocked(part, "0" * 24) == "0" * 24


def test_a_differential_input_reads_the_difference_and_none_below_zero(bench: Bench) -> None:
    """CH0 - CH1 with D0 = 0, CH1 - CH0 with D0 = 1."""
    part = bench.place(Mcp3008())
    part.ch0, part.ch1 = 2.0, 1.175
    assert int(clocked(part, "10000" + "0" * 12)[7:], 2) == 256
    assert int(clocked(part, "10001" + "0" * 12)[7:], 2) == 0


def test_volts_outside_the_reference_read_as_its_ends(bench: Bench) -> None:
    """And another reference moves the end."""
    part = bench.place(Mcp3008())
    part.ch0 = 5.0
    assert int(clocked(part, "11000" + "0" * 12)[7:], 2) == 1023
    part.vref = 5.0
    part.ch0 = 2.5
    assert int(clocked(part, "11000" + "0" * 12)[7:], 2) == 512
