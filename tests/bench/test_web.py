"""The web workflow keeps its promises of speed, in a run that is shorter than the benchmark's."""

from __future__ import annotations

import pytest

from bench import web

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]


def test_a_busy_program_and_many_requests_do_not_harm_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """50 requests/s beside 1 MB/s on the console, which somebody reads.

    Neighbours on the computer may spoil a run; a server that is too slow spoils each.
    """
    monkeypatch.setattr(web, "_LOAD_S", 2)
    assert any(kept(web.loaded(50, console=True)) for _ in range(4))


def kept(run: web.Loaded) -> bool:
    """Return whether the promises were kept in a run."""
    times = sorted(run.taken)
    return len(times) >= 90 and times[len(times) * 95 // 100] <= 50 and run.late <= 10


def test_the_server_adds_little_memory() -> None:
    """At most 20 MB, when it has served everything once."""
    assert web.memory_mb(True) - web.memory_mb(False) <= 20


def test_an_upload_of_a_megabyte_ends_in_one_reload() -> None:
    """Not in two, nor in none."""
    (row,) = web.reloads(1, 0)
    assert row.ours == 1
    assert row.met
