"""The simulated SSD1306: commands and data in, a picture out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.sim.parts.ssd1306 import Ssd1306
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from tests.backends.sim.parts.conftest import Bench

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]

_UPRIGHT = "a1 c8"
_ON = "8d 14 af"


def command(part: Ssd1306, text: str) -> None:
    """Send commands as one message."""
    assert part.write(b"\x00" + bytes.fromhex(text)) == len(bytes.fromhex(text)) + 1


def shown(part: Ssd1306) -> set[tuple[int, int]]:
    """Return the lit pixels as (x, y) from the top left."""
    image = part.image()
    assert len(image.data) == image.width * image.height
    return {(i % image.width, i // image.width) for i, level in enumerate(image.data) if level}


def ready(bench: Bench, width: int = 128, height: int = 64) -> Ssd1306:
    """Return a display set up for its panel, upright and on, in horizontal mode."""
    part = bench.place(Ssd1306(width=width, height=height))
    pins = "02" if width > 2 * height else "12"
    command(part, f"20 00 {_UPRIGHT} a8 {height - 1:02x} da {pins} {_ON}")
    return part


@pytest.mark.parametrize(
    ("width", "height", "column"), [(128, 64, 0), (128, 32, 0), (64, 48, 32), (96, 16, 16)]
)
def test_the_first_byte_of_the_window_is_at_the_top_left(
    bench: Bench, width: int, height: int, column: int
) -> None:
    """Its lowest bit is the topmost pixel; narrow panels begin at a later column."""
    part = ready(bench, width, height)
    command(part, f"21 {column:02x} {column + width - 1:02x} 22 00 {height // 8 - 1:02x}")
    part.write(b"\x40\x05" + bytes(width - 2) + b"\x80\x02")
    assert shown(part) == {(0, 0), (0, 2), (width - 1, 7), (0, 9)}


def test_it_is_dark_until_display_and_charge_pump_are_on(bench: Bench) -> None:
    """The classic mistake: the pump left off."""
    part = bench.place(Ssd1306())
    part.write(b"\x40" + b"\xff" * 8)
    command(part, "af")
    assert shown(part) == set()
    command(part, "8d 14")
    assert len(shown(part)) == 64
    command(part, "ae")
    assert shown(part) == set()
    assert part.read(1) == b"\x40"


def test_a_panel_with_its_own_supply_needs_no_charge_pump(bench: Bench) -> None:
    """As its maker wires it."""
    part = bench.place(Ssd1306(external_vcc=True))
    command(part, "af a5")
    assert len(shown(part)) == 128 * 64


def test_invert_and_all_on_do_not_touch_the_memory(bench: Bench) -> None:
    """Both can be taken back."""
    part = ready(bench)
    part.write(b"\x40\x01")
    command(part, "a7")
    assert len(shown(part)) == 128 * 64 - 1
    command(part, "a6 a5")
    assert len(shown(part)) == 128 * 64
    command(part, "a4")
    assert shown(part) == {(0, 0)}


def test_the_contrast_is_seen_as_brightness(bench: Bench) -> None:
    """From dim to white."""
    part = ready(bench)
    part.write(b"\x40\x01")
    command(part, "81 ff")
    assert part.image().data[0] == 255
    command(part, "81 00")
    assert 0 < part.image().data[0] < 100


def test_vertical_mode_writes_down_the_pages_first(bench: Bench) -> None:
    """Within the windows."""
    part = ready(bench)
    command(part, "20 01 21 05 06 22 02 03")
    part.write(b"\x40\x01\x01\x02\x02\x80")
    assert shown(part) == {(5, 23), (5, 24), (6, 17), (6, 25)}


def test_page_mode_stays_in_its_page(bench: Bench) -> None:
    """The column goes from 127 to 0."""
    part = ready(bench)
    command(part, "20 02 b3 0e 17")
    part.write(b"\x40\x01\x01\x01")
    assert shown(part) == {(126, 24), (127, 24), (0, 24)}


def test_a_command_may_come_in_pieces(bench: Bench) -> None:
    """One byte a message, with Co set; and several control bytes in one message."""
    part = ready(bench)
    for byte in (0x21, 10, 20):
        part.write(bytes([0x80, byte]))
    part.write(bytes([0x80, 0x22, 0x80, 1, 0x80, 1, 0xC0, 0x01, 0x40, 0x02, 0x04]))
    assert shown(part) == {(10, 8), (11, 9), (12, 10)}


def test_the_segment_remap_counts_for_what_is_written_afterwards(bench: Bench) -> None:
    """What is there stays where it is."""
    part = ready(bench)
    part.write(b"\x40\x01")
    command(part, "a0 21 00 7f")
    assert shown(part) == {(0, 0)}
    part.write(b"\x40\x02")
    assert shown(part) == {(0, 0), (127, 1)}


def test_the_scan_direction_turns_the_picture_at_once(bench: Bench) -> None:
    """Upside down."""
    part = ready(bench)
    part.write(b"\x40\x03")
    command(part, "c0")
    assert shown(part) == {(0, 63), (0, 62)}


def test_start_line_and_offset_shift_the_picture(bench: Bench) -> None:
    """Up by as many rows, and what leaves at the top comes in at the bottom."""
    part = ready(bench)
    part.write(b"\x40\x01")
    command(part, "7f")
    assert shown(part) == {(0, 1)}
    command(part, "40 d3 08")
    assert shown(part) == {(0, 56)}


def test_rows_beyond_the_multiplex_ratio_are_dark(bench: Bench) -> None:
    """Even with all pixels on."""
    part = ready(bench)
    command(part, "a5 a8 1f")
    assert len(shown(part)) == 128 * 32


def test_the_wrong_com_pins_leave_every_other_row_out_on_a_flat_panel(bench: Bench) -> None:
    """As one sees it on 128 by 32 with a set-up for 64 rows."""
    part = ready(bench, 128, 32)
    command(part, "da 12 a5")
    assert len({y for _, y in shown(part)}) == 16


def test_a_low_reset_pin_brings_back_the_reset_values(bench: Bench) -> None:
    """Dark, and in page mode."""
    part = bench.place(Ssd1306(reset_pin="D4"))
    command(part, f"{_ON} a5")
    bench.set_level("D4", False)
    bench.set_level("D4", True)
    assert shown(part) == set()
    assert part.read(1) == b"\x40"


def test_scrolling_and_unknown_commands_disturb_nothing(bench: Bench) -> None:
    """Their parameters are not taken for commands."""
    part = ready(bench)
    part.write(b"\x40\x01")
    command(part, "26 00 00 a5 07 00 ff 29 00 a5 00 07 01 a3 00 40 2f 2e e3 ff d5 80 d9 f1 db 30")
    assert shown(part) == {(0, 0)}


def test_a_size_that_no_panel_has_is_refused() -> None:
    """With those there are."""
    with pytest.raises(CircuitError, match="width = 100, height = 64 is no panel's size"):
        Ssd1306(width=100)
