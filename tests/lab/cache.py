"""Where `tests/lab/build` puts the emulated Pi, and whether it is there."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).parent


def folder() -> Path:
    """Return the folder: ``$LAB_CACHE``, or one of the user's caches."""
    return Path(os.environ.get("LAB_CACHE") or Path.home() / ".cache" / "cpcompat-lab")


def missing() -> str | None:
    """Return why the emulated Pi cannot be used, or None where it can."""
    for part in ("qemu/usr/bin/qemu-system-aarch64", "kernel/pi3b.dtb", "initramfs.cpio"):
        if not (folder() / part).exists():
            return f"the emulated Raspberry Pi is not built ({part} is missing): run `make lab`"
    return None
