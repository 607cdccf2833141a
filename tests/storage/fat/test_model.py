"""Random work on a FAT file system, beside a dictionary that shows what must be there."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from .medium import Medium, complaints, formatted, tree, volume

pytestmark = [pytest.mark.feature("storage"), pytest.mark.simulated]

NAMES = st.sampled_from(
    ["A", "b.txt", "Long name of a file.text", "ümlaut", "x" * 60, "B~1.TXT", "lib", "sub dir"]
)
FOLDERS = st.sampled_from(["", "/lib", "/sub dir", "/lib/sub dir"])
CONTENT = st.binary(max_size=40).map(lambda data: data * 57)


class AgainstDictionary(RuleBasedStateMachine):
    """Does to both the same; what the dictionary cannot do the file system must refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, bytes | None] = {}
        self.medium = Medium(1)

    @initialize(bits=st.sampled_from([12, 16]))
    def begin(self, bits: int) -> None:
        """Format a medium."""
        self.medium = formatted(bits)
        self.files = volume(self.medium)

    def parent_is_there(self, path: str) -> bool:
        """Tell whether a path's folder is one."""
        above = path.rpartition("/")[0]
        return above == "" or self.model.get(above, b"") is None

    def empty(self, path: str) -> bool:
        """Tell whether a folder has nothing in it."""
        return not any(other.startswith(path + "/") for other in self.model)

    def does(self, allowed: bool, act: object) -> bool:
        """Do it; it must fail if and only if it is not allowed."""
        assert callable(act)
        try:
            act()
        except OSError:
            assert not allowed
            return False
        assert allowed
        return True

    @rule(folder=FOLDERS, name=NAMES, content=CONTENT, append=st.booleans())
    def write(self, folder: str, name: str, content: bytes, append: bool) -> None:
        """Write a file, or write on at its end."""
        path = f"{folder}/{name}"
        old = self.model.get(path, b"")

        def act() -> None:
            with self.files.open(path, "ab" if append else "wb") as file:
                file.write(content)

        if self.does(self.parent_is_there(path) and old is not None, act):
            self.model[path] = (old or b"") + content if append else content

    @rule(folder=FOLDERS, name=NAMES, at=st.integers(0, 5000), content=CONTENT)
    def write_in_the_middle(self, folder: str, name: str, at: int, content: bytes) -> None:
        """Go to a place, which may be past the end, write there, and cut the file after it."""
        path = f"{folder}/{name}"
        old = self.model.get(path)
        if old is None:
            return
        with self.files.open(path, "r+b") as file:
            file.seek(at)
            file.write(content)
            file.truncate()
        self.model[path] = old[:at].ljust(at if content or at < len(old) else 0, b"\0") + content
        if not content and at > len(old):
            self.model[path] = old.ljust(at, b"\0")

    @rule(folder=FOLDERS, name=NAMES)
    def mkdir(self, folder: str, name: str) -> None:
        """Make a folder."""
        path = f"{folder}/{name}"
        allowed = self.parent_is_there(path) and path not in self.model
        if self.does(allowed, lambda: self.files.mkdir(path)):
            self.model[path] = None

    @rule(folder=FOLDERS, name=NAMES)
    def remove(self, folder: str, name: str) -> None:
        """Remove a file."""
        path = f"{folder}/{name}"
        if self.does(self.model.get(path) is not None, lambda: self.files.remove(path)):
            del self.model[path]

    @rule(folder=FOLDERS, name=NAMES)
    def rmdir(self, folder: str, name: str) -> None:
        """Remove a folder."""
        path = f"{folder}/{name}"
        allowed = self.model.get(path, b"") is None and self.empty(path)
        if self.does(allowed, lambda: self.files.rmdir(path)):
            del self.model[path]

    @rule(folder=FOLDERS, name=NAMES, to_folder=FOLDERS, to_name=NAMES)
    def rename(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        """Move something."""
        old, new = f"{folder}/{name}", f"{to_folder}/{to_name}"
        if old == new:
            return
        there, target = self.model.get(old, b"?"), self.model.get(new, b"?")
        is_there, is_taken = old in self.model, new in self.model
        allowed = is_there and self.parent_is_there(new)
        allowed = allowed and not (is_taken and (there is None or target is None))
        allowed = allowed and not (there is None and f"{new}/".startswith(f"{old}/"))
        if self.does(allowed, lambda: self.files.rename(old, new)):
            for path in [p for p in self.model if p == old or p.startswith(old + "/")]:
                self.model[new + path[len(old) :]] = self.model.pop(path)

    @rule()
    def mount_again(self) -> None:
        """As after a reload."""
        self.files.sync()
        self.files = volume(self.medium)

    @invariant()
    def both_are_the_same(self) -> None:
        """Names and contents."""
        if hasattr(self, "files"):
            assert tree(self.files) == self.model

    def teardown(self) -> None:
        """Linux agrees that it is sound, and no cluster is lost."""
        if hasattr(self, "files"):
            self.files.sync()
            with tempfile.TemporaryDirectory() as folder:
                assert complaints(self.medium, Path(folder)) == []


AgainstDictionary.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None
)
TestAgainstDictionary = AgainstDictionary.TestCase
