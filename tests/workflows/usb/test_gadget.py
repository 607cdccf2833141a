"""The gadget's files, and what the command says of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cpcompat.errors import CpcompatError
from cpcompat.workflows.usb import choosing, gadget
from tests.workflows.usb.conftest import RUN, Host

pytestmark = [pytest.mark.feature("USB drive"), pytest.mark.simulated]


def usb(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``cpcompat usb`` with the gadget of a folder."""
    command = [sys.executable, "-P", str(RUN), str(folder / "config"), str(folder / "udc"), "usb"]
    return subprocess.run([*command, *words], capture_output=True, text=True, check=False)


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A drive."""
    made = tmp_path / "drive"
    made.mkdir()
    (made / "code.py").write_text("")
    return made


def test_a_computer_without_such_a_port_is_told_which_have_one(tmp_path: Path, drive: Path) -> None:
    """Cause and cure, for on and for status."""
    for verb in ("on", "status"):
        done = usb(tmp_path, verb, str(drive))
        assert done.returncode == 2
        assert "this computer has no USB port that can be a device" in done.stderr
        assert "dtoverlay=dwc2" in done.stderr


def test_status_tells_whose_drive_is_there_and_who_sees_it(tmp_path: Path, drive: Path) -> None:
    """With a host, without, and of another drive."""
    host = Host(tmp_path, drive)
    said = usb(tmp_path, "status", str(drive)).stdout
    assert "A computer is connected." in said
    assert "not in its slot" in said
    (host.slot / "file").write_text("/somewhere/drive.img\n")
    host.unplug()
    said = usb(tmp_path, "status", str(drive)).stdout
    assert "No computer is connected." in said
    assert "It sees the drive." in said
    other = tmp_path / "other"
    other.mkdir()
    (other / "code.py").write_text("")
    assert "with another drive" in usb(tmp_path, "status", str(other)).stdout


def test_where_gadgets_are_unknown_the_module_is_named(tmp_path: Path, drive: Path) -> None:
    """«on» without configfs."""
    (tmp_path / "udc" / "a.usb").mkdir(parents=True)
    done = usb(tmp_path, "on", str(drive))
    assert (done.returncode, "sudo modprobe libcomposite" in done.stderr) == (2, True)


def test_one_of_several_controllers_has_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only one that is there."""
    monkeypatch.setattr(gadget, "CONTROLLERS", tmp_path)
    (tmp_path / "a.usb").mkdir()
    assert gadget.chosen("") == "a.usb"
    (tmp_path / "b.usb").mkdir()
    with pytest.raises(CpcompatError, match="several"):
        gadget.chosen("")
    assert gadget.chosen("b.usb") == "b.usb"
    with pytest.raises(CpcompatError, match=r"no USB device controller 'c.usb'"):
        gadget.chosen("c.usb")


def test_a_medium_goes_in_and_out_of_the_slot(tmp_path: Path, drive: Path) -> None:
    """What may be written is said before the medium is in: the kernel takes it no later."""
    host = Host(tmp_path, drive)
    slot = gadget.Slot(gadget.Gadget(host.configfs))
    slot.put_in(Path("/a.img"), writable=False)
    assert (slot.medium, host.may_write) == ("/a.img", False)
    assert slot.ask_back()
    assert slot.medium == ""
    slot.put_in(Path("/b.img"), writable=True)
    assert (slot.medium, host.may_write) == ("/b.img", True)
    slot.force_out()
    assert slot.medium == ""


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("code.py", True),
        ("Grün und gut.txt", True),
        (".env", True),
        ("._code.py", False),
        (".Trash-1000", False),
        ("System Volume Information", False),
        (".git", False),
        ("__pycache__", False),
        (".code.py.new", False),
        (".cpcompat-0123456789abcdef.part", False),
        ("what?.txt", False),
        ("ends in a dot.", False),
        ("x" * 256, False),
    ],
)
def test_what_both_sides_have_is_what_both_can_have(name: str, shared: bool) -> None:
    """No rubbish of either side, and no name that FAT has not."""
    assert choosing.is_shared(name) is shared


def test_an_image_is_twice_as_large_as_what_is_on_it() -> None:
    """From 64 MiB to 4 GiB."""
    mb = 1 << 20
    assert choosing.image_bytes(0) == 64 * mb
    assert choosing.image_bytes(33 * mb) == 128 * mb
    assert choosing.image_bytes(2048 * mb) == 4096 * mb
    assert choosing.image_bytes(2049 * mb) is None
    assert not choosing.is_shared("video.bin", 1 << 32)
