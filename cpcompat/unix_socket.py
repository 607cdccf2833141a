"""Sockets with a name in the file system, for their owner alone (unix(7)).

A socket's address has room for 107 bytes. The name is therefore given from the folder's descriptor on,
so that the folder's own name may be of any length.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def listen(path: Path) -> socket.socket:
    """Make a socket that listens, in the place of one that was left there.

    Raises:
        OSError: The file system refuses it.
    """
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as address:
            listening.bind(address)
        path.chmod(0o600)  # nobody gets in before the next line
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def connect(path: Path, timeout_s: float | None = None) -> socket.socket:
    """Connect to a socket that listens.

    Args:
        path: Its name.
        timeout_s: How long to wait each time; None for as long as it takes.

    Raises:
        OSError: Nobody listens there, or not for this user.
    """
    there = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    there.settimeout(timeout_s)
    try:
        with _short(path) as address:
            there.connect(address)
    except OSError:
        there.close()
        raise
    return there


@contextmanager
def _short(path: Path) -> Iterator[str]:
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
