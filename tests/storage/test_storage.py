"""The module: what is mounted where, who may write it, and what is told of mistakes."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from cpcompat import hal, storage
from cpcompat.errors import CpcompatError
from cpcompat.hal.host import NoHost
from cpcompat.vm.root import Root
from tests.fakes.refusing import refuses
from tests.storage.fat.medium import formatted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.feature("storage"), pytest.mark.simulated]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Root]:
    """A drive, whose programs have a host that keeps facts."""
    folder = tmp_path / "drive"
    (folder / "sd").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "data" / "f.txt").write_text("on the drive")
    root = Root(folder)
    hal.set_drive(root)
    hal.set_host(NoHost())
    yield root
    hal.set_drive(None)
    hal.set_host(None)
    root.close()


def card() -> Any:
    """Return a memory card with a file system, as a program's block device."""
    return formatted(12)


def test_the_drive_is_mounted_at_the_root_for_good(root: Root) -> None:
    """Always the same object; it can be written, and has upstream's label."""
    drive = storage.getmount("/")
    assert storage.getmount("/.") is drive
    assert drive.statvfs("/")[9] == 255
    assert drive.readonly is False
    assert drive.label == "CIRCUITPY"
    drive.label = "My Board"
    assert drive.label == hal.host().get("drive_label") == "MY BOARD"
    for wrong in ("twelve chars", "ü"):
        with refuses(OSError, "[Errno 22] Invalid argument"):
            drive.label = wrong
    with refuses(OSError, "[Errno 1] Operation not permitted"):
        storage.umount("/")
    with refuses(OSError, "[Errno 1] Operation not permitted"):
        storage.umount(drive)
    with refuses(OSError, "[Errno 1] Operation not permitted"):
        storage.mount(storage.VfsFat(card()), "/")
    with pytest.raises(AttributeError):
        drive.readonly = True  # type: ignore[misc]


def test_mounting_and_unmounting(root: Root) -> None:
    """By path and by object; the working directory leaves with the medium."""
    vfs = storage.VfsFat(card())
    storage.mount(vfs, "/sd/")
    assert storage.getmount("/sd") is vfs
    root.cwd = "/sd"
    storage.umount("/sd")
    assert root.cwd == "/"
    storage.mount(vfs, "sd")
    storage.umount(vfs)
    with refuses(OSError, "[Errno 22] Invalid argument"):
        storage.umount(vfs)


def test_each_mistake_of_mounting_is_told_in_upstream_s_words(root: Root) -> None:
    """Kind, place and use."""
    vfs: Any = storage.VfsFat(card())
    mistakes: list[tuple[Callable[[], object], type[Exception], str]] = [
        (
            lambda: storage.mount(cast("Any", 5), "/sd"),
            TypeError,
            "filesystem must be of type VfsFat, not int",
        ),
        (lambda: storage.mount(vfs, "/no"), RuntimeError, "Mount point directory missing"),
        (lambda: storage.mount(vfs, "/data/f.txt"), RuntimeError, "Mount point directory missing"),
        (lambda: storage.umount("/sd"), OSError, "[Errno 22] Invalid argument"),
        (lambda: storage.getmount("/sd"), OSError, "[Errno 22] Invalid argument"),
        (lambda: storage.getmount(""), OSError, "[Errno 22] Invalid argument"),
        (lambda: storage.remount("/sd"), OSError, "[Errno 22] Invalid argument"),
        (lambda: storage.VfsFat("/no.img"), OSError, "[Errno 2] No such file/directory"),
        (lambda: storage.erase_filesystem(extended=True), NotImplementedError, "extended=True"),
    ]
    for act, kind, text in mistakes:
        with refuses(kind, text):
            act()
    storage.mount(vfs, "/sd")
    Path(root.on_host("/data/deep")).mkdir()
    storage.mount(storage.VfsFat("/data"), "/data/deep")
    for path in ("/sd", "/data"):
        with refuses(OSError, "[Errno 1] Operation not permitted"):
            storage.mount(vfs, path)


def test_a_medium_without_a_file_system_is_refused_until_it_has_one(root: Root) -> None:
    """`VfsFat` may be made before `mkfs`, but not used."""
    blank = card()
    blank.blocks.clear()
    vfs = storage.VfsFat(blank)
    with refuses(OSError, "[Errno 19] No such device") as caught:
        storage.mount(vfs, "/sd")
    assert "mkfs" in caught.value.__notes__[0]
    storage.VfsFat.mkfs(blank)
    vfs = storage.VfsFat(blank)
    storage.mount(vfs, "/sd")
    assert list(vfs.ilistdir("/")) == []
    again = card()
    again.blocks.clear()
    vfs = storage.VfsFat(again)
    vfs.mount(False, True)
    assert vfs.stat("/")[0] == 0x4000
    vfs.umount()


def test_the_functions_of_a_file_system(root: Root) -> None:
    """The same on a medium and on a folder."""
    for vfs in (storage.VfsFat(card()), storage.VfsFat("/sd"), storage.getmount("/")):
        vfs.mkdir("/logs")
        with vfs.open("/logs/a.txt", "w") as file:
            file.write("hello")
        vfs.chdir("/logs")
        assert vfs.getcwd() == "/logs"
        assert vfs.stat("a.txt")[6] == 5
        vfs.rename("a.txt", "/b.txt")
        assert ("b.txt", 0x8000, 0, 5) in list(vfs.ilistdir("/"))
        vfs.utime("/b.txt", (0, 1_600_000_000))
        assert vfs.stat("/b.txt")[8] == 1_600_000_000
        vfs.remove("/b.txt")
        vfs.chdir("/")
        vfs.rmdir("logs")
        assert vfs.statvfs("/")[3] > 0
        with refuses(OSError, "[Errno 2] No such file/directory"):
            vfs.chdir("/logs")


def test_what_may_only_be_read_is_not_written(root: Root) -> None:
    """A medium that was mounted so, and after `remount` any other; each change says the same."""
    vfs = storage.VfsFat(card())
    with vfs.open("/f", "w") as file:
        file.write("kept")
    storage.mount(vfs, "/sd", readonly=True)
    assert vfs.readonly is True
    changes: list[Callable[[], object]] = [
        lambda: vfs.open("/f", "w"),
        lambda: vfs.open("/f", "r+"),
        lambda: vfs.mkdir("/d"),
        lambda: vfs.rmdir("/d"),
        lambda: vfs.remove("/f"),
        lambda: vfs.rename("/f", "/g"),
        lambda: vfs.utime("/f", (0, 0)),
        lambda: setattr(vfs, "label", "X"),
    ]
    for change in changes:
        with refuses(OSError, "[Errno 30] Read-only filesystem"):
            change()
    assert vfs.open("/f", "r").read() == "kept"
    storage.remount("/sd", readonly=False)
    assert vfs.readonly is False
    vfs.label = "card"
    assert vfs.label == "CARD"


def test_remount_of_the_drive_is_told_to_the_host(root: Root) -> None:
    """It keeps it for the next program; boot.py itself may always write."""
    drive = storage.getmount("/")
    storage.remount("/", True)
    assert drive.readonly is True
    assert hal.host().get("drive_access") == {"protected": True, "usb_writable": True}
    with refuses(OSError, "[Errno 30] Read-only filesystem"):
        drive.open("/f", "w")
    root.access.bypass = True
    assert drive.readonly is False
    root.access.bypass = False
    storage.remount("/", readonly=True, disable_concurrent_write_protection=True)
    assert drive.readonly is False
    storage.remount("/")
    assert hal.host().get("drive_access") == {"protected": True, "usb_writable": False}


def test_a_folder_is_a_file_system_of_its_own(root: Root) -> None:
    """Its label cannot be set; nothing above it is seen."""
    vfs = storage.VfsFat("/data")
    assert [row[0] for row in vfs.ilistdir("/")] == ["f.txt"]
    assert vfs.open("/../../data/f.txt".replace("/data", ""), "r").read() == "on the drive"
    assert vfs.label == ""
    with pytest.raises(NotImplementedError):
        vfs.label = "X"


def blank_image(root: Root) -> str:
    """Make an image of a megabyte without anything in it; return its path on the drive."""
    with open(root.on_host("/card.img"), "wb") as image:
        image.truncate(1 << 20)
    return "/card.img"


def test_an_image_on_the_drive_belongs_to_one_process_at_a_time(root: Root) -> None:
    """Within a program it may be named again, as after a failed mount."""
    path = blank_image(root)
    with open(root.on_host(path), "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with refuses(OSError, "16") as caught:
            storage.VfsFat(path)
    assert "Another process" in caught.value.__notes__[0]
    blank = storage.VfsFat(path)
    storage.VfsFat.mkfs(path)
    vfs = storage.VfsFat(path)
    with vfs.open("/f", "w") as file:
        file.write("in the image")
    vfs.umount()
    del vfs, blank
    with open(root.on_host(path), "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert storage.VfsFat(path).open("/f", "r").read() == "in the image"


def test_an_image_that_cannot_be_written_is_read(root: Root) -> None:
    """On a drive that may only be read, for one."""
    storage.VfsFat.mkfs(blank_image(root))
    storage.remount("/", True)
    vfs = storage.VfsFat("/card.img")
    assert vfs.readonly is True
    with refuses(OSError, "[Errno 30] Read-only filesystem"):
        vfs.mkdir("/d")


def test_without_a_drive_only_media_are_there() -> None:
    """In a program that was started by itself."""
    vfs = storage.VfsFat(card())
    vfs.mkdir("/d")
    with refuses(RuntimeError, "Mount point directory missing"):
        storage.mount(vfs, "/sd")
    with refuses(OSError, "[Errno 22] Invalid argument"):
        storage.getmount("/")
    with refuses(OSError, "[Errno 22] Invalid argument"):
        storage.umount("/")
    with refuses(OSError, "[Errno 2] No such file/directory"):
        storage.VfsFat("/card.img")
    with pytest.raises(CpcompatError):
        storage.erase_filesystem()


@pytest.fixture
def host() -> Iterator[NoHost]:
    """A host of a board that is a USB device, with no computer connected."""
    made = NoHost()
    made.set("usb_drive", {"connected": False, "held": False})
    made.set("drive_access", {"usb_writable": True})
    hal.set_host(made)
    yield made
    hal.set_host(None)


def test_a_usb_drive_is_hidden_and_shown_again(host: NoHost) -> None:
    """Hidden, programs may write it; shown, the computer may."""
    storage.disable_usb_drive()
    assert host.get("usb_drive_enabled") is False
    assert host.get("drive_access") == {"protected": True, "usb_writable": False}
    storage.enable_usb_drive()
    assert host.get("usb_drive_enabled") is True
    assert host.get("drive_access") == {"protected": True, "usb_writable": True}
    storage.unsafe_disable_usb_drive()
    assert host.get("usb_drive_enabled") is False


def test_a_computer_that_is_connected_keeps_boot_py_from_hiding_the_drive(host: NoHost) -> None:
    """Upstream's words; nothing is changed."""
    host.set("usb_drive", {"connected": True, "held": True})
    with refuses(RuntimeError, "Cannot change USB devices now"):
        storage.disable_usb_drive()
    assert host.get("drive_access") == {"usb_writable": True}


def test_there_is_no_usb_drive_to_switch() -> None:
    """As on boards that are no USB device."""
    for call in (
        storage.enable_usb_drive,
        storage.disable_usb_drive,
        storage.unsafe_disable_usb_drive,
    ):
        with refuses(RuntimeError, "Cannot change USB devices now"):
            call()
