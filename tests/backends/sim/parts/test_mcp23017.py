"""The simulated MCP23017, transaction by transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.sim.parts.mcp23017 import Mcp23017

if TYPE_CHECKING:
    from tests.backends.sim.parts.conftest import Bench

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]

_IODIRA, _IODIRB, _IPOLA, _GPINTENA, _DEFVALA, _INTCONA = 0x00, 0x01, 0x02, 0x04, 0x06, 0x08
_IOCON, _GPPUA, _INTFA, _INTFB, _INTCAPA = 0x0A, 0x0C, 0x0E, 0x0F, 0x10
_GPIOA, _GPIOB, _OLATA, _OLATB = 0x12, 0x13, 0x14, 0x15


def put(part: Mcp23017, register: int, *values: int) -> None:
    """Write registers."""
    assert part.write(bytes([register, *values])) == 1 + len(values)


def get(part: Mcp23017, register: int) -> int:
    """Read a register."""
    part.write(bytes([register]))
    return part.read(1)[0]


def test_after_power_up_all_pins_are_inputs(bench: Bench) -> None:
    """IODIR is all ones, the rest zeros."""
    part = bench.place(Mcp23017())
    part.write(b"\x00")
    assert part.read(22) == b"\xff\xff" + bytes(20)


def test_an_output_has_the_level_of_its_latch(bench: Bench) -> None:
    """Written through GPIO or OLAT, visible from outside."""
    part = bench.place(Mcp23017())
    put(part, _IODIRA, 0xF0)
    put(part, _GPIOA, 0x35)
    assert get(part, _OLATA) == 0x35
    assert [part.gpa0, part.gpa1, part.gpa2, part.gpa3] == [True, False, True, False]
    assert get(part, _GPIOA) == 0x05


def test_the_outside_cannot_turn_an_output(bench: Bench) -> None:
    """Once it is an input again, it can."""
    part = bench.place(Mcp23017())
    put(part, _IODIRA, 0xFE)
    part.gpa0 = True
    assert part.gpa0 is False
    put(part, _IODIRA, 0xFF)
    assert part.gpa0 is True


def test_a_pull_up_makes_a_pin_that_nobody_drives_high(bench: Bench) -> None:
    """A pin driven from outside has the level of the outside."""
    part = bench.place(Mcp23017())
    part.gpb1 = False
    put(part, _GPPUA, 0x01, 0x03)
    assert get(part, _GPIOA) == 0x01
    assert get(part, _GPIOB) == 0x01


def test_the_polarity_register_inverts_what_is_read(bench: Bench) -> None:
    """But not the pin."""
    part = bench.place(Mcp23017())
    part.gpa7 = True
    put(part, _IPOLA, 0xC0)
    assert get(part, _GPIOA) == 0x40
    assert part.gpa7 is True


def test_in_bank_1_the_ports_have_registers_apart(bench: Bench) -> None:
    """Port B begins at 0x10, and IOCON is at 0x05."""
    part = bench.place(Mcp23017())
    put(part, _IODIRB, 0x0F)
    put(part, _IOCON, 0x80)
    assert get(part, 0x10) == 0x0F
    assert get(part, 0x15) == 0x80
    put(part, 0x00, 0x00, 0x55)
    assert get(part, 0x01) == 0x55
    put(part, 0x05, 0x00)
    assert get(part, _IODIRA) == 0x00
    assert get(part, _IPOLA) == 0x55


def test_the_address_counts_on_and_wraps_or_toggles_in_byte_mode(bench: Bench) -> None:
    """With SEQOP set it goes to and fro between the two ports."""
    part = bench.place(Mcp23017())
    put(part, _OLATA, 0x11, 0x22, 0x33)
    assert get(part, _IODIRA) == 0x33
    put(part, _IOCON, 0x20)
    part.write(bytes([_OLATA]))
    assert part.read(4) == b"\x11\x22\x11\x22"


def test_a_change_interrupts_until_the_port_is_read(bench: Bench) -> None:
    """INTA is a push-pull output, active low, at first."""
    part = bench.place(Mcp23017(inta_pin="D17", intb_pin="D18"))
    put(part, _GPINTENA, 0x01)
    assert bench.level("D17")
    part.gpa0 = True
    assert not bench.level("D17")
    assert bench.level("D18")
    assert get(part, _INTFA) == 0x01
    assert get(part, _GPIOA) == 0x01
    assert bench.level("D17")
    assert get(part, _INTFA) == 0x00


def test_the_captured_port_stays_as_it_was_at_the_first_interrupt(bench: Bench) -> None:
    """Changes meanwhile are not seen, and make no interrupt afterwards."""
    part = bench.place(Mcp23017(inta_pin="D17"))
    put(part, _GPINTENA, 0x03)
    part.gpa0 = True
    part.gpa1 = True
    assert get(part, _INTFA) == 0x01
    assert get(part, _INTCAPA) == 0x01
    assert bench.level("D17")
    part.gpa1 = False
    assert not bench.level("D17")


def test_a_comparison_with_defval_interrupts_as_long_as_it_differs(bench: Bench) -> None:
    """Reading does not end it."""
    part = bench.place(Mcp23017(inta_pin="D17"))
    put(part, _GPPUA, 0x01)
    put(part, _DEFVALA, 0x01)
    put(part, _INTCONA, 0x01)
    put(part, _GPINTENA, 0x01)
    assert bench.level("D17")
    part.gpa0 = False
    get(part, _GPIOA)
    assert not bench.level("D17")
    part.gpa0 = True
    get(part, _GPIOA)
    assert bench.level("D17")


def test_the_interrupt_pins_can_be_mirrored_active_high_or_open_drain(bench: Bench) -> None:
    """Open drain wins over the polarity."""
    part = bench.place(Mcp23017(inta_pin="D17", intb_pin="D18"))
    put(part, _IOCON, 0x42)
    assert (bench.driven["D17"], bench.driven["D18"]) == (False, False)
    put(part, _GPINTENA, 0x00, 0x80)
    part.gpb7 = True
    assert (bench.driven["D17"], bench.driven["D18"]) == (True, True)
    put(part, _IOCON, 0x06)
    assert (bench.driven["D17"], bench.driven["D18"]) == (None, False)
    assert get(part, _INTFB) == 0x80


def test_a_low_reset_pin_resets_it_and_keeps_it_from_answering(bench: Bench) -> None:
    """The registers are at their defaults afterwards."""
    part = bench.place(Mcp23017(reset_pin="D22"))
    put(part, _IODIRA, 0x00)
    bench.set_level("D22", False)
    assert part.write(b"\x00") == -1
    assert part.read(1) == b""
    bench.set_level("D22", True)
    assert get(part, _IODIRA) == 0xFF
