"""``gc`` on a drive: CPython's, and the two questions about memory that boards answer."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from cpcompat.vm.library_world import view_of

if TYPE_CHECKING:
    from types import ModuleType


def build() -> ModuleType:
    """Return the module."""
    return view_of(gc, mem_alloc=mem_alloc, mem_free=mem_free)


def mem_alloc() -> int:
    """Return the bytes of memory that this process has in use (resident set, ``/proc/self/statm``)."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def mem_free() -> int:
    """Return the bytes of memory that programs can still have (``MemAvailable``)."""
    with open("/proc/meminfo", "rb") as file:
        for line in file:
            if line.startswith(b"MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0
