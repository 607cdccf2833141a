"""Who may speak to the supervisor."""

from __future__ import annotations

import os
import socket
import struct
from typing import Any

import pytest

from cpcompat.supervisor.process.control import is_ours

pytestmark = [pytest.mark.feature("control"), pytest.mark.simulated]

STRANGER = 12345


class FromStranger(socket.socket):
    """A connection of which the kernel says that somebody else is at its other end."""

    def getsockopt(self, *words: Any) -> Any:
        """Return the stranger's credentials."""
        return struct.pack("iII", 1, STRANGER, 1)


def test_only_this_user_and_root_are_heard() -> None:
    """The kernel says who is at the other end."""
    here, there = socket.socketpair()
    with here, there, FromStranger(socket.AF_UNIX) as stranger:
        assert is_ours(here)
        assert os.getuid() != STRANGER
        assert not is_ours(stranger)
