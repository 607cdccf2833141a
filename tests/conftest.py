"""Settings of the whole test run.

The repository's folder goes to the *end* of the search path: ``tests``, ``tools`` and ``bench`` are
found there, while ``cpcompat`` is the installed one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent

if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

pytest_plugins = ["tests.fakes.fixtures", "tests.shim.fixtures", "tests.lab.fixtures"]

# How long an example takes says more about the machine than about the product.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--no-skips``, ``--kills`` and ``--record-calls``."""
    parser.addoption("--no-skips", action="store_true", help="fail when any test is skipped")
    parser.addoption(
        "--kills", type=int, default=50, metavar="N", help="how many random deaths lines survive"
    )
    parser.addoption(
        "--record-calls", type=Path, metavar="FILE", help="write the faces' names that tests call"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Have the kernel shim in this process; record calls where ``--record-calls`` asks for it."""
    from tests.shim.preload import start_anew

    start_anew(config)
    file = config.getoption("--record-calls")
    if file is not None:
        from tools import calls, parity

        config.pluginmanager.register(calls.Recorder(parity.names(), ROOT / "tests", file))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a passed run with skipped tests into a failed one, where ``--no-skips`` asks for it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not session.config.getoption("--no-skips") or reporter is None:
        return
    skipped = len(reporter.stats.get("skipped", ()))
    if skipped and session.exitstatus == 0:
        session.exitstatus = 1
        reporter.write_line(f"{skipped} skipped, and --no-skips was given", red=True)
