"""Programs on a clock of the board's own: waiting costs nothing, and tasks take turns in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import CodePyRuns, Write

pytestmark = [pytest.mark.feature("virtual time"), pytest.mark.simulated]


def test_sleep_moves_the_boards_clock_and_no_other(code_py_runs: CodePyRuns) -> None:
    """An hour passes at once, for `monotonic` and for the date alike."""
    outcome = code_py_runs(
        "import time\nt, m, n = time.time(), time.monotonic(), time.monotonic_ns()\n"
        "time.sleep(3600)\n"
        "print(time.time() - t, time.monotonic() - m, time.monotonic_ns() - n)",
        clock="virtual",
    )
    assert outcome.lines == ["3600 3600.0 3600000000000"]
    assert outcome.real_s < 30


BLINK_AND_KEYS = """
import asyncio, board, digitalio
led = digitalio.DigitalInOut(board.LED)
led.switch_to_output()
button = digitalio.DigitalInOut(board.BUTTON)
button.switch_to_input(digitalio.Pull.UP)
start = asyncio.new_event_loop().time()

async def blink():
    for _ in range(4):
        led.value = not led.value
        print("led", led.value)
        await asyncio.sleep(0.5)

async def keys():
    was = True
    for _ in range(200):
        now = button.value
        if was and not now:
            print("pressed")
        was = now
        await asyncio.sleep(0.01)

async def main():
    await asyncio.gather(blink(), keys())

asyncio.run(main())
"""


def test_two_asyncio_tasks_blink_and_read_keys(code_py_runs: CodePyRuns, write: Write) -> None:
    """Two seconds of the board, in the right order, in no time of ours."""
    write(
        "sim.toml",
        '[[input]]\npin = "BUTTON"\nevents = [[5_700_000_000, false], [5_900_000_000, true]]\n',
    )
    outcome = code_py_runs(BLINK_AND_KEYS, clock="virtual")
    assert outcome.lines == ["led True", "led False", "pressed", "led True", "led False"]
    assert 2.0 <= outcome.virtual_s < 2.1


def test_a_timeout_of_asyncio_comes_in_virtual_time(code_py_runs: CodePyRuns) -> None:
    """`wait_for` gives up when the board's clock says so."""
    outcome = code_py_runs(
        "import asyncio, time\nasync def main():\n    t = time.monotonic()\n"
        "    try:\n        await asyncio.wait_for(asyncio.Event().wait(), 20)\n"
        "    except asyncio.TimeoutError:\n        print(round(time.monotonic() - t, 3))\n"
        "asyncio.run(main())",
        clock="virtual",
    )
    assert outcome.lines == ["20.0"]
    assert outcome.real_s < 15


def test_what_is_ready_to_read_comes_before_time_passes(code_py_runs: CodePyRuns) -> None:
    """A loop that waits for a file and for a time sees the file first."""
    outcome = code_py_runs(
        "import asyncio, socket\nasync def main():\n    a, b = socket.socketpair()\n"
        "    a.setblocking(False)\n    b.sendall(b'here')\n"
        "    loop = asyncio.get_running_loop()\n    t = loop.time()\n"
        "    print(await asyncio.wait_for(loop.sock_recv(a, 4), 60), loop.time() - t)\n"
        "asyncio.run(main())",
        clock="virtual",
    )
    assert outcome.lines == ["b'here' 0.0"]


def test_the_bme280_driver_waits_on_the_boards_clock(
    code_py_runs: CodePyRuns, write: Write
) -> None:
    """The unmodified driver from PyPI: its pauses and its transfers cost virtual time only."""
    write("sim.toml", '[[i2c]]\npart = "bme280"\naddress = 0x77\ntemperature = 23.5\n')
    outcome = code_py_runs(
        "import board\nfrom adafruit_bme280 import basic as adafruit_bme280\n"
        "import adafruit_bme280 as package, time\n"
        "sensor = adafruit_bme280.Adafruit_BME280_I2C(board.I2C())\n"
        "for _ in range(500):\n    t = sensor.temperature\n    time.sleep(10)\n"
        "print(round(t, 1), 'site-packages' in package.__file__)",
        clock="virtual",
    )
    assert outcome.text == ""
    assert outcome.lines == ["23.5 True"]
    assert outcome.virtual_s > 5000
    assert outcome.real_s < 30


def test_on_the_hosts_clock_asyncio_keeps_its_own_loop(code_py_runs: CodePyRuns) -> None:
    """Nothing is changed where nothing has to be."""
    outcome = code_py_runs(
        "import asyncio\nasync def main():\n    print(type(asyncio.get_running_loop()).__module__)\n"
        "asyncio.run(main())"
    )
    assert outcome.lines == ["asyncio.unix_events"]
