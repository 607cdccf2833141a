"""The fixture of tests that need the kernel shim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shim import preload
from tests.shim.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def kernel_shim() -> None:
    """Skip where the shim is not in this process; the reason says what to do."""
    if not preload.loaded():
        pytest.skip(f"needs the kernel shim: {preload.reason()}")


@pytest.fixture
def world(kernel_shim: None, tmp_path: Path) -> Iterator[World]:
    """Enter a world like a Raspberry Pi 4's GPIO."""
    with World(tmp_path / "world") as world:
        yield world
