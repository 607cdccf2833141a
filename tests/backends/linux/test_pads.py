"""Looking at lines that nobody holds: by the controller's registers, which are mapped to be read."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.linux import pad_registers as registers
from cpcompat.backends.linux import pads
from cpcompat.backends.linux.diagnosis import diagnose
from cpcompat.backends.linux.pad_registers import BCM2711, BCM2835, RP1, Pad, pad
from cpcompat.backends.linux.pads import Pads
from cpcompat.board.detect import definition
from tests.backends.linux.computer import FakeComputer
from tests.backends.linux.test_broker import BOARD, Bench
from tests.backends.linux.test_view import Looker

if TYPE_CHECKING:
    from pathlib import Path

    from cpcompat.backends.linux.pad_registers import Word
    from tests.shim.world import World

pytestmark = [pytest.mark.feature("live view"), pytest.mark.shim]


def reader(words: dict[int, int]) -> Word:
    """Return what reads registers of which a few are not zero."""
    return lambda at: words.get(at, 0)


@pytest.mark.parametrize(
    ("selected", "line", "function", "direction"),
    [
        (0, 17, None, "input"),
        (1, 17, None, "output"),
        (4, 2, "SDA1", "input"),
        (4, 10, "SPI0_MOSI", "input"),
        (4, 16, "ALT0", "input"),
        (2, 14, "TXD1", "input"),
        (3, 21, "SPI1_SCLK", "input"),
        (5, 5, "ALT1", "input"),
        (7, 27, "ALT3", "input"),
    ],
)
def test_a_broadcom_chip_s_function_select_register_names_the_function(
    selected: int, line: int, function: str | None, direction: str
) -> None:
    """Three bits a line, ten lines a register; its level is a bit of its own."""
    word = reader({line // 10 * 4: selected << line % 10 * 3, 0x34: 1 << line})
    assert pad(BCM2835, line, word) == Pad(function, direction, 1, None)
    assert pad(BCM2835, 40, word) == Pad(None, "input", 0, None)


def test_a_bcm2711_tells_its_pulls_too() -> None:
    """Two bits a line, sixteen lines a register."""
    word = reader({0xE4: 1 << 4, 0xE8: 2 << 2})
    assert [one.pull for one in (pad(BCM2711, at, word) for at in (2, 17, 18)) if one] == [
        *("up", "down", None)
    ]


def test_an_rp1_tells_all_of_a_line_in_three_registers() -> None:
    """Where its receiver is off, the level is not known."""
    there = {8 * 17: 1 << 17 | 1 << 13, 8 * 17 + 4: 5, 0x20004 + 4 * 17: 0x48}
    assert pad(RP1, 17, reader(there)) == Pad(None, "output", 1, "up")
    assert pad(RP1, 17, reader({**there, 0x20004 + 4 * 17: 0x84})) == Pad(
        None, "output", None, "down"
    )
    assert pad(RP1, 2, reader({8 * 2 + 4: 3})) == Pad("ALT3", "input", None, None)
    assert pad(RP1, 28, reader({})) is None


@given(
    st.sampled_from((BCM2835, BCM2711, RP1)), st.integers(0, 27), st.binary(min_size=4, max_size=4)
)
def test_whatever_is_in_the_registers_can_be_shown(layout: str, line: int, data: bytes) -> None:
    """And none is asked for beyond their memory."""

    def word(at: int) -> int:
        assert 0 <= at <= registers.SIZES[layout] - 4
        assert at % 4 == 0
        return int.from_bytes(data, "little")

    found = pad(layout, line, word)
    assert found is not None
    assert found.direction in ("input", "output")
    assert found.level in (0, 1, None)


@pytest.mark.parametrize(
    ("cells", "here", "address"),
    [(1, (0x3F000000,), 0x3F200000), (2, (0, 0xFE000000), 0xFE200000), (2, (1, 0), 0x1_0020_0000)],
)
def test_the_device_tree_says_where_the_registers_are(
    cells: int, here: tuple[int, ...], address: int
) -> None:
    """The range that the address is in counts; a tree that says nothing of it gives none."""
    other = struct.pack(f">{cells + 2}I", 0x40000000, *here, 0x1000)
    ranges = other + struct.pack(f">{cells + 2}I", 0x7E000000, *here, 0x1000000)
    assert registers.physical(ranges, cells, registers.BUS_ADDRESS) == address
    assert registers.physical(other + b"\0" * 3, cells, registers.BUS_ADDRESS) is None


def test_every_raspberry_pi_s_file_says_which_registers_it_has() -> None:
    """By data, not by trying."""
    for board, layout in (
        *(("raspberry_pi_zero", BCM2835), ("raspberry_pi_b_rev1", BCM2835)),
        *(("raspberry_pi_3b", BCM2835), ("raspberry_pi_4b", BCM2711), ("raspberry_pi_5", RP1)),
    ):
        assert definition(board).for_backend["registers"] == layout


def test_the_level_and_function_of_a_line_that_nobody_holds_are_told(
    world: World, tmp_path: Path
) -> None:
    """And what a program holds is told as it was; no register is written."""
    memory = bytearray(4096)
    struct.pack_into("<I", memory, 0, 4 << 2 * 3)
    struct.pack_into("<I", memory, 0x34, 1 << 2 | 1 << 22)
    node = world.tree.at("/dev/gpiomem")
    node.write_bytes(memory)
    node.chmod(0o440)
    bench = Bench(tmp_path, {})
    start = world.mark()
    pins = Looker(bench).asks("news")["pins"]
    assert (pins["GPIO2"]["function"], pins["GPIO2"]["level"]) == ("SDA1", 1)
    assert (pins["GPIO22"]["function"], pins["GPIO22"]["level"]) == (None, 1)
    assert pins["GPIO23"]["level"] == 0
    assert {call.op for call in world.calls(start)} <= {"lineinfo", "get_values"}
    assert node.read_bytes() == memory
    bench.close()


def test_registers_that_cannot_be_looked_at_leave_levels_unknown(
    world: World,
) -> None:
    """No node, and a node too small: nothing is guessed."""
    assert Pads(BOARD).of(17) is None
    world.tree.at("/dev/gpiomem").write_bytes(b"")
    assert Pads(BOARD).of(17) is None
    assert Pads(definition("sim")).of(17) is None


def test_the_memory_at_the_device_tree_s_address_serves_where_there_is_no_node(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on kernels without Raspberry Pi's own driver."""
    memory = tmp_path / "mem"
    data = bytearray(0x3000)
    struct.pack_into("<I", data, 0x2000 + 0x34, 1 << 17)
    memory.write_bytes(data)
    (tmp_path / "soc").mkdir()
    (tmp_path / "soc" / "ranges").write_bytes(struct.pack(">3I", 0x7E1FF000, 0x1000, 0x2000))
    (tmp_path / "#address-cells").write_bytes(struct.pack(">I", 1))
    monkeypatch.setattr(pads, "_MEMORY", str(memory))
    monkeypatch.setattr(pads, "_TREE", tmp_path)
    found = Pads(BOARD).of(17)
    assert found is not None
    assert found.level == 1


@pytest.mark.parametrize("usable", [True, False])
def test_the_doctor_says_why_levels_are_not_known(usable: bool) -> None:
    """With what to do about it."""
    from cpcompat.backends.linux import facts

    computer = FakeComputer()
    del computer.nodes["/dev/gpiomem"]

    def said() -> list[str]:
        found = diagnose(BOARD, facts.read(computer))
        return [" ".join((one.said, *one.cure)) for one in found if one.topic == "levels"]

    (absent,) = said()
    assert "no /dev/gpiomem" in absent
    computer.groups = frozenset({"alice"})
    computer.listed = frozenset()
    computer.add_node("/dev/gpiomem", "gpio", usable=usable)
    assert [("usermod -aG gpio" in one) for one in said()] == ([] if usable else [True])
