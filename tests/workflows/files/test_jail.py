"""What is opened beneath the drive is beneath it: by the kernel in one call, and step by step."""

from __future__ import annotations

import errno
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from cpcompat.workflows.files import beneath
from cpcompat.workflows.files.jail import Jail
from cpcompat.workflows.files.paths import Place
from tests.workflows.conftest import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cpcompat.workflows.files.beneath import Opener

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
EXPECTED = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EXDEV}
READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
WAYS: dict[str, Opener] = {
    "openat2": beneath.kernel_opener(),
    "step by step": beneath.step_by_step,
}


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[int]:
    """An open drive, with a secret beside it and links to that."""
    drive = tmp_path / "drive"
    (drive / "lib").mkdir(parents=True)
    (drive / "lib" / "inside.txt").write_text("inside")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "inside.txt").write_text("secret")
    (drive / "leak").symlink_to(tmp_path / "secret" / "inside.txt")
    (drive / "out").symlink_to("../secret")
    (drive / "here").symlink_to("lib")
    (drive / "root").symlink_to("/")
    descriptor = os.open(drive, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def test_this_kernel_does_it_in_one_call(drive: int) -> None:
    """Or it is older than 5.6, or something keeps the call away, and names are opened one by one."""
    found = beneath.opener(drive)
    assert found is not beneath.step_by_step or not has_openat2(drive)


def has_openat2(drive: int) -> bool:
    """Tell whether the call is there."""
    try:
        os.close(WAYS["openat2"](drive, (), os.O_PATH))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("way", WAYS)
def test_what_is_beneath_is_opened(drive: int, way: str) -> None:
    """Files, folders, and the drive itself."""
    descriptor = WAYS[way](drive, ("lib", "inside.txt"), READ)
    assert os.read(descriptor, 100) == b"inside"
    os.close(descriptor)
    for names in (("lib",), ()):
        descriptor = WAYS[way](drive, names, READ | os.O_DIRECTORY)
        with os.scandir(descriptor) as entries:
            assert list(entries)
        os.close(descriptor)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "names",
    [
        ("leak",),
        ("out", "inside.txt"),
        ("out",),
        ("here", "inside.txt"),
        ("root", "etc", "passwd"),
        ("..", "secret", "inside.txt"),
        ("lib", "..", "..", "secret", "inside.txt"),
        ("../secret/inside.txt",),
        ("/etc/passwd",),
        ("lib", "inside.txt", "x"),
        ("lib", "inside.txt", ".."),
        ("nothing",),
    ],
)
def test_what_is_not_beneath_is_not_opened(drive: int, way: str, names: tuple[str, ...]) -> None:
    """Not by a link, wherever it leads, nor by dots, nor from the top."""
    with pytest.raises(OSError) as refused:
        os.close(WAYS[way](drive, names, READ))
    assert refused.value.errno in EXPECTED


@pytest.mark.parametrize("way", WAYS)
def test_nobody_gets_out_by_renaming_in_the_meantime(drive: int, way: str, tmp_path: Path) -> None:
    """A folder and a link take turns at a name while it is opened, again and again."""
    folder, link, name = (tmp_path / "drive" / one for one in ("folder", "link", "name"))
    folder.mkdir()
    (folder / "inside.txt").write_text("inside")
    link.symlink_to(tmp_path / "secret")
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for one in (folder, link):
                one.rename(name)
                name.rename(one)

    swapping = threading.Thread(target=swap)
    swapping.start()
    opened = links = 0
    ends_s = time.monotonic() + PATIENCE_S
    try:
        while opened < 50 or links < 50:
            assert time.monotonic() < ends_s, (opened, links)
            try:
                descriptor = WAYS[way](drive, ("name", "inside.txt"), READ)
            except OSError as error:
                links += error.errno != errno.ENOENT
                continue
            opened += 1
            text = os.read(descriptor, 100)
            os.close(descriptor)
            assert text == b"inside"
    finally:
        over.set()
        swapping.join()


def test_the_drive_is_served_where_the_kernel_has_no_openat2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose filter refuses it."""
    monkeypatch.setattr(beneath, "_OPENAT2", 100_000)  # no call has this number
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.py").write_text("a")
    (tmp_path / "leak").symlink_to("/etc/passwd")
    jail = Jail(tmp_path)
    try:
        assert [entry.name for entry in jail.entries(Place(("lib",), True))] == ["a.py"]
        with pytest.raises(OSError) as refused:
            jail.open(Place(("leak",), False))
        assert refused.value.errno == errno.ELOOP
    finally:
        jail.close()
