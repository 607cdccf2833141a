"""Which changes of a drive are news."""

from __future__ import annotations

import pytest

from cpcompat.storage.drive.changes import Changes

pytestmark = [pytest.mark.feature("auto-reload"), pytest.mark.simulated]


def test_somebody_elses_write_is_news() -> None:
    """Nothing was announced, so it was not the program."""
    assert Changes().is_news("write", "code.py")


def test_the_programs_own_write_is_not() -> None:
    """A data logger never reloads itself; another file is still news."""
    changes = Changes()
    changes.announce("write", "/data.txt")
    assert not changes.is_news("create", "data.txt")
    assert not changes.is_news("write", "data.txt")
    assert changes.is_news("write", "code.py")


def test_a_folder_and_a_rename_of_the_program_are_not_news() -> None:
    """Each kind of change is announced by its own word."""
    changes = Changes()
    for kind, path in (("mkdir", "/logs"), ("rename", "/logs/a"), ("rmdir", "/old")):
        changes.announce(kind, path)
    assert not changes.is_news("create", "logs")
    assert not changes.is_news("move", "logs/a")
    assert not changes.is_news("remove", "old")
    assert changes.is_news("remove", "logs/a")


def test_what_comes_with_a_folder_of_the_program_is_not_news() -> None:
    """A folder's files are told when it is first looked at; a write into one later is news."""
    changes = Changes()
    changes.announce("rename", "/new")
    changes.announce("rename", "/made/data.txt")
    changes.announce("mkdir", "/made")
    assert not changes.is_news("move", "new/deep/x.py")
    assert not changes.is_news("create", "made/data.txt")
    assert changes.is_news("write", "new/deep/x.py")
    assert changes.is_news("create", "other/x.py")


def test_a_rename_over_a_file_the_program_writes_is_somebody_elses() -> None:
    """The program announced a write; an editor's rename is another thing."""
    changes = Changes()
    changes.announce("write", "/settings.toml")
    assert changes.is_news("move", "settings.toml")


def test_a_new_program_has_announced_nothing() -> None:
    """What the last one wrote is news again."""
    changes = Changes()
    changes.announce("write", "/data.txt")
    changes.forget()
    assert changes.is_news("write", "data.txt")


@pytest.mark.parametrize(
    "path",
    [
        ".git/index",
        ".code.py.swp",
        "code.py~",
        "#code.py#",
        "4913",
        "lib/__pycache__/x.pyc",
        "boot_out.txt",
    ],
)
def test_editors_leftovers_and_our_own_file_are_never_news(path: str) -> None:
    """Typing in an editor does not reload; saving does."""
    assert not Changes().is_news("write", path)


@pytest.mark.parametrize("path", ["code.py", "lib/x.py", "data/boot_out.txt", "settings.toml"])
def test_every_other_file_is_news(path: str) -> None:
    """Any type of file counts, as upstream."""
    assert Changes().is_news("write", path)
