"""The drive as a USB drive: one writer at a time, and nothing is lost between the two."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.workflows.usb.conftest import PluggedBoard

pytestmark = [pytest.mark.feature("USB drive"), pytest.mark.simulated]

WRITES = """
import time
try:
    open("/own.txt", "w").write("written")
    print("it was", "written")
except OSError as error:
    print("refused", error)
while True:
    time.sleep(0.05)
"""


def test_the_host_sees_the_drives_files_and_the_program_may_only_read(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """As on a board: the label, each file, boot_out.txt too, and error 30 for who writes."""
    board = plugged(WRITES, **{"data.txt": "data"})
    board.output("refused [Errno 30] Read-only filesystem")
    board.host.sees()
    assert board.host.reads("data.txt") == b"data"
    assert board.host.reads("code.py") == WRITES.encode()
    assert b"Board ID:sim" in board.host.reads("boot_out.txt")
    assert b"CIRCUITPY" in board.host.does("mlabel", "-s", "::")
    assert not (board.drive / "own.txt").exists()


def test_a_file_that_the_host_saves_runs(plugged: Callable[..., PluggedBoard]) -> None:
    """It comes into the folder whole, and the program starts anew, once."""
    board = plugged()
    board.host.sees()
    board.host.writes("code.py", b"print('saved by', 'the host')\n")
    board.output("saved by the host")
    assert (board.drive / "code.py").read_bytes() == b"print('saved by', 'the host')\n"
    assert board.log.read_text().count("soft reboot") == 1


def test_what_the_host_makes_removes_and_renames_the_folder_has(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """A library comes, a file goes, another gets a new name; the host's own rubbish does not come."""
    board = plugged(**{"old.txt": "old", "gone.txt": "gone"})
    host, drive = board.host, board.drive
    host.sees()
    host.does("mmd", "::lib")
    host.writes("lib/A Long Name, really.py", b"x = 1\n")
    host.writes("._code.py", b"rubbish")
    host.does("mdel", "::gone.txt")
    host.does("mren", "::old.txt", "::new.txt")
    host.wait((drive / "lib/A Long Name, really.py").is_file, "the library")
    host.wait(lambda: not (drive / "gone.txt").exists(), "a file is gone")
    host.wait((drive / "new.txt").is_file, "the new name")
    assert (drive / "lib/A Long Name, really.py").read_bytes() == b"x = 1\n"
    assert (drive / "new.txt").read_text() == "old"
    assert not (drive / "old.txt").exists()
    assert not (drive / "._code.py").exists()


def test_others_may_not_write_while_the_host_has_the_drive(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """409 with upstream's words; reading, and a folder that is there, are no matter."""
    board = plugged()
    board.host.sees()
    (board.drive / "lib").mkdir()
    answer = board.asks("PUT", "/fs/x.txt", {}, b"x")
    assert (answer.status, answer.body) == (409, b"USB storage active.")
    assert board.asks("PUT", "/fs/new/").status == 409
    assert board.asks("PUT", "/fs/lib/").status == 204
    assert board.asks("DELETE", "/fs/code.py").status == 409
    assert board.asks("MOVE", "/fs/code.py", {"X-Destination": "/fs/y"}).status == 409
    assert board.asks("GET", "/fs/code.py").status == 200
    listed = board.asks("GET", "/fs/", {"Accept": "application/json"}).json()
    assert listed["writable"] is False
    assert board.asks("GET", "/cp/diskinfo.json").json()[0]["writable"] is False
    assert sorted(p.name for p in board.drive.iterdir() if p.suffix in (".py", ".txt")) == [
        "boot_out.txt",
        "code.py",
    ]


TELLS = """
import supervisor, time
was = None
while True:
    if (now := supervisor.runtime.usb_connected) != was:
        was = now
        print("connected", now)
    time.sleep(0.02)
"""


def test_after_the_host_has_ejected_it_others_may_write_until_it_is_plugged_in_anew(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """What they wrote the host sees then."""
    board = plugged(TELLS)
    board.host.sees()
    board.output("connected True")
    board.host.eject()
    board.host.wait(
        lambda: board.asks("PUT", "/fs/x.txt", {}, b"by web").status in (201, 204), "written"
    )
    assert board.host.medium == ""
    assert board.asks("GET", "/fs/", {"Accept": "application/json"}).json()["writable"] is True
    board.host.unplug()
    board.output("connected False")
    assert board.host.medium == ""
    board.host.plug()
    board.host.sees()
    assert board.host.reads("x.txt") == b"by web"


def test_boot_py_gives_the_drive_to_the_program_and_the_host_may_only_read(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """`storage.remount` in boot.py; the host sees what the program has written."""
    board = plugged(WRITES, boot='import storage\nstorage.remount("/", readonly=False)\n')
    board.output("it was written")
    board.host.sees(writable=False)
    board.host.wait(
        lambda: board.host.medium and b"own" in board.host.does("mdir", "-b", "::"), "own.txt"
    )
    assert board.asks("PUT", "/fs/x.txt", {}, b"x").status == 201


REMOUNTS = """
import storage, supervisor, time
while not supervisor.runtime.usb_connected:
    time.sleep(0.01)
try:
    storage.remount("/", readonly=False)
    print("remounted", "early")
except RuntimeError as error:
    print("refused:", error)
while True:
    time.sleep(0.05)
    try:
        storage.remount("/", readonly=False)
        open("/own.txt", "w").write("written")
        print("remounted", "late")
        break
    except RuntimeError:
        pass
while True:
    time.sleep(0.05)
"""


def test_a_program_cannot_take_the_drive_from_the_host_before_it_ejects(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """Upstream's words; afterwards it can, and the host may read."""
    board = plugged(REMOUNTS.replace("try:", "time.sleep(2.5)\ntry:", 1))
    board.host.sees()
    board.output("refused: Cannot remount path when visible via USB.")
    board.host.eject()
    board.output("remounted late")
    assert (board.drive / "own.txt").read_text() == "written"


def test_boot_py_can_hide_the_drive(plugged: Callable[..., PluggedBoard]) -> None:
    """`storage.disable_usb_drive`: the host sees none, programs write."""
    board = plugged(WRITES, boot="import storage\nstorage.disable_usb_drive()\n")
    board.output("it was written")
    assert board.asks("PUT", "/fs/x.txt", {}, b"x").status == 201
    assert board.host.medium == ""


SWITCHES = """
import storage, supervisor, time
supervisor.runtime.autoreload = False
def wait_for(path):
    while True:
        time.sleep(0.05)
        try:
            return open(path)
        except OSError:
            pass
wait_for("/go")
try:
    storage.disable_usb_drive()
except RuntimeError as error:
    print("late:", error)
storage.unsafe_disable_usb_drive()
open("/own.txt", "w").write("written")
print("hidden", storage.getmount("/").readonly)
wait_for("/again")
storage.enable_usb_drive()
print("shown", storage.getmount("/").readonly)
while True:
    time.sleep(0.05)
"""


def test_a_program_hides_the_drive_from_a_host_that_uses_it_and_shows_it_again(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """`unsafe_disable_usb_drive`, `enable_usb_drive`; the polite one is refused."""
    board = plugged(SWITCHES)
    board.host.sees()
    board.host.writes("go", b"")
    board.output("late: Cannot change USB devices now")
    board.output("hidden False")
    assert board.host.medium == ""
    (board.drive / "again").write_text("")
    board.output("shown True")
    board.host.sees()
    assert board.host.reads("own.txt") == b"written"


def test_a_reset_takes_the_drive_away_and_gives_it_back(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """boot.py runs while nobody has it, and may write."""
    board = plugged(boot='open("/boots", "a").write("*")\n')
    board.host.sees()
    before = board.host.medium
    board.host.writes("new.txt", b"just before")
    _command(board, "reset")
    board.host.wait(lambda: board.host.medium not in ("", before), "another medium")
    assert (board.drive / "new.txt").read_bytes() == b"just before"
    assert board.host.reads("boots") == b"**"


def test_erasing_takes_the_drive_away_first(plugged: Callable[..., PluggedBoard]) -> None:
    """Nothing that the host had written comes back afterwards."""
    code = 'import os, storage\nif "one" in os.listdir("/"):\n    storage.erase_filesystem()\n'
    board = plugged(code + "while True:\n    pass\n")
    board.host.sees()
    before = board.host.medium
    board.host.writes("one", b"1")
    board.host.wait(lambda: board.host.medium not in ("", before), "another medium")
    assert board.host.reads("code.py") == b'print("Hello World!")\n'
    assert not (board.drive / "one").exists()


def test_both_wrote_the_same_file_and_both_are_kept(plugged: Callable[..., PluggedBoard]) -> None:
    """The host's has the name; the other is beside it."""
    board = plugged(**{"notes.txt": "before"})
    board.host.sees()
    (board.drive / "notes.txt").write_text("from here")
    board.host.writes("notes.txt", b"from the host")
    notes = board.drive / "notes.txt"
    board.host.wait(
        lambda: notes.read_text() == "from the host", "never missing, and then the host's"
    )
    assert (board.drive / "notes.txt.kept").read_text() == "from here"


def test_what_the_host_wrote_while_no_supervisor_lived_is_not_lost(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """Killed, so that the host kept the medium; the next one brings it into the folder first."""
    board = plugged()
    board.host.sees()
    os.kill(board.process.pid, signal.SIGKILL)
    board.process.wait()
    board.host.writes("late.txt", b"late")
    board.host.writes("code.py", b"print('the late', 'program')\n")
    board.restart()
    board.output("the late program")
    assert (board.drive / "late.txt").read_bytes() == b"late"
    board.host.sees()
    assert board.host.reads("late.txt") == b"late"


def test_what_the_host_wrote_before_a_power_cut_is_not_lost(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """The slot is empty when the computer is on again; the image is there."""
    board = plugged()
    board.host.sees()
    os.kill(board.process.pid, signal.SIGKILL)
    board.process.wait()
    board.host.writes("late.txt", b"late")
    board.host.eject()
    board.restart()
    board.host.wait((board.drive / "late.txt").is_file, "late.txt")
    assert (board.drive / "late.txt").read_bytes() == b"late"


def test_a_file_system_that_came_back_damaged_is_kept_aside_and_told(
    plugged: Callable[..., PluggedBoard],
) -> None:
    """Unplugged amid a write; the folder keeps what it had, and the host gets a sound one."""
    board = plugged(**{"data.txt": "data" * 1000})
    board.host.sees()
    before = board.host.medium
    with open(before, "r+b") as image:
        image.seek(512)
        sector = bytearray(image.read(512))
        reserved, copies = int.from_bytes(sector[14:16], "little"), sector[16]
        image.seek(512 * (1 + reserved))
        image.write(b"\xf8\xff\xff\xff" + b"\x02\x00" * 254)
        assert copies == 2
    board.host.eject()
    board.output("came back damaged")
    assert (board.drive / "data.txt").read_text() == "data" * 1000
    assert (Path(before).parent / "damaged.img").is_file()
    board.host.unplug()
    _command(board, "reset")
    board.host.sees()
    assert board.host.reads("data.txt") == b"data" * 1000


def test_what_leads_out_of_the_drive_is_not_shown_and_not_followed(
    plugged: Callable[..., PluggedBoard], tmp_path: Path
) -> None:
    """A link on the drive; a folder of its name from the host gets the name, and the link another."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    board = plugged()
    (board.drive / "way").symlink_to(outside)
    board.host.sees()
    assert b"way" not in board.host.does("mdir", "-b", "::")
    board.host.does("mmd", "::way")
    board.host.writes("way/secret", b"changed")
    board.host.writes("other.txt", b"other")
    board.host.wait((board.drive / "other.txt").exists, "other.txt")
    board.close()  # all is there by then
    assert (outside / "secret").read_text() == "secret"
    assert (board.drive / "way" / "secret").read_bytes() == b"changed"
    assert (board.drive / "way.kept").readlink() == outside
    assert "cannot" not in board.log.read_text()


def test_the_drive_goes_with_its_supervisor(plugged: Callable[..., PluggedBoard]) -> None:
    """A plain end takes the medium out; what was written last is in the folder."""
    board = plugged()
    board.host.sees()
    board.host.writes("last.txt", b"last")
    board.close()
    assert board.host.medium == ""
    assert (board.drive / "last.txt").read_bytes() == b"last"


def _command(board: PluggedBoard, *words: str) -> None:
    command = [*board.command, *words, str(board.drive)]
    subprocess.run(command, check=True, env=board.environment, capture_output=True)
