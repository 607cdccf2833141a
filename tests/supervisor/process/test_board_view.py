"""The board for those who look on: what is put together, and that nobody pays for it who does not look."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.board.detect import definition
from cpcompat.hal import claim_sheet
from cpcompat.hal.claims import Claim, Claims
from cpcompat.hal.viewing import FURTHER, MOST, PACKET, Answers, Parcel
from cpcompat.supervisor.process import board_view
from cpcompat.supervisor.process.board_view import BoardView
from cpcompat.supervisor.process.pin_words import PinWords
from cpcompat.supervisor.process.states import Memory, State
from cpcompat.supervisor.process.view_link import ViewLink
from cpcompat.vm.claim_sheet import ClaimSheet

pytestmark = [pytest.mark.feature("live view"), pytest.mark.simulated]

BOARD = definition("sim")
PINS = list(BOARD.pins)


# The sheet of claims.


def test_who_holds_a_pin_is_read_from_outside(tmp_path: Path) -> None:
    """As long as it is held, and no longer."""
    path = tmp_path / "claims"
    path.write_bytes(b"an earlier program's")
    claims = Claims()
    claims.told = ClaimSheet(str(path), BOARD).note
    claims.take([BOARD.names["D4"], BOARD.names["LED"]], "digitalio.DigitalInOut")
    held = claim_sheet.read(path.read_bytes(), PINS)
    assert list(held) == ["GPIO4", "LED"]
    assert held["LED"].startswith("digitalio.DigitalInOut, ")
    claims.release([BOARD.names["D4"], BOARD.names["D5"]])
    assert list(claim_sheet.read(path.read_bytes(), PINS)) == ["LED"]
    claims.clear()
    assert claim_sheet.read(path.read_bytes(), PINS) == {}


def test_a_fork_of_the_program_notes_nothing(tmp_path: Path) -> None:
    """It has no board."""
    path = tmp_path / "claims"
    sheet = ClaimSheet(str(path), BOARD)
    pid = os.fork()
    if pid == 0:
        sheet.note(BOARD.names["D4"], Claim("x", "code.py", 1))
        os._exit(0)
    os.waitpid(pid, 0)
    assert path.read_bytes() == b""


def test_a_sheet_that_cannot_be_written_holds_no_program_up(tmp_path: Path) -> None:
    """Nobody sees the holders, and that is all."""
    ClaimSheet(str(tmp_path / "no" / "folder"), BOARD).note(BOARD.names["D4"], None)
    sheet = ClaimSheet(str(tmp_path / "claims"), BOARD)
    os.close(sheet._file)
    sheet.note(BOARD.names["D4"], Claim("x", "code.py", 1))
    sheet.note(BOARD.names["D4"], None)


@given(st.text(max_size=300), st.text(max_size=300), st.integers(1, 10**9))
def test_a_slot_has_one_length_whatever_is_in_it(holder: str, file: str, line: int) -> None:
    """And what is read from it can be shown."""
    slot = claim_sheet.slot(Claim(holder, file, line))
    assert len(slot) == claim_sheet.SLOT
    assert all(text.isprintable() for text in claim_sheet.read(slot, ["A"]).values())


@given(st.binary(max_size=1000))
def test_a_program_may_write_anything_into_its_sheet(data: bytes) -> None:
    """No more is read than the board has pins."""
    held = claim_sheet.read(data, PINS)
    assert set(held) <= set(PINS)
    assert all(text.isprintable() and len(text) <= claim_sheet.SLOT for text in held.values())


@pytest.mark.parametrize("kind", ["none", "folder", "pipe", "link", "huge"])
def test_what_stands_in_a_sheet_s_place_does_not_stop_the_supervisor(
    tmp_path: Path, kind: str
) -> None:
    """A pipe would be waited for, a link led elsewhere."""
    path = tmp_path / "claims"
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * 100)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(secret)
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(2**40)
    assert len(board_view._sheet(str(path), 1000)) == (1000 if kind == "huge" else 0)


# Words.


@pytest.mark.parametrize(
    ("pin", "hardware", "holder", "function", "direction"),
    [
        ("GPIO4", {"direction": "input"}, None, None, None),
        ("GPIO4", {"direction": "output"}, None, None, "output"),
        ("GPIO4", {"direction": "input"}, "digitalio.DigitalInOut, code.py:3", "digital", "input"),
        ("GPIO2", {"direction": "input"}, "busio.I2C, code.py:3", "I2C SDA", None),
        ("GPIO3", {"direction": "input"}, "busio.I2C, code.py:3", "I2C SCL", None),
        ("GPIO11", {}, "busio.SPI, code.py:3", "SPI SCK", None),
        ("GPIO10", {}, "busio.SPI, code.py:3", "SPI MOSI", None),
        ("GPIO21", {}, "busio.SPI, code.py:3", "SPI SCK", None),
        ("GPIO15", {}, "busio.UART, code.py:3", "UART RX", None),
        ("GPIO16", {}, "busio.UART, code.py:3", "UART", None),
        ("LED", {"function": "PWM"}, "pwmio.PWMOut, code.py:3", "PWM", None),
        ("LED", {"function": "PWM"}, None, "PWM", None),
        ("A0", {}, "analogio.AnalogIn, code.py:3", "analog in", None),
        ("GPIO5", {"direction": "input"}, "countio.Counter, code.py:3", "Counter", None),
    ],
)
def test_a_pin_s_function_follows_from_who_holds_it(
    pin: str, hardware: dict[str, Any], holder: str | None, function: str, direction: str
) -> None:
    """Which wire of a bus it is says the board."""
    state = PinWords(BOARD).of(pin, {"level": 1, "pull": None, **hardware}, holder)
    assert (state["function"], state["direction"]) == (function, direction)
    assert (state["holder"], state["level"]) == (holder, 1)


def test_who_holds_a_line_besides_the_program_says_the_kernel() -> None:
    """The program's own claim says more, and counts."""
    hardware = {"direction": "output", "holder": "spi0 CS0"}
    words = PinWords(BOARD)
    assert words.of("GPIO8", hardware, None)["holder"] == "spi0 CS0"
    assert words.of("GPIO8", hardware, "x.Y, a.py:1")["holder"] == "x.Y, a.py:1"


# Packets.


@given(st.integers(0, 300_000))
def test_an_answer_of_any_length_comes_in_packets(size: int) -> None:
    """Each is asked for; none is longer than a socket takes."""
    answers, parcel = Answers(), Parcel()
    question, taken = b'["news"]', None
    while taken is None:
        packet = answers.to(question, lambda asked: {"text": "x" * size, "asked": asked})
        assert len(packet) <= PACKET + 1
        taken, question = parcel.take(packet), FURTHER
    assert taken == {"text": "x" * size, "asked": ["news"]}


def test_an_answer_without_end_is_not_taken() -> None:
    """On neither side."""
    answers, parcel = Answers(), Parcel()
    assert b"too long" in answers.to(b"[]", lambda asked: {"text": "x" * MOST})
    with pytest.raises(ValueError, match="too long"):
        for _ in range(MOST // PACKET + 2):
            parcel.take(b"+" + b"x" * PACKET)


# The view.


class Circuit:
    """The other end: counts what it is asked, and answers when it is told to."""

    def __init__(self) -> None:
        self.looks = 0
        self.asked: list[Any] = []
        self.end: socket.socket | None = None

    def look(self) -> int:
        """See `Broker`."""
        self.looks += 1
        self.end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.end.setblocking(False)
        return theirs.detach()

    async def hears(self) -> Any:
        """Wait for the next question."""
        assert self.end is not None
        data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.end, 9999), 10)
        return json.loads(data) if data else None

    def says(self, answer: dict[str, Any]) -> None:
        """Answer."""
        assert self.end is not None
        self.end.send(b"." + json.dumps(answer).encode())


class Onlooker:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def take(self, message: dict[str, Any]) -> None:
        """See `board_view.Onlooker.take`."""
        self.told.put_nowait(message)

    async def hears(self, kind: str) -> dict[str, Any]:
        """Wait for the next message of a kind."""
        while True:
            message = await asyncio.wait_for(self.told.get(), 10)
            if message["type"] == kind:
                return message


def supervisor(circuit: Circuit, claims: Path) -> Any:
    """Return what of a supervisor a view needs."""
    claims.write_bytes(b"")
    return SimpleNamespace(
        options=SimpleNamespace(board=BOARD),
        stages=SimpleNamespace(
            look=circuit.look,
            says=SimpleNamespace(field="code.py"),
            light=SimpleNamespace(pins=(BOARD.names["LED"],)),
        ),
        listeners=[],
        state=State.CODE,
        memory=Memory(),
        program=SimpleNamespace(begin=SimpleNamespace(file="code.py"), reaped=False),
        facts={"claims_path": str(claims)},
    )


def test_nothing_is_asked_while_nobody_looks(tmp_path: Path) -> None:
    """Not before the first comes; when the last has gone, the connection ends."""

    async def play() -> None:
        circuit = Circuit()
        up = supervisor(circuit, tmp_path / "claims")
        view = BoardView(up)
        assert (circuit.looks, up.listeners) == (0, [])
        one, other = Onlooker(), Onlooker()
        view.add(one)
        view.add(other)
        assert circuit.looks == 1
        assert await circuit.hears() == ["news"]
        view.remove(one)
        view.remove(one)
        assert up.listeners
        view.remove(other)
        assert up.listeners == []
        assert await circuit.hears() is None

    asyncio.run(play())


def test_a_circuit_that_is_slow_is_not_asked_again_before_it_has_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it was time meanwhile: nothing piles up that it would have to answer then."""
    monkeypatch.setattr(board_view, "TICK_S", 1000.0)

    async def play() -> None:
        circuit, onlooker = Circuit(), Onlooker()
        view = BoardView(supervisor(circuit, tmp_path / "claims"))
        view.add(onlooker)
        assert await circuit.hears() == ["news"]
        for _ in range(5):
            view._tick()
        circuit.says({"pins": {}, "events": [], "dropped": 0, "parts": []})
        await onlooker.hears("parts")
        with pytest.raises(BlockingIOError):
            assert circuit.end is not None
            circuit.end.recv(100)
        view._tick()
        assert await circuit.hears() == ["news"]
        view.close()

    asyncio.run(play())


def test_who_comes_later_hears_everything_and_then_what_changes(tmp_path: Path) -> None:
    """State, pins with their holders, parts; one question serves all."""

    async def play() -> None:
        circuit, first, second = Circuit(), Onlooker(), Onlooker()
        claims = tmp_path / "claims"
        up = supervisor(circuit, claims)
        view = BoardView(up)
        view.add(first)
        await circuit.hears()
        ClaimSheet(str(claims), BOARD).note(
            BOARD.names["D4"], Claim("digitalio.DigitalInOut", "code.py", 3)
        )
        pin = {"direction": "output", "level": 1, "pull": None, "function": None}
        part = {"name": "bme280", "knobs": [{"name": "t", "value": 1}], "display": None}
        told = {"GPIO4": pin, "LED": pin}
        circuit.says({"pins": told, "events": [], "dropped": 0, "parts": [part]})
        pins = (await first.hears("pins"))["pins"]
        assert pins["LED"]["holder"] == "the status light"
        state = pins["GPIO4"]
        assert state == {
            **{"function": "digital", "direction": "output", "level": 1, "pull": None},
            "holder": "digitalio.DigitalInOut, code.py:3",
        }
        assert (await first.hears("parts"))["parts"] == [part]
        view.add(second)
        assert (await second.hears("state"))["running"] == "code.py"
        assert (await second.hears("pins"))["pins"] == pins
        assert (await second.hears("parts"))["parts"] == [part]
        await circuit.hears()
        event = {"bus": "I2C 1"}
        changed = {"name": "bme280", "knobs": [{"name": "t", "value": 2}]}
        circuit.says({"pins": {}, "events": [event], "dropped": 3, "parts": [changed]})
        for one in (first, second):
            assert await one.hears("bus") == {"type": "bus", "events": [event], "dropped": 3}
            assert await one.hears("part") == {"type": "part", **changed}
        view.close()

    asyncio.run(play())


def test_a_circuit_that_has_died_is_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parts are told anew, all of them."""
    monkeypatch.setattr(board_view, "_AGAIN_S", 0.0)

    async def play() -> None:
        circuit, onlooker = Circuit(), Onlooker()
        view = BoardView(supervisor(circuit, tmp_path / "claims"))
        view.add(onlooker)
        assert circuit.end is not None
        circuit.end.close()
        while circuit.looks < 2:
            await asyncio.sleep(0)
        await circuit.hears()
        circuit.says({"pins": {}, "events": [], "dropped": 0, "parts": [{"name": "x"}]})
        assert (await onlooker.hears("parts"))["parts"] == [{"name": "x"}]
        view.close()

    asyncio.run(play())


def test_a_knob_that_is_refused_is_told_to_who_turned_it_and_shown_as_it_is(tmp_path: Path) -> None:
    """To all others it goes on as before."""

    async def play() -> None:
        circuit, onlooker = Circuit(), Onlooker()
        view = BoardView(supervisor(circuit, tmp_path / "claims"))
        refused: list[str] = []
        view.turn("x", "t", 1, refused.append)
        assert refused == ["The simulated parts do not answer now."]
        view.add(onlooker)
        await circuit.hears()
        part = {"name": "x", "knobs": [{"name": "t", "value": 1}]}
        circuit.says({"pins": {}, "events": [], "dropped": 0, "parts": [part]})
        await onlooker.hears("parts")
        view.turn("x", "t", 99, refused.append)
        while await circuit.hears() != ["set", "x", "t", 99]:
            circuit.says({"pins": {}, "events": [], "dropped": 0})
        circuit.says({"error": "99 is too much"})
        assert (await onlooker.hears("part"))["knobs"] == part["knobs"]
        assert refused[1:] == ["99 is too much"]
        view.close()

    asyncio.run(play())


def test_so_many_questions_wait_and_no_more() -> None:
    """Nor is one asked that is too long; what is no answer ends the connection."""

    async def play() -> None:
        gone = asyncio.Event()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        link = ViewLink(theirs.detach(), gone.set)
        taken = [link.ask(["news"], lambda answer: None) for _ in range(200)]
        assert 10 < sum(taken) < 100
        assert not taken[-1]
        assert not link.ask(["set", "x" * 10_000], lambda answer: None)
        ours.send(b"no answer")
        await asyncio.wait_for(gone.wait(), 10)
        assert not link.ask(["news"], lambda answer: None)
        ours.close()

    asyncio.run(play())


def test_a_board_without_a_view_of_its_hardware_still_shows_holders(tmp_path: Path) -> None:
    """A backend of somebody's own need not have it."""

    async def play() -> None:
        claims = tmp_path / "claims"
        up = supervisor(Circuit(), claims)
        up.stages.look = lambda: None
        ClaimSheet(str(claims), BOARD).note(BOARD.names["D4"], Claim("pwmio.PWMOut", "code.py", 3))
        onlooker, view = Onlooker(), BoardView(cast("Any", up))
        view.add(onlooker)
        assert (await onlooker.hears("parts"))["parts"] == []
        assert (await onlooker.hears("pins"))["pins"]["GPIO4"]["function"] == "PWM"
        view.close()

    asyncio.run(play())
