"""Fixtures: the board of `tests/fakes/board.toml` as this process's machine."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cpcompat import hal
from cpcompat.board.definition import BoardDefinition
from tests.fakes.backend import RecordingBackend

if TYPE_CHECKING:
    from collections.abc import Iterator

BOARD = Path(__file__).with_name("board.toml")


def board(**changes: object) -> BoardDefinition:
    """Return the test board, with some of its tables replaced."""
    table = tomllib.loads(BOARD.read_text("utf-8"))
    return BoardDefinition("testboard", {**table, **changes})


@pytest.fixture
def backend() -> Iterator[RecordingBackend]:
    """A recording backend, behind the test board, as this process's machine."""
    fake = RecordingBackend()
    hal.set_machine(hal.Machine(board(), fake))
    yield fake
    hal.set_machine(None)


@pytest.fixture
def bare_backend() -> Iterator[RecordingBackend]:
    """The same behind a board that has pins and nothing else."""
    fake = RecordingBackend()
    nothing: list[object] = []
    bare = board(i2c=nothing, spi=nothing, uart=nothing, analog={}, pwm={})
    hal.set_machine(hal.Machine(bare, fake))
    yield fake
    hal.set_machine(None)
