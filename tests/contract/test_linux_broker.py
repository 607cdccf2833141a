"""What the broker hands over keeps the contract of every port: `linux` under a supervisor, over the shim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat.backends import linux
from tests.contract.edges import EdgesContract
from tests.contract.gpio import GpioContract
from tests.contract.shim_rig import ShimRig
from tests.fakes.launching import Launcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Backend
    from tests.contract.rig import Rig
    from tests.shim.world import World

pytestmark = pytest.mark.shim


@pytest.fixture
def rig(world: World, tmp_path: Path) -> Iterator[Rig]:
    """Return a new board with the contract's parts, reached through a broker's process."""
    launcher = Launcher()
    brokers = []

    def connect(board: BoardDefinition) -> Backend:
        broker = linux.broker(board, {"drive": "/d", "folder": str(tmp_path)}, launcher)
        brokers.append(broker)
        return linux.attach(board, *broker.grant())

    rig = ShimRig(world, connect)
    yield rig
    rig.backend.close()
    for broker in brokers:
        broker.close()
    launcher.close()


@pytest.mark.feature("digitalio")
class TestGpio(GpioContract):
    """Lines."""


@pytest.mark.feature("digitalio")
class TestEdges(EdgesContract):
    """Edges."""
