"""What is mounted is seen by a program's own ``open``, ``os`` and ``import``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.fat.medium import formatted, tree, volume

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import CodePyRuns, Write

pytestmark = [pytest.mark.feature("storage"), pytest.mark.simulated]

MOUNT = """\
import os, storage, sys
os.mkdir("/sd")
storage.mount(storage.VfsFat("/card.img"), "/sd")
"""


@pytest.fixture
def card(circuitpy_drive: Path) -> Path:
    """An image of a card on the drive, with a module and a text on it."""
    medium = formatted(16)
    files = volume(medium)
    files.mkdir("/lib")
    for path, text in (("/lib/on_card.py", "NAME = __name__\nFILE = __file__\n"), ("/t.txt", "hi")):
        with files.open(path, "w") as file:
            file.write(text)
    return medium.saved(circuitpy_drive / "card.img")


def test_open_and_os_find_what_is_mounted(code_py_runs: CodePyRuns, card: Path) -> None:
    """Every function that takes a path; the root shows the folder."""
    outcome = code_py_runs(
        MOUNT
        + """\
print(sorted(os.listdir("/")), sorted(os.listdir("/sd")))
print(open("/sd/t.txt").read(), os.stat("/sd/t.txt")[6], os.stat("/sd")[0])
with open("/sd/new.txt", "w") as file:
    file.write("made")
os.mkdir("/sd/d")
os.rename("/sd/new.txt", "/sd/d/new.txt")
os.chdir("/sd/d")
print(os.getcwd(), os.listdir(), open("new.txt").read(), os.path.exists("../t.txt"))
os.remove("new.txt")
os.chdir("/")
os.rmdir("/sd/d")
print(os.statvfs("/sd") == storage.getmount("/sd").statvfs("/"), os.statvfs("/sd") != os.statvfs("/"))
os.utime("/sd/t.txt", (0, 1_600_000_000))
print(os.stat("/sd/t.txt")[8], os.path.isdir("/sd/lib"), os.path.isfile("/sd/t.txt"))
storage.umount("/sd")
print(os.listdir("/sd"))
"""
    )
    assert outcome.kind == "done", outcome.text
    assert outcome.lines == [
        "['card.img', 'code.py', 'sd'] ['lib', 't.txt']",
        "hi 2 16384",
        "/sd/d ['new.txt'] made True",
        "True True",
        "1600000000 True True",
        "[]",
    ]


def test_modules_are_imported_from_what_is_mounted(code_py_runs: CodePyRuns, card: Path) -> None:
    """By ``sys.path``, as on a board."""
    outcome = code_py_runs(
        MOUNT + 'sys.path.append("/sd/lib")\nimport on_card\nprint(on_card.NAME, on_card.FILE)\n'
    )
    assert outcome.lines == ["on_card /sd/lib/on_card.py"], outcome.text


def test_what_is_not_possible_is_told_as_on_a_board(code_py_runs: CodePyRuns, card: Path) -> None:
    """A move between file systems, a missing file, a file system that may only be read."""
    outcome = code_py_runs(
        MOUNT
        + """\
def told(act):
    try:
        act()
    except OSError as error:
        print(error)
told(lambda: os.rename("/sd/t.txt", "/t.txt"))
told(lambda: open("/sd/no.txt"))
told(lambda: os.chdir("/sd/t.txt"))
storage.remount("/sd", readonly=True)
told(lambda: open("/sd/t.txt", "a"))
told(lambda: os.mkdir("/sd/x"))
storage.remount("/", readonly=True)
told(lambda: open("/f", "w"))
told(lambda: os.mkdir("/x"))
told(lambda: os.rename("/code.py", "/c.py"))
told(lambda: os.remove("/code.py"))
"""
    )
    assert outcome.lines == [
        "[Errno 1] Operation not permitted",
        "[Errno 2] No such file/directory: /sd/no.txt",
        "[Errno 2] No such file/directory",
        *["[Errno 30] Read-only filesystem"] * 6,
    ], outcome.text


def test_a_medium_of_a_program_s_own_is_mounted(code_py_runs: CodePyRuns) -> None:
    """A block device in memory, as the driver of a card is one."""
    outcome = code_py_runs(
        """\
import os, storage

class RamDisk:
    def __init__(self, blocks):
        self.data = bytearray(blocks * 512)
    def readblocks(self, start, buffer):
        buffer[:] = self.data[start * 512 : start * 512 + len(buffer)]
    def writeblocks(self, start, buffer):
        self.data[start * 512 : start * 512 + len(buffer)] = buffer
    def ioctl(self, request, argument):
        return {4: len(self.data) // 512, 5: 512}.get(request)

disk = RamDisk(200)
storage.VfsFat.mkfs(disk)
os.mkdir("/ram")
storage.mount(storage.VfsFat(disk), "/ram")
with open("/ram/log.txt", "w") as log:
    for number in range(1000):
        print(number, file=log)
with open("/ram/log.txt") as log:
    print(sum(int(line) for line in log))
"""
    )
    assert outcome.lines == ["499500"], outcome.text


def test_what_was_written_is_in_the_image_when_the_program_has_ended(
    code_py_runs: CodePyRuns, card: Path, tmp_path: Path
) -> None:
    """Also what was not closed, once it was flushed; and Linux finds it sound."""
    outcome = code_py_runs(
        MOUNT
        + 'log = open("/sd/a log with a long name.txt", "w")\nlog.write("line\\n" * 300)\nlog.flush()\n'
    )
    assert outcome.kind == "done", outcome.text
    medium = formatted(16)
    medium.load(card)
    assert tree(volume(medium))["/a log with a long name.txt"] == b"line\n" * 300


def test_the_clock_is_set_for_the_program_alone(code_py_runs: CodePyRuns) -> None:
    """``time`` follows it, and a source that stands in for it; CPython's own does not."""
    outcome = code_py_runs(
        """\
import rtc, time, logging
rtc.RTC().datetime = time.struct_time((2019, 5, 29, 15, 14, 15, 0, -1, -1))
print(time.localtime()[:5], time.time() - time.mktime((2019, 5, 29, 15, 14, 15, 0, 0, -1)) < 5)
print(logging.LogRecord("", 0, "", 0, "", (), None).created > 1_700_000_000)
class Chip:
    datetime = time.struct_time((2018, 3, 17, 21, 1, 47, 0, 0, 0))
rtc.set_time_source(Chip())
print(time.localtime()[:6])
"""
    )
    assert outcome.lines == ["(2019, 5, 29, 15, 14) True", "True", "(2018, 3, 17, 21, 1, 47)"], (
        outcome.text
    )


@pytest.mark.parametrize("clock", ["real", "virtual"])
def test_a_clock_that_was_set_goes_on_with_the_board_s(
    code_py_runs: CodePyRuns, clock: str, write: Write
) -> None:
    """On virtual time an hour passes at once."""
    wait = 3600 if clock == "virtual" else 1.1
    outcome = code_py_runs(
        "import rtc, time\nrtc.RTC().datetime = (2020, 1, 1, 0, 0, 0, 0, 0, -1)\n"
        f"before = time.time()\ntime.sleep({wait})\nprint(time.time() - before)\n",
        clock=clock,
    )
    assert int(outcome.lines[0]) in {int(wait), int(wait) + 1}
