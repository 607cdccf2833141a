"""The supervisor's hold on the computer's watchdog."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from cpcompat.hal.errors import Fault, HalError
from cpcompat.supervisor.process import feeder
from cpcompat.supervisor.process.feeder import Feeder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shim.records import Call
    from tests.shim.world import World

pytestmark = [pytest.mark.feature("hardware watchdog"), pytest.mark.shim]

LINUX, SIM = "cpcompat.backends.linux", "cpcompat.backends.sim"
NODE = "/dev/watchdog0"
CARD_RESET = 0x20


def is_meal(call: Call) -> bool:
    """Return whether a call feeds the watchdog (WDIOC_KEEPALIVE)."""
    return (call.op, call.a) == ("watchdog", 5)


def held(path: Path, backend: str = LINUX, node: str = NODE) -> list[bool]:
    """Hold the watchdog once, as a supervisor does; return whether it told that it has bitten."""

    async def live() -> bool:
        made = Feeder(backend, node, path / "seen")
        try:
            return made.has_bitten()
        finally:
            made.close()

    return [asyncio.run(live())]


def test_it_feeds_as_long_as_the_loop_goes_round_and_stops_at_the_end(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several times within the watchdog's time."""
    world.add_watchdog()
    monkeypatch.setattr(feeder, "_MEALS", 1500)

    async def live() -> int:
        start = world.mark()
        made = Feeder(LINUX, NODE, tmp_path / "seen")
        assert world.watchdog_runs()
        async with asyncio.timeout(30):
            while len(meals := [c for c in world.calls(start) if is_meal(c)]) < 5:
                await asyncio.sleep(0)
        made.close()
        made.close()
        return len(meals)

    assert asyncio.run(live()) >= 5
    assert not world.watchdog_runs()


def test_that_it_has_bitten_is_told_once_a_boot(world: World, tmp_path: Path) -> None:
    """A supervisor that is started again later was not started by the watchdog."""
    world.add_watchdog(boot_status=CARD_RESET)
    assert held(tmp_path) + held(tmp_path) == [True, False]
    (tmp_path / "seen").write_text("another boot")
    assert held(tmp_path) == [True]


def test_a_boot_for_another_reason_is_not_its_doing(world: World, tmp_path: Path) -> None:
    """A power-on."""
    world.add_watchdog()
    assert held(tmp_path) == [False]


@pytest.mark.parametrize(
    ("backend", "node", "said"),
    [
        (LINUX, NODE, "no hardware watchdog: /dev/watchdog0: "),
        (SIM, NODE, "this board has no hardware watchdog"),
        (SIM, "", ""),
    ],
)
def test_without_one_the_board_lives_all_the_same(
    world: World,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    backend: str,
    node: str,
    said: str,
) -> None:
    """And the log says why, where one was asked for."""
    with caplog.at_level(logging.WARNING):
        assert held(tmp_path, backend, node) == [False]
    assert [record.getMessage().startswith(said) for record in caplog.records] == [True] * bool(
        said
    )


def test_a_watchdog_that_refuses_is_told_of_and_fed_further(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The next meal may be taken."""
    import errno

    world.add_watchdog()

    async def live() -> None:
        made = Feeder(LINUX, NODE, tmp_path / "seen")
        world.inject("watchdog", errno.EIO)
        made._feed()
        world.no_faults()
        made.close()

    with caplog.at_level(logging.WARNING):
        asyncio.run(live())
    assert "cannot be fed" in caplog.text
    assert not world.watchdog_runs()


def test_one_that_is_fed_by_another_is_named_with_the_likely_one(world: World) -> None:
    """Systemd."""
    from cpcompat.backends import linux

    world.add_watchdog()
    first = linux.hardware_watchdog(NODE, 10)
    with pytest.raises(HalError) as caught:
        linux.hardware_watchdog(NODE, 10)
    assert caught.value.fault is Fault.BUSY
    assert "RuntimeWatchdogSec" in str(caught.value.cure)
    first.close()
