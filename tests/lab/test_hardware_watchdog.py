"""The computer's watchdog, on a real kernel: its own one in software, which only says that it would bite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import ROOT

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab

pytestmark = [
    pytest.mark.emulated,
    pytest.mark.slow,
    pytest.mark.feature("hardware watchdog"),
]

STATE = "cat /sys/class/watchdog/watchdog0/state"
BITES = "dmesg | grep -c 'softdog: Triggered'"
RUN = """python3 -P -c 'import sys; from cpcompat.cli import main; sys.exit(main())' \\
  run /job/drive --console none & run=$!"""
BEGIN = f"""
grep -q 'Software Watchdog' /sys/class/watchdog/watchdog0/identity || exit 9
{RUN}
until [ $({STATE}) = active ]; do sleep 0.2; done
"""


def ended(lab: Lab, then: str) -> list[str]:
    """Run the drive, do what a test wants, and return the lines that this printed."""
    drive = {"drive": ROOT / "tests/lab/drives/watched"}
    done = lab.run(BEGIN + then, files=drive)
    assert done.status == 0, done.out + done.err
    return [line for line in done.out.splitlines() if line.startswith("> ")]


def test_a_supervisor_that_lives_is_never_bitten_and_stops_the_watchdog(lab: Lab) -> None:
    """Three times its fifteen seconds; then a plain end."""
    then = f"""
sleep 45; echo "> bites $({BITES})"; echo "> $({STATE})"
kill -TERM $run; wait $run; echo "> $({STATE})"
"""
    assert ended(lab, then) == ["> bites 0", "> active", "> inactive"]


def test_a_supervisor_that_hangs_is_bitten(lab: Lab) -> None:
    """Stopped by a signal, it does not feed; the kernel says what it would do."""
    then = f"""
kill -STOP $run; sleep 20; echo "> bites $({BITES})"
kill -CONT $run; kill -KILL $run; wait $run; cpcompat safe-pins >/dev/null
"""
    assert ended(lab, then) == ["> bites 1"]


def test_a_supervisor_that_was_killed_is_followed_in_time_by_another(lab: Lab) -> None:
    """The watchdog counts on meanwhile, and is fed again."""
    then = f"""
kill -KILL $run; wait $run; echo "> $({STATE})"
{RUN}
sleep 20; echo "> bites $({BITES})"; kill -TERM $run; wait $run; echo "> $({STATE})"
"""
    assert ended(lab, then) == ["> active", "> bites 0", "> inactive"]
