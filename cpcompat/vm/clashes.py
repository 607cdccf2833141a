"""Whose ``import board`` is: which module a plain program finds by each of our names."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING

from cpcompat.hal.finding import Finding
from cpcompat.vm import opt_in
from cpcompat.vm.names import FACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WAYS = ("python -m cpcompat script.py", "cpcompat enable")


def findings(folder: Path, path: list[str] | None = None) -> list[Finding]:
    """Return what is to say of our names in plain programs.

    Args:
        folder: Where such a program is.
        path: Where Python looks besides; None for what this interpreter has.
    """
    libraries = [entry for entry in (sys.path if path is None else path) if entry]
    found = _found(folder, libraries)
    return [*_own_files(folder, found), *_libraries(found), *_competitors(libraries)]


def _found(folder: Path, libraries: list[str]) -> dict[str, Path]:
    """Return the file that each name leads to, for those that lead to one."""
    found = {}
    for name in FACES:
        spec = PathFinder.find_spec(name, [str(folder), *libraries])
        if spec is not None and spec.origin:
            found[name] = Path(spec.origin)
    return found


def _own_files(folder: Path, found: dict[str, Path]) -> Iterator[Finding]:
    for name, file in found.items():
        if folder in (file.parent, file.parent.parent) and not _is_blinka(file):
            yield Finding(
                "note",
                name,
                f"plain programs in {folder} find {file.name if file.parent == folder else file}"
                " there, not cpcompat's; programs on a drive find cpcompat's",
                (f"Rename {file} if that is not meant.",),
            )


def _libraries(found: dict[str, Path]) -> Iterator[Finding]:
    blinka = sorted(name for name, file in found.items() if _is_blinka(file))
    if opt_in.is_enabled():
        yield Finding("ok", "names", "every program of this environment finds cpcompat's modules")
    elif blinka:
        yield Finding(
            "note",
            "names",
            "in plain programs import board means Adafruit Blinka's; on a drive, cpcompat's",
            (f"To have cpcompat's there too: {_WAYS[0]}", f"or for all programs: {_WAYS[1]}"),
        )
    else:
        yield Finding("ok", "names", f"drives find cpcompat's modules; others by «{_WAYS[0]}»")
    for name, file in found.items():
        owner = _owner(file)
        if owner is not None and name not in blinka:
            yield Finding(
                "broken",
                name,
                f"the package {owner!r} has a module {name} that is something else: {file}",
                (f"{sys.executable} -m pip uninstall {owner}",),
            )


def _is_blinka(file: Path) -> bool:
    return any(
        (folder / "adafruit_blinka").is_dir() for folder in (file.parent, file.parent.parent)
    )


def _owner(file: Path) -> str | None:
    """Return the name of the distribution that a file was installed by."""
    for folder in (file.parent, file.parent.parent):
        for distribution in distributions(path=[str(folder)]):
            if any(distribution.locate_file(entry) == file for entry in distribution.files or ()):
                return distribution.metadata["Name"]
    return None


def _competitors(libraries: Iterable[str]) -> Iterator[Finding]:
    """Tell of two libraries that put the same module RPi.GPIO into one place."""
    names = {_normal(found) for found in distributions(path=list(libraries))}
    both = sorted(names & {"rpi-gpio", "rpi-lgpio", "fake-rpi"})
    if len(both) > 1:
        said = f"{' and '.join(both)} both install the module RPi.GPIO; which one wins is chance"
        yield Finding("note", "RPi.GPIO", said, (f"{sys.executable} -m pip uninstall {both[0]}",))


def _normal(distribution: Distribution) -> str:
    return (distribution.metadata["Name"] or "").lower().replace(".", "-").replace("_", "-")
