"""Looking at real lines: what the kernel tells of them, without a request of our own."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from cpcompat.hal.gpio import Direction, Drive, Pull
from cpcompat.hal.viewing import FURTHER, PACKET, Parcel
from tests.backends.linux.test_broker import BOARD, Bench, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("live view"), pytest.mark.shim]


@pytest.fixture
def bench(world: World, tmp_path: Path) -> Iterator[Bench]:
    """Start a broker and begin a program."""
    made = Bench(tmp_path, {})
    yield made
    made.close()


class Looker:
    """Somebody who looks at the board."""

    def __init__(self, bench: Bench) -> None:
        self.end = socket.socket(fileno=bench.broker.look())
        self.end.settimeout(10)

    def asks(self, *question: Any) -> dict[str, Any]:
        """Ask, and return the answer."""
        parcel, answer, data = Parcel(), None, json.dumps(question).encode()
        while answer is None:
            self.end.send(data)
            answer, data = parcel.take(self.end.recv(PACKET + 1)), FURTHER
        return answer


def test_lines_are_told_as_the_kernel_has_them_and_then_as_they_change(
    world: World, bench: Bench
) -> None:
    """Direction, pull, and the level of what a program has requested."""
    looker = Looker(bench)
    first = looker.asks("news")
    assert first["parts"] == []
    assert set(first["pins"]) == {pin.name for pin in BOARD.pins.values() if pin.id >= 0}
    assert first["pins"]["GPIO17"]["level"] is None, "nobody has requested it"
    assert looker.asks("news") == {"pins": {}, "events": [], "dropped": 0}
    (line,) = bench.drive("D17")
    button = bench.program.line(BOARD.names["D18"])
    button.configure(Direction.INPUT, Pull.UP, Drive.PUSH_PULL, False)
    pins = looker.asks("news")["pins"]
    assert pins["GPIO17"] == {
        **{"direction": "output", "level": 1, "pull": None, "function": None, "holder": None}
    }
    assert (pins["GPIO18"]["direction"], pins["GPIO18"]["pull"]) == ("input", "up")
    line.write(False)
    assert looker.asks("news")["pins"]["GPIO17"]["level"] == 0


def test_looking_disturbs_no_line(world: World, bench: Bench) -> None:
    """Nothing is requested and nothing set."""
    bench.drive("D17")
    looker = Looker(bench)
    start = world.mark()
    for _ in range(3):
        looker.asks("news")
    assert {call.op for call in world.calls(start)} <= {"lineinfo", "get_values"}
    assert world.driven() == ["GPIO17"]


def test_a_real_part_has_no_knob(bench: Bench) -> None:
    """It is turned by hand; and what is not understood is said to be."""
    looker = Looker(bench)
    assert looker.asks("set", "x", "y", 1) == {"error": "This board is real: turn the part itself."}
    assert looker.asks("what") == {"error": "not understood"}


def test_lines_are_made_safe_while_somebody_looks(world: World, bench: Bench) -> None:
    """Also when supervisor and zygote are dead, and who looked leaves with them."""
    gone, looker = Looker(bench), Looker(bench)
    gone.asks("news")
    gone.end.close()
    (line,) = bench.drive("D17")
    looker.asks("news")
    bench.broker.close()
    wait_for(lambda: not world.driven())
    looker.end.close()
    for _ in range(3):
        line.configure(Direction.OUTPUT, Pull.NONE, Drive.PUSH_PULL, True)
        wait_for(lambda: not world.driven())
    bench.die()
    bench.launcher.close()
