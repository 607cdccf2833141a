"""Builds the kernel shim with gcc; once for each state of its sources."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).with_name("c")
PLACE = Path(__file__).parent.parent.parent / "build" / "shim"
FLAGS = ("-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-fPIC", "-shared", "-fvisibility=hidden")


class CannotBuild(Exception):
    """The shim cannot be built here; the message says why and what to do."""


def library() -> Path:
    """Return the built library; builds it where that has not been done yet.

    Raises:
        CannotBuild: It is not Linux, there is no gcc, or gcc refuses.
    """
    if not sys.platform.startswith("linux"):
        raise CannotBuild(f"the kernel shim is for Linux, not {sys.platform}")
    sources = sorted(SOURCES.glob("*.[ch]"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    built = PLACE / f"cpshim-{digest}.so"
    if not built.exists():
        _compile([path for path in sources if path.suffix == ".c"], built)
    return built


def compile_program(source: Path, built: Path) -> Path:
    """Compile a program of one file, where it is newer than what was built of it.

    Raises:
        CannotBuild: There is no gcc, or gcc refuses.
    """
    if not built.exists() or built.stat().st_mtime < source.stat().st_mtime:
        _gcc(["-std=gnu11", "-O2", "-Wall", "-Wextra", str(source)], built)
    return built


def _compile(sources: list[Path], built: Path) -> None:
    _gcc([*FLAGS, *map(str, sources), "-ldl", "-lpthread"], built)


def _gcc(arguments: list[str], built: Path) -> None:
    gcc = shutil.which("gcc")
    if gcc is None:
        raise CannotBuild("gcc is not here; install it: sudo apt install gcc libc6-dev")
    built.parent.mkdir(parents=True, exist_ok=True)
    unfinished = built.with_suffix(f".{os.getpid()}")
    done = subprocess.run(
        [gcc, "-o", str(unfinished), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotBuild(f"gcc cannot build the kernel shim:\n{done.stderr}")
    unfinished.rename(built)
