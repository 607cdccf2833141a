"""Looking at a circuit from another process: what is told, what is not, and what it costs."""

from __future__ import annotations

import base64
import json
import socket
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat.backends.sim.bus_events import MOST_BYTES, MOST_EVENTS
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.nets import INPUT, PUSH_PULL
from cpcompat.backends.sim.part import Channel, I2cPart, Image
from cpcompat.backends.sim.parts.bme280 import Bme280
from cpcompat.backends.sim.parts.mcp3008 import Mcp3008
from cpcompat.backends.sim.parts.ssd1306 import Ssd1306
from cpcompat.backends.sim.parts.ws2812 import Ws2812
from cpcompat.backends.sim.readers import Readers
from cpcompat.backends.sim.view import View
from cpcompat.board.detect import definition
from cpcompat.hal.errors import HalError
from cpcompat.hal.gpio import Pull
from cpcompat.hal.viewing import FURTHER, PACKET, Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.feature("live view"), pytest.mark.simulated]


class Odd(I2cPart):
    """A part of a user's own, with every kind of knob, that fails when it is told to."""

    addresses = (0x10,)
    address = 0x10
    about = "odd"
    level = Channel(1.5)
    count = Channel(3, low=0, high=9)
    door_open = Channel(default=False)
    mode = Channel("slow", choices=("slow", "fast"))
    title = Channel("x")

    def turned(self, channel: str) -> None:
        """Fail at 7."""
        if self.count == 7:
            raise RuntimeError("seven")

    def image(self) -> Image | None:
        """Return a picture that is longer than a packet; at 8 fail."""
        if self.count == 8:
            raise RuntimeError("eight")
        return Image(200, 200, "RGB", bytes(range(200)) * 600)


class Looker:
    """Who looks: one end of a connection, and the circuit's readers by hand."""

    def __init__(self, circuit: Circuit) -> None:
        self.readers = Readers()
        self.end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.end.settimeout(10)
        self.packets = 0
        self.view = View(circuit, theirs, self.readers)

    def asks(self, *question: Any) -> dict[str, Any]:
        """Ask, and return the whole answer."""
        return self.sends(json.dumps(question).encode())

    def sends(self, data: bytes) -> dict[str, Any]:
        """Send bytes as a question, and return the whole answer."""
        parcel, answer = Parcel(), None
        while answer is None:
            self.end.send(data)
            self.readers.serve(10)
            packet = self.end.recv(PACKET + 2)
            assert len(packet) <= PACKET + 1
            self.packets += 1
            answer, data = parcel.take(packet), FURTHER
        return answer


@pytest.fixture
def circuit() -> Circuit:
    """A board with parts on each kind of bus."""
    made = Circuit(definition("sim"), VirtualClock())
    made.add_i2c(Bme280(), name="bme280")
    made.add_i2c(Ssd1306(), name="oled")
    made.add_spi(Mcp3008(), "CE0", name="adc")
    made.pull("D5", Pull.UP)
    return made


@pytest.fixture
def looker(circuit: Circuit) -> Iterator[Looker]:
    """Somebody who looks at it."""
    made = Looker(circuit)
    yield made
    made.view.close()
    made.end.close()


def part(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what an answer says of a part."""
    return next(one for one in answer["parts"] if one["name"] == name)


def test_all_pins_are_told_once_and_then_those_that_changed(
    circuit: Circuit, looker: Looker
) -> None:
    """With direction, level, pull, and what the chip does at the pin."""
    first = looker.asks("news")["pins"]
    assert list(first) == list(circuit.board.pins)
    assert first["GPIO4"] == {"direction": "input", "level": 0, "pull": None, "function": None}
    assert looker.asks("news")["pins"] == {}
    circuit.configure(circuit.terminal("D4"), PUSH_PULL, value=True)
    circuit.configure(circuit.terminal("D6"), INPUT, pull=1)
    circuit.pulse(circuit.terminal("LED"), 1000, 20000)
    changed = looker.asks("news")["pins"]
    assert sorted(changed) == ["GPIO4", "GPIO6", "LED"]
    assert changed["GPIO4"] == {
        "direction": "output",
        "level": 1,
        "pull": None,
        "function": None,
    }
    assert (changed["GPIO6"]["level"], changed["GPIO6"]["pull"]) == (1, "up")
    assert (changed["LED"]["level"], changed["LED"]["function"]) == (None, "PWM")


def test_bus_traffic_has_address_bytes_and_the_part_s_name(
    circuit: Circuit, looker: Looker
) -> None:
    """And whether anybody answered; of long messages the beginning and the size."""
    looker.asks("news")
    wire = circuit.i2cs[1]
    wire.transfer(100_000, 0x77, b"\xd0", 1)
    with pytest.raises(HalError):
        wire.transfer(100_000, 0x29, b"\x01", None)
    wire.transfer(100_000, 0x3C, b"\x40" + bytes(1024), None)
    circuit.drive("CE0", False)
    circuit.spis[0].transfer(1_000_000, 0, b"\x01\x80\x00")
    circuit.uarts[0].write(b"hi")
    news = looker.asks("news")
    told = [{k: v for k, v in event.items() if k != "t_ns"} for event in news["events"]]
    assert news["dropped"] == 0
    assert told[0] == {
        **{"bus": "I2C 1", "address": 0x77, "part": "bme280", "ok": True},
        **{"write": "d0", "read": "60"},
    }
    assert told[1] == {
        **{"bus": "I2C 1", "address": 0x29, "part": None, "ok": False},
        **{"write": None, "read": None},
    }
    assert (told[2]["part"], told[2]["write_size"]) == ("oled", 1025)
    assert told[2]["write"] == ("40" + "00" * 1024)[: 2 * MOST_BYTES]
    assert (told[3]["bus"], told[3]["address"], told[3]["part"]) == ("SPI 0", "GPIO8", "adc")
    assert (told[3]["write"], len(told[3]["read"])) == ("018000", 6)
    assert (told[4]["bus"], told[4]["write"], told[4]["read"]) == ("UART 0", "6869", None)
    times = [event["t_ns"] for event in news["events"]]
    assert times == sorted(times)


def test_what_goes_by_too_fast_is_counted(circuit: Circuit, looker: Looker) -> None:
    """The last ones are told; nothing grows with the number."""
    looker.asks("news")
    for number in range(1000):
        circuit.i2cs[1].transfer(100_000, 0x77, bytes([number & 0xFF]), None)
    news = looker.asks("news")
    assert len(news["events"]) == MOST_EVENTS
    assert news["dropped"] == 1000 - MOST_EVENTS
    assert news["events"][-1]["write"] == f"{999 & 0xFF:02x}"
    assert looker.asks("news")["events"] == []


def test_nothing_is_gathered_before_somebody_looks_nor_afterwards(circuit: Circuit) -> None:
    """The circuit has the queue that it had."""
    before = circuit.traffic
    assert type(before) is deque
    looker = Looker(circuit)
    circuit.i2cs[1].transfer(100_000, 0x77, b"\xd0", 1)
    assert circuit.traffic is not before
    looker.end.close()
    looker.readers.serve(10)
    assert circuit.traffic is before
    assert before[-1].time_ns >= 0
    assert len(before) == 1


def test_parts_are_told_with_their_knobs_and_then_what_changed(
    circuit: Circuit, looker: Looker
) -> None:
    """Values, units, ranges, and steps that a slider can go by."""
    first = looker.asks("news")
    names = [one["name"] for one in first["parts"]]
    assert names == ["bme280", "oled", "adc", "D5", "BUTTON", "analog inputs"]
    sensor = part(first, "bme280")
    assert (sensor["kind"], sensor["bus"]) == ("bme280", "i2c1 address 0x77")
    assert sensor["knobs"][0] == {
        **{"name": "temperature", "type": "number", "value": 21.0, "unit": "°C"},
        **{"min": -40, "max": 85, "step": 0.1, "choices": None, "about": "of the air"},
    }
    assert "parts" not in looker.asks("news")
    assert looker.asks("set", "bme280", "temperature", 30) == {}
    news = looker.asks("news")
    assert [one["name"] for one in news["parts"]] == ["bme280"]
    assert part(news, "bme280")["knobs"][0]["value"] == 30.0
    assert circuit.parts["bme280"].part.temperature == 30.0  # type: ignore[attr-defined]


def test_buttons_and_voltages_are_knobs_too(circuit: Circuit, looker: Looker) -> None:
    """Where a pin has a resistor, and at the board's own button and analog inputs."""
    looker.asks("news")
    circuit.configure(circuit.terminal("BUTTON"), INPUT, pull=1)
    assert looker.asks("set", "BUTTON", "pressed", True) == {}
    assert circuit.level("BUTTON") is False
    assert part(looker.asks("news"), "BUTTON")["knobs"][0]["value"] is True
    assert looker.asks("set", "BUTTON", "pressed", False) == {}
    assert circuit.level("BUTTON") is True
    assert looker.asks("set", "D5", "pressed", True) == {}
    assert circuit.level("D5") is False
    assert looker.asks("set", "analog inputs", "A1", 1.65) == {}
    assert circuit.analog("A1") == 32768
    assert part(looker.asks("news"), "analog inputs")["knobs"][1]["value"] == 1.65


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        (("bme280", "temperature", 90), "temperature = 90.0 is not a number from -40 to 85 °C"),
        (("bme280", "temperature", "hot"), "temperature = 'hot' is not a number"),
        (("bme280", "temperature", True), "temperature = True is not a number"),
        (("bme280", "temperature", 10**400), "is not a number from -40"),
        (("bme280", "temperature", float("nan")), "temperature = nan is not a number"),
        (("bme280", "values", 1), "no channel 'values' It has: temperature, humidity, pressure."),
        (("bme", "temperature", 1), "no part 'bme' The circuit has: bme280, oled, adc"),
        ((["bme280"], "temperature", 1), "no part ['bme280']"),
        (("BUTTON", "pressed", 1), "pressed = 1 is not pressed = true or false"),
        (("analog inputs", "A1", 3.4), "A1 = 3.4 is not a number from 0 to 3.3 V"),
        (("analog inputs", "A1", float("nan")), "A1 = nan is not a number"),
        (("analog inputs", "A9", 1), "no input 'A9'"),
    ],
)
def test_a_knob_that_cannot_be_turned_so_says_why(
    looker: Looker, setting: tuple[Any, ...], why: str
) -> None:
    """And what would be right; nothing changes."""
    looker.asks("news")
    assert why in looker.asks("set", *setting)["error"]
    assert "parts" not in looker.asks("news")


@pytest.mark.parametrize(
    "question",
    [b"", b"x", b"{}", b"null", b'["news", 1]', b'["set"]', b"[" * 2000, b"\xff", b'["?"]'],
)
def test_what_is_no_question_does_not_end_the_view(looker: Looker, question: bytes) -> None:
    """It is not understood, and the next one is answered."""
    if question:
        assert "error" in looker.sends(question)
    assert looker.asks("news")["pins"]


def test_every_kind_of_knob_has_a_type(circuit: Circuit) -> None:
    """A number without an end has none, a whole one goes by ones, a choice has its choices."""
    circuit.add_i2c(Odd(), name="odd")
    looker = Looker(circuit)
    knobs = {knob["name"]: knob for knob in part(looker.asks("news"), "odd")["knobs"]}
    assert [knob["type"] for knob in knobs.values()] == [
        *("number", "integer", "bool", "choice", "text")
    ]
    assert (knobs["level"]["min"], knobs["level"]["step"]) == (None, None)
    assert (knobs["count"]["step"], knobs["count"]["max"]) == (1.0, 9)
    assert knobs["mode"]["choices"] == ["slow", "fast"]
    assert "is not a number" in looker.asks("set", "odd", "level", float("inf"))["error"]
    looker.view.close()


def test_a_part_that_fails_takes_nobody_along(circuit: Circuit) -> None:
    """Neither when a knob is turned nor when its picture is taken; the failure is told."""
    odd = Odd()
    circuit.add_i2c(odd, name="odd")
    looker = Looker(circuit)
    first = part(looker.asks("news"), "odd")["display"]
    assert (first["width"], first["format"]) == (200, "rgb")
    assert len(base64.b64decode(first["data"])) == 120_000
    assert looker.packets > 3, "a long answer comes in packets"
    assert looker.asks("set", "odd", "count", 7)["error"] == "the part failed: RuntimeError: seven"
    looker.asks("set", "odd", "count", 8)
    looker.view._pictures["odd"] = (0.0, -1, 0)
    assert part(looker.asks("news"), "odd")["knobs"][1]["value"] == 8
    looker.view.close()


def test_a_display_is_told_when_it_was_written_to(circuit: Circuit, looker: Looker) -> None:
    """As brightness, a byte a pixel; between two pictures a while passes."""
    dark = part(looker.asks("news"), "oled")["display"]
    assert (dark["width"], dark["height"], dark["format"]) == (128, 64, "grey")
    assert set(base64.b64decode(dark["data"])) == {0}
    for command in (b"\x00\xaf", b"\x00\x8d\x14", b"\x00\xa5"):
        circuit.i2cs[1].transfer(400_000, 0x3C, command, None)
    assert "parts" not in looker.asks("news"), "too soon"
    looker.view._pictures["oled"] = (0.0, 0, 0)
    lit = part(looker.asks("news"), "oled")
    assert "knobs" not in lit
    assert min(base64.b64decode(lit["display"]["data"])) > 55


def test_pixels_in_a_chain_are_a_picture_of_one_row(circuit: Circuit) -> None:
    """Looked at each time: they are few, and go over no bus."""
    circuit.add_pixels(Ws2812(2), "D18", name="light")
    looker = Looker(circuit)
    dark = part(looker.asks("news"), "light")["display"]
    assert (dark["width"], dark["height"], dark["format"]) == (2, 1, "rgb")
    circuit.send_pixels(circuit.board.names["D18"], bytes([1, 2, 3, 4, 5, 6]))
    lit = part(looker.asks("news"), "light")["display"]
    assert base64.b64decode(lit["data"]) == bytes([2, 1, 3, 5, 4, 6])
    looker.view.close()


def test_a_second_one_who_looks_takes_the_first_one_s_place() -> None:
    """The supervisor looks once, however many look at it."""
    circuit = Circuit(definition("sim"), VirtualClock())
    before = circuit.traffic
    first = Looker(circuit)
    first.view.close()
    first.view.close()
    assert first.end.recv(10) == b""
    second = Looker(circuit)
    assert second.asks("news")["pins"]
    second.view.close()
    assert circuit.traffic is before
