"""The server and the fake board promise the page the same, and keep it."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.workflows.conftest import PATIENCE_S
from tests.workflows.page import promises
from tests.workflows.page.fake_board import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.workflows.conftest import WebBoard
    from tests.workflows.page.fake_board import FakeBoard

pytestmark = [pytest.mark.feature("live view"), pytest.mark.simulated]

CIRCUIT = '[[i2c]]\npart = "bme280"\n\n[[i2c]]\npart = "ssd1306"\nname = "oled"\n'
CODE = """\
import time
import board
import digitalio
led = digitalio.DigitalInOut(board.LED)
led.switch_to_output(True)
i2c = board.I2C()
while True:
    i2c.try_lock()
    i2c.writeto(0x3c, b"\\x40" + bytes(64))
    i2c.writeto_then_readfrom(0x77, b"\\xd0", bytearray(1))
    i2c.unlock()
    time.sleep(0.05)
"""


class Server:
    """One that serves the page's board, real or not."""

    def __init__(self, url: str, password: str, starts_traffic: Callable[[], None]) -> None:
        self.url = url
        self.headers = {"Authorization": "Basic " + b64encode(f":{password}".encode()).decode()}
        self.starts_traffic = starts_traffic

    def live(self) -> ClientConnection:
        """Open the live view."""
        address = self.url.replace("http", "ws") + "/cpcompat/live"
        opened: ClientConnection = connect(address, additional_headers=self.headers, proxy=None)
        return opened

    def asks(
        self, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Send a request, POST where it has a body; return status and answer."""
        request = Request(self.url + path, body, headers)
        try:
            with urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def posts(self, body: bytes, content: str = "application/json") -> int:
        """Send something as a command; return the status."""
        headers = {**self.headers, "Content-Type": content}
        return self.asks("/cpcompat/command", headers, body)[0]


@pytest.fixture(params=["real", "fake"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """Each of the two."""
    if request.param == "fake":
        fake: FakeBoard = request.getfixturevalue("fake_board")
        yield Server(fake.url, PASSWORD, fake.use_buses)
        return
    circuit = tmp_path / "circuit.toml"
    circuit.write_text(CIRCUIT)
    start: Callable[..., WebBoard] = request.getfixturevalue("web_board")
    board = start(CODE, "--web", "0", "--sim", str(circuit))
    yield Server(board.url, board.password, lambda: None)


def messages(live: ClientConnection, wanted: set[str]) -> dict[str, dict[str, Any]]:
    """Check all messages until there was one of each of some types; return the last of each."""
    found: dict[str, dict[str, Any]] = {}
    end_s = time.monotonic() + PATIENCE_S
    while not wanted <= found.keys():
        message = json.loads(live.recv(max(end_s - time.monotonic(), 0.01)))
        found[promises.check_message(message)] = message
    return found


def test_the_board_is_described_as_promised(server: Server) -> None:
    """To who has the password."""
    assert server.asks("/cpcompat/board.json", {})[0] == 401
    status, body = server.asks("/cpcompat/board.json", server.headers)
    assert status == 200
    promises.check_facts(json.loads(body))


def test_the_live_view_says_what_is_promised(server: Server) -> None:
    """State, pins and parts at first, the buses' traffic, and what comes of a knob that turns."""
    with server.live() as live:
        first = messages(live, {"state", "pins", "parts"})
        assert first["state"]["running"] == "code.py"
        knobs = {part["name"]: part["knobs"] for part in first["parts"]["parts"]}
        assert [knob["name"] for knob in knobs["bme280"]][:2] == ["temperature", "humidity"]
        assert "oled" in knobs
        server.starts_traffic()
        events = messages(live, {"bus"})["bus"]["events"]
        assert {"bme280", "oled"} >= {event["part"] for event in events} - {None}
        live.send(json.dumps({"set": {"part": "bme280", "knob": "temperature", "value": 30.5}}))
        part = messages(live, {"part"})["part"]
        assert part["name"] == "bme280"
        assert part["knobs"][0]["value"] == 30.5
        live.send(json.dumps({"set": {"part": "bme280", "knob": "temperature", "value": 500}}))
        assert "500" in messages(live, {"error"})["error"]["text"]
        live.send("nonsense")
        assert "Not understood" in messages(live, {"error"})["error"]["text"]


def test_commands_are_taken_as_promised(server: Server) -> None:
    """And what is none is refused in the same way; each is told of as a state."""
    assert server.posts(b'{"command": "eval"}') == 400
    assert server.posts(b"nonsense") == 400
    assert server.posts(b'{"command": "stop"}', "text/plain") == 415
    assert server.asks("/cpcompat/command", server.headers)[0] == 405
    with server.live() as live:
        messages(live, {"state", "pins"})
        assert server.posts(b'{"command": "stop"}') == 204
        while messages(live, {"state"})["state"]["running"] != "waits for a key":
            pass
        assert server.posts(b'{"command": "run"}') == 204
        while messages(live, {"state"})["state"]["running"] != "code.py":
            pass
