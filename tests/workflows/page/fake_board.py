"""A small board for the page's tests: the interface that the page talks to, and nothing behind it.

It keeps files in memory, "runs" code.py by printing what its ``print("…")`` lines say, and has one
simulated sensor whose knob it prints as a tuple. Its answers carry the content security policy
under which the page must work.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from aiohttp import WSMsgType, hdrs, web

from tests.running import ROOT
from tests.workflows.page.promises import COMMANDS, PIN, check_message

STATIC = ROOT / "cpcompat" / "workflows" / "web" / "static"
PASSWORD = "lantern42"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
CODE = '''\
"""Shows the room's climate, and blinks."""
import time

import board
import digitalio
from adafruit_bme280 import basic as adafruit_bme280

led = digitalio.DigitalInOut(board.LED)
led.switch_to_output()
sensor = adafruit_bme280.Adafruit_BME280_I2C(board.I2C())
print("hello from code.py")

while True:
    led.value = not led.value
    # A tuple is drawn by the plotter.
    print((sensor.temperature, sensor.relative_humidity))
    time.sleep(0.5)
'''

_FREE = ("/", "/cp/version.json", "/cp/devices.json")
_LEFT = (
    "3V3 GPIO2 GPIO3 GPIO4 GND GPIO17 GPIO27 GPIO22 3V3 GPIO10 "
    "GPIO9 GPIO11 GND GPIO0 GPIO5 GPIO6 GPIO13 GPIO19 GPIO26 GND"
)
_RIGHT = (
    "5V 5V GND GPIO14 GPIO15 GPIO18 GND GPIO23 GPIO24 GND "
    "GPIO25 GPIO8 GPIO7 GPIO1 GND GPIO12 GND GPIO16 GPIO20 GPIO21"
)
_NAMES = {
    "GPIO2": ["D2", "SDA"],
    "GPIO3": ["D3", "SCL"],
    "GPIO10": ["D10", "MOSI"],
    "GPIO9": ["D9", "MISO"],
    "GPIO11": ["D11", "SCK"],
    "GPIO14": ["D14", "TX"],
    "GPIO15": ["D15", "RX"],
    "GPIO8": ["D8", "CE0"],
    "GPIO7": ["D7", "CE1"],
}
_IN_USE: dict[str, dict[str, Any]] = {
    "GPIO2": {"function": "I2C SDA", "level": 1, "holder": "busio.I2C, code.py:10"},
    "GPIO3": {"function": "I2C SCL", "level": 1, "holder": "busio.I2C, code.py:10"},
    "GPIO17": {
        "function": "digital",
        "direction": "output",
        "level": 1,
        "holder": "digitalio.DigitalInOut, code.py:12",
    },
    "GPIO27": {
        "function": "digital",
        "direction": "output",
        "level": 0,
        "holder": "digitalio.DigitalInOut, code.py:13",
    },
    "GPIO22": {
        "function": "digital",
        "direction": "input",
        "level": 1,
        "pull": "up",
        "holder": "digitalio.DigitalInOut, code.py:14",
    },
    "GPIO18": {"function": "PWM", "level": None, "holder": "pwmio.PWMOut, code.py:16"},
    "GPIO10": {"function": "SPI MOSI", "level": 0, "holder": "busio.SPI, code.py:18"},
    "GPIO9": {"function": "SPI MISO", "level": 0, "holder": "busio.SPI, code.py:18"},
    "GPIO11": {"function": "SPI SCK", "level": 0, "holder": "busio.SPI, code.py:18"},
    "GPIO14": {"function": "UART TX", "level": 1, "holder": "busio.UART, code.py:20"},
    "GPIO15": {"function": "UART RX", "level": 1, "holder": "busio.UART, code.py:20"},
    "GPIO4": {"function": None, "direction": None, "level": 0, "pull": None, "holder": None},
    "LED": {
        "function": "digital",
        "direction": "output",
        "level": 1,
        "holder": "digitalio.DigitalInOut, code.py:8",
    },
    "A0": {"function": "analog in", "level": None, "holder": "analogio.AnalogIn, code.py:22"},
}
PINS = {name: {**dict.fromkeys(PIN), **pin} for name, pin in _IN_USE.items()}


def _cell(label: str) -> dict[str, Any]:
    gpio = label.startswith("GPIO")
    kind = "gpio" if gpio else "ground" if label == "GND" else "power"
    names = _NAMES.get(label, [label.replace("GPIO", "D")]) if gpio else []
    return {"label": label, "names": names, "pin": label if gpio else None, "kind": kind}


def header() -> list[list[dict[str, Any]]]:
    """Return the rows of the 40-pin header, and a row of the pins beside it."""
    rows = [
        [_cell(one), _cell(other)] for one, other in zip(_LEFT.split(), _RIGHT.split(), strict=True)
    ]
    beside = ["LED", "BUTTON", "A0", "A1"]
    return [
        *rows,
        *([{"label": name, "names": [name], "pin": name, "kind": "gpio"}] for name in beside),
    ]


def picture() -> dict[str, Any]:
    """Return what a display of 128 by 64 shows: a frame, and a curve in it."""
    data = bytearray()
    for y in range(64):
        for x in range(128):
            edge = x in (0, 127) or y in (0, 63)
            curve = abs((x - 64) ** 2 / 90 - (58 - y)) < 1.2
            data.append(217 * (edge or curve or (y == 14 and 20 < x < 108 and x % 4 < 2)))
    text = base64.b64encode(data).decode()
    return {"width": 128, "height": 64, "format": "grey", "data": text}


def knob(name: str, kind: str, value: object, **more: object) -> dict[str, Any]:
    """Return what the live view says of a knob."""
    rest = dict.fromkeys(("unit", "min", "max", "step", "choices", "about"))
    return {"name": name, "type": kind, "value": value, **rest, **more}


def state(running: str, safe_mode: str | None = None) -> dict[str, Any]:
    """Return the message of how the board is."""
    return {"type": "state", "running": running, "safe_mode": safe_mode, "status": running}


RANGES = {"temperature": ("°C", -40, 85, 0.1), "humidity": ("%RH", 0, 100, 0.5)}


class FakeBoard:
    """A board on a free port of this computer, from `start` to `stop`.

    Attributes:
        files: The drive: paths to content and time of modification; folders end with a slash.
        commands: The commands that the page has sent.
        typed: What came in over the serial line.
        writable: Whether the drive can be written.
        knobs: The values of the simulated sensor.
        bare: It has upstream's interface alone.
    """

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, int]] = {}
        for path, text in {
            "/boot_out.txt": "cpcompat, CircuitPython-compatible 10.3.1\r\n",
            "/code.py": CODE,
            "/lib/": "",
            "/lib/adafruit_bme280/": "",
            "/lib/adafruit_bme280/basic.py": "# the driver\n" * 300,
            "/settings.toml": "CIRCUITPY_WEB_API_PORT = 8080\n",
        }.items():
            self.put(path, text)
        self.commands: list[str] = []
        self.typed = ""
        self._typing = threading.Condition()
        self.writable = True
        self.knobs: dict[str, Any] = {"temperature": 23.5, "humidity": 41.0}
        self.bare = False
        self.others: list[dict[str, object]] = []
        self.url = ""
        self._serial: set[web.WebSocketResponse] = set()
        self._live: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def put(self, path: str, text: str | bytes, modified_ns: int | None = None) -> None:
        """Have a file on the drive, as another program would write it."""
        data = text.encode() if isinstance(text, str) else text
        self.files[path] = (data, modified_ns or time.time_ns())

    def text(self, path: str) -> str:
        """Return what a file says."""
        return self.files[path][0].decode()

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """Leave, with all connections."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def wait_for_typed(self, text: str) -> None:
        """Wait until the serial line has brought a text, and no other."""
        with self._typing:
            assert self._typing.wait_for(lambda: self.typed == text, 10), self.typed

    def hang_up(self) -> None:
        """Close the serial line and the live view, as a board does that starts anew."""

        async def close() -> None:
            for socket in [*self._serial, *self._live]:
                await socket.close()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)

    def wait_for_serial(self) -> None:
        """Wait until somebody is at the serial line."""
        with self._typing:
            assert self._typing.wait_for(lambda: self._serial, 10)

    def say(self, text: str) -> None:
        """Print on the serial line."""
        asyncio.run_coroutine_threadsafe(self._send(self._serial, text), self._loop).result(10)

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message to the live view, such as the real board sends."""
        check_message(message)
        text = json.dumps(message)
        asyncio.run_coroutine_threadsafe(self._send(self._live, text), self._loop).result(10)

    async def _send(self, sockets: set[web.WebSocketResponse], text: str) -> None:
        for socket in list(sockets):
            with suppress(ConnectionError):
                await socket.send_str(text)

    async def _listen(self) -> None:
        app = web.Application(middlewares=[self._guard])
        app.router.add_static("/static", STATIC)
        for path in ("/", "/edit/", "/code/"):
            app.router.add_get(path, self._page)
        app.router.add_route("*", "/fs{path:/.*}", self._fs)
        app.router.add_get("/cp/version.json", self._version)
        app.router.add_get("/cp/devices.json", self._devices)
        app.router.add_get("/cp/serial/", self._serial_socket)
        app.router.add_get("/cpcompat/board.json", self._board)
        app.router.add_get("/cpcompat/live", self._live_socket)
        app.router.add_post("/cpcompat/command", self._command)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        free = request.path in _FREE or request.path.startswith("/static/")
        right = "Basic " + base64.b64encode(f":{PASSWORD}".encode()).decode()
        if not free and request.headers.get(hdrs.AUTHORIZATION) != right:
            challenge = {hdrs.WWW_AUTHENTICATE: 'Basic realm="CircuitPython"'}
            return web.Response(status=401, headers=challenge)
        if self.bare and request.path.startswith("/cpcompat/"):
            return web.Response(status=404)
        response: web.StreamResponse = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = POLICY
            response.headers["Cache-Control"] = "no-store"
        return response

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _version(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"web_api_version": 4, "version": "10.3.1", "board_name": "A board"}
        )

    async def _devices(self, request: web.Request) -> web.Response:
        return web.json_response({"total": len(self.others), "devices": self.others})

    async def _board(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"id": "sim", "name": "Simulated board", "rows": header(), "led": "LED"}
        )

    async def _command(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return web.Response(status=415)
        try:
            command = (await request.json())["command"]
        except (ValueError, TypeError):
            command = ""
        if command not in COMMANDS:
            return web.Response(status=400)
        self.commands.append(command)
        running = "waits for a key" if command == "stop" else "code.py"
        await self._send(self._live, json.dumps(state(running)))
        if command in ("run", "reload"):
            await self._run()
        return web.Response(status=204)

    async def _run(self) -> None:
        lines = re.findall(r'^print\("(.*)"\)', self.text("/code.py"), re.MULTILINE)
        printed = "".join(f"{line}\r\n" for line in lines)
        await self._send(self._serial, f"\r\ncode.py output:\r\n{printed}")

    async def _fs(self, request: web.Request) -> web.Response:
        path = unquote(request.match_info["path"])
        if request.method == "GET":
            return self._list(path) if path.endswith("/") else self._get(path)
        if not self.writable:
            return web.Response(status=409, text="USB storage active.")
        if request.method == "PUT":
            return await self._put(path, request)
        if request.method == "DELETE":
            return self._delete(path)
        return self._move(path, unquote(request.headers["X-Destination"])[3:])

    def _list(self, folder: str) -> web.Response:
        if folder != "/" and folder not in self.files:
            return web.Response(status=404)
        names = [path for path in self.files if re.fullmatch(re.escape(folder) + "[^/]+/?", path)]
        listed = [
            {
                "name": path[len(folder) :].rstrip("/"),
                "directory": path.endswith("/"),
                "modified_ns": self.files[path][1],
                "file_size": len(self.files[path][0]),
            }
            for path in names
        ]
        disk = {"free": 12000, "total": 16000, "block_size": 4096, "writable": self.writable}
        return web.json_response({**disk, "files": listed})

    def _get(self, path: str) -> web.Response:
        if path not in self.files:
            return web.Response(status=404)
        return web.Response(body=self.files[path][0], content_type="application/octet-stream")

    async def _put(self, path: str, request: web.Request) -> web.Response:
        if path.endswith("/"):
            for end in (at + 1 for at, letter in enumerate(path) if letter == "/" and at):
                self.files.setdefault(path[:end], (b"", time.time_ns()))
            return web.Response(status=201)
        parent = path[: path.rindex("/") + 1]
        if parent != "/" and parent not in self.files:
            return web.Response(status=404)
        known = path in self.files
        self.put(path, await request.read(), int(request.headers["X-Timestamp"]) * 1_000_000)
        if path == "/code.py":
            self._loop.create_task(self._run())
        return web.Response(status=204 if known else 201)

    def _delete(self, path: str) -> web.Response:
        gone = [one for one in self.files if one == path or one.startswith(path.rstrip("/") + "/")]
        for one in gone:
            del self.files[one]
        return web.Response(status=204 if gone else 404)

    def _move(self, path: str, to: str) -> web.Response:
        if to.rstrip("/") in self.files or to.rstrip("/") + "/" in self.files:
            return web.Response(status=412)
        moved = [
            one
            for one in self.files
            if one == path or (path.endswith("/") and one.startswith(path))
        ]
        for one in moved:
            self.files[to + one[len(path) :]] = self.files.pop(one)
        return web.Response(status=201 if moved else 404)

    async def _serial_socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        with self._typing:
            self._serial.add(socket)
            self._typing.notify_all()
        for text in ("\x1b]0;", "🐍", "127.0.0.1:8080 | code.py | 10.3.1", "\x1b\\"):
            await socket.send_str(text)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                with self._typing:
                    self.typed += message.data
                    self._typing.notify_all()
        self._serial.discard(socket)
        return socket

    def part(self) -> dict[str, Any]:
        """Return what the live view says of the sensor."""
        return {
            "name": "bme280",
            "kind": "bme280",
            "bus": "i2c1 address 0x77",
            "about": "temperature, humidity and pressure sensor",
            "knobs": [
                knob(name, "number", self.knobs[name], unit=unit, min=low, max=high, step=step)
                for name, (unit, low, high, step) in RANGES.items()
            ],
            "display": None,
        }

    def parts(self) -> list[dict[str, Any]]:
        """Return what the live view says of all parts."""
        oled = {"name": "oled", "kind": "ssd1306", "bus": "i2c1 address 0x3c", "about": None}
        button = {"name": "button", "kind": "button", "bus": "BUTTON", "about": None}
        switches = [knob("pressed", "button", False), knob("door_open", "bool", True)]
        return [
            self.part(),
            {**oled, "knobs": [], "display": picture()},
            {**button, "knobs": switches, "display": None},
        ]

    def use_buses(self) -> None:
        """Have the program use the buses a little."""
        self.tell({"type": "bus", "events": bus_events(), "dropped": 0})

    async def _live_socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._live.add(socket)
        for message in (
            state("code.py"),
            {"type": "pins", "pins": PINS},
            {"type": "parts", "parts": self.parts()},
        ):
            await socket.send_str(json.dumps(message))
        async for got in socket:
            if got.type == WSMsgType.TEXT:
                await self._turn(socket, got.data)
        self._live.discard(socket)
        return socket

    async def _turn(self, socket: web.WebSocketResponse, text: str) -> None:
        why = ""
        try:
            setting = json.loads(text)["set"]
        except (ValueError, KeyError, TypeError):
            why = "Not understood."
        else:
            _, low, high, _ = RANGES.get(setting["knob"], ("", None, None, 0))
            if low is not None and not low <= setting["value"] <= high:
                why = f"{setting['knob']} = {setting['value']} is not a number from {low} to {high}"
        if why:
            await socket.send_str(json.dumps({"type": "error", "text": why}))
            return
        self.knobs[setting["knob"]] = setting["value"]
        told = {"type": "part", "name": "bme280", "knobs": self.part()["knobs"]}
        await self._send(self._live, json.dumps(told))
        await self._send(
            self._serial, f"({self.knobs['temperature']}, {self.knobs['humidity']})\r\n"
        )


def bus_events() -> list[dict[str, Any]]:
    """Return some traffic between a program, a sensor and a display."""
    events: list[dict[str, Any]] = []
    for at in range(6):
        t_ns = 12_000_000_000 + at * 503_000_000
        read = {"bus": "I2C 1", "address": 0x77, "part": "bme280", "ok": True, "read": None}
        events.append({**read, "t_ns": t_ns, "write": "f425"})
        events.append({**read, "t_ns": t_ns + 900_000, "write": "f3", "read": "00"})
        events.append({**read, "t_ns": t_ns + 1_400_000, "write": "f7", "read": "51c4007f21005ca3"})
        shown = {"bus": "I2C 1", "address": 0x3C, "part": "oled", "ok": True, "read": None}
        events.append({**shown, "t_ns": t_ns + 2_100_000, "write": "40" + "00ff81a5" * 32})
    lost = {"bus": "I2C 1", "address": 0x29, "part": None, "ok": False, "write": "c0", "read": None}
    return [*events, {**lost, "t_ns": 15_500_000_000}]


def main() -> None:
    """Serve until Ctrl-C, for those who work on the page."""
    board = FakeBoard()
    board.start()
    print(f"{board.url} (no user name, password {PASSWORD})")
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)
            board.tell({"type": "bus", "events": bus_events(), "dropped": 0})


if __name__ == "__main__":
    main()
