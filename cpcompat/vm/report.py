"""Tracebacks in the form of a board, with the drive's file names.

No source lines and no carets; frames of this package and of the import machinery are left out, as
a board has none. A file outside the drive is shown from its folder of libraries on
(``site-packages/adafruit_bme280/basic.py``): short, and not mistaken for one on the drive.
Source: CircuitPython ``py/objexcept.c``, ``py/obj.c``.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from cpcompat.hal import oserrors

if TYPE_CHECKING:
    from types import TracebackType

    Frame = tuple[str, int, str]

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_HEADER = "Traceback (most recent call last):\n"
_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"
_KEPT_OSERRORS = (ConnectionError, TimeoutError)


def format_exception(
    error: BaseException,
    *,
    notes: bool,
    traceback: TracebackType | None = None,
    limit: int | None = None,
    chain: bool = True,
) -> str:
    """Return an exception's traceback as a board prints it, with LF at the end of each line.

    Args:
        error: The exception.
        notes: Whether its notes follow its message.
        traceback: Another traceback than its own.
        limit: The most frames to show: the first ones, or if negative the last.
        chain: Whether the exceptions before it are shown too.
    """
    frames = _frames(error, traceback or error.__traceback__)
    if limit is not None:
        frames = frames[:limit] if limit >= 0 else frames[limit:]
    text = _one(error, frames, notes)
    seen = {id(error)}
    while chain:
        before, words = _before(error)
        if before is None or id(before) in seen:
            break
        seen.add(id(before))
        text = f"{_one(before, _frames(before, before.__traceback__), notes)}\n{words}\n\n{text}"
        error = before
    return text


def innermost(error: BaseException) -> tuple[int, str]:
    """Return line and file of where an exception was raised, ``(0, "")`` if nowhere."""
    frames = _frames(error, error.__traceback__)
    return (frames[-1][1], frames[-1][0]) if frames else (0, "")


def type_name(error: BaseException) -> str:
    """Return the name of an exception's type as a board has it."""
    if isinstance(error, OSError) and not isinstance(error, _KEPT_OSERRORS):
        if type(error).__module__ == "builtins":
            return "OSError"
    elif type(error) is ModuleNotFoundError:
        return "ImportError"
    return type(error).__name__


def _before(error: BaseException) -> tuple[BaseException | None, str]:
    if error.__cause__ is not None:
        return error.__cause__, _CAUSE
    if error.__suppress_context__:
        return None, ""
    return error.__context__, _CONTEXT


def _one(error: BaseException, frames: list[Frame], notes: bool) -> str:
    lines = [_HEADER] if frames else []
    for file, line, block in frames:
        where = f", in {block}" if block else ""
        lines.append(f'  File "{file}", line {line}{where}\n')
    lines.append(f"{type_name(error)}: {message(error)}\n")
    if notes:
        lines += [f"{note}\n" for note in getattr(error, "__notes__", ())]
    return "".join(lines)


def message(error: BaseException) -> str:
    """Return what an exception says, in a board's words where those differ."""
    try:
        if isinstance(error, SyntaxError):
            return str(error.msg)
        if isinstance(error, OSError):
            return _os_message(error)
        if isinstance(error, KeyError) and len(error.args) == 1:
            return str(error.args[0])
        return str(error)
    except Exception as failed:
        return f"<no text: its __str__ raised {type(failed).__name__}>"


def _os_message(error: OSError) -> str:
    """Translate what the host's library said; what a board said already stays."""
    number = error.errno
    if number is None or error.strerror != os.strerror(number):
        return str(error)
    words = oserrors.text(number)
    if words is None:
        return str(number)
    name = error.filename
    return f"[Errno {number}] {words}" + ("" if name is None else f": {os.fsdecode(name)}")


def _frames(error: BaseException, traceback: TracebackType | None) -> list[Frame]:
    frames: list[Frame] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not _is_hidden(code.co_filename):
            name = shown(code.co_filename)
            frames.append((name, traceback.tb_lineno or 0, code.co_name))
        traceback = traceback.tb_next
    if isinstance(error, SyntaxError) and error.filename is not None:
        frames.append((shown(error.filename), error.lineno or 0, ""))
    return frames


def _is_hidden(file: str) -> bool:
    return file.startswith((_OURS, "<frozen ")) or file.endswith("/importlib/__init__.py")


def shown(file: str) -> str:
    """Return a file's name as programs see it.

    Args:
        file: As the code object has it: a name on the drive, or a path of the host.
    """
    if not file.startswith("/"):
        return file
    for folder in sorted(sys.path, key=len, reverse=True):
        if folder.startswith("/") and file.startswith(folder.rstrip("/") + "/"):
            return os.path.basename(folder.rstrip("/")) + file[len(folder.rstrip("/")) :]
    return file
