"""The kernel's GPIO lines keep the contract with pulls and edges, which gpio-sim has.

It runs in the emulated Raspberry Pi; `tests/lab/test_contract.py` starts it there and judges it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.edges import EdgesContract
from tests.contract.gpio import GpioContract
from tests.contract.line_group import LineGroupContract
from tests.contract.pi_rig import SimulatedChipRig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Return a new chip in the header's place."""
    rig = SimulatedChipRig()
    yield rig
    rig.close()


class TestGpio(GpioContract):
    """Lines."""


class TestLineGroup(LineGroupContract):
    """Lines together."""


class TestEdges(EdgesContract):
    """Edges."""
