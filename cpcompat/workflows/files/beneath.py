"""Opening what is beneath a folder, whatever links there are: the kernel's openat2, or step by step.

openat2(2), Linux 5.6, does it in one call that no renaming in the meantime can lead astray. Where
an older kernel has none, or a container's filter refuses it, every name is opened on its own, from
the folder that was opened before it and never through a link (``O_NOFOLLOW``), which holds as well.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

Opener = Callable[[int, tuple[str, ...], int], int]
"""Opens names below an open folder, with some flags; returns the descriptor or raises OSError."""
RESOLVE = 0x02 | 0x04 | 0x08
"""linux/openat2.h: no magic links, no symbolic links, and nothing but what is beneath."""
_OPENAT2 = 437  # the same number on every architecture that CPython runs on but Alpha
_RETRIES = 16


def opener(folder: int) -> Opener:
    """Return the best way to open what is beneath a folder, of those that this kernel has."""
    by_kernel = kernel_opener()
    try:
        os.close(by_kernel(folder, (), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
    except OSError:  # ENOSYS from an old kernel, EPERM from a container's filter
        return step_by_step
    return by_kernel


def kernel_opener() -> Opener:
    """Return what opens by ``openat2``."""
    import ctypes

    class How(ctypes.Structure):
        """``struct open_how`` of linux/openat2.h."""

        _fields_ = (
            ("flags", ctypes.c_uint64),
            ("mode", ctypes.c_uint64),
            ("resolve", ctypes.c_uint64),
        )

    syscall: Any = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    size, number = ctypes.c_size_t(ctypes.sizeof(How)), ctypes.c_long(_OPENAT2)

    def open_beneath(folder: int, names: tuple[str, ...], flags: int) -> int:
        how = How(flags, 0, RESOLVE)
        path = ctypes.c_char_p(os.fsencode("/".join(names) or "."))
        for _ in range(_RETRIES):
            descriptor: int = syscall(number, ctypes.c_int(folder), path, ctypes.byref(how), size)
            if descriptor >= 0:
                return descriptor
            failed = ctypes.get_errno()
            # EAGAIN: somebody moved a folder while it was looked up (openat2(2)).
            if failed not in {errno.EAGAIN, errno.EINTR}:
                break
        raise OSError(failed, os.strerror(failed))

    return open_beneath


def step_by_step(folder: int, names: tuple[str, ...], flags: int) -> int:
    """Open names one after the other; see `Opener`."""
    if not names:
        return os.open(".", flags, dir_fd=folder)
    flags |= os.O_NOFOLLOW
    way = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    here = os.dup(folder)
    try:
        for name in names[:-1]:
            inner = os.open(_one(name), way, dir_fd=here)
            os.close(here)
            here = inner
        return os.open(_one(names[-1]), flags, dir_fd=here)
    finally:
        os.close(here)


def _one(name: str) -> str:
    """Return a name that leads nowhere but down."""
    if name in {"", ".", ".."} or "/" in name:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    return name
