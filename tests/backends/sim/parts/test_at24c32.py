"""The simulated AT24C32, transaction by transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.sim.parts.at24c32 import At24c32
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backends.sim.parts.conftest import Bench

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]


def store(bench: Bench, part: At24c32, address: int, data: bytes) -> None:
    """Write and wait for the end of the write cycle."""
    assert part.write(address.to_bytes(2, "big") + data) == len(data) + 2
    part.stop()
    bench.pass_s(0.02)


def fetch(part: At24c32, address: int, length: int) -> bytes:
    """Read from an address on."""
    assert part.write(address.to_bytes(2, "big")) == 2
    data = part.read(length)
    part.stop()
    return data


def test_a_new_memory_is_erased(bench: Bench) -> None:
    """All ones."""
    assert fetch(bench.place(At24c32()), 0, 4096) == b"\xff" * 4096


def test_what_is_written_is_read_back_and_only_that_changes(bench: Bench) -> None:
    """The bytes beside it stay."""
    part = bench.place(At24c32())
    store(bench, part, 0x123, b"abc")
    assert fetch(part, 0x122, 5) == b"\xffabc\xff"


def test_a_write_over_the_end_of_a_page_goes_on_at_its_beginning(bench: Bench) -> None:
    """Pages have 32 bytes."""
    part = bench.place(At24c32())
    store(bench, part, 0x3E, b"1234")
    assert fetch(part, 0x3E, 3) == b"12\xff"
    assert fetch(part, 0x20, 3) == b"34\xff"


def test_of_more_than_a_page_the_last_bytes_stay(bench: Bench) -> None:
    """The first ones are written over."""
    part = bench.place(At24c32())
    store(bench, part, 0, bytes(range(40)))
    assert fetch(part, 0, 32) == bytes([*range(32, 40), *range(8, 32)])


def test_it_does_not_answer_during_a_write_cycle(bench: Bench) -> None:
    """Neither to a write nor to a read: acknowledge polling finds the end."""
    part = bench.place(At24c32(write_ms=10))
    part.write(b"\x00\x00x")
    part.stop()
    bench.pass_ns(9_999_999)
    assert part.write(b"") == -1
    assert part.read(1) == b""
    bench.pass_ns(1)
    assert part.write(b"") == 0
    assert fetch(part, 0, 1) == b"x"


def test_without_a_stop_nothing_is_written(bench: Bench) -> None:
    """A repeated start drops the page."""
    part = bench.place(At24c32())
    part.write(b"\x00\x00x")
    part.read(1)
    part.stop()
    assert fetch(part, 0, 1) == b"\xff"


def test_a_read_goes_on_from_the_last_one_and_over_the_end(bench: Bench) -> None:
    """The upper four bits of the address do not count."""
    part = bench.place(At24c32())
    store(bench, part, 0xFFF, b"z")
    store(bench, part, 0x000, b"a")
    assert fetch(part, 0xFFFF, 1) == b"z"
    assert part.read(1) == b"a"
    assert fetch(part, 0xFFF, 2) == b"za"


def test_a_high_wp_pin_protects_the_memory_and_the_part_stays_ready(bench: Bench) -> None:
    """The bytes are acknowledged all the same."""
    part = bench.place(At24c32(wp_pin="D5"))
    bench.set_level("D5", True)
    assert part.write(b"\x00\x00x") == 3
    part.stop()
    assert fetch(part, 0, 1) == b"\xff"
    bench.set_level("D5", False)
    store(bench, part, 0, b"x")
    assert fetch(part, 0, 1) == b"x"


def test_a_file_keeps_the_content(bench: Bench, tmp_path: Path) -> None:
    """Another part with the same file goes on from there."""
    file = tmp_path / "eeprom.bin"
    part = bench.place(At24c32(file=str(file)))
    assert not file.exists()
    store(bench, part, 7, b"kept")
    assert file.read_bytes()[7:11] == b"kept"
    assert [entry.name for entry in tmp_path.iterdir()] == ["eeprom.bin"]
    assert At24c32(file=str(file)).memory[7:11] == b"kept"


def test_a_file_of_another_size_is_refused(tmp_path: Path) -> None:
    """And stays as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("not an EEPROM")
    with pytest.raises(CircuitError, match="has 13 bytes, not 4096"):
        At24c32(file=str(file))


def test_a_file_that_cannot_be_written_does_not_disturb_the_program(
    bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said in the log."""
    part = bench.place(At24c32(file=str(tmp_path / "absent" / "eeprom.bin")))
    store(bench, part, 0, b"x")
    assert fetch(part, 0, 1) == b"x"
    assert "not kept" in caplog.text
