"""The bundle that is committed is what the page's sources give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import page as page_tool

pytestmark = pytest.mark.feature("web page")


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_rebuild_gives_the_committed_bytes(tmp_path: Path) -> None:
    """The cure is `make page`."""
    page_tool.build(tmp_path / "static")
    assert content(tmp_path / "static") == content(page_tool.STATIC), "run: make page"


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
