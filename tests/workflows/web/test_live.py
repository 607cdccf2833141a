"""``/cpcompat/``: the board on our page, and its buttons, with the real program; and who attacks them."""

from __future__ import annotations

import json
import socket
import time
from base64 import b64encode
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.workflows.conftest import LOOP, PASSWORD, PATIENCE_S, Answer, WebBoard, basic, seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("live view"), pytest.mark.simulated]

CIRCUIT = '[[i2c]]\npart = "bme280"\n\n[[i2c]]\npart = "ssd1306"\nname = "oled"\n'
CODE = """\
import time
import board
import digitalio
led = digitalio.DigitalInOut(board.LED)
led.switch_to_output(True)
button = digitalio.DigitalInOut(board.BUTTON)
button.switch_to_input(digitalio.Pull.UP)
i2c = board.I2C()
was = None
while True:
    if button.value is not was:
        was = button.value
        print("button", was)
    while not i2c.try_lock():
        pass
    i2c.writeto_then_readfrom(0x77, b"\\xd0", bytearray(1))
    i2c.unlock()
    time.sleep(0.05)
"""
LIGHT = '[supervisor]\nstatus_led = "LED"\n'


def hears(
    live: ClientConnection, wanted: Callable[[dict[str, Any]], bool], patience_s: float = PATIENCE_S
) -> dict[str, Any]:
    """Read the live view until a message is as wanted; return it."""
    end_s = time.monotonic() + patience_s
    while True:
        message: dict[str, Any] = json.loads(live.recv(max(end_s - time.monotonic(), 0.01)))
        if wanted(message):
            return message


def runs(live: ClientConnection, what: str) -> dict[str, Any]:
    """Wait until something runs, or the board is in some state."""
    return hears(live, lambda said: said["type"] == "state" and said["running"] == what)


def pin(name: str, **wanted: Any) -> Callable[[dict[str, Any]], bool]:
    """Return what waits for a pin to be so."""

    def is_so(said: dict[str, Any]) -> bool:
        now = said["pins"].get(name) if said["type"] == "pins" else None
        return now is not None and all(now[key] == value for key, value in wanted.items())

    return is_so


def commands(board: WebBoard, command: object, **more: Any) -> Answer:
    """Press a button."""
    headers = {"Content-Type": "application/json", **more.pop("headers", {})}
    body = json.dumps({"command": command}).encode()
    return board.asks("POST", "/cpcompat/command", headers, body, **more)


@pytest.fixture
def with_parts(web_board: Callable[..., WebBoard], tmp_path: Path) -> Callable[..., WebBoard]:
    """Starts boards with a circuit: ``with_parts(code, toml)``."""
    circuit = tmp_path / "circuit.toml"
    circuit.write_text(CIRCUIT)

    def start(code: str = CODE, toml: str = "") -> WebBoard:
        return web_board(code, "--web", "0", "--sim", str(circuit), toml=toml)

    return start


# What it tells.


def test_the_board_s_header_and_pins_are_told(shared_board: WebBoard) -> None:
    """As people know them; and which light is the status light."""
    answer = shared_board.asks("GET", "/cpcompat/board.json")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    facts = answer.json()
    assert (facts["id"], facts["name"], facts["led"]) == ("sim", "Simulated board", None)
    assert [len(row) for row in facts["rows"]] == [2] * 20 + [1] * 6
    assert facts["rows"][1][0] == {
        "label": "GPIO2",
        "names": ["D2", "SDA"],
        "pin": "GPIO2",
        "kind": "gpio",
    }


def test_pins_buses_and_parts_are_told_while_a_program_uses_them(
    with_parts: Callable[..., WebBoard],
) -> None:
    """Who holds what since which line; and it is free when the program has ended."""
    board = with_parts()
    with board.socket("/cpcompat/live") as live:
        first = json.loads(live.recv(PATIENCE_S))
        assert first["type"] == "state"
        holder = "digitalio.DigitalInOut, code.py:4"
        hears(live, pin("LED", function="digital", direction="output", level=1, holder=holder))
        with board.socket("/cpcompat/live") as second:
            everything = hears(second, lambda said: said["type"] == "pins")["pins"]
            assert everything["BUTTON"]["pull"] == "up"
            assert everything["GPIO2"]["function"] == "I2C SDA"
            parts = hears(second, lambda said: said["type"] == "parts")["parts"]
            assert [one["name"] for one in parts][:2] == ["bme280", "oled"]
            assert parts[1]["display"]["width"] == 128
        event = hears(live, lambda said: said["type"] == "bus")["events"][-1]
        assert (event["part"], event["address"], event["write"]) == ("bme280", 0x77, "d0")
        assert (event["read"], event["ok"]) == ("60", True)
        assert commands(board, "stop").status == 204
        hears(live, pin("LED", function=None, direction=None, holder=None))


def test_a_knob_turned_is_felt_by_the_program(with_parts: Callable[..., WebBoard]) -> None:
    """The button is pressed, and everybody sees that it is."""
    board = with_parts()
    with board.socket(max_queue=None) as console, board.socket("/cpcompat/live") as live:
        runs(live, "code.py")
        hears(live, lambda said: said["type"] == "parts")
        live.send(json.dumps({"set": {"part": "BUTTON", "knob": "pressed", "value": True}}))
        seen(console, "button False")
        hears(live, lambda said: said["type"] == "part" and said["knobs"][0]["value"] is True)
        live.send(json.dumps({"set": {"part": "bme280", "knob": "temperature", "value": 99}}))
        refused = hears(live, lambda said: said["type"] == "error")
        assert refused["text"] == "temperature = 99.0 is not a number from -40 to 85 °C"


@pytest.mark.shim
def test_on_real_lines_pins_are_told_as_the_kernel_and_the_program_have_them(
    world: World, web_board: Callable[..., WebBoard]
) -> None:
    """Levels of what the program requested; parts there are none."""
    code = (
        "import time, board, digitalio\n"
        "led = digitalio.DigitalInOut(board.D17)\n"
        "led.switch_to_output(True)\n"
        "button = digitalio.DigitalInOut(board.D18)\n"
        "button.switch_to_input(digitalio.Pull.UP)\n"
        "while button.value:\n"
        "    time.sleep(0.01)\n"
        "led.value = False\n"
        "time.sleep(99)\n"
    )
    board = web_board(code, "--web", "0", "--board", "raspberry_pi_4b")
    with board.socket("/cpcompat/live") as live:
        holder = "digitalio.DigitalInOut, code.py:2"
        hears(live, pin("GPIO17", function="digital", direction="output", level=1, holder=holder))
        with board.socket("/cpcompat/live") as second:
            pins = hears(second, lambda said: said["type"] == "pins" and len(said["pins"]) > 20)
            free = pins["pins"]["GPIO4"]
            assert (free["function"], free["level"], free["holder"]) == (None, None, None)
            assert hears(second, lambda said: said["type"] == "parts")["parts"] == []
        world.drive("GPIO18", False)
        hears(live, pin("GPIO17", level=0))
        live.send('{"set": {"part": "x", "knob": "y", "value": 1}}')
        refused = hears(live, lambda said: said["type"] == "error")
        assert refused["text"] == "This board is real: turn the part itself."
        assert commands(board, "stop").status == 204
        hears(live, pin("GPIO17", holder=None, function=None, direction=None))


def test_on_a_real_bus_a_drivers_transfers_are_told(
    world: World, web_board: Callable[..., WebBoard]
) -> None:
    """An unmodified driver reads a BME280's number: address, bytes, and what is often there."""
    world.add_i2c(1)
    world.add_part(1, 0x77).write(0xD0, b"\x60")
    code = (
        "import time, board\n"
        "from adafruit_bus_device.i2c_device import I2CDevice\n"
        "part = I2CDevice(board.I2C(), 0x77)\n"
        "answer = bytearray(1)\n"
        "while True:\n"
        "    with part:\n"
        "        part.write_then_readinto(b'\\xd0', answer)\n"
        "    time.sleep(0.02)\n"
    )
    board = web_board(code, "--web", "0", "--board", "raspberry_pi_4b")
    with board.socket("/cpcompat/live") as live:
        told = hears(live, lambda said: said["type"] == "bus" and bool(said["events"]))
        event = told["events"][-1]
        assert (event["bus"], event["address"], event["ok"]) == ("I2C 1", 0x77, True)
        assert (event["write"], event["read"]) == ("d0", "60")
        assert event["part"] == "often a BME280, BMP280 or BMP180"


# Commands.


def test_the_buttons_run_stop_and_reset(web_board: Callable[..., WebBoard]) -> None:
    """Each through the supervisor's own machine, whatever has the keyboard."""
    board = web_board("print('ran')\n" + LOOP)
    with board.socket(max_queue=None) as console, board.socket("/cpcompat/live") as live:
        runs(live, "code.py")
        assert commands(board, "stop").status == 204
        runs(live, "waits for a key")
        assert commands(board, "stop").status == 204, "nothing runs, so nothing happens"
        assert commands(board, "run").status == 204
        runs(live, "code.py")
        seen(console, "ran")
        assert commands(board, "reload").status == 204
        runs(live, "waits for writes to settle")
        runs(live, "code.py")
        seen(console, "ran")
        assert commands(board, "reset").status == 204
        seen(console, "ran")
        console.send("\x03")
        runs(live, "waits for a key")
        console.send("x")
        runs(live, "repl")
        assert commands(board, "run").status == 204
        runs(live, "code.py")


def test_safe_mode_is_entered_and_told_and_left_by_reset(
    web_board: Callable[..., WebBoard],
) -> None:
    """There code.py does not run, and the refusal says how it would."""
    board = web_board("print('ran')\n" + LOOP)
    with board.socket("/cpcompat/live") as live:
        runs(live, "code.py")
        assert commands(board, "safe-mode").status == 204
        said = runs(live, "waits in safe mode")
        assert "You pressed the reset button during boot." in said["safe_mode"]
        for command in ("run", "reload"):
            refused = commands(board, command)
            assert (refused.status, refused.body) == (
                409,
                b"In safe mode code.py does not run. Reset leaves it.\n",
            )
        assert commands(board, "reset").status == 204
        assert runs(live, "code.py")["safe_mode"] is None


def test_identify_blinks_the_status_light_also_while_a_program_runs(
    web_board: Callable[..., WebBoard],
) -> None:
    """The pin shows it on the page itself."""
    board = web_board(LOOP, toml=LIGHT)
    with board.socket("/cpcompat/live") as live:
        runs(live, "code.py")
        assert commands(board, "identify").status == 204
        for _ in range(3):
            hears(live, pin("LED", level=1, direction="output"))
            hears(live, pin("LED", level=0))
    assert board.asks("GET", "/cpcompat/board.json").json()["led"] == "LED"


def test_identify_blinks_a_neopixel_blue(
    web_board: Callable[..., WebBoard], tmp_path: Path
) -> None:
    """As anybody sees it on the page."""
    circuit = tmp_path / "circuit.toml"
    circuit.write_text('[[pixels]]\npart = "ws2812"\nname = "light"\npin = "D18"\n')
    light = '[supervisor]\nstatus_led = "neopixel:D18"\n'
    board = web_board(LOOP, "--web", "0", "--sim", str(circuit), toml=light)
    blue, dark = b64encode(bytes([0, 0, 48])).decode(), b64encode(bytes(3)).decode()

    def shows(data: str) -> Callable[[dict[str, Any]], bool]:
        return lambda said: (
            said["type"] == "part"
            and said["name"] == "light"
            and said.get("display", {}).get("data") == data
        )

    with board.socket("/cpcompat/live", max_queue=None) as live:
        hears(live, lambda said: said["type"] == "parts")
        assert commands(board, "identify").status == 204
        for _ in range(2):
            hears(live, shows(blue))
            hears(live, shows(dark))


def test_identify_does_not_take_a_pin_away_from_the_program(
    web_board: Callable[..., WebBoard],
) -> None:
    """It says why it does not blink; without a light, how to have one."""
    board = web_board(
        CODE.split("i2c =", maxsplit=1)[0] + "import time\ntime.sleep(99)\n", toml=LIGHT
    )
    with board.socket("/cpcompat/live") as live:
        hears(live, pin("LED", holder="digitalio.DigitalInOut, code.py:4"))
        refused = commands(board, "identify")
        assert refused.status == 409
        assert b"program itself uses" in refused.body


def test_identify_without_a_status_light_says_how_to_have_one(shared_board: WebBoard) -> None:
    """The file and the key."""
    refused = commands(shared_board, "identify")
    assert refused.status == 409
    assert b"cpcompat.toml names one: [supervisor] status_led" in refused.body


# Attacks.


@pytest.mark.parametrize("path", ["board.json", "live", "command", "", "x", "../fs/code.py"])
def test_nobody_looks_at_the_board_without_the_password(shared_board: WebBoard, path: str) -> None:
    """Whether there is such a page or not."""
    for method in ("GET", "POST"):
        answer = shared_board.asks(method, f"/cpcompat/{path}", {}, b"{}", password=None)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="CircuitPython"'
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{shared_board.port}/cpcompat/live", proxy=None)
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:5173", "http://127.0.0.1:1"]
)
def test_another_page_neither_looks_nor_presses(shared_board: WebBoard, origin: str) -> None:
    """With the browser's password."""
    assert commands(shared_board, "reset", headers={"Origin": origin}).status == 403
    address = f"ws://127.0.0.1:{shared_board.port}/cpcompat/live"
    headers = {"Authorization": basic(PASSWORD)}
    with pytest.raises(InvalidStatus) as refused:
        connect(address, origin=Origin(origin), additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "content", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_form_cannot_press_a_button(shared_board: WebBoard, content: str) -> None:
    """What a browser sends to anybody without asking first is not taken."""
    answer = commands(shared_board, "reset", headers={"Content-Type": content})
    assert answer.status == 415
    cross = commands(shared_board, "reset", headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status == 403
    rebound = commands(shared_board, "reset", host="evil.example")
    assert rebound.status == 421


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"x", 400),
        (b"[]", 400),
        (b'{"command": "eval"}', 400),
        (b'{"command": ["run"]}', 400),
        (b'{"command": {"run": 1}}', 400),
        (b'{"command": "__class__"}', 400),
        (b"[" * 1000, 400),
        (b'{"command": "' + b"x" * 2000 + b'"}', 413),
        (b"\xff\xfe", 400),
    ],
)
def test_what_is_no_command_is_refused(shared_board: WebBoard, body: bytes, status: int) -> None:
    """The commands are named."""
    headers = {"Content-Type": "application/json"}
    answer = shared_board.asks("POST", "/cpcompat/command", headers, body)
    assert answer.status == status
    if status == 400:
        assert b"run, stop, reload, reset, safe-mode, identify" in answer.body


def test_methods_are_those_that_there_are(shared_board: WebBoard) -> None:
    """And a browser that asks first hears them."""
    for path, method, allowed in (
        ("board.json", "PUT", "GET, OPTIONS"),
        ("live", "POST", "GET, OPTIONS"),
        ("command", "GET", "POST, OPTIONS"),
    ):
        answer = shared_board.asks(method, f"/cpcompat/{path}", {}, b"")
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)
    assert shared_board.asks("GET", "/cpcompat/live").status == 426
    assert shared_board.asks("GET", "/cpcompat/secret").status == 404
    preflight = shared_board.asks("OPTIONS", "/cpcompat/command", password=None)
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, OPTIONS, POST"


def test_buttons_are_pressed_only_so_often(web_board: Callable[..., WebBoard]) -> None:
    """Nobody keeps a board from its work by pressing."""
    board = web_board()
    answers = [commands(board, "stop") for _ in range(40)]
    assert {answer.status for answer in answers} == {204, 429}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status == 429)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"set": 1}',
        '{"set": {"part": "x", "knob": "y"}}',
        '{"set": {"part": "x", "knob": "y", "value": NaN}}',
        '{"set": {"part": 1, "knob": "y", "value": 1}}',
        '{"set": {"part": "x", "knob": "y", "value": [1]}}',
        "[" * 1500,
        b"\x00\xff",
    ],
)
def test_what_is_no_setting_is_told_so_and_nothing_else_happens(
    shared_board: WebBoard, message: str | bytes
) -> None:
    """The connection goes on."""
    with shared_board.socket("/cpcompat/live") as live:
        live.send(message)
        said = hears(live, lambda told: told["type"] == "error")
        assert said["text"].startswith("Not understood.")
        live.send('{"set": {"part": "no", "knob": "y", "value": 1}}')
        said = hears(live, lambda told: told["type"] == "error")
        assert said["text"].startswith(("no part 'no'", "The simulated parts do not answer now."))


def test_a_message_that_is_too_long_ends_the_connection(shared_board: WebBoard) -> None:
    """Its own alone."""
    with shared_board.socket("/cpcompat/live") as live, pytest.raises(ConnectionClosed) as closed:
        live.send("x" * 5000)
        hears(live, lambda told: False)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    assert shared_board.asks("GET", "/cpcompat/board.json").status == 200


def test_one_who_floods_is_sent_away(shared_board: WebBoard) -> None:
    """With the reason."""
    with shared_board.socket("/cpcompat/live") as live, pytest.raises(ConnectionClosed) as closed:
        for _ in range(2000):
            live.send("{}")
        hears(live, lambda told: False)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "too many messages")


def test_only_so_many_look_at_once(shared_board: WebBoard) -> None:
    """The next one is told to come again; a place that becomes free can be had."""
    with ExitStack() as stack:
        for _ in range(8):
            looker = stack.enter_context(shared_board.socket("/cpcompat/live"))
            hears(looker, lambda told: told["type"] == "pins")
        late = stack.enter_context(shared_board.socket("/cpcompat/live"))
        with pytest.raises(ConnectionClosed) as closed:
            late.recv(PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
    with shared_board.socket("/cpcompat/live") as again:
        hears(again, lambda told: told["type"] == "pins")


def test_one_who_does_not_read_holds_nobody_up(with_parts: Callable[..., WebBoard]) -> None:
    """The others hear as before, the program runs on, and the one who is slow is dropped."""
    board = with_parts()
    key = b64encode(b"0123456789abcdef").decode()
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.connect(("127.0.0.1", board.port))
    slow.sendall(
        f"GET /cpcompat/live HTTP/1.1\r\nHost: 127.0.0.1:{board.port}\r\n"
        f"Authorization: {basic(PASSWORD)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    with board.socket("/cpcompat/live") as live:
        for _ in range(30):
            hears(live, lambda told: told["type"] == "bus")
        assert board.asks("GET", "/cp/version.json").status == 200
    slow.close()


def test_the_board_says_goodbye_to_who_looks(web_board: Callable[..., WebBoard]) -> None:
    """When it leaves."""
    board = web_board()
    with board.socket("/cpcompat/live") as live, pytest.raises(ConnectionClosed) as closed:
        runs(live, "code.py")
        board.close()
        hears(live, lambda told: False)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001


def test_a_program_that_writes_rubbish_into_its_sheet_shows_no_more_than_rubbish(
    web_board: Callable[..., WebBoard],
) -> None:
    """The supervisor goes on, and so does the view."""
    code = (
        "import importlib, board, digitalio, time\n"
        "led = digitalio.DigitalInOut(board.LED)\n"
        "from cpcompat import hal\n"
        "os = importlib.import_module('posix')\n"
        "path = hal.host().get('claims_path')\n"
        "os.unlink(path)\n"
        "os.mkfifo(path)\n"
        "print('in its place')\n"
        "time.sleep(99)\n"
    )
    board = web_board(code)
    with board.socket(max_queue=None) as console, board.socket("/cpcompat/live") as live:
        runs(live, "code.py")
        hears(live, pin("LED", holder=None))
        console.send("\x03")
        runs(live, "waits for a key")
    assert board.asks("GET", "/cpcompat/board.json").status == 200
