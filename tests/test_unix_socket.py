"""Sockets with a name in the file system."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cpcompat import unix_socket

pytestmark = [pytest.mark.feature("supervisor"), pytest.mark.simulated]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A name that is too long for a socket's address."""
    folder = tmp_path / ("a" * 100) / ("b" * 100)
    folder.mkdir(parents=True)
    return folder / "control"


def test_a_folder_s_name_may_have_any_length(path: Path) -> None:
    """107 bytes are what the kernel takes."""
    with unix_socket.listen(path) as listening, unix_socket.connect(path, 5.0) as there:
        ours, _ = listening.accept()
        with ours:
            ours.sendall(b"hello")
            assert there.recv(5) == b"hello"
        assert there.gettimeout() == 5.0


def test_it_is_for_its_owner_alone_and_replaces_what_was_left(path: Path) -> None:
    """As a killed supervisor leaves one."""
    unix_socket.listen(path).close()
    with pytest.raises(ConnectionRefusedError):
        unix_socket.connect(path)
    with unix_socket.listen(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        unix_socket.connect(path).close()


def test_who_is_not_there_is_an_error(path: Path) -> None:
    """Neither the socket nor its folder."""
    for missing in (path, path / "deeper" / "still"):
        with pytest.raises(FileNotFoundError):
            unix_socket.connect(missing)
