"""Which files of the folder the USB host sees, and which of the host's the folder gets. Pure."""

from __future__ import annotations

from cpcompat.storage.fat import names

SEEDS: tuple[tuple[str, ...], ...] = (
    (".fseventsd", "no_log"),
    (".metadata_never_index",),
    (".Trashes",),
    (".Trash-1000",),
)
"""Empty files that keep hosts from indexing the drive and from keeping what was deleted
(CircuitPython ``supervisor/shared/filesystem.c``)."""
_NOBODYS = frozenset({".git", "__pycache__", "System Volume Information", "$RECYCLE.BIN"})
_HOSTS = ("._", ".Spotlight-", ".Trash", ".fseventsd", ".metadata_never_index", ".DS_Store")
_LARGEST = 0xFFFFFFFF
_LEAST_MB, _MOST_MB = 64, 4096


def is_shared(name: str, size: int = 0) -> bool:
    """Tell whether a file or folder is one that both sides have.

    Args:
        name: Its name, without a path.
        size: Its bytes.
    """
    if name in _NOBODYS or name.startswith(_HOSTS) or _comes_in(name) or size > _LARGEST:
        return False
    try:
        return names.checked(name) == name
    except OSError:
        return False


def _comes_in(name: str) -> bool:
    """Tell whether a name is one that files have here until they are whole."""
    return name.startswith(".") and name.endswith((".new", ".part"))


def image_bytes(content: int) -> int | None:
    """Return how large an image is to be, or None where no image is large enough.

    Args:
        content: The bytes of all files.
    """
    size_mb = _LEAST_MB
    while size_mb << 20 < 2 * content:
        size_mb *= 2
    return size_mb << 20 if size_mb <= _MOST_MB else None
