"""The opt-in for a whole environment: a ``.pth`` file that installs the finder at every start.

Python runs the lines of such a file that begin with ``import`` (module `site`); ``-S`` turns it off.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from cpcompat.errors import CpcompatError

FILE_NAME = "cpcompat_names.pth"

# One line, as site wants it. An environment that has lost this package must still start in peace.
_LINE = (
    "import sys; exec('try:\\n from cpcompat.vm.names import install\\n install()"
    "\\nexcept ImportError:\\n pass')\n"
)


class OptInError(CpcompatError):
    """The environment's folder of libraries cannot be changed."""


def _file() -> Path:
    return Path(sysconfig.get_path("purelib")) / FILE_NAME


def is_enabled() -> bool:
    """Return whether every interpreter of this environment finds our modules by itself."""
    return _file().exists()


def enable() -> Path:
    """Have every interpreter of this environment find our modules; doing so again changes nothing.

    Returns:
        The file that does it.

    Raises:
        OptInError: The interpreter is not in an environment of its own, or its folder of libraries
            cannot be written.
    """
    file = _file()
    if sys.prefix == sys.base_prefix:
        raise OptInError(
            f"{sys.prefix!r} is not a virtual environment",
            "This would change what «import board» means for every program of this computer. "
            "Make an environment (python3 -m venv .venv) and enable it there; or call "
            "cpcompat.install() in the program, or run it with «python -m cpcompat script.py».",
        )
    new = file.with_name(f"{FILE_NAME}.{os.getpid()}.new")
    try:
        with open(new, "w", encoding="ascii") as stream:
            stream.write(_LINE)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise _cannot_write(file, error) from None
    return file


def disable() -> Path | None:
    """Undo `enable`.

    Returns:
        The file that is gone, or None if there was none.

    Raises:
        OptInError: The file cannot be removed.
    """
    file = _file()
    try:
        file.unlink()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _cannot_write(file, error) from None
    return file


def _cannot_write(file: Path, error: OSError) -> OptInError:
    return OptInError(
        f"{str(file.parent)!r} cannot be written: {os.strerror(error.errno or 0).lower()}",
        "Run it as the user to whom the environment belongs.",
    )
