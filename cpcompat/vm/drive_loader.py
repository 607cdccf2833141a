"""A module of the drive: where it was found, and how its code is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from cpcompat.vm.importer import Importer


class Found(NamedTuple):
    """A module on the drive.

    Attributes:
        name: Its full name.
        file: Its file as programs name it; a folder without ``__init__.py`` has none.
        folder: The folder of a package.
    """

    name: str
    file: str | None
    folder: str | None


class DriveLoader:
    """Runs one module of the drive; nothing compiled is ever kept.

    Args:
        importer: The importer of the drive.
        found: The module.
    """

    def __init__(self, importer: Importer, found: Found) -> None:
        self._importer = importer
        self.found = found

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the making to the import machinery."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code with the built-ins of the drive."""
        found = self.found
        names = module.__dict__
        names["__name__"] = found.name
        names["__package__"] = found.name if found.folder else found.name.rpartition(".")[0]
        names["__builtins__"] = self._importer.builtins
        if found.file is not None:
            names["__file__"] = found.file
            exec(self._importer.compile_file(found.file), names)

    def get_source(self, name: str) -> str | None:
        """Return the module's source."""
        return self._importer.source(self.found.file) if self.found.file else None

    def is_package(self, name: str) -> bool:
        """Return whether it is a package."""
        return self.found.folder is not None
