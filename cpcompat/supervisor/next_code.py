"""`supervisor.set_next_code_file`: which file runs next."""

from __future__ import annotations

from cpcompat import hal
from cpcompat.hal.refusals import noted


def set_next_code_file(
    filename: str | None,
    *,
    working_directory: str | None = None,
    reload_on_success: bool = False,
    reload_on_error: bool = False,
    sticky_on_success: bool = False,
    sticky_on_error: bool = False,
    sticky_on_reload: bool = False,
) -> None:
    """Say what runs after this program. Each call replaces what the last one said.

    Args:
        filename: The file, best with its whole path; None for the usual ones.
        working_directory: The folder to be in when it starts.
        reload_on_success: Run it again at once after a normal end.
        reload_on_error: Run it again at once after an exception.
        sticky_on_success: Keep all this after a normal end.
        sticky_on_error: Keep all this after an exception.
        sticky_on_reload: Keep all this after a reload.

    Raises:
        TypeError: A name is neither a text nor None.
        ValueError: The file or the folder is not there.
    """
    file = _checked_name(filename, "filename")
    folder = _checked_name(working_directory, "working_directory")
    if file and not _exists(file):
        raise _missing("File not found")
    if folder and not _exists(folder):
        raise _missing("Invalid working_directory")
    flags = {
        "reload_on_success": bool(reload_on_success),
        "reload_on_error": bool(reload_on_error),
        "sticky_on_success": bool(sticky_on_success),
        "sticky_on_error": bool(sticky_on_error),
        "sticky_on_reload": bool(sticky_on_reload),
    }
    fact = {"filename": file, "working_directory": folder, **flags}
    hal.host().set("next_code_file", fact if file or any(flags.values()) else None)


def _checked_name(value: object, name: str) -> str | None:
    if isinstance(value, bytes):
        return value.decode() or None
    if value is None or isinstance(value, str):
        return value or None
    raise TypeError(f"{name} must be of type str or None, not {type(value).__name__}")


def _exists(path: str) -> bool:
    drive = hal.drive()
    return drive is not None and (drive.is_file(path) or drive.is_folder(path))


def _missing(text: str) -> Exception:
    no_drive = "This program was started by itself and has no drive."
    return noted(ValueError(text), no_drive if hal.drive() is None else None)
