"""Which board a device tree names: the index of the boards' files, and looking a board up in it.

A file says in ``detect`` which ``compatible`` strings are its board's. Where one string is that of
several boards, as Raspberry Pi's device trees have it, ``models`` tells them apart.

Pure, and of no other module of ours: the build's hook runs this file by itself.
"""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    Index = dict[str, dict[str, str]]

_ANY_MODEL = ""
_REVISION = " Rev "


def index(tables: Mapping[str, Mapping[str, Any]]) -> Index:
    """Return the boards' ids by ``compatible`` string and, within, by model; "" is any other model.

    Args:
        tables: What each board's file says, by board id.

    Raises:
        ValueError: Two boards say the same of themselves.
    """
    found: Index = {}
    for board_id, table in tables.items():
        for compatible in table.get("detect", ()):
            models = found.setdefault(compatible, {})
            for model in table.get("models", (_ANY_MODEL,)):
                if models.setdefault(model, board_id) != board_id:
                    raise ValueError(
                        f"the boards {models[model]!r} and {board_id!r} are both {compatible!r}"
                        " and nothing tells them apart"
                    )
    return found


def find(boards: Index, compatible: Iterable[str], model: Callable[[], str]) -> str | None:
    """Return the id of the board that a device tree describes, or None.

    Args:
        boards: The index.
        compatible: The device tree's strings, the most exact first.
        model: Returns the device tree's ``model``; asked only where several boards share a string.
    """
    for name in compatible:
        models = boards.get(name)
        if models:
            ids = set(models.values())
            if len(ids) == 1:
                return ids.pop()
            full = model()
            for key in (full, full.partition(_REVISION)[0], _ANY_MODEL):
                if key in models:
                    return models[key]
    return None
