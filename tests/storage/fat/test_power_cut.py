"""Power cuts at every write, and with writes that the medium had not got to: nothing is lost."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from .medium import DAMAGE, Medium, complaints, formatted, tree, volume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cpcompat.storage.fat.volume import Volume

    Tree = dict[str, bytes | None]
    Step = Callable[[Volume], None]

pytestmark = [pytest.mark.feature("storage"), pytest.mark.simulated]

OLD, NEW, MORE = b"old " * 700, b"new!" * 900, b"more" * 800
CHAIN = "chain length"
LONG = "a name so long that its entries fill more than one whole sector of a folder " * 3


def written(path: str, content: bytes, mode: str = "wb") -> Step:
    """Return a step that writes a file in one go."""

    def step(files: Volume) -> None:
        with files.open(path, mode, 0) as file:
            file.write(content)

    return step


STEPS: dict[str, Step] = {
    "make": written("/made", NEW),
    "make a long name": written(f"/d/{LONG}", NEW),
    "append": written("/old", MORE, "ab"),
    "write over": written("/old", NEW, "r+b"),
    "write anew": written("/old", NEW),
    "remove": lambda files: files.remove("/old"),
    "remove a long name": lambda files: files.remove("/d/" + LONG[:200]),
    "rename": lambda files: files.rename("/old", "/renamed and longer.text"),
    "replace": lambda files: files.rename("/new", "/old"),
    "move": lambda files: files.rename("/old", "/d/old"),
    "move a folder": lambda files: files.rename("/d/sub", "/sub"),
    "move over": lambda files: files.rename("/new", "/d/kept"),
    "mkdir": lambda files: files.mkdir("/made"),
    "rmdir": lambda files: files.rmdir("/d/sub/empty"),
    "label": lambda files: setattr(files, "label", "NEW"),
}


def begun(bits: int) -> Medium:
    """Return a medium with some files, of names of every length, in folders that are nearly full."""
    medium = formatted(bits)
    files = volume(medium)
    for path in ("/d", "/d/sub", "/d/sub/empty"):
        files.mkdir(path)
    for number in range(11):
        written(f"/d/F{number}", b"")(files)
    for path, content in (("/old", OLD), ("/new", NEW), ("/d/kept", OLD), ("/d/sub/in", OLD)):
        written(path, content)(files)
    written(f"/d/{LONG[:200]}", OLD)(files)
    files.sync()
    medium.log.clear()
    return medium


def cuts(before: Medium, log: list[tuple[int, bytes] | None], seed: int) -> Iterator[Medium]:
    """Return what a power cut may leave.

    After each write; and of the writes since the last «be done with it» any part, for the medium
    may have done them in another order.
    """
    chance = random.Random(seed)
    sure = before.copy()
    pending: list[tuple[int, bytes]] = []
    for event in log:
        if event is None:
            for number, block in pending:
                sure.put(number, block)
            pending = []
            continue
        pending.append(event)
        for part in (pending, [one for one in pending if chance.random() < 0.5]):
            left = sure.copy()
            for number, block in part:
                left.put(number, block)
            yield left


def plausible(name: str, before: Tree, after: Tree, found: Tree) -> bool:
    """Tell whether what is found is the old state, the new one, or on the way from one to the other."""
    if name == "write over":  # in place: each block is the old one or the new one
        old, now, new = before["/old"], found["/old"], after["/old"]
        assert old is not None and now is not None and new is not None
        blocks = all(
            now[at:end] in (old[at:end], new[at:end], old[at:end] + new[len(old) : end])
            for at, end in ((at, min(at + 512, len(now))) for at in range(0, len(now), 512))
        )
        return blocks and len(now) in (len(old), len(new)) and _rest(found) == _rest(before)
    states: list[Tree] = [before, after]
    if name in {"make", "make a long name"}:  # it is there, empty, before it has content
        (made,) = after.keys() - before.keys()
        states.append({**before, made: b""})
    if name == "write anew":
        states.append({**before, "/old": b""})
    return found in states


def _rest(tree: Tree) -> Tree:
    return {path: content for path, content in tree.items() if path != "/old"}


@pytest.mark.parametrize("bits", [12, 16, 32])
@pytest.mark.parametrize("name", STEPS)
def test_a_power_cut_at_any_write_loses_nothing(name: str, bits: int) -> None:
    """It is mounted again, with the old state or the new one."""
    medium = begun(bits)
    start, before = medium.copy(), tree(volume(medium.copy()))
    files = volume(medium)
    STEPS[name](files)
    files.sync()
    after, count = tree(volume(medium.copy())), 0
    assert after != before or name == "label"
    for left in cuts(start, medium.log, seed=bits):
        found = tree(volume(left))
        assert plausible(name, before, after, found), sorted(found)
        count += 1
    assert count > 1


@pytest.mark.parametrize("name", STEPS)
def test_linux_s_checker_finds_nothing_worse_than_unused_clusters(
    name: str, tmp_path: Path
) -> None:
    """After a cut at each write; but a file that has both names for a moment shares its clusters."""
    medium = begun(12)
    start = medium.copy()
    files = volume(medium)
    STEPS[name](files)
    files.sync()
    left = start.copy()
    for event in medium.log:
        if event is None:
            continue
        left.put(*event)
        mended = left.copy()
        volume(mended)
        said = " ".join(complaints(mended, tmp_path))
        # Of a file that grows Linux counts the clusters by the table, and we by its size.
        allowed = (CHAIN,) if name in {"append", "write over"} else ()
        assert not [word for word in DAMAGE if word in said and word not in allowed], said


@pytest.mark.parametrize("name", ["move", "move a folder", "move over"])
def test_who_mounts_next_finishes_a_move_for_good(name: str, tmp_path: Path) -> None:
    """And says no longer that the file system is in use; a second mount changes nothing."""
    medium = begun(16)
    start = medium.copy()
    STEPS[name](volume(medium))
    for left in cuts(start, medium.log, seed=3):
        volume(left)
        left.log.clear()
        found = tree(volume(left))
        assert left.log == []
        assert len(found) in (len(tree(volume(start.copy()))), len(tree(volume(medium))))
        assert "irty bit" not in " ".join(complaints(left, tmp_path))


def test_what_somebody_else_left_in_use_is_for_their_checker(tmp_path: Path) -> None:
    """Linux sets the same byte while it has a medium mounted: it stays, over a move of ours too."""
    medium = begun(16)
    medium.put(0, medium.blocks[0][:37] + b"\x01" + medium.blocks[0][38:])
    files = volume(medium)
    files.rename("/old", "/d/old")
    assert "irty bit" in " ".join(complaints(medium, tmp_path))
    assert "/d/old" in tree(volume(medium))


def test_a_medium_that_may_only_be_read_is_not_mended() -> None:
    """It shows both names, as any reader would."""
    medium = begun(12)
    start = medium.copy()
    volume(medium).rename("/old", "/d/old")

    class ReadOnly(Medium):
        writeblocks = None  # type: ignore[assignment]
        readonly = True

    both = 0
    for left in cuts(start, medium.log, seed=4):
        card = ReadOnly(left.count)
        card.blocks = left.blocks
        both += {"/old", "/d/old"} <= tree(volume(card)).keys()
    assert both


def test_both_names_of_a_file_are_one_write_when_they_are_neighbours() -> None:
    """Write beside it, then rename over it: the usual way to replace a file is safe."""
    medium = begun(16)
    start = medium.copy()
    files = volume(medium)
    files.rename("/new", "/old")
    entries = [block for event in medium.log if event for block in event[1:] if b"OLD  " in block]
    assert len(entries) == 1  # not even for a mark that repairs
    names = {
        tuple(sorted(path for path in tree(volume(left)) if path in {"/new", "/old"}))
        for left in cuts(start, medium.log, seed=1)
    }
    assert names <= {("/new", "/old"), ("/old",)}
    contents = [tree(volume(left)) for left in cuts(start, medium.log, seed=1)]
    assert all((found["/old"] == NEW) == ("/new" not in found) for found in contents)
