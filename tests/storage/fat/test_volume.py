"""FAT file systems of our own making and of others', judged by Linux's checker and by mtools."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat.storage.fat import layout
from cpcompat.storage.fat.sectors import Sectors
from cpcompat.storage.fat.volume import Volume
from tests.fakes.refusing import refuses

from .medium import NOW_S, SIZES, Medium, complaints, formatted, tree, volume

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.feature("storage"), pytest.mark.simulated]
BITS = pytest.mark.parametrize("bits", [12, 16, 32])
NAMES = [
    "CODE.PY",
    "code.py.bak",
    "lower.txt",
    "Mixed Case Name.text",
    "ünïcödé-日本-🙂.dat",
    ".hidden",
    "no_ending",
    "a+b,c;d=[e].txt",
    "x" * 255,
    "thirteenchars",
]


def put(files: Volume, path: str, content: bytes, mode: str = "wb") -> None:
    """Write a file."""
    with files.open(path, mode) as file:
        file.write(content)


def mtools(medium: Medium, folder: Path, *words: str) -> str:
    """Run one of the mtools on a medium, and take over what it changed."""
    image = medium.saved(folder / "mtools.img")
    done = subprocess.run(
        [words[0], "-i", str(image), *words[1:]],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    medium.load(image)
    return done.stdout


@BITS
def test_a_new_file_system_is_one_that_linux_finds_sound(bits: int, tmp_path: Path) -> None:
    """Empty, of the kind that its size asks for."""
    medium = formatted(bits)
    assert complaints(medium, tmp_path) == []
    files = volume(medium)
    assert files.layout.bits == bits
    assert tree(files) == {}
    size, _, blocks, free, *_ = files.statvfs("/")
    assert size * blocks > 0.96 * SIZES[bits] * 512
    assert free == blocks - (bits == 32)


@BITS
def test_files_of_every_kind_of_name_and_size_are_kept(bits: int, tmp_path: Path) -> None:
    """Read back by a second mount, and sound to Linux."""
    medium = formatted(bits)
    files = volume(medium)
    cluster = files.cluster_bytes
    wanted: dict[str, bytes | None] = {"/lib": None, "/lib/deeper folder": None}
    files.mkdir("/lib")
    files.mkdir("/lib/deeper folder")
    sizes = [0, 1, 511, 512, 513, cluster - 1, cluster, cluster + 1, 5 * cluster + 7, 100_000]
    for name, size in zip(NAMES, sizes, strict=True):
        for folder in ("", "/lib/deeper folder"):
            content = os.urandom(size)
            put(files, f"{folder}/{name}", content)
            wanted[f"{folder}/{name}"] = content
    assert tree(files) == wanted
    files.sync()
    assert tree(volume(medium)) == wanted
    assert complaints(medium, tmp_path) == []


def test_what_others_wrote_is_read_and_what_is_written_here_others_read(tmp_path: Path) -> None:
    """Mtools on the other side, with long names both ways."""
    if not shutil.which("mcopy"):
        pytest.skip("mtools is not here: see tools/system-packages")
    medium = formatted(16)
    source = tmp_path / "A long name of theirs.txt"
    source.write_bytes(b"theirs\n" * 1000)
    mtools(medium, tmp_path, "mcopy", str(source), "::")
    mtools(medium, tmp_path, "mmd", "::/Their Folder")
    files = volume(medium)
    assert tree(files) == {
        "/A long name of theirs.txt": b"theirs\n" * 1000,
        "/Their Folder": None,
    }
    put(files, "/Their Folder/one of Ours.txt", b"ours\n")
    files.sync()
    assert mtools(medium, tmp_path, "mtype", "::/Their Folder/one of Ours.txt") == "ours\n"
    assert "one of Ours.txt" in mtools(medium, tmp_path, "mdir", "::/Their Folder")
    assert complaints(medium, tmp_path) == []


def test_a_file_system_in_a_partition_is_found(tmp_path: Path) -> None:
    """As cards are sold: a table of partitions first."""
    whole, part = Medium(SIZES[16] + 2048), formatted(16)
    for number, block in part.blocks.items():
        whole.put(2048 + number, block)
    table = bytearray(512)
    table[446:462] = b"\x80\0\0\0\x06\0\0\0" + (2048).to_bytes(4, "little") + bytes(4)
    table[510:512] = b"\x55\xaa"
    whole.put(0, bytes(table))
    put(volume(whole), "/in.txt", b"inside")
    assert tree(volume(whole)) == {"/in.txt": b"inside"}
    assert whole.blocks[0] == bytes(table)


@pytest.mark.parametrize(
    "block", [bytes(512), bytes(510) + b"\x55\xaa", b"\xeb" * 510 + b"\x55\xaa"]
)
def test_a_medium_without_a_file_system_is_told(block: bytes) -> None:
    """An empty one, one with an empty table, one with nonsense."""
    medium = Medium(100)
    medium.put(0, block)
    with refuses(OSError, "[Errno 19] No such device"):
        volume(medium)


def test_a_medium_that_is_too_small_is_refused() -> None:
    """Before anything on it is lost."""
    medium = Medium(20)
    with refuses(OSError, "[Errno 22] Invalid argument"):
        layout.make(Sectors(medium), 0)
    assert medium.log == []


def test_media_with_large_blocks_are_files_like_others(tmp_path: Path) -> None:
    """4096 bytes, as some cards and all disks have."""
    medium = Medium(1024, 4096)
    layout.make(Sectors(medium), 1)
    files = volume(medium)
    put(files, "/a", b"x" * 10_000)
    assert tree(volume(medium)) == {"/a": b"x" * 10_000}
    assert complaints(medium, tmp_path) == []


@BITS
def test_a_file_is_changed_in_its_middle_cut_and_made_longer(bits: int, tmp_path: Path) -> None:
    """As the streams of Python do."""
    medium = formatted(bits)
    files, model = volume(medium), io.BytesIO()
    with files.open("/f", "w+b") as file:
        for at, data in ((0, b"a" * 3000), (700, b"b" * 900), (2990, b"c" * 100), (9000, b"end")):
            for one in (file, model):
                one.seek(at)
                one.write(data)
        file.flush()
        assert files.stat("/f")[6] == 9003
        for size in (5000, 1024, 1):
            file.truncate(size)
            model.truncate(size)
            file.seek(0)
            assert file.read() == model.getvalue()
    files.sync()
    assert tree(volume(medium)) == {"/f": model.getvalue()}
    assert complaints(medium, tmp_path) == []


def test_two_openings_of_one_file_see_each_other() -> None:
    """What one writes the other reads; and an open file is neither removed nor moved."""
    files = volume(formatted(12))
    with files.open("/log", "wb", 0) as one, files.open("/log", "rb", 0) as two:
        one.write(b"abc")
        assert two.read() == b"abc"
        with refuses(OSError, "[Errno 13] Permission denied"):
            files.remove("/log")
        with refuses(OSError, "[Errno 13] Permission denied"):
            files.rename("/log", "/l")
    files.remove("/log")
    assert tree(files) == {}


def test_text_is_utf_8_and_its_line_ends_are_left_alone() -> None:
    """As upstream's."""
    files = volume(formatted(12))
    with files.open("/t", "w") as file:
        file.write("ä\r\nb\n")
    with files.open("/t", "a") as file:
        file.write("c")
    with files.open("/t", "rb") as file:
        assert file.read() == b"\xc3\xa4\r\nb\nc"
    with files.open("/t") as file:
        assert list(file) == ["ä\r\n", "b\n", "c"]


def test_names_differ_by_more_than_capital_letters() -> None:
    """A file is found in whatever letters, and keeps those it was made with."""
    files = volume(formatted(12))
    put(files, "/ReadMe.TXT", b"1")
    put(files, "/README.txt", b"22")
    assert [row[0] for row in files.ilistdir("/")] == ["ReadMe.TXT"]
    assert files.stat("/readme.txt")[6] == 2
    files.rename("/readme.txt", "/README.txt")
    assert tree(files) == {"/README.txt": b"22"}
    for number in range(30):
        put(files, f"/a long name {number}", b"")
    assert len({entry.short for entry in files.folder(0)}) == 31


def test_a_folder_is_moved_with_what_is_in_it(tmp_path: Path) -> None:
    """But not into itself."""
    medium = formatted(16)
    files = volume(medium)
    for path in ("/a", "/a/b", "/c"):
        files.mkdir(path)
    put(files, "/a/b/f", b"deep")
    files.rename("/a/b", "/c/moved")
    files.rename("/a", "/z")
    assert tree(files) == {"/c": None, "/c/moved": None, "/c/moved/f": b"deep", "/z": None}
    for path in ("/c/x", "/c/moved/x"):
        with refuses(OSError, "[Errno 22] Invalid argument"):
            files.rename("/c", path)
    assert complaints(medium, tmp_path) == []


def test_each_mistake_is_told_in_upstream_s_words() -> None:
    """Number and text."""
    files = volume(formatted(12))
    files.mkdir("/d")
    put(files, "/f", b"")
    put(files, "/d/in", b"")
    mistakes: list[tuple[Any, str]] = [
        (lambda: files.open("/no", "r"), "[Errno 2] No such file/directory"),
        (lambda: files.open("/no/no", "w"), "[Errno 2] No such file/directory"),
        (lambda: files.open("/f", "x"), "[Errno 17] File exists"),
        (lambda: files.open("/d", "r"), "[Errno 21] EISDIR"),
        (lambda: files.open("/a:b", "w"), "[Errno 22] Invalid argument"),
        (lambda: files.open("/" + "x" * 256, "w"), "[Errno 22] Invalid argument"),
        (lambda: files.remove("/no"), "[Errno 2] No such file/directory"),
        (lambda: files.remove("/d"), "[Errno 21] EISDIR"),
        (lambda: files.rmdir("/d"), "[Errno 13] Permission denied"),
        (lambda: files.rmdir("/f"), "20"),
        (lambda: files.mkdir("/d"), "[Errno 17] File exists"),
        (lambda: files.rename("/f", "/d"), "[Errno 17] File exists"),
        (lambda: files.stat("/no"), "[Errno 2] No such file/directory"),
        (lambda: files.ilistdir("/f"), "20"),
        (lambda: files.utime("/no", (0, 0)), "[Errno 2] No such file/directory"),
    ]
    for act, text in mistakes:
        with refuses(OSError, text):
            act()
    with files.open("/f", "rb") as file, pytest.raises(io.UnsupportedOperation):
        file.write(b"")


def test_the_label_is_kept_in_capital_letters(tmp_path: Path) -> None:
    """At most eleven; it is no file."""
    medium = formatted(12)
    files = volume(medium)
    assert files.label == ""
    files.label = "my disk"
    assert volume(medium).label == "MY DISK"
    files.label = "OTHER"
    assert volume(medium).label == "OTHER"
    assert tree(files) == {}
    for wrong in ("twelve chars", "a*b", "ü"):
        with refuses(OSError, "[Errno 22] Invalid argument"):
            files.label = wrong
    assert complaints(medium, tmp_path) == []
    files.label = ""
    assert volume(medium).label == ""


def test_times_are_kept_to_two_seconds() -> None:
    """The clock's when a file is written, or those that are set."""
    files = volume(formatted(12))
    put(files, "/f", b"x")
    assert files.stat("/f")[7:] == (NOW_S, NOW_S, NOW_S)
    files.utime("/f", (0, 1_600_000_001))
    assert files.stat("/f")[8] == 1_600_000_000
    assert files.stat("/") == (0x4000, *(0,) * 9)


@BITS
def test_a_full_medium_says_so_and_stays_sound(bits: int, tmp_path: Path) -> None:
    """What was there before is whole; room that is given back is used again."""
    medium = Medium({12: 100, 16: 8800, 32: 1 << 20}[bits])
    layout.make(Sectors(medium), 1)
    files = volume(medium)
    put(files, "/kept", b"k" * 600)
    if bits == 32:  # half a gigabyte is not filled byte by byte: somebody else has it
        clusters = files.table.pick(files.table.free() - 3)
        files.table.link(clusters)
    with refuses(OSError, "[Errno 28] No space left on device"), files.open("/big", "wb", 0) as big:
        while True:
            big.write(b"b" * 40_000)
    files.remove("/big")
    put(files, "/again", b"a" * 600)
    assert tree(files) == {"/kept": b"k" * 600, "/again": b"a" * 600}
    files.sync()
    assert [c for c in complaints(medium, tmp_path) if bits != 32] == []


def test_a_root_of_fixed_size_and_a_folder_of_many_files(tmp_path: Path) -> None:
    """The root of FAT12 has room for 512 entries; other folders grow."""
    medium = formatted(12)
    files = volume(medium)
    files.mkdir("/many")
    for number in range(200):
        put(files, f"/many/a file with a long name {number}.txt", b"")
    assert len(list(files.ilistdir("/many"))) == 200
    with refuses(OSError, "[Errno 28] No space left on device"):
        for number in range(600):
            put(files, f"/F{number}", b"")
    assert len(list(files.ilistdir("/"))) == 512
    assert complaints(medium, tmp_path) == []


def test_damaged_chains_raise_and_hold_nothing_up() -> None:
    """A file's that leads nowhere, and a folder's in a circle."""
    medium = formatted(16)
    files = volume(medium)
    put(files, "/f", b"x" * 5000)
    files.table.join(next(iter(files.folder(0))).first + 1, 60_000)
    with refuses(OSError, "[Errno 5] Input/output error"):
        volume(medium).open("/f")
    files.mkdir("/d")
    first = files.folder(0).find("/d"[1:]).first  # type: ignore[union-attr]
    files.table.join(first, first)
    with refuses(OSError, "[Errno 5] Input/output error"):
        volume(medium).ilistdir("/d")


def test_a_block_device_of_the_old_kind_and_one_that_fails() -> None:
    """Without ``ioctl``; and error numbers that are returned become errors."""

    class Old:
        """``count`` instead of ``ioctl``."""

        def __init__(self, medium: Medium) -> None:
            self.readblocks = medium.readblocks
            self.writeblocks = medium.writeblocks
            self.count = lambda: medium.count
            self.synced = 0

        def sync(self) -> None:
            """Note it."""
            self.synced += 1

    old = Old(formatted(12))
    files = Volume(old, lambda: NOW_S)
    put(files, "/f", b"x")
    assert old.synced
    old.writeblocks = lambda start, buffer: -5
    with refuses(OSError, "[Errno 5] Input/output error"):
        files.mkdir("/d")
