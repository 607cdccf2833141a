"""Each defect of Blinka that this project set out to avoid: it is not here, and it is there."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.peers.defects import DEFECTS, Defect
from tests.peers.running import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("peers"), pytest.mark.shim]


def name(defect: Defect) -> str:
    """Return a test's name."""
    return defect.promise


def printed(world: World, defect: Defect, *, ours: bool) -> str:
    """Run a defect's program and return what it printed."""
    if defect.elsewhere:
        world.tree.at("/proc/cpuinfo").unlink()
        world.tree.at("/proc/device-tree").unlink()
    return run(defect.code, world.folder, ours=ours, **(defect.ours if ours else defect.theirs))


@pytest.mark.parametrize("defect", DEFECTS, ids=name)
def test_cpcompat_keeps(header: Callable[[], World], defect: Defect) -> None:
    """The promise."""
    assert printed(header(), defect, ours=True) == "holds"


@pytest.mark.parametrize("defect", DEFECTS, ids=name)
def test_blinka_breaks(header: Callable[[], World], defect: Defect) -> None:
    """The same promise, in the way that is written down."""
    shown = printed(header(), defect, ours=False)
    assert shown != "holds"
    assert defect.blinka in shown


UART = textwrap.dedent(
    """
    import board, busio
    uart = busio.UART(board.TX, board.RX, baudrate=9600, timeout=2)
    uart.write(b"AT")
    print(uart.read(2))
    """
)


@pytest.mark.parametrize("ours", [True, False], ids=["cpcompat", "Blinka"])
def test_the_uart_at_the_pins_is_not_the_bluetooth_chips(
    header: Callable[[], World], ours: bool
) -> None:
    """On a Raspberry Pi 4 as it comes, serial1 is Bluetooth's: Blinka opens it."""
    world = header()
    shown = run(UART, world.folder, ours=ours)
    pins, bluetooth = world.peers
    assert (bytes(pins.received), bytes(bluetooth.received)) == (
        (b"AT", b"") if ours else (b"", b"AT")
    )
    assert shown == ("b'AT'" if ours else "None")
