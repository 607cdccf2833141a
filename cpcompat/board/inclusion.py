"""How a board's file takes in what it shares with others: its ``include`` key.

Pure, and of no other module of ours: the build's hook runs this file by itself.
"""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

KEY = "include"


class InclusionError(Exception):
    """A file includes something that it cannot include."""


def resolve(
    table: Mapping[str, Any], read: Callable[[str], Mapping[str, Any] | None]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what a board's file says together with the files that it includes.

    Included files come first, in their order, each once; then the file itself. Where both say
    something, tables are merged, arrays of tables are put one after the other, and of anything else
    the later one counts.

    Args:
        table: What the file itself says.
        read: Returns what a shared file says, by its name without ``.toml``; None if there is none.

    Returns:
        What it all says, without the key ``include``, and the names of the files included.

    Raises:
        InclusionError: ``include`` is no list of names of shared files, there is no such file, or
            files include each other.
    """
    merged: dict[str, Any] = {}
    done: list[str] = []
    _take(merged, table, read, done, ())
    return merged, tuple(done)


def _take(
    merged: dict[str, Any],
    table: Mapping[str, Any],
    read: Callable[[str], Mapping[str, Any] | None],
    done: list[str],
    path: tuple[str, ...],
) -> None:
    for name in _names(table.get(KEY, [])):
        if name in path:
            raise InclusionError(f"{name!r} includes itself, by way of {' and '.join(path)}")
        if name in done:
            continue
        shared = read(name)
        if shared is None:
            raise InclusionError(f"there is no shared file '{name}.toml' to include")
        _take(merged, shared, read, done, (*path, name))
        done.append(name)
    _merge(merged, {key: value for key, value in table.items() if key != KEY})


def _names(value: object) -> list[str]:
    if isinstance(value, list) and all(map(_is_shared, value)):
        return value
    raise InclusionError(
        f"include = {value!r} is no list of names of shared files, which begin with '_'"
    )


def _is_shared(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_") and "/" not in name


def _merge(into: dict[str, Any], table: Mapping[str, Any]) -> None:
    for key, value in table.items():
        here = into.get(key)
        if isinstance(value, dict):
            kept = here if isinstance(here, dict) else {}
            into[key] = kept
            _merge(kept, value)
        elif _is_tables(value) and _is_tables(here):
            into[key] = [*(here or []), *value]
        else:
            into[key] = value


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
