"""Whole FAT file systems at once, judged by fsck.vfat, by mtools and by the file system's own reader."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpcompat.storage.fat import tree
from cpcompat.storage.fat.volume import Volume

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.feature("USB drive")
MB = 1024 * 1024
WHEN = 1_700_000_000.0
needs_tools = pytest.mark.skipif(
    shutil.which("mcopy") is None or shutil.which("fsck.vfat", path="/usr/sbin:/usr/bin") is None,
    reason="mtools or dosfstools is not here: sudo apt install mtools dosfstools",
)


class Medium:
    """A block device in memory; only what was written takes room."""

    def __init__(self, size: int) -> None:
        self.blocks: dict[int, bytes] = {}
        self.count = size // 512

    def readblocks(self, start: int, buffer: bytearray) -> None:
        """See `Sectors`."""
        for at in range(len(buffer) // 512):
            buffer[at * 512 : (at + 1) * 512] = self.blocks.get(start + at, bytes(512))

    def writeblocks(self, start: int, buffer: bytes) -> None:
        """See `Sectors`."""
        for at in range(len(buffer) // 512):
            self.blocks[start + at] = bytes(buffer[at * 512 : (at + 1) * 512])

    def ioctl(self, request: int, argument: int) -> int:
        """See `Sectors`."""
        return {4: self.count, 5: 512}.get(request, 0)

    def save(self, path: Path, start: int = 0) -> None:
        """Write it to a file, from a block on."""
        with open(path, "wb") as file:
            file.truncate((self.count - start) * 512)
            for number, block in self.blocks.items():
                if number >= start:
                    os.pwrite(file.fileno(), block, (number - start) * 512)


def written(size: int, files: dict[str, bytes | None]) -> Medium:
    """Return a medium with files; None stands for a folder."""
    medium = Medium(size)
    leaves = [
        tree.Leaf(tuple(path.split("/")), WHEN)
        if data is None
        else tree.Leaf(tuple(path.split("/")), WHEN, len(data), io.BytesIO(data).read)
        for path, data in files.items()
    ]
    tree.write(medium, "CIRCUITPY", 0x1234ABCD, leaves)
    return medium


def read(medium: Medium) -> dict[str, bytes | None]:
    """Return what is on a medium."""
    volume = Volume(medium, lambda: WHEN)
    return {
        "/".join(found.path): None
        if found.entry.is_folder
        else b"".join(tree.content(volume, found))
        for found in tree.read(volume)
    }


MANY = {f"lib/adafruit_module_{number}.py": bytes([number % 251]) * number for number in range(400)}
FILES: dict[str, bytes | None] = {
    "lib": None,
    **MANY,
    "lib/deep": None,
    "lib/deep/er": None,
    "lib/deep/er/a name with spaces, and Grün.txt": b"x" * 70_000,
    "CODE.PY": b"print(1)\n",
    "code.py.old": b"",
    "big.bin": bytes(range(256)) * 4096,
}


@needs_tools
@pytest.mark.parametrize("size", [4 * MB, 64 * MB, 600 * MB])
def test_others_find_it_sound_and_read_the_same(size: int, tmp_path: Path) -> None:
    """FAT12, FAT16 and FAT32, in a partition: fsck.vfat and mcopy."""
    files = FILES if size > 4 * MB else {p: d for p, d in FILES.items() if p != "big.bin"}
    medium = written(size, files)
    medium.save(tmp_path / "partition", tree.PARTITION_START)
    checked = subprocess.run(
        ["fsck.vfat", "-n", str(tmp_path / "partition")],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    assert checked.returncode == 0, checked.stdout
    medium.save(tmp_path / "whole")
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(
        ["mcopy", "-s", "-n", "-i", f"{tmp_path / 'whole'}@@512", "::", str(out)],
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
    )
    found = {
        path.relative_to(out).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in out.rglob("*")
    }
    assert {path.lower(): data for path, data in found.items()} == {
        path.lower(): data for path, data in files.items()
    }
    assert read(medium) == files


@needs_tools
def test_what_others_have_made_is_read(tmp_path: Path) -> None:
    """Mformat and mcopy on the other side, with a file that lies in pieces."""
    image = tmp_path / "image"
    with open(image, "wb") as file:
        file.truncate(8 * MB)
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

    def tool(name: str, *words: str, data: bytes = b"") -> None:
        subprocess.run([name, "-i", str(image), *words], input=data, check=True, env=environment)

    tool("mformat", "::")
    for number in range(40):
        tool("mcopy", "-", f"::part {number}.txt", data=bytes([number]) * 5000)
    for number in range(0, 40, 2):
        tool("mdel", f"::part {number}.txt")
    tool("mcopy", "-", "::pieces.bin", data=bytes(range(256)) * 300)
    medium = Medium(8 * MB)
    data = image.read_bytes()
    medium.writeblocks(0, data)
    found = read(medium)
    assert found["pieces.bin"] == bytes(range(256)) * 300
    assert found["part 1.txt"] == b"\x01" * 5000
    assert len(found) == 21


def test_a_chain_that_two_files_have_is_not_sound() -> None:
    """One would be written over by the other."""
    medium = written(64 * MB, {"a": b"a" * 5000, "b": b"b" * 5000})
    root = next(n for n, block in medium.blocks.items() if b"CIRCUITPY  \x08" in block and n > 1)
    block = bytearray(medium.blocks[root])
    block[64 + 26 : 64 + 28] = block[32 + 26 : 32 + 28]
    medium.blocks[root] = bytes(block)
    with pytest.raises(OSError, match="5"):
        read(medium)


def test_a_chain_that_is_too_short_is_not_sound() -> None:
    """A size without its clusters: a host writes the folder before the table."""
    medium = written(64 * MB, {"a": b""})
    root = next(n for n, block in medium.blocks.items() if b"CIRCUITPY  \x08" in block and n > 1)
    block = bytearray(medium.blocks[root])
    block[32 + 28 : 32 + 32] = (5000).to_bytes(4, "little")
    medium.blocks[root] = bytes(block)
    with pytest.raises(OSError, match="5"):
        read(medium)


def test_more_than_fits_is_refused() -> None:
    """28 (ENOSPC): too many bytes, or too many names in the topmost folder of FAT16."""
    with pytest.raises(OSError, match="28"):
        written(4 * MB, {"a": bytes(5 * MB)})
    with pytest.raises(OSError, match="28"):
        written(64 * MB, {f"a long name, number {number}": b"" for number in range(200)})


_NAMES = st.text(
    st.characters(exclude_characters='"*/:<>?\\|\x7f', exclude_categories=["Cc", "Cs"]),
    min_size=1,
    max_size=30,
).filter(lambda name: name.rstrip(". ") == name and name not in (".", ".."))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(_NAMES, st.none() | st.binary(max_size=3000), max_size=12),
    st.dictionaries(_NAMES, st.binary(max_size=3000), max_size=12),
)
def test_whatever_is_written_is_read_again(
    top: dict[str, bytes | None], inner: dict[str, bytes]
) -> None:
    """Any names that such a file system has; names that differ in capitals alone are one."""
    files = {name.upper(): (name, data) for name, data in top.items()}
    wanted = dict(files.values())
    for name, data in wanted.copy().items():
        if data is None:
            wanted |= {
                f"{name}/{n}": d for n, d in {k.upper(): v for k, v in inner.items()}.items()
            }
    assert read(written(4 * MB, wanted)) == wanted
