"""Worlds for the comparison with other libraries."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.shim.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def header(kernel_shim: None, tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Return a function that enters a new Raspberry Pi 4 with memory at 0x50, leaving the last one."""
    with ExitStack() as stack:
        made: list[World] = []

        def enter() -> World:
            stack.pop_all().close()
            world = stack.enter_context(World(tmp_path / f"world{len(made)}"))
            world.add_header()
            world.add_part(1, 0x50)
            made.append(world)
            return world

        yield enter
