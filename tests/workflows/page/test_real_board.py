"""The page with the real program behind it: what a person does on it, from the first look on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.workflows.conftest import seen
from tests.workflows.page.conftest import DESKTOP, PHONE, SCREENSHOTS, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.workflows.conftest import WebBoard

pytestmark = [pytest.mark.feature("web page"), pytest.mark.simulated]

TERMINAL = "#serial .xterm-rows"
CODE = '''\
"""Shows the room's climate on the display, and blinks."""
import time

import adafruit_ssd1306
import board
import digitalio
from adafruit_bme280 import basic as adafruit_bme280

i2c = board.I2C()
sensor = adafruit_bme280.Adafruit_BME280_I2C(i2c)
oled = adafruit_ssd1306.SSD1306_I2C(128, 64, i2c)
led = digitalio.DigitalInOut(board.LED)
led.switch_to_output()
button = digitalio.DigitalInOut(board.BUTTON)
button.switch_to_input(digitalio.Pull.UP)
x = 0

while True:
    led.value = not led.value
    temperature = round(sensor.temperature, 1)
    # A tuple is drawn by the plotter.
    print((temperature, round(sensor.relative_humidity, 1)))
    if not button.value:
        print("pressed")
    oled.line(x, 0, x, 63, 0)
    oled.line(x, 63 - int(temperature), x, 63, 1)
    oled.show()
    x = (x + 4) % 128
    time.sleep(0.2)
'''
CIRCUIT = """\
[[i2c]]
part = "bme280"
temperature = 23.5
humidity = 41.0

[[i2c]]
part = "ssd1306"
name = "oled"

[[pixels]]
part = "ws2812"
name = "strip"
pin = "D18"
count = 8
"""
LIGHT = '[supervisor]\nstatus_led = "D17"\n'


@pytest.fixture
def board(web_board: Callable[..., WebBoard], tmp_path: Path) -> WebBoard:
    """A board with a sensor, a display, and a status light."""
    circuit = tmp_path / "circuit.toml"
    circuit.write_text(CIRCUIT)
    return web_board(CODE, "--web", "0", "--sim", str(circuit), toml=LIGHT)


@pytest.fixture
def open_board(board: WebBoard, visit: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the page of the real board, logged in, with its program running."""

    def open_(
        size: tuple[int, int] = DESKTOP, *, dark: bool = False, tolerated: str = "nothing is"
    ) -> Page:
        page = visit(board.url, board.password, size, dark=dark, tolerated=tolerated)
        expect(page.locator("#state-text")).to_have_text("Running code.py")
        expect(page.locator("#code-state")).to_have_text("Saved")
        expect(page.locator(TERMINAL)).to_contain_text("(23.5, 41.0)")
        return page

    return open_


def test_without_the_password_the_page_says_so_and_shows_nothing(
    board: WebBoard, visit: Callable[..., Page]
) -> None:
    """Neither files nor pins."""
    page = visit(board.url, "Wrong8080", tolerated="401")
    expect(page.locator("#state-text")).to_have_text("Not logged in")
    expect(page.locator("#alert")).to_contain_text("the board wants its password")
    expect(page.locator('[data-path="/code.py"]')).to_have_count(0)
    expect(page.locator("#parts article")).to_have_count(0)


def test_code_is_edited_saved_and_its_output_seen(
    open_board: Callable[..., Page], board: WebBoard
) -> None:
    """As on any board: saving is enough to run it."""
    page = open_board()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text('print("changed in the page")\n')
    expect(page.locator("#code-state")).to_have_text("Unsaved changes")
    page.keyboard.press("Control+s")
    expect(page.locator("#code-state")).to_have_text("Saved")
    expect(page.locator(TERMINAL)).to_contain_text("changed in the page")
    assert (board.drive / "code.py").read_text() == 'print("changed in the page")\n' + CODE


def test_run_saves_and_runs_once(open_board: Callable[..., Page], board: WebBoard) -> None:
    """Saving starts the program anew by itself; the button does not do it once more."""
    page = open_board()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text('print("begun")\n')
    with board.socket(max_queue=None) as console:
        page.get_by_role("toolbar", name="Program").get_by_role("button", name="Run").click()
        expect(page.locator("#code-state")).to_have_text("Saved")
        text = seen(console, "begun")
        page.get_by_label("bme280 temperature in numbers").fill("30")
        page.get_by_label("bme280 temperature in numbers").press("Enter")
        text += seen(console, "(30.0, 41.0)")
        page.get_by_role("toolbar", name="Program").get_by_role("button", name="Stop").click()
        text += seen(console, "Code done running.")
    assert text.count("begun") == 1


def test_a_simulated_knob_turned_changes_what_the_program_prints(
    open_board: Callable[..., Page],
) -> None:
    """In numbers, by the slider, and a button pressed with the mouse."""
    page = open_board()
    field = page.get_by_label("bme280 temperature in numbers")
    expect(field).to_have_value("23.5")
    field.fill("31.5")
    field.press("Enter")
    expect(page.locator(TERMINAL)).to_contain_text("(31.5, 41.0)")
    page.get_by_label("bme280 humidity in numbers").fill("60")
    page.get_by_label("bme280 humidity in numbers").press("Enter")
    expect(page.locator(TERMINAL)).to_contain_text("(31.5, 60.0)")
    page.get_by_role("slider", name="temperature").press("ArrowRight")
    expect(page.locator(TERMINAL)).to_contain_text("(31.6, 60.0)")
    button = page.get_by_label("BUTTON pressed")
    button.hover()
    page.mouse.down()
    expect(page.locator(TERMINAL)).to_contain_text("pressed")
    page.mouse.up()


def test_a_file_dragged_in_is_on_the_drive(
    open_board: Callable[..., Page], board: WebBoard
) -> None:
    """With its content, and in the list."""
    page = open_board()
    dropped = page.evaluate_handle(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["dragged in"], "notes.txt", { type: "text/plain" }));
          return transfer;
        }"""
    )
    for event in ("dragenter", "dragover", "drop"):
        page.locator("#tree-place").dispatch_event(event, {"dataTransfer": dropped})
    expect(page.locator('[data-path="/notes.txt"]')).to_be_visible()
    assert (board.drive / "notes.txt").read_text() == "dragged in"


def test_the_buttons_do_what_they_say(open_board: Callable[..., Page]) -> None:
    """The state is shown, safe mode with its reason and the way out."""
    page = open_board(tolerated="409 (Conflict)")
    state, terminal = page.locator("#state-text"), page.locator(TERMINAL)
    bar = page.get_by_role("toolbar", name="Program")

    def press(name: str) -> None:
        bar.get_by_role("button", name=name).click()

    press("Stop")
    expect(state).to_have_text("Waits for a key")
    expect(terminal).to_contain_text("Code done running.")
    press("Run")
    expect(state).to_have_text("Running code.py")
    press("Reload")
    expect(terminal).to_contain_text("Code stopped by auto-reload.")
    expect(state).to_have_text("Running code.py")
    press("Identify")
    expect(page.locator("#notices")).to_contain_text("The status light blinks blue.")
    light = page.get_by_role("button", name=re.compile("Pin 11, GPIO17"))
    expect(light).to_have_accessible_name(re.compile("output, high"))
    expect(light).to_have_accessible_name(re.compile("output, low"))
    press("Safe mode")
    expect(state).to_have_text("Safe mode")
    expect(page.locator("#alert")).to_contain_text("You pressed the reset button during boot.")
    press("Run")
    expect(page.locator("#notices")).to_contain_text("In safe mode code.py does not run.")
    press("Reset")
    expect(state).to_have_text("Running code.py")
    expect(page.locator("#alert")).to_be_hidden()


def test_pins_buses_and_the_display_are_seen_at_work(open_board: Callable[..., Page]) -> None:
    """Who holds what, what goes over the wires, and a picture of what the display shows."""
    page = open_board()
    sda = page.get_by_role("button", name=re.compile("Pin 3, GPIO2"))
    expect(sda).to_have_accessible_name("Pin 3, GPIO2, I2C SDA, high, held by busio.I2C, code.py:9")
    expect(page.get_by_role("toolbar", name="Header").get_by_role("button")).to_have_count(40)
    led = page.get_by_role("button", name=re.compile("^LED"))
    expect(led).to_have_accessible_name(re.compile("output, high"))
    expect(led).to_have_accessible_name(re.compile("output, low"))
    canvas = page.get_by_label("What oled shows, 128 by 64 pixels")
    expect(canvas).to_be_visible()
    lit = """canvas => canvas.getContext("2d").getImageData(0, 0, 128, 64).data
      .filter((value, at) => at % 4 === 0 && value > 100).length"""
    strip = page.get_by_label("What strip shows, 8 by 1 pixels").bounding_box()
    assert strip is not None
    assert strip["height"] < 40
    page.wait_for_function(
        f"() => ({lit})(document.querySelector('#parts canvas:not([hidden])')) > 100",
        timeout=15_000,
    )
    page.get_by_role("tab", name="Bus").click()
    rows = page.locator("#bus li")
    expect(rows.filter(has_text="bme280").first).to_contain_text("0x77")
    expect(rows.filter(has_text="1025 bytes").first).to_contain_text("oled")
    page.get_by_role("tab", name="Pins").click()
    expect(page.locator("#pins")).to_contain_text("digitalio.DigitalInOut, code.py:12")
    page.get_by_role("toolbar", name="Program").get_by_role("button", name="Stop").click()
    expect(page.locator("#pins")).not_to_contain_text("code.py")
    expect(page.locator("#pins")).to_contain_text("the status light")


def test_axe_finds_nothing_in_what_the_real_board_shows(
    open_board: Callable[..., Page], axe: str
) -> None:
    """With its parts, its traffic and its pins."""
    page = open_board()
    expect(page.locator("#parts article")).to_have_count(5)
    assert violations(page, axe) == []
    for tab in ("Bus", "Pins"):
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(f"#{tab.lower()}")).to_contain_text("I2C")
        assert violations(page, axe) == [], tab


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pictures_of_the_real_board_are_taken(open_board: Callable[..., Page], dark: bool) -> None:
    """On a desktop and on a phone, for people to look at, in build/screenshots."""
    name = "dark" if dark else "light"
    page = open_board(dark=dark)
    for temperature in ("26", "31.5", "28"):
        field = page.get_by_label("bme280 temperature in numbers")
        field.fill(temperature)
        field.press("Enter")
        expect(page.locator(TERMINAL)).to_contain_text(f"({float(temperature)}, 41.0)")
    page.locator(".cm-content").click()
    page.screenshot(path=SCREENSHOTS / f"real-desktop-{name}.png")
    page.get_by_role("tab", name="Plotter").click()
    page.get_by_role("tab", name="Bus").click()
    expect(page.locator("#bus li").first).to_be_visible()
    page.screenshot(path=SCREENSHOTS / f"real-desktop-{name}-plotter.png")
    phone = open_board(PHONE, dark=dark)
    views = phone.get_by_role("navigation", name="Views")
    for view in ("Files", "Code", "Console", "Board", "Parts"):
        views.get_by_role("button", name=view).click()
        expect(phone.locator("[data-pane]:visible")).to_have_count(1)
        assert phone.evaluate("() => document.documentElement.scrollWidth") <= PHONE[0]
        phone.screenshot(path=SCREENSHOTS / f"real-phone-{view.lower()}-{name}.png")
