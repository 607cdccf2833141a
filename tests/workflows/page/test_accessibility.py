"""The page can be used by everybody: axe finds nothing, and the keyboard is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.workflows.page.conftest import DESKTOP, PHONE, violations
from tests.workflows.page.fake_board import FakeBoard, bus_events, state

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.feature("web page"), pytest.mark.simulated]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_a_desktop(
    open_page: Callable[..., Page], fake_board: FakeBoard, axe: str, dark: bool
) -> None:
    """With every tab shown once, another board, and a question open."""
    fake_board.others = [
        {"hostname": "cpy-000002", "instance_name": "Other", "port": 80, "ip": "192.0.2.2"}
    ]
    page = open_page(DESKTOP, dark=dark)
    expect(page.get_by_role("link", name="Other")).to_be_visible()
    fake_board.tell({"type": "bus", "events": bus_events(), "dropped": 3})
    fake_board.say(
        "\x1b[31mred \x1b[32mgreen \x1b[33myellow \x1b[34mblue\x1b[0m\r\n(1, 2)\r\n(2, 3)\r\n"
    )
    assert violations(page, axe) == []
    for tab in ("Plotter", "Bus", "Pins"):
        page.get_by_role("tab", name=tab).click()
        assert violations(page, axe) == [], tab
    page.get_by_role("button", name="New file").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page, axe) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_a_phone(open_page: Callable[..., Page], axe: str, dark: bool) -> None:
    """In any of its views."""
    page = open_page(PHONE, dark=dark)
    views = page.get_by_role("navigation", name="Views")
    for view in ("Files", "Code", "Console", "Board", "Parts"):
        views.get_by_role("button", name=view).click()
        assert violations(page, axe) == [], view


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_the_other_tabs_of_a_phone(
    open_page: Callable[..., Page], fake_board: FakeBoard, axe: str, dark: bool
) -> None:
    """The plotter, bus traffic and the table of pins; and what is told of a chosen pin."""
    page = open_page(PHONE, dark=dark)
    fake_board.tell({"type": "bus", "events": bus_events(), "dropped": 3})
    fake_board.say("(1, 2)\r\n(2, 3)\r\n")
    views = page.get_by_role("navigation", name="Views")
    for view, tabs in (("Console", ["Plotter"]), ("Parts", ["Bus", "Pins"])):
        views.get_by_role("button", name=view).click()
        for tab in tabs:
            page.get_by_role("tab", name=tab).click()
            assert violations(page, axe) == [], tab
    views.get_by_role("button", name="Board").click()
    page.get_by_role("button", name="Pin 11, GPIO17").click()
    expect(page.locator("#pin-detail")).to_contain_text("held by")
    assert violations(page, axe) == []


def test_axe_finds_nothing_in_questions_and_warnings(
    open_page: Callable[..., Page], fake_board: FakeBoard, axe: str
) -> None:
    """Each question that the page asks, safe mode, a message, and the search in the editor."""
    page = open_page(DESKTOP, dark=True)
    dialog = page.get_by_role("dialog")

    def asked(words: str) -> None:
        expect(dialog).to_contain_text(words)
        assert violations(page, axe, "dialog[open]") == [], words
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()

    fake_board.tell({"type": "error", "text": "temperature = 99 is too hot"})
    expect(page.locator("#notices")).to_contain_text("too hot")
    fake_board.tell(state("waits in safe mode", "You are in safe mode because:\nIt crashed hard."))
    expect(page.locator("#alert")).to_contain_text("crashed hard")
    assert violations(page, axe) == []
    page.locator('[data-path="/settings.toml"]').click()
    for button, words in (
        ("New folder", "folder"),
        ("Rename or move", "path"),
        ("Delete (Del)", "Delete"),
    ):
        page.get_by_role("button", name=button).click()
        asked(words)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+f")
    expect(page.locator(".cm-search")).to_be_visible()
    assert violations(page, axe, "#code") == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("# mine\n")
    page.get_by_role("button", name="Close settings.toml").click()
    asked("unsaved changes")
    fake_board.put("/settings.toml", "# theirs\n")
    page.keyboard.press("Control+s")
    asked("changed on the board")
    expect(page.locator("#code-notice")).to_be_visible()
    assert violations(page, axe, "#code") == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_where_little_can_be_done(
    open_page: Callable[..., Page],
    visit: Callable[..., Page],
    fake_board: FakeBoard,
    axe: str,
    size: tuple[int, int],
) -> None:
    """Without the password, with a drive that cannot be written, and with upstream's interface alone."""
    stranger = visit(fake_board.url, "Wrong8080", size, tolerated="401")
    expect(stranger.locator("#state-text")).to_have_text("Not logged in")
    assert violations(stranger, axe) == []
    fake_board.writable = False
    page = open_page(size)
    expect(page.locator("#alert")).to_contain_text("belongs to USB")
    assert violations(page, axe) == []
    fake_board.bare = True
    page = open_page(size)
    page.get_by_role("button", name="Close code.py").click()
    expect(page.locator("#open-files")).to_be_empty()
    assert violations(page, axe) == []


def focused(page: Page) -> str:
    """Return what has the focus: its text or its label."""
    text: str = page.evaluate(
        "() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    )
    return text


def tab_until(page: Page, label: str) -> None:
    """Press Tab until something of that label or text has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if label in focused(page):
            return
    pytest.fail(f"Tab does not lead to {label!r}; last was {focused(page)!r}")


def test_a_file_is_found_edited_and_saved_by_keyboard_alone(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """From the page's beginning: the tree's arrow keys, Enter, typing, Ctrl-S."""
    page = open_page()
    page.evaluate("() => document.activeElement.blur()")
    tab_until(page, "lib")
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-path="/lib/adafruit_bme280/"]')).to_be_visible()
    page.keyboard.press("s")
    assert "settings.toml" in focused(page)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Editor: /settings.toml")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("A = 1")
    page.keyboard.press("Control+s")
    expect(page.locator("#code-state")).to_have_text("Saved")
    assert fake_board.text("/settings.toml").endswith("A = 1")


def test_escape_then_tab_leaves_the_editor_and_the_terminal(
    open_page: Callable[..., Page],
) -> None:
    """Tab alone is theirs: an indent, and a completion."""
    page = open_page()
    editor = page.get_by_label("Editor: /code.py")
    editor.focus()
    page.keyboard.press("Tab")
    expect(editor).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(editor).not_to_be_focused()
    terminal = page.get_by_label("Serial terminal")
    terminal.focus()
    page.keyboard.press("Tab")
    expect(terminal).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(terminal).not_to_be_focused()


def test_f6_goes_from_pane_to_pane(open_page: Callable[..., Page]) -> None:
    """And round."""
    page = open_page()
    panes = []
    for _ in range(6):
        page.keyboard.press("F6")
        panes.append(page.evaluate("() => document.activeElement.closest('[data-pane]').id"))
    assert sorted(set(panes)) == ["board", "code", "console", "files", "live"]
    assert panes[0] == panes[5]


def test_what_has_the_focus_can_be_seen(open_page: Callable[..., Page]) -> None:
    """A ring or a frame, wherever Tab leads."""
    page = open_page()
    page.evaluate("() => document.activeElement.blur()")
    for _ in range(30):
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        seen = page.evaluate(
            """() => {
              const here = document.activeElement, own = getComputedStyle(here);
              const frame = here.closest('#editor, #serial');
              return here === document.body || own.outlineStyle !== 'none' || here.matches('.split') ||
                Boolean(frame && getComputedStyle(frame).boxShadow !== 'none');
            }"""
        )
        assert seen, focused(page)
