"""A browser, a fake board, and our page in it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.running import ROOT
from tests.workflows.page.fake_board import PASSWORD, FakeBoard
from tools import page as page_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCREENSHOTS = ROOT / "build" / "screenshots"
DESKTOP = (1280, 800)
PHONE = (390, 844)

expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def fake_board() -> Iterator[FakeBoard]:
    """A board that listens."""
    board = FakeBoard()
    board.start()
    yield board
    board.stop()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of some server, and demands in the end that nothing went wrong in any."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def visit(
        url: str,
        password: str,
        size: tuple[int, int] = DESKTOP,
        *,
        dark: bool = False,
        tolerated: str = "nothing is",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=2 if size[0] < 900 else 1,
            has_touch=size[0] < 900,
            color_scheme="dark" if dark else "light",
            http_credentials={"username": "", "password": password},
        )
        contexts.append(context)
        page = context.new_page()

        def hear(said: ConsoleMessage) -> None:
            if said.type == "error" and tolerated not in said.text:
                wrong.append(said.text)

        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", hear)
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def open_page(fake_board: FakeBoard, visit: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the page of the fake board, logged in."""

    def open_(size: tuple[int, int] = DESKTOP, *, dark: bool = False, path: str = "/") -> Page:
        tolerated = "404" if fake_board.bare else "nothing is"
        page = visit(fake_board.url + path, PASSWORD, size, dark=dark, tolerated=tolerated)
        state = "Connected" if fake_board.bare else "Running code.py"
        expect(page.locator("#state-text")).to_have_text(state)
        expect(page.locator("#code-state")).to_have_text("Saved")
        expect(page.locator("#title")).to_contain_text("10.3.1")
        return page

    return open_


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, of the version that the page's lock file names."""
    folder = page_tool.prepare()
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(page: Page, axe: str, inside: str = "html") -> list[str]:
    """Return what axe finds wrong with the page as it is, or with what is inside of something."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("inside => axe.run(inside)", inside)
    return [
        f"{rule['id']}: {node['target']}: {node.get('failureSummary', '')}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
