"""What a person does on the page, in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.workflows.page.conftest import DESKTOP, PHONE, SCREENSHOTS
from tests.workflows.page.fake_board import PINS, FakeBoard, bus_events, state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.feature("web page"), pytest.mark.simulated]

TERMINAL = "#serial .xterm-rows"


def type_at_the_end(page: Page, text: str) -> None:
    """Put the cursor at the end of the file in the editor, and type."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def test_a_file_is_edited_and_saved_and_its_output_seen(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """Ctrl-S saves; the board runs it and the terminal shows it."""
    page = open_page()
    type_at_the_end(page, 'print("changed in the page")\n')
    expect(page.locator("#code-state")).to_have_text("Unsaved changes")
    page.keyboard.press("Control+s")
    expect(page.locator("#code-state")).to_have_text("Saved")
    assert fake_board.text("/code.py").endswith('print("changed in the page")\n')
    expect(page.locator(TERMINAL)).to_contain_text("changed in the page")


def test_what_changed_on_the_board_is_not_overwritten_unasked(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """Saving asks; the board's text can be taken instead."""
    page = open_page()
    type_at_the_end(page, "# mine\n")
    fake_board.put("/code.py", "# theirs\n")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("dialog")).to_contain_text("code.py changed on the board")
    assert fake_board.text("/code.py") == "# theirs\n"
    page.get_by_role("dialog").get_by_role("button", name="Load the board's").click()
    expect(page.locator(".cm-content")).to_contain_text("# theirs")
    expect(page.locator("#code-state")).to_have_text("Saved")


def test_mine_can_be_saved_over_what_changed(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """After the question."""
    page = open_page()
    type_at_the_end(page, "# mine\n")
    fake_board.put("/code.py", "# theirs\n")
    page.keyboard.press("Control+s")
    page.get_by_role("dialog").get_by_role("button", name="Save mine over it").click()
    expect(page.locator("#code-state")).to_have_text("Saved")
    assert fake_board.text("/code.py").endswith("# mine\n")


def test_a_file_that_changed_on_the_board_alone_is_shown_anew(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """And one that changed on both sides is told of."""
    page = open_page()
    fake_board.put("/code.py", "# from elsewhere\n")
    fake_board.tell(state("code.py"))
    expect(page.locator(".cm-content")).to_contain_text("# from elsewhere")
    expect(page.locator("#code-state")).to_have_text("Saved")
    type_at_the_end(page, "# mine\n")
    fake_board.put("/code.py", "# again\n")
    fake_board.tell(state("code.py"))
    expect(page.locator("#code-notice")).to_contain_text("changed on the board, and here")
    expect(page.locator(".cm-content")).to_contain_text("# mine")


def test_unsaved_changes_are_not_lost_by_closing(open_page: Callable[..., Page]) -> None:
    """Neither the file nor the page is closed unasked."""
    page = open_page()
    type_at_the_end(page, "# mine\n")
    page.get_by_role("button", name="Close code.py").click()
    expect(page.get_by_role("dialog")).to_contain_text("unsaved changes")
    page.keyboard.press("Escape")
    expect(page.locator(".cm-content")).to_contain_text("# mine")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with page.expect_event("dialog"):
        page.evaluate("() => setTimeout(() => location.reload())")
    expect(page.locator(".cm-content")).to_contain_text("# mine")
    assert asked == ["beforeunload"]
    page.keyboard.press("Control+s")
    expect(page.locator("#code-state")).to_have_text("Saved")


def test_without_an_open_file_there_is_nothing_to_type_into(open_page: Callable[..., Page]) -> None:
    """Nor what the last one said."""
    page = open_page()
    page.get_by_role("button", name="Close code.py").click()
    expect(page.locator("#editor .cm-editor")).to_be_hidden()
    page.locator('[data-path="/code.py"]').click()
    expect(page.locator(".cm-content")).to_contain_text("hello from code.py")


def test_a_drive_that_usb_owns_is_read_only(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """It is said, and the editor takes no text."""
    fake_board.writable = False
    page = open_page()
    expect(page.locator("#alert")).to_contain_text("belongs to USB")
    page.locator(".cm-content").click()
    page.keyboard.type("x")
    expect(page.locator("#code-state")).to_have_text("Saved")


DROP = """([target, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  for (const type of ["dragover", "drop"])
    document.querySelector(target).dispatchEvent(
      new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: data}));
}"""


def test_a_file_dragged_in_is_on_the_board(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """Into the folder it was dropped on; one that is there is replaced only when asked."""
    page = open_page()
    page.evaluate(DROP, ['[data-path="/lib/"]', "thing.py", "x = 1\n"])
    expect(page.locator("#notices")).to_contain_text("/lib/thing.py is on the board")
    assert fake_board.text("/lib/thing.py") == "x = 1\n"
    page.evaluate(DROP, ["#tree-place", "settings.toml", "a = 1\n"])
    page.get_by_role("button", name="Cancel").click()
    assert "a = 1" not in fake_board.text("/settings.toml")


def test_files_are_uploaded_with_the_button(
    open_page: Callable[..., Page], fake_board: FakeBoard, tmp_path: Path
) -> None:
    """Several at once, into the folder that is chosen."""
    page = open_page()
    page.locator('[data-path="/lib/"]').click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload files").click()
    (tmp_path / "one.py").write_bytes(b"x = 1\n")
    (tmp_path / "two.bin").write_bytes(bytes(range(256)))
    chooser.value.set_files([tmp_path / "one.py", tmp_path / "two.bin"])
    expect(page.locator('[data-path="/lib/two.bin"]')).to_be_visible()
    assert fake_board.files["/lib/one.py"][0] == b"x = 1\n"
    assert fake_board.files["/lib/two.bin"][0] == bytes(range(256))


def test_python_is_highlighted(open_page: Callable[..., Page]) -> None:
    """Keywords, strings, numbers and comments each have a colour of their own, and names none."""
    page = open_page()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text('import thing  # why\nname = "text" + 12\n')
    colours: dict[str, str] = page.evaluate(
        """() => {
          const found = {};
          const editor = document.querySelector(".cm-content");
          const words = document.createTreeWalker(editor, NodeFilter.SHOW_TEXT);
          while (words.nextNode())
            found[words.currentNode.data.trim()] ??= getComputedStyle(words.currentNode.parentElement).color;
          return found;
        }"""
    )
    own = [colours[word] for word in ("import", '"text"', "12", "# why")]
    assert len(set(own)) == 4
    plain = next(colour for word, colour in colours.items() if word.startswith("="))
    assert plain not in own


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_column_of_the_terminal_can_be_seen(
    open_page: Callable[..., Page], fake_board: FakeBoard, size: tuple[int, int]
) -> None:
    """None is under the scroll bar, or cut off."""
    page = open_page(size)
    if size == PHONE:
        views = page.get_by_role("navigation", name="Views")
        views.get_by_role("button", name="Console").click()
    fake_board.say("".join(f"{number}\r\n" for number in range(200)))
    expect(page.locator(TERMINAL)).to_contain_text("199")
    place = page.locator("#serial").bounding_box()
    bar = page.locator("#serial .scrollbar.vertical").bounding_box()
    screen = page.locator("#serial .xterm-screen").bounding_box()
    assert place is not None
    assert bar is not None
    assert screen is not None
    assert screen["x"] + screen["width"] <= bar["x"] + 1
    assert bar["x"] + bar["width"] <= place["x"] + place["width"] + 1
    assert screen["y"] + screen["height"] <= place["y"] + place["height"] + 1


def test_a_file_is_dragged_into_a_folder(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """Within the list; it moves there."""
    page = open_page()
    page.locator('[data-path="/settings.toml"]').drag_to(page.locator('[data-path="/lib/"]'))
    expect(page.locator('[data-path="/settings.toml"]')).to_have_count(0)
    assert "/lib/settings.toml" in fake_board.files
    assert "/settings.toml" not in fake_board.files


def test_files_are_made_renamed_downloaded_and_deleted(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """With the buttons over the list."""
    page = open_page()
    page.get_by_role("button", name="New folder").click()
    page.get_by_role("textbox", name="Name").fill("data")
    page.keyboard.press("Enter")
    expect(page.locator('[data-path="/data/"]')).to_be_visible()
    page.get_by_role("button", name="New file").click()
    page.get_by_role("textbox", name="Name").fill("notes.txt")
    page.keyboard.press("Enter")
    expect(page.locator("#open-files")).to_contain_text("notes.txt")
    page.locator('[data-path="/data/notes.txt"]').click()
    page.get_by_role("button", name="Rename or move").click()
    page.get_by_label("New path").fill("/data/read me.txt")
    page.keyboard.press("Enter")
    expect(page.locator('[data-path="/data/read me.txt"]')).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert download.value.suggested_filename == "read me.txt"
    page.get_by_role("button", name="Delete (Del)").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator('[data-path="/data/read me.txt"]')).to_have_count(0)
    assert "/data/" in fake_board.files
    assert "/data/read me.txt" not in fake_board.files


def test_a_knob_turned_is_heard_by_the_board_and_its_numbers_are_plotted(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """By its field and by its slider; the printed tuple becomes two lines."""
    page = open_page()
    field = page.get_by_label("bme280 temperature in numbers")
    field.fill("31.5")
    field.press("Enter")
    expect(page.locator(TERMINAL)).to_contain_text("(31.5, 41.0)")
    page.get_by_role("slider", name="humidity").press("ArrowRight")
    expect(page.locator(TERMINAL)).to_contain_text("(31.5, 41.5)")
    assert fake_board.knobs == {"temperature": 31.5, "humidity": 41.5}
    page.get_by_role("tab", name="Plotter").click()
    expect(page.locator("#plotter output")).to_have_text(["31.5", "41.5"])
    expect(page.locator("#plotter canvas")).to_be_visible()


def test_a_knob_that_the_board_refuses_goes_back(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """With the board's reason; the next turn works."""
    page = open_page()
    fake_board.tell({"type": "error", "text": "temperature = 99 is too hot"})
    expect(page.locator("#notices")).to_contain_text("temperature = 99 is too hot")
    field = page.get_by_label("bme280 temperature in numbers")
    field.fill("99.5")
    field.press("Enter")
    expect(field).to_have_js_property("validity.valid", False)
    assert fake_board.knobs["temperature"] == 23.5
    field.fill("31.25")
    field.press("Enter")
    expect(page.locator(TERMINAL)).to_contain_text("(31.25, 41.0)")


def test_the_terminal_types_and_keeps_its_history(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """Keys and buttons reach the board; what was printed is still there after a reload."""
    page = open_page()
    page.locator("#serial").click()
    page.keyboard.type("1 + 1\n")
    page.get_by_role("button", name="Send Ctrl-C").click()
    fake_board.say("said before the reload\r\n")
    expect(page.locator(TERMINAL)).to_contain_text("said before the reload")
    page.reload()
    expect(page.locator(TERMINAL)).to_contain_text("said before the reload")
    fake_board.wait_for_typed("1 + 1\r\x03")


def test_the_buttons_command_the_board(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """Each of them; Run saves first what is unsaved."""
    page = open_page()
    type_at_the_end(page, "# run this\n")
    bar = page.get_by_role("toolbar", name="Program")
    for name in ("Run", "Stop", "Reload", "Safe mode", "Reset", "Identify"):
        with page.expect_response("**/cpcompat/command"):
            bar.get_by_role("button", name=name).click()
    assert fake_board.commands == ["run", "stop", "reload", "safe-mode", "reset", "identify"]
    assert fake_board.text("/code.py").endswith("# run this\n")


def test_the_header_shows_each_pin(open_page: Callable[..., Page], fake_board: FakeBoard) -> None:
    """Its function, direction, level and holder, and how they change."""
    page = open_page()
    pin = page.get_by_role("button", name=re.compile("Pin 11, GPIO17"))
    expect(pin).to_have_accessible_name(
        "Pin 11, GPIO17, digital, output, high, held by digitalio.DigitalInOut, code.py:12"
    )
    fake_board.tell({"type": "pins", "pins": {"GPIO17": {**PINS["GPIO17"], "level": 0}}})
    expect(pin).to_have_accessible_name(re.compile("low"))
    pin.click()
    expect(page.locator("#pin-detail")).to_contain_text(
        "held by digitalio.DigitalInOut, code.py:12"
    )
    expect(page.get_by_role("toolbar", name="Header").get_by_role("button")).to_have_count(40)
    page.get_by_role("tab", name="Pins").click()
    expect(page.locator("#pins")).to_contain_text("busio.UART, code.py:20")


def test_bus_traffic_is_listed_and_filtered(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """Address, bytes and the part's name; what got no answer says so."""
    page = open_page()
    page.get_by_role("tab", name="Bus").click()
    fake_board.tell({"type": "bus", "events": bus_events(), "dropped": 7})
    rows = page.locator("#bus li")
    expect(rows).to_have_count(25)
    expect(rows.nth(2)).to_contain_text("bme280")
    expect(rows.nth(2)).to_contain_text("0x77")
    expect(rows.nth(2)).to_contain_text("51 c4 00 7f 21 00 5c a3")
    expect(rows.last).to_contain_text("no answer")
    expect(page.locator("#bus")).to_contain_text("7 more went by")
    page.get_by_label("Filter bus traffic").fill("0x29")
    expect(rows).to_have_count(1)


def test_upstream_s_interface_alone_is_enough_to_edit_and_run(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """What needs more is left out, and the buttons press Ctrl-C and Ctrl-D."""
    fake_board.bare = True
    page = open_page()
    expect(page.locator("#board-name")).to_have_text("A board")
    expect(page.locator("#side")).to_be_hidden()
    expect(page.locator("#commands button:visible")).to_have_text(["Run", "Stop", "Reload"])
    type_at_the_end(page, 'print("no more is needed")\n')
    page.get_by_role("toolbar", name="Program").get_by_role("button", name="Run").click()
    expect(page.locator(TERMINAL)).to_contain_text("no more is needed")
    page.get_by_role("toolbar", name="Program").get_by_role("button", name="Stop").click()
    page.screenshot(path=SCREENSHOTS / "desktop-bare.png")
    fake_board.wait_for_typed("\x03\x04\x03")


def test_safe_mode_says_why(open_page: Callable[..., Page], fake_board: FakeBoard) -> None:
    """Over all panes."""
    page = open_page()
    why = "You are in safe mode because:\nThe program crashed hard."
    fake_board.tell(state("waits in safe mode", why))
    expect(page.locator("#alert")).to_contain_text("crashed hard")
    expect(page.locator("#state-text")).to_have_text("Safe mode")


def test_the_page_connects_again(open_page: Callable[..., Page], fake_board: FakeBoard) -> None:
    """When the board has closed its connections."""
    page = open_page()
    fake_board.hang_up()
    expect(page.locator("#state-text")).to_have_text("Not connected")
    expect(page.locator("#state-text")).to_have_text("Running code.py")
    fake_board.wait_for_serial()
    fake_board.say("still here\r\n")
    expect(page.locator(TERMINAL)).to_contain_text("still here")


def test_the_address_names_the_file(open_page: Callable[..., Page]) -> None:
    """As upstream's editor has it: /edit/#/lib/…"""
    page = open_page(path="/edit/#/lib/adafruit_bme280/basic.py")
    expect(page.locator(".cm-content")).to_contain_text("# the driver")


def test_nothing_of_the_page_comes_from_elsewhere(open_page: Callable[..., Page]) -> None:
    """It works where there is no internet."""
    page = open_page()
    sources = page.evaluate("() => performance.getEntriesByType('resource').map(one => one.name)")
    assert sources
    assert all(source.startswith(page.url.partition("#")[0]) for source in sources)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pictures_are_taken_of_a_desktop(
    open_page: Callable[..., Page], fake_board: FakeBoard, dark: bool
) -> None:
    """For people to look at, in build/screenshots."""
    page = open_page(dark=dark)
    fake_board.tell({"type": "bus", "events": bus_events(), "dropped": 0})
    fake_board.say("\x1b[36mcode.py output:\x1b[0m\r\nhello from code.py\r\n")
    for step in range(60):
        fake_board.say(f"({21 + step * step / 400:.2f}, {45 - (step % 9) / 3:.2f})\r\n")
    expect(page.locator(TERMINAL)).to_contain_text("(29.70,")
    page.locator(".cm-content").click()
    name = "dark" if dark else "light"
    page.screenshot(path=SCREENSHOTS / f"desktop-{name}.png")
    page.get_by_role("tab", name="Plotter").click()
    page.get_by_role("tab", name="Bus").click()
    expect(page.locator("#plotter output").first).to_have_text("29.7")
    page.screenshot(path=SCREENSHOTS / f"desktop-{name}-plotter.png")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 1280


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_view_fits_a_phone(
    open_page: Callable[..., Page], fake_board: FakeBoard, dark: bool
) -> None:
    """One at a time, nothing wider than the screen; a picture of each."""
    page = open_page(PHONE, dark=dark)
    fake_board.tell({"type": "bus", "events": bus_events(), "dropped": 0})
    fake_board.say("code.py output:\r\nhello from code.py\r\n(23.5, 41.0)\r\n(23.6, 41.2)\r\n")
    views = page.get_by_role("navigation", name="Views")
    for view in ("Files", "Code", "Console", "Board", "Parts"):
        views.get_by_role("button", name=view).click()
        expect(page.locator("[data-pane]:visible")).to_have_count(1)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE[0]
        name = "dark" if dark else "light"
        page.screenshot(path=SCREENSHOTS / f"phone-{view.lower()}-{name}.png")


def test_the_other_boards_are_links_and_what_they_call_themselves_is_text(
    open_page: Callable[..., Page], fake_board: FakeBoard
) -> None:
    """Anybody on the network can announce anything; without others there is nothing to see."""
    name = "<img src=x onerror=alert(1)>"
    fake_board.others = [
        {"hostname": "cpy-000002", "instance_name": name, "port": 8123, "ip": "192.0.2.2"}
    ]
    page = open_page()
    others = page.get_by_role("navigation", name="Other boards")
    link = others.get_by_role("link", name=name)
    expect(link).to_have_attribute("href", "http://192.0.2.2:8123/")
    expect(link).to_have_attribute("title", "cpy-000002.local")
    assert page.locator("#others img").count() == 0
    fake_board.others = []
    page.reload()
    expect(page.locator(".cm-content")).to_contain_text("hello")
    expect(page.locator("#others")).to_be_hidden()
