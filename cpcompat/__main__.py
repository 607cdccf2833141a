"""``python -m cpcompat script.py``: run a program that finds our modules and the settings beside it.

The program is CPython's in every other way; ``cpcompat run`` is what makes a folder a board.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

_USAGE = """usage: python -m cpcompat SCRIPT [ARGUMENT ...]
Runs a Python program that imports board, digitalio, busio, ...
To run a folder as a board, with reload on save: cpcompat run FOLDER
"""


def run_script(script: Path, arguments: list[str]) -> None:
    """Run a program as Python would, with the finder installed.

    Args:
        script: The program.
        arguments: What follows it on the command line.

    Raises:
        OSError: It cannot be read.
    """
    from cpcompat.vm.names import install
    from cpcompat.vm.script import settle

    source = script.read_bytes()
    install()
    settle(script.resolve().parent)
    sys.argv[:] = [str(script), *arguments]
    sys.path[:1] = [str(script.resolve().parent)]  # in place of the folder that -m put there
    main = ModuleType("__main__")
    main.__dict__.update(__file__=str(script), __builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = main
    exec(compile(source, str(script), "exec", dont_inherit=True), main.__dict__)


def main(arguments: list[str]) -> None:
    """Serve the command line; unusable arguments end it with status 2."""
    if not arguments or arguments[0].startswith("-"):
        asked = arguments[:1] in (["-h"], ["--help"])
        (sys.stdout if asked else sys.stderr).write(_USAGE)
        raise SystemExit(0 if asked else 2)
    script = Path(arguments[0])
    if not script.is_file():
        sys.stderr.write(f"python -m cpcompat: {arguments[0]!r} is not a file\n{_USAGE}")
        raise SystemExit(2)
    run_script(script, arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
