"""``import`` in programs on a drive: what comes first, and where it is found.

The board's own modules win, then the drive (as ``sys.path`` says), then CPython's and what is
installed. Modules of the drive are never found by anybody but the drive: a ``secrets.py`` beside
``code.py`` must not become the ``secrets`` that ``random`` imports.
"""

from __future__ import annotations

import builtins
import importlib
import linecache
import posixpath
import sys
import threading
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

from cpcompat.vm.drive_loader import DriveLoader, Found
from cpcompat.vm.names import FACES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import CodeType, ModuleType

    from cpcompat.vm.cpython.sys import DriveSys
    from cpcompat.vm.root import Root

ANNOTATIONS_DEFERRED = 0x1000000
"""The compiler's flag of ``from __future__ import annotations``: boards never evaluate them."""

_NEVER = frozenset("uos utime usys uio ujson ure ustruct urandom uasyncio".split())
"""Names that MicroPython has and CircuitPython gave up; libraries ask for them to tell."""

_CPYTHONS_OWN = frozenset(
    "asyncio codeop getpass hashlib ipaddress locale math random ssl struct warnings zlib".split()
)
"""Modules that a file on the drive never replaces: built in on a board too, but for ``asyncio``,
whose copy for boards would not run here."""


class Importer:
    """What ``__import__`` does for one drive.

    Args:
        root: The drive.
        system: The drive's ``sys``, whose ``path`` says where to look.
        builtins: The built-ins that modules of the drive see.
        modules: Modules that the drive sees in another form than CPython does.
        prepare: What to do once, after the drive has first imported one of CPython's modules.
    """

    def __init__(
        self,
        root: Root,
        system: DriveSys,
        builtins: dict[str, Any],
        modules: Mapping[str, ModuleType],
        prepare: Mapping[str, Callable[[], None]],
    ) -> None:
        self._root = root
        self._system = system
        self._modules = modules
        self._prepare = dict(prepare)
        self._keys: dict[str, str] = {}
        self._wanted = threading.local()
        self.builtins = builtins
        builtins["__import__"] = self._make_import()

    def _make_import(self) -> Any:
        view = self._modules.get
        tops = self._modules
        other = self._import

        def import_(
            name: str,
            globals: Mapping[str, Any] | None = None,
            locals: Mapping[str, Any] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> ModuleType:
            if level == 0:
                module = view(name)
                if module is not None:
                    return module if fromlist or "." not in name else tops[name.partition(".")[0]]
                return other(name, fromlist or ())
            return other(_absolute(name, globals or {}, level), fromlist or (), relative=True)

        return import_

    def import_module(self, name: str, package: str | None = None) -> ModuleType:
        """Do what ``importlib.import_module`` does, for the drive."""
        if name.startswith("."):
            level = len(name) - len(name.lstrip("."))
            return self._import(
                _absolute(name[level:], {"__package__": package}, level), ("",), relative=True
            )
        return self._modules.get(name) or self._import(name, ("",))

    def reload(self, module: ModuleType) -> ModuleType:
        """Do what ``importlib.reload`` does, for the drive."""
        loader = _loader(module)
        if loader is None:
            return importlib.reload(module)
        loader.exec_module(module)
        return module

    def _import(self, name: str, fromlist: Sequence[str], relative: bool = False) -> ModuleType:
        top = name.partition(".")[0]
        if not self._is_on_drive(top):
            return self._from_host(name, top, fromlist)
        module = self._load(name)
        for attribute in self._asked(module, fromlist):
            if not hasattr(module, attribute) and hasattr(module, "__path__"):
                self._load_if_there(f"{name}.{attribute}")
        return module if fromlist or relative else sys.modules[self._keys[top]]

    def _asked(self, module: ModuleType, fromlist: Sequence[str]) -> Sequence[str]:
        if "*" in fromlist:
            return [*fromlist, *getattr(module, "__all__", ())]
        return fromlist

    def _is_on_drive(self, top: str) -> bool:
        key = self._keys.get(top)
        if key is not None and key in sys.modules:
            return _loader(sys.modules[key]) is not None
        if top in FACES or top in _NEVER or top in _CPYTHONS_OWN:
            return False
        if self._find(top, self._system.path) is None:
            if top in sys.modules:
                self._keys[top] = top
            return False
        self._keys[top] = self._free_key(top)
        return True

    def _free_key(self, top: str) -> str:
        """Return the name in ``sys.modules``: its own, unless that is or may become another's."""
        taken = sys.modules.get(top)
        if top in sys.stdlib_module_names or (taken is not None and _loader(taken) is None):
            return f"drive:{top}"
        return top

    def _from_host(self, name: str, top: str, fromlist: Sequence[str]) -> ModuleType:
        if top in _NEVER:
            raise missing(name)
        try:
            module = builtins.__import__(name, None, None, tuple(fromlist), 0)
            if top in self._prepare:
                self._prepare.pop(top)()
            return module
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise
            folder = self._find_folder(name)
            if folder is None:
                raise missing(error.name) from None
        self._keys[top] = self._free_key(top)
        return self._load(name)

    def _load(self, name: str) -> ModuleType:
        """Return a module of the drive, with the packages that it is in."""
        top, dot, rest = name.partition(".")
        key = self._keys[top] + dot + rest
        module = sys.modules.get(key)
        if module is not None:
            return module
        parent = name.rpartition(".")[0]
        path = self._load(parent).__path__ if parent else self._system.path
        found = self._find(name, path) or self._find_folder(name)
        if found is None:
            raise missing(name)
        self._wanted.found = (key, found)
        return importlib.import_module(key)

    def _load_if_there(self, name: str) -> None:
        try:
            self._load(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise

    def find_spec(
        self, key: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find what the drive asks for, and for others just the inside of the drive's packages."""
        wanted = getattr(self._wanted, "found", None)
        if wanted is not None and wanted[0] == key:
            self._wanted.found = None
            return self._spec(key, wanted[1])
        parent = sys.modules.get(key.rpartition(".")[0])
        if parent is None or path is None or _loader(parent) is None:
            return None
        found = self._find(f"{parent.__name__}.{key.rpartition('.')[2]}", path)
        if found is None:
            # Nobody else may look: the package's path is no path of the host.
            raise ModuleNotFoundError(f"no module named '{key}'", name=key)
        return self._spec(key, found)

    def _spec(self, key: str, found: Found) -> ModuleSpec:
        loader: Any = DriveLoader(self, found)
        spec = ModuleSpec(key, loader, origin=found.file, is_package=found.folder is not None)
        if found.folder is not None:
            spec.submodule_search_locations = [found.folder]
        return spec

    def _find(self, name: str, path: Sequence[str]) -> Found | None:
        """Look for a package or a module, in the order of a path on the drive."""
        leaf = name.rpartition(".")[2]
        places = [posixpath.join(entry, leaf) for entry in path]
        for place in places:
            file = f"{place}/__init__.py"
            if self._root.is_folder(place) and self._root.is_file(file):
                return Found(name, file, place)
            if self._root.is_file(f"{place}.py"):
                return Found(name, f"{place}.py", None)
        for place in places:
            self._refuse_bytecode(f"{place}/__init__.mpy", name)
            self._refuse_bytecode(f"{place}.mpy", name)
        return None

    def _find_folder(self, name: str) -> Found | None:
        """Look for a folder that serves as a package, the last thing to be one."""
        for entry in self._system.path if "." not in name else ():
            place = posixpath.join(entry, name)
            if self._root.is_folder(place):
                return Found(name, None, place)
        return None

    def _refuse_bytecode(self, path: str, name: str) -> None:
        if self._root.is_file(path):
            # Upstream's is a ValueError; as an ImportError it lets a library's own fallback work.
            error = ImportError("incompatible .mpy file", name=name)
            top = name.partition(".")[0]
            error.add_note(
                f"{path} is compiled for microcontrollers. Get the library as source: "
                f"«circup install --py {top} --upgrade»."
            )
            raise error

    def source(self, file: str) -> str:
        """Return a source file of the drive as text, and keep it for whoever shows its lines."""
        text = self._root.read(file).decode("utf-8-sig")
        lines = [line + "\n" for line in text.splitlines()]
        # An entry without a time is never checked against a file of that name on sys.path.
        linecache.cache[file] = (len(text), None, lines, file)
        return text

    def compile_file(self, file: str) -> CodeType:
        """Compile a source file of the drive, under the name that programs know it by.

        Raises:
            SyntaxError: It is not Python, or not text.
        """
        try:
            text = self.source(file)
        except UnicodeDecodeError as error:
            wrong = SyntaxError(f"invalid UTF-8 at byte {error.start}")
            wrong.filename, wrong.lineno = file, 1 + error.object[: error.start].count(b"\n")
            raise wrong from None
        code: CodeType = compile(text, file, "exec", ANNOTATIONS_DEFERRED, dont_inherit=True)
        return code


def missing(name: str) -> ModuleNotFoundError:
    """Return the error for a module that is nowhere, in a board's words."""
    error = ModuleNotFoundError(f"no module named '{name}'", name=name)
    if name.startswith("adafruit_"):
        error.add_note(
            f"Put the library into the drive's lib folder («circup install --py {name}»), or "
            "install it for this Python with pip."
        )
    return error


def _absolute(name: str, globals: Mapping[str, Any], level: int) -> str:
    package: str = globals.get("__package__") or ""
    parts = package.split(".") if package else []
    if level > len(parts):
        raise ImportError("can't perform relative import")
    start = ".".join(parts[: len(parts) - level + 1])
    return f"{start}.{name}" if name else start


def _loader(module: ModuleType) -> DriveLoader | None:
    """Return the loader of a module of the drive, None for any other."""
    loader = getattr(getattr(module, "__spec__", None), "loader", None)
    return loader if isinstance(loader, DriveLoader) else None
