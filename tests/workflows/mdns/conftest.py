"""Networks for tests, and boards that are announced there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.mdns.network import Network, impossible


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """A network of computers, which leads nowhere."""
    reason = impossible()
    if reason:
        pytest.skip(reason)
    folder = tmp_path / "network"
    folder.mkdir()
    made = Network(folder)
    try:
        yield made
    finally:
        made.close()
