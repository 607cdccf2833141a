"""Storage and clock over the life of a board: boot.py, reloads, resets, and a drive that is erased."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from .conftest import PROMPT, Board

pytestmark = [pytest.mark.simulated, pytest.mark.slow]

STORAGE = pytest.mark.feature("storage")
RTC = pytest.mark.feature("rtc")
TRY = """\
import storage
try:
    open("/data.txt", "w").close()
    print("written", storage.getmount("/").readonly)
except OSError as error:
    print(error, storage.getmount("/").readonly)
"""


@STORAGE
def test_what_boot_py_decides_holds_until_a_reset(
    circuitpy_drive: Path, board: Callable[..., Board]
) -> None:
    """For code.py and the REPL, over reloads; boot.py itself may write all the same."""
    boot = circuitpy_drive / "boot.py"
    boot.write_text("import storage\nstorage.remount('/', readonly=True)\n" + TRY)
    one = board(TRY)
    one.sees(b"boot.py output:", b"written False", b"code.py output:")
    one.sees(b"[Errno 30] Read-only filesystem True", PROMPT)
    one.types(b"\x04")
    one.sees(b"soft reboot", b"[Errno 30] Read-only filesystem True", PROMPT)
    one.types(b"x")
    one.sees(b">>> ")
    one.types(b"open('/repl.txt', 'w')\r")
    one.sees(b"Read-only filesystem", b">>> ")
    boot.unlink()
    one.types(b"import microcontroller; microcontroller.reset()\r")
    one.sees(b"code.py output:", b"written False", PROMPT)
    assert one.leaves() == 0


@STORAGE
def test_an_erased_drive_is_a_fresh_one_and_boots(
    circuitpy_drive: Path, board: Callable[..., Board], tmp_path: Path
) -> None:
    """Nothing outside is touched, not by a link either; and it is started once, not twice."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "canary").write_text("alive")
    (circuitpy_drive / "link").symlink_to(outside)
    (circuitpy_drive / "lib" / "deep").mkdir(parents=True)
    (circuitpy_drive / "lib" / "deep" / "old.py").write_text("")
    (circuitpy_drive / "cpcompat.toml").write_text("[supervisor]\nrestart = 1\n")
    (circuitpy_drive / "sim.toml").write_text("# wiring\n")
    one = board(
        "import atexit, storage\natexit.register(print, 'atexit')\n"
        "storage.getmount('/').label = 'mine'\nstorage.erase_filesystem()\nprint('not reached')\n"
    )
    seen = one.sees(b"code.py output:", b"code.py output:")
    assert b"atexit" not in seen
    assert b"reached" not in seen
    assert b"Code done" not in one.sees(b"Hello World!")
    one.sees(PROMPT)
    assert sorted(
        path.relative_to(circuitpy_drive).as_posix() for path in circuitpy_drive.rglob("*")
    ) == [
        "boot_out.txt",
        "code.py",
        "cpcompat.toml",
        "lib",
        "sd",
        "sd/placeholder.txt",
        "settings.toml",
        "sim.toml",
    ]
    assert (circuitpy_drive / "sim.toml").read_text() == "# wiring\n"
    assert (outside / "canary").read_text() == "alive"
    with pytest.raises(pexpect.TIMEOUT):
        one.terminal.expect_exact([b"soft reboot", b"reload"], timeout=1.5)  # a reload's is 0.75 s
    one.types(b"x")
    one.sees(b">>> ")
    one.types(b"import storage; storage.getmount('/').label\r")
    one.sees(b"'CIRCUITPY'")


@STORAGE
def test_the_drive_s_label_is_kept_when_the_board_is_switched_off(
    board: Callable[..., Board],
) -> None:
    """By the supervisor, beside the memory that is kept too."""
    one = board("import storage\nstorage.getmount('/').label = 'garden'\n")
    one.sees(b"code.py output:", PROMPT)
    one.leaves()
    two = board("import storage\nprint('label', storage.getmount('/').label)\n")
    two.sees(b"label GARDEN", PROMPT)


@STORAGE
def test_a_medium_is_unmounted_with_the_program_and_its_writes_reload_nobody(
    circuitpy_drive: Path, board: Callable[..., Board]
) -> None:
    """The next program mounts it anew, and finds what the last one wrote."""
    with (circuitpy_drive / "card.img").open("wb") as image:
        image.truncate(1 << 20)
    (circuitpy_drive / "sd").mkdir()
    one = board(
        """\
import os, storage
print("before", os.listdir("/sd"))
try:
    storage.mount(storage.VfsFat("/card.img"), "/sd")
except OSError:
    storage.VfsFat.mkfs("/card.img")
    storage.mount(storage.VfsFat("/card.img"), "/sd")
with open("/sd/log", "a") as log:
    log.write("x")
print("length", os.stat("/sd/log")[6])
"""
    )
    one.sees(b"before []", b"length 1", PROMPT)
    one.types(b"\x04")
    seen = one.sees(b"soft reboot", b"before []", b"length 2", PROMPT)
    assert b"auto-reload" not in seen


@RTC
def test_the_clock_goes_on_over_reloads_and_resets_and_is_the_computer_s_after_power_off(
    board: Callable[..., Board],
) -> None:
    """It never was the computer's own."""
    show = "import time\nprint('it is', time.localtime()[:3])\n"
    now = time.localtime()
    one = board("import rtc\nrtc.RTC().datetime = (2031, 4, 5, 6, 7, 8, 0, 0, -1)\n" + show)
    one.sees(b"it is (2031, 4, 5)", PROMPT)
    one.saves(show)
    one.sees(b"it is (2031, 4, 5)", PROMPT)
    one.types(b"x")
    one.sees(b">>> ")
    one.types(b"import microcontroller; microcontroller.reset()\r")
    one.sees(b"code.py output:", b"it is (2031, 4, 5)", PROMPT)
    one.leaves()
    assert time.localtime().tm_year == now.tm_year
    two = board(show)
    two.sees(f"it is ({now.tm_year}, ".encode(), PROMPT)


@RTC
def test_a_source_of_time_is_forgotten_with_the_program(board: Callable[..., Board]) -> None:
    """The next one has the board's own clock."""
    one = board(
        "import rtc, time\n"
        "class Chip:\n    datetime = time.struct_time((2018, 3, 17, 21, 1, 47, 0, 0, 0))\n"
        "rtc.set_time_source(Chip())\nprint('year', time.localtime()[0])\n"
    )
    one.sees(b"year 2018", PROMPT)
    one.saves("import time\nprint('year', time.localtime()[0])\n")
    one.sees(f"year {time.localtime().tm_year}".encode(), PROMPT)


@STORAGE
def test_a_kill_at_any_moment_leaves_a_card_that_is_mounted_again(circuitpy_drive: Path) -> None:
    """Twenty programs that write as fast as they can, killed; each file is whole or not there."""
    from tests.storage.fat.medium import formatted, tree, volume

    card = formatted(16).saved(circuitpy_drive / "card.img")
    (circuitpy_drive / "sd").mkdir()
    (circuitpy_drive / "code.py").write_text(
        "import storage\nstorage.mount(storage.VfsFat('/card.img'), '/sd')\n"
        "print('begins')\nn = 0\n"
        "while True:\n    n += 1\n    text = str(n % 10) * 3000\n"
        "    with open('/sd/part of it', 'w') as file:\n        file.write(text)\n"
        "    storage.getmount('/sd').rename('/part of it', '/whole')\n"
    )
    runner = Path(__file__).parent.parent / "vm" / "run_drive.py"
    words = ("-X", "utf8", str(runner), str(circuitpy_drive), "code.py", "real")
    for number in range(20):
        one = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "{sys.executable}" "$@" 3>/dev/null', "sh", *words],
            stdout=subprocess.PIPE,
        )
        assert one.stdout is not None
        assert one.stdout.readline() == b"begins\n"
        # The moment is different each time: the pipe is silent, so this only lets it write a while.
        try:
            one.wait(0.02 * number)
        except subprocess.TimeoutExpired:
            one.kill()
            one.wait()
        one.stdout.close()
        medium = formatted(16)
        medium.load(card)
        whole = tree(volume(medium)).get("/whole")
        assert whole is None or (len(whole) == 3000 and len(set(whole)) == 1)
    assert whole is not None


MAKES_CARD = (
    "import os, storage\n"
    "open('/sd.img', 'wb').truncate(1 << 20)\n"
    "storage.VfsFat.mkfs('/sd.img')\n"
    "os.mkdir('/sd')\n"
    "print('made')\n"
)


@STORAGE
def test_a_card_s_image_is_mounted_for_every_program(
    circuitpy_drive: Path, run_to_end: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    """In boot.py and in code.py, and what one writes the next one reads."""
    assert b"made\n" in run_to_end(MAKES_CARD).stdout
    (circuitpy_drive / "boot.py").write_text("open('/sd/log.txt', 'a').write('boot ')\n")
    done = run_to_end("open('/sd/log.txt', 'a').write('code ')\nprint(open('/sd/log.txt').read())")
    assert b"boot code \n" in done.stdout
    assert list((circuitpy_drive / "sd").iterdir()) == [], "what is beneath the card stays empty"


@STORAGE
def test_an_image_that_is_no_card_is_told_and_the_program_runs(
    circuitpy_drive: Path, run_to_end: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    """An empty file, say."""
    (circuitpy_drive / "sd.img").write_bytes(b"")
    (circuitpy_drive / "sd").mkdir()
    done = run_to_end("print('runs')")
    told = done.stdout.partition(b"The card sd.img cannot be mounted: ")[2]
    assert told.startswith(b"[Errno "), done.stdout
    assert b"runs\n" in done.stdout


LISTS = "import os\nprint('card', sorted(os.listdir('/sd')))\n"


def names_card(drive: Path, card: Path) -> None:
    """Have a drive name its card."""
    (drive / "cpcompat.toml").write_text(f'[supervisor]\nsd_card = "{card}"\n')


@STORAGE
def test_a_card_outside_the_drive_is_at_sd(
    circuitpy_drive: Path, tmp_path: Path, board: Callable[..., Board]
) -> None:
    """A folder where the computer has mounted it: what a program writes is there."""
    card = tmp_path / "media"
    card.mkdir()
    (card / "there").write_text("x")
    (circuitpy_drive / "sd").mkdir()
    names_card(circuitpy_drive, card)
    one = board(LISTS + "open('/sd/new', 'w').write('y')\nopen('/sd/../code.py').close()\n")
    one.sees(b"card ['there']\r\n", PROMPT)
    assert (card / "new").read_text() == "y"
    assert list((circuitpy_drive / "sd").iterdir()) == []


@STORAGE
def test_a_card_that_is_put_in_later_is_found_by_the_next_program(
    circuitpy_drive: Path, tmp_path: Path, board: Callable[..., Board]
) -> None:
    """An empty slot is no error; here the card is an image, as its node would be."""
    from tests.storage.fat.medium import formatted, volume

    (circuitpy_drive / "sd").mkdir()
    names_card(circuitpy_drive, tmp_path / "card")
    one = board(LISTS)
    one.sees(b"card []\r\n", PROMPT)
    medium = formatted(16)
    volume(medium).mkdir("/found")
    medium.saved(tmp_path / "new")
    (tmp_path / "new").rename(tmp_path / "card")
    one.types(b"\x04")
    one.sees(b"card ['found']\r\n", PROMPT)


@STORAGE
def test_a_card_that_cannot_be_used_is_told_of(
    circuitpy_drive: Path, tmp_path: Path, board: Callable[..., Board]
) -> None:
    """And the program runs without it."""
    (tmp_path / "card").write_bytes(bytes(4096))
    names_card(circuitpy_drive, tmp_path / "card")
    one = board("print('ran')")
    one.sees(b"card cannot be mounted: the drive has no folder 'sd'.\r\n", b"ran\r\n", PROMPT)
    (circuitpy_drive / "sd").mkdir()
    one.types(b"\x04")
    one.sees(b"card cannot be mounted: [Errno 19]", b"ran\r\n", PROMPT)
