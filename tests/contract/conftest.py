"""Says at the end of a run which contracts are not shown, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract import matrix

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the reasons."""
    for (way, contract), reason in matrix.MISSING.items():
        terminalreporter.write_line(f"{contract} on {way}: not shown: {reason}")
