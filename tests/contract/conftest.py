"""Says at the end of a run which contracts are not shown, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract import matrix

if TYPE_CHECKING:
    from collections.abc import Iterable


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Leave out what a way cannot show; its report has the reason."""
    ways = {way.module: way.words for way in matrix.WAYS}
    for item in items:
        way = ways.get(item.path.stem)
        reason = way and matrix.ABSENT.get((way, getattr(item, "originalname", item.name)))
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the reasons."""
    for (way, what), reason in {**matrix.MISSING, **matrix.ABSENT}.items():
        terminalreporter.write_line(f"{what} on {way}: not shown: {reason}")
