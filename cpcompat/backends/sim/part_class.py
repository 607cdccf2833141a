"""Finds the class of a part: one of the package's, or one in a user's own file."""

from __future__ import annotations

import inspect
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cpcompat.backends.sim.part import Part
from cpcompat.backends.sim.parts import PARTS
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from types import ModuleType

_PartT = TypeVar("_PartT", bound=Part)
_OWN = (
    "A part of your own is «my_part.py:MyPart»: a file beside the circuit file and a class in it."
)
_KINDS = {"str": str, "int": int, "float": float, "bool": bool}


class PartClasses:
    """Finds part classes by the names that a circuit file gives them; reads each file once.

    Args:
        folder: Where a user's files are looked for.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[Path, ModuleType] = {}

    def find(self, name: str, wanted: type[_PartT]) -> type[_PartT]:
        """Return a part's class.

        Args:
            name: ``"bme280"`` or ``"my_part.py:MyPart"``.
            wanted: What it must derive from.

        Raises:
            CircuitError: There is no such part, it is of another kind, or the file fails.
        """
        place, colon, class_name = name.partition(":")
        if colon:
            module: Any = self._load(place)
        elif name in PARTS:
            module_name, class_name = PARTS[name].split(":")
            module = __import__(module_name, fromlist=[class_name])
        else:
            raise CircuitError("is not a known part", f"Known parts: {', '.join(PARTS)}. {_OWN}")
        found = getattr(module, class_name, None)
        if not (isinstance(found, type) and issubclass(found, Part)):
            classes = [k for k, v in vars(module).items() if _is_own(v, module)]
            text = ", ".join(classes) or "none"
            raise CircuitError(f"has no part {class_name!r}", f"Parts in {place}: {text}. {_OWN}")
        if not issubclass(found, wanted):
            raise CircuitError(f"is not an {wanted.__name__}", f"It is: {_bases(found)}.")
        return found

    def _load(self, place: str) -> ModuleType:
        """Run a user's file as a module of its own, which no import can find."""
        path = self._folder / place
        if path in self._modules:
            return self._modules[path]
        try:
            source = path.read_bytes()
        except OSError as error:
            raise CircuitError(f"cannot be read: {error.strerror} ({path})", _OWN) from error
        module = type(sys)(f"cpcompat_parts_{path.stem}")
        module.__file__ = str(path)
        try:
            exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)
        except Exception as error:
            raise own_error(error, path) from error
        self._modules[path] = module
        return module


def build(found: type[_PartT], options: dict[str, object]) -> _PartT:
    """Make a part with the options that a circuit file gives.

    Raises:
        CircuitError: An option is of another type than the part asks for, or the part's own
            ``__init__`` failed.
    """
    for name, parameter in option_parameters(found).items():
        if name in options:
            options[name] = _checked(name, options[name], parameter.annotation)
        elif parameter.default is parameter.empty:
            raise CircuitError(f"{name!r} is missing, which {found.__name__} needs")
    try:
        return found(**options)
    except CircuitError:
        raise
    except Exception as error:
        # A user's module is not in sys.modules, so inspect.getfile does not find it.
        code = getattr(found.__init__, "__code__", None)
        file = code.co_filename if code else found.__name__
        raise own_error(error, Path(file)) from error


def option_parameters(found: type[Part]) -> dict[str, inspect.Parameter]:
    """Return what a part's ``__init__`` takes by name."""
    parameters = list(inspect.signature(found.__init__).parameters.values())[1:]
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {p.name: p for p in parameters if p.kind in named}


def own_error(error: Exception, path: Path) -> CircuitError:
    """Return the error of a user's code as one that names the user's file and line."""
    line: int | None = None
    if isinstance(error, SyntaxError):
        line = error.lineno
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == str(path):
            line = frame.lineno
    what = error.msg if isinstance(error, SyntaxError) else error
    return CircuitError(f"failed at {path}:{line}: {type(error).__name__}: {what}")


def _checked(name: str, value: object, annotation: object) -> object:
    """Return an option's value; types that are more than plain ones are the part's own affair."""
    words = str(getattr(annotation, "__name__", annotation)).split("|")
    kinds = [_KINDS.get(word.strip()) for word in words if word.strip() != "None"]
    if None in kinds:
        return value
    if float in kinds and type(value) is int:
        return float(value)
    if type(value) not in kinds:
        legal = " or ".join(
            {str: "a text", int: "a whole number", float: "a number"}.get(k or str, "true or false")
            for k in kinds
        )
        raise CircuitError(f"{name} = {value!r} is not {legal}")
    return value


def _is_own(value: object, module: ModuleType) -> bool:
    return (
        isinstance(value, type) and issubclass(value, Part) and value.__module__ == module.__name__
    )


def _bases(found: type[Part]) -> str:
    return ", ".join(base.__name__ for base in found.__mro__[1:-2])
