"""Lines of this computer's own chip, against the kernel shim."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cpcompat
from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.detect import definition
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull, quick
from cpcompat.hal.pin import Pin
from tests.shim.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpcompat.hal.gpio import Line

pytestmark = [pytest.mark.feature("digitalio"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")
ROOT = str(Path(cpcompat.__file__).parent.parent)
D17 = BOARD.names["D17"]


@pytest.fixture
def backend(world: World) -> Iterator[LinuxBackend]:
    """Reach the world's hardware as a plain program does."""
    made = LinuxBackend(BOARD, DirectNodes(BOARD))
    yield made
    made.close()


def output(line: Line, value: bool, drive: Drive = Drive.PUSH_PULL) -> None:
    """Make a line an output."""
    line.configure(Direction.OUTPUT, Pull.NONE, drive, value)


def test_an_output_is_made_by_one_call_and_without_a_glitch(
    world: World, backend: LinuxBackend
) -> None:
    """Direction, drive and level in the request itself."""
    line = backend.line(D17)
    backend.line(BOARD.names["D4"]).configure(Direction.INPUT, Pull.NONE, Drive.PUSH_PULL, False)
    start = world.mark()
    output(line, True)
    assert [call.op for call in world.calls(start)] == ["get_line"]
    assert world.levels(17, start) == [True]


def test_a_change_of_direction_is_one_call_that_keeps_the_line(
    world: World, backend: LinuxBackend
) -> None:
    """Nobody can take it in between."""
    line = backend.line(D17)
    output(line, True)
    start = world.mark()
    line.configure(Direction.INPUT, Pull.UP, Drive.PUSH_PULL, False)
    output(line, True, Drive.OPEN_DRAIN)
    assert [call.op for call in world.log(start)] == ["set_config", "set_config"]
    assert world.levels(17, start) == []


def test_a_line_that_was_dropped_is_let_go(world: World, backend: LinuxBackend) -> None:
    """Nobody could do it later; and the pin can be had again."""
    line = backend.line(D17)
    output(line, True)
    del line
    assert world.driven() == []
    output(backend.line(D17), True)


def test_a_closed_line_is_an_input_even_where_the_kernel_keeps_outputs(
    world: World, backend: LinuxBackend
) -> None:
    """As on Raspberry Pi OS; then it is anybody's."""
    line = backend.line(D17)
    output(line, True)
    assert world.driven() == ["GPIO17"]
    line.close()
    assert world.driven() == []
    assert not world.line(17).used


def test_an_input_without_a_pull_is_closed_without_another_call(
    world: World, backend: LinuxBackend
) -> None:
    """It is what it shall be."""
    line = backend.line(D17)
    line.configure(Direction.INPUT, Pull.NONE, Drive.PUSH_PULL, False)
    start = world.mark()
    line.close()
    assert [call.op for call in world.log(start)] == ["release"]


def test_closing_the_backend_closes_what_is_open(world: World) -> None:
    """A program that ends without deinit leaves nothing driven and nothing held."""
    backend = LinuxBackend(BOARD, DirectNodes(BOARD))
    line = backend.line(D17)
    output(line, True)
    backend.close()
    assert world.driven() == []
    assert not world.line(17).used
    with pytest.raises(HalError) as caught:
        line.read()
    assert caught.value.fault is Fault.GONE


PROGRAM = """
import board, digitalio
led = digitalio.DigitalInOut(board.D17)
led.switch_to_output(True)
{end}
"""


@pytest.mark.parametrize("end", ["", "raise ValueError", "import os; os.fork(); raise SystemExit"])
def test_a_plain_program_that_ends_leaves_no_line_driven(
    world: World, tmp_path: Path, end: str
) -> None:
    """However it ends, short of SIGKILL."""
    script = tmp_path / "script.py"
    script.write_text(PROGRAM.format(end=end))
    environment = {**world.environment(), "CPCOMPAT_BOARD": "raspberry_pi_4b"}
    start = world.mark()
    subprocess.run(
        [sys.executable, "-P", "-m", "cpcompat", str(script)],
        env=environment,
        check=False,
        capture_output=True,
    )
    assert True in world.levels(17, start)
    assert world.driven() == []


def test_closing_happens_at_the_end_of_a_plain_program_that_keeps_its_objects(
    world: World,
) -> None:
    """Finalisers do not come to objects that live to the very end."""
    code = (
        "import ctypes\n"
        "from cpcompat import board, digitalio\n"
        "led = digitalio.DigitalInOut(board.D17)\n"
        "led.switch_to_output(True)\n"
        "ctypes.pythonapi.Py_IncRef(ctypes.py_object(led))\n"
    )
    environment = {**world.environment(), "CPCOMPAT_BOARD": "raspberry_pi_4b"}
    subprocess.run([sys.executable, "-P", "-c", code], env=environment, check=True)
    assert world.driven() == []


def test_a_pin_without_a_line_is_refused(backend: LinuxBackend) -> None:
    """A generic board's bus pins have none."""
    with pytest.raises(HalError) as caught:
        backend.line(Pin.make("I2C1_SCL", -1, ("SCL",)))
    assert caught.value.fault is Fault.ABSENT
    assert "SCL" in str(caught.value)


def test_reading_a_line_that_was_not_configured_leaves_it_as_it_is(
    world: World, backend: LinuxBackend
) -> None:
    """Direction and level stay, before and after."""
    first = backend.line(D17)
    output(first, True)
    start = world.mark()
    world.inject("set_config", errno.EIO)
    first.close()
    world.no_faults()
    line = backend.line(D17)
    assert line.read() is True
    line.close()
    assert world.levels(17, start) == []
    assert world.driven() == ["GPIO17"]


def test_a_program_reads_and_drives_by_the_kernels_call_itself(
    backend: LinuxBackend,
) -> None:
    """No frame of Python lies between `DigitalInOut.value` and the call."""
    import fcntl

    line = backend.line(D17)
    output(line, False)
    fast = quick(line)
    called: object = fast.call
    assert called is fcntl.ioctl
    fast.call(fast.handle, fast.drive, fast.high)
    assert line.read() is True
    fast.call(fast.handle, fast.sense, fast.cell)
    assert fast.cell[0] == 1
    fast.call(fast.handle, fast.drive, fast.low)
    fast.call(fast.handle, fast.sense, fast.cell)
    assert fast.cell[0] == 0


def test_driving_an_input_is_refused_in_upstreams_words_when_the_kernel_refuses(
    world: World, backend: LinuxBackend
) -> None:
    """EPERM of the kernel is no PermissionError for a program; `line busy` and the rest alike."""
    line = backend.line(D17)
    output(line, False)
    fast = quick(line)
    world.inject("set_values", errno.EPERM)
    with pytest.raises(OSError) as caught:
        fast.call(fast.handle, fast.drive, fast.high)
    fault = fast.fault(caught.value)
    assert isinstance(fault, HalError)
    assert fault.fault is Fault.WRONG_DIRECTION


def test_what_a_program_needs_for_a_line_loads_nothing_heavy() -> None:
    """A Pi Zero takes milliseconds for each of these."""
    names = ("backend", "chips", "errors", "gpio_uapi", "lines", "nodes")
    code = "import sys\n" + "".join(f"import cpcompat.backends.linux.{name}\n" for name in names)
    code += "print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({ROOT!r})\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"asyncio", "ctypes", "dataclasses", "enum", "inspect", "json", "logging"}
    heavy |= {"pathlib", "re", "socket", "threading", "tomllib", "typing"}
    assert heavy.isdisjoint(done.stdout.split())
