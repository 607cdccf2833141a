"""The bundle that is committed is what the page's sources give."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT
from tools import page as page_tool

pytestmark = pytest.mark.feature("web page")


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_rebuild_gives_the_committed_bytes(tmp_path: Path) -> None:
    """The cure is `make page`."""
    page_tool.build(tmp_path / "static")
    assert content(tmp_path / "static") == content(page_tool.STATIC), "run: make page"


def test_the_checksums_that_are_committed_are_those_of_the_sources_and_the_bundle() -> None:
    """So that no `make` builds it again; the cure is `make page`."""
    assert not page_tool.is_old(), "run: make page"
    noted = (page_tool.SOURCES / page_tool.SUMS).read_text("ascii")
    for name in ("src/main.ts", "src/page.css", "package-lock.json", "../static/page.js"):
        assert f"  {name}\n" in noted


class Tree:
    """A clone with what makes the page, and one ``make`` in it.

    Args:
        folder: Where it is to be.
        python: What its virtual environment has for a Python.
    """

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        for path in ("Makefile", "tools/page.py"):
            (folder / path).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
        web = page_tool.WEB
        shutil.copytree(ROOT / web / "page", folder / web / "page")
        shutil.copytree(ROOT / web / "static", folder / web / "static")
        self.script = folder / web / "page" / "src" / "index.html"
        self.bundled = folder / web / "static" / "index.html"
        self.stamp = folder / "build" / "page.sha256"
        (folder / "bin").mkdir()
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / ".made").touch()
        program = folder / ".venv" / "bin" / "python"
        program.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        program.chmod(0o755)
        for name in ("sh", "find", "echo", "test", "env"):
            (folder / "bin" / name).symlink_to(shutil.which(name) or f"/bin/{name}")

    def makes(self) -> str:
        """Make what the wheel waits for; return what was printed."""
        done = subprocess.run(
            [shutil.which("make") or "make", "--old-file=.venv/.made", "build/page.sha256"],
            cwd=self.folder,
            env={"PATH": str(self.folder / "bin"), "HOME": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def edit(self) -> None:
        """Change the sources."""
        text = self.script.read_text("utf-8")
        self.script.write_text(text.replace("<title>cpcompat", "<title>Other words"), "utf-8")


def test_make_builds_a_bundle_that_is_not_what_its_sources_give(tmp_path: Path) -> None:
    """Whichever of both has changed, and whatever the times of the files say; then nothing more."""
    tree = Tree(tmp_path, f"{sys.executable} -P")
    (tmp_path / "build" / "page").mkdir(parents=True)
    modules = page_tool.prepare() / "node_modules"
    (tmp_path / "build" / "page" / "node_modules").symlink_to(modules)
    assert "bundle" not in tree.makes()
    stamped = tree.stamp.stat().st_mtime_ns
    tree.edit()
    os.utime(tree.script, ns=(0, 0))
    assert "it has been built" in tree.makes()
    assert "<title>Other words</title>" in tree.bundled.read_text("utf-8")
    assert tree.stamp.stat().st_mtime_ns != stamped, "the wheel would not be built anew"
    stamped = tree.stamp.stat().st_mtime_ns
    assert "bundle" not in tree.makes()
    assert tree.stamp.stat().st_mtime_ns == stamped
    tree.bundled.write_text("something else")
    assert "it has been built" in tree.makes()
    assert "<title>Other words</title>" in tree.bundled.read_text("utf-8")


def test_make_without_node_says_so_in_a_line_and_takes_what_is_there(tmp_path: Path) -> None:
    """A Python that has no packages, and no npm in the path."""
    tree = Tree(tmp_path, f"{sys.executable} -S -P")
    assert "bundle" not in tree.makes()
    before = tree.bundled.read_bytes()
    tree.edit()
    told = [line for line in tree.makes().splitlines() if "bundle" in line]
    assert len(told) == 1
    assert "there is no Node.js here to build it" in told[0]
    assert tree.bundled.read_bytes() == before


def test_the_wheel_waits_for_the_bundle_and_make_alone_makes_it() -> None:
    """So do both commands of the README, which install it."""
    told = subprocess.run(
        ["make", "-n", "-B", "--no-print-directory"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    assert 0 <= told.find("tools/page.py --if-old") < told.find("pip wheel")


def test_the_page_has_no_inline_script_or_style_and_nothing_from_elsewhere() -> None:
    """So that the strictest policy lets it work, without the internet."""
    text = (page_tool.STATIC / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"https?://", text)
    css = (page_tool.STATIC / "page.css").read_text("utf-8")
    assert set(re.findall(r"url\(([^)]*)\)", css)) == {"/static/icon.svg"}


def test_the_page_is_small() -> None:
    """Less than a megabyte before compression."""
    assert sum(map(len, content(page_tool.STATIC).values())) < 1_000_000


def test_the_licences_of_what_is_bundled_are_there() -> None:
    """Each asks for it."""
    text = (page_tool.STATIC / "licenses.txt").read_text("utf-8")
    for name in ("@codemirror/view", "@xterm/xterm", "uplot", "@lezer/python"):
        assert f"{name} " in text


def test_the_types_of_the_page_are_right() -> None:
    """TypeScript, at its strictest."""
    folder = page_tool.prepare()
    done = page_tool.node("node_modules/typescript/bin/tsc", "--noEmit", folder=folder)
    assert done.returncode == 0, done.stdout


def test_the_page_s_own_tests_pass() -> None:
    """What decides is tested without a browser."""
    folder = page_tool.prepare()
    tests = sorted(path.relative_to(folder).as_posix() for path in folder.glob("test/*.test.ts"))
    assert tests
    done = page_tool.node("--test", *tests, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^. pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) > 20
