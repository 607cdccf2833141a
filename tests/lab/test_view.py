"""The board view on a real kernel: what is on the buses, and lines that nobody holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.running import ROOT

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab

pytestmark = [pytest.mark.emulated, pytest.mark.slow, pytest.mark.feature("live view")]

LOOK = """
import json, mmap, os, socket, tempfile
from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.brokered_nodes import BrokeredNodes
from cpcompat.backends.linux.line_broker import LinuxBroker
from cpcompat.board.detect import definition
from tests.fakes.launching import Launcher
from tests.lab.guest.pins import Pins

board, hand = definition("raspberry_pi_3b"), Pins()
broker = LinuxBroker(board, {"drive": "/d", "folder": tempfile.mkdtemp(), "safe": {}}, Launcher())
looker = socket.socket(fileno=broker.look())

def news():
    looker.send(b'["news"]')
    return json.loads(looker.recv(100_000)[1:])

hand.drive(22, True)
selects = hand._registers[:24]
first = news()["pins"]
unchanged = hand._registers[:24] == selects
program = LinuxBackend(board, BrokeredNodes(broker.grant()[1][0]))
answer = bytearray(2)
program.i2c(board.i2c[0], 100_000).transfer(0x48, b"\\x03", answer)
print(json.dumps([first["GPIO22"]["level"], first["GPIO23"]["level"], first["GPIO2"]["function"],
                  unchanged, news()["events"]]), flush=True)
os._exit(0)
"""


def test_free_lines_and_bus_traffic_are_told_and_no_function_select_changes(lab: Lab) -> None:
    """The thermometer's register, with its address and bytes; the registers are as they were."""
    files = lab.files({"look.py": LOOK})
    files["tests/fakes"] = ROOT / "tests" / "fakes"
    with lab.pi() as pi:
        ended = pi.run(lab.command("PYTHONPATH=$PYTHONPATH:/job python3 look.py"), files)
    assert ended.status == 0, ended.out + ended.err
    high, low, function, unchanged, (event,) = json.loads(ended.out.splitlines()[-1])
    assert (high, low, function, unchanged) == (1, 0, "SDA1", True)
    assert (event["bus"], event["address"], event["ok"]) == ("I2C 1", 0x48, True)
    assert (event["write"], event["read"]) == ("03", "5000")
