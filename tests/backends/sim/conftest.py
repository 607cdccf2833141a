"""What the tests of the simulated board share."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

import cpcompat.board
from cpcompat.board.definition import BoardDefinition
from tests.backends.sim.sigrok import Sigrok


@pytest.fixture(scope="session")
def sim_board() -> BoardDefinition:
    """Return the simulated board, as its file describes it."""
    path = Path(cpcompat.board.__path__[0], "data", "sim.toml")
    return BoardDefinition("sim", tomllib.loads(path.read_text("utf-8")))


@pytest.fixture(scope="session")
def sigrok() -> Sigrok:
    """Return sigrok-cli, or skip loudly where it is not installed."""
    if shutil.which("sigrok-cli") is None:
        pytest.skip("install it with: apt-get install sigrok-cli")
    return Sigrok()
