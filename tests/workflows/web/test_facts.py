"""What tools ask of a board before anything else."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from cpcompat.workflows.web.site import hostname

if TYPE_CHECKING:
    from pathlib import Path

    from tests.workflows.conftest import WebBoard

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]


def test_anybody_may_ask_for_the_version(shared_board: WebBoard) -> None:
    """What circup and the editor read."""
    answer = shared_board.asks("GET", "/cp/version.json", password=None)
    assert answer.status == 200
    said = answer.json()
    name = said.pop("hostname")
    assert re.fullmatch("cpy-[0-9a-f]{6}", name)
    assert said == {
        "web_api_version": 4,
        "version": "10.3.1",
        "build_date": "2026-11-24",
        "board_name": "Simulated board",
        "mcu_name": "sim",
        "board_id": "sim",
        "creator_id": 0x1D6B,
        "creation_id": 0x0104,
        "port": shared_board.port,
        "ip": "127.0.0.1",
    }


def test_anybody_may_ask_for_disks_and_neighbours(shared_board: WebBoard) -> None:
    """Lists, both."""
    disks = shared_board.asks("GET", "/cp/diskinfo.json", password=None).json()
    state = os.statvfs(shared_board.drive)
    assert [disk["root"] for disk in disks] == ["/"]
    assert (disks[0]["total"], disks[0]["block_size"]) == (state.f_blocks, state.f_frsize)
    devices = shared_board.asks("GET", "/cp/devices.json", password=None).json()
    assert devices["total"] == len(devices["devices"])


def test_other_methods_and_other_names_are_refused(shared_board: WebBoard) -> None:
    """The method is looked at before the path, as upstream does."""
    assert shared_board.asks("PUT", "/cp/nothing.json").status == 405
    assert shared_board.asks("GET", "/cp/nothing.json").status == 404
    assert shared_board.asks("OPTIONS", "/cp/version.json", password=None).status == 204
    assert shared_board.asks("GET", "/nothing").status == 404
    assert shared_board.asks("PUT", "/nothing").status == 405
    assert shared_board.asks("POST", "/").status == 405


def test_the_pages_are_ours_and_may_run_nothing_else(shared_board: WebBoard) -> None:
    """Everything comes from the board; only the editor's own address wants the password first."""
    for path in ("/", "/code/"):
        page = shared_board.asks("GET", path, password=None)
        assert page.status == 200
        assert page.headers["Content-Type"].startswith("text/html")
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert b"http" not in page.body.replace(b"http://www.w3.org", b"")
    assert shared_board.asks("GET", "/edit/", password=None).status == 401
    assert shared_board.asks("GET", "/edit/").status == 200
    for name in ("nothing.js", "../server.py", "..%2fserver.py", "", "a/b"):
        assert shared_board.asks("GET", f"/static/{name}", password=None).status == 404, name


def test_the_name_comes_from_the_first_real_network_interface(tmp_path: Path) -> None:
    """As boards have it; without one it follows from the drive."""
    (tmp_path / "lo").mkdir()
    (tmp_path / "lo/address").write_text("00:00:00:00:00:00\n")
    assert re.fullmatch("cpy-[0-9a-f]{6}", hostname(tmp_path, tmp_path))
    (tmp_path / "wlan0/device").mkdir(parents=True)
    (tmp_path / "wlan0/address").write_text("DC:A6:32:0A:0B:0C\n")
    assert hostname(tmp_path, tmp_path) == "cpy-0a0b0c"
