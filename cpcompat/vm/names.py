"""The names under which programs import this package's modules, and the finder that maps them.

This file is read at the start of every interpreter where `cpcompat enable` is in force: it imports
nothing that is not loaded already.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

FACES: dict[str, str] = {
    name: "cpcompat." + name
    for name in (
        "alarm",
        "analogio",
        "board",
        "busio",
        "countio",
        "digitalio",
        "keypad",
        "microcontroller",
        "micropython",
        "neopixel_write",
        "nvm",
        "pulseio",
        "pwmio",
        "rainbowio",
        "rotaryio",
        "rtc",
        "storage",
        "supervisor",
        "watchdog",
    )
}
"""The modules that user code imports by a short name, and which module of ours each one is."""

_BLINKA = frozenset(
    "analogio bitbangio board busio digitalio keypad microcontroller micropython neopixel_write "
    "onewireio pulseio pwmio rainbowio usb_hid".split()
)
"""What Adafruit Blinka 10 puts beside its package ``adafruit_blinka``."""


class NameFinder:
    """Finds our modules under their short names, and gives board libraries their own built-ins.

    Args:
        always: Our modules win over any other of that name, as on a board. Otherwise they replace
            only Adafruit Blinka's, or nothing.
        library_builtins: The built-ins that board libraries see; None makes them when the first
            board library is imported.
    """

    def __init__(
        self, *, always: bool = False, library_builtins: dict[str, Any] | None = None
    ) -> None:
        self._always = always
        self._builtins = library_builtins

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module, as `importlib.abc.MetaPathFinder.find_spec` says."""
        top = name.partition(".")[0]
        if top in FACES:
            return self._face(name, top)
        if top in sys.stdlib_module_names or top == "cpcompat":
            return None
        return self._board_library(name, top, path, target)

    def _face(self, name: str, top: str) -> ModuleSpec | None:
        ours = FACES[top] + name[len(top) :]
        if name == top:
            if not self._always and not self._is_free(name):
                return None
        elif sys.modules.get(top) is not sys.modules.get(FACES[top]):
            return None
        if not self._has(ours):
            return None
        from importlib.machinery import ModuleSpec

        loader: Any = AliasLoader(ours)
        return ModuleSpec(name, loader, origin=ours)

    def _has(self, ours: str) -> bool:
        """Return whether there is such a module in one of our packages."""
        package = sys.modules[ours.rpartition(".")[0]]
        return ours in sys.modules or self._other(ours, package.__path__) is not None

    def _is_free(self, name: str) -> bool:
        """Return whether nobody offers that module, or nobody but Adafruit Blinka."""
        spec = self._other(name, None)
        if spec is None or spec.loader is None or not spec.origin:
            return True  # no such module, or just a folder of that name
        from os import path

        folder = path.dirname(spec.origin)
        if spec.submodule_search_locations is not None:
            folder = path.dirname(folder)
        return name in _BLINKA and path.isdir(path.join(folder, "adafruit_blinka"))

    def _other(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders besides this one find."""
        for finder in sys.meta_path:
            if not isinstance(finder, NameFinder):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return None

    def _board_library(
        self, name: str, top: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        from cpcompat.vm import board_library

        if board_library.folder_of(top) is None:
            return None
        spec = self._other(name, path, target)
        if spec is None or not spec.has_location:
            return spec
        from cpcompat.vm.library_world import BoardLibraryLoader, plain_builtins

        if self._builtins is None:
            self._builtins = plain_builtins()
        spec.loader = BoardLibraryLoader.instead_of(spec.loader, self._builtins)
        return spec


class AliasLoader:
    """Loads a module that exists under another name: one module object, two names."""

    def __init__(self, ours: str) -> None:
        self._ours = ours
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module itself."""
        from importlib import import_module

        module = import_module(self._ours)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing; put back the module's own spec, which the import machinery has replaced."""
        module.__spec__ = self._spec


def install() -> None:
    """See `cpcompat.install`."""
    if not any(isinstance(finder, NameFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, NameFinder())


def uninstall() -> None:
    """Take the finder out again and forget the short names; modules in use stay as they are."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, NameFinder)]
    for name, ours in FACES.items():
        if name in sys.modules and sys.modules[name] is sys.modules.get(ours):
            for alias in [key for key in sys.modules if key.partition(".")[0] == name]:
                del sys.modules[alias]
