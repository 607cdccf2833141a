"""Which file system is where, and who may write it."""

from __future__ import annotations

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any


class Access:
    """Upstream's rule of two writers: a file system has one at a time, program or USB host.

    Source: CircuitPython ``supervisor/shared/filesystem.c``.

    Attributes:
        protected: The rule holds; else both may write.
        usb_writable: The USB host is the one that may, not the program.
        bypass: Neither is held back: boot.py runs.
    """

    __slots__ = ("bypass", "protected", "usb_writable")

    def __init__(
        self, *, protected: bool = True, usb_writable: bool = False, bypass: bool = False
    ) -> None:
        self.protected = protected
        self.usb_writable = usb_writable
        self.bypass = bypass

    @classmethod
    def from_fact(cls, fact: dict[str, Any], *, bypass: bool) -> Access:
        """Return the access that an earlier program left; what is no word of it counts as unsaid."""
        return cls(
            protected=bool(fact.get("protected", True)),
            usb_writable=bool(fact.get("usb_writable", False)),
            bypass=bypass,
        )

    def fact(self) -> dict[str, bool]:
        """Return what `from_fact` understands."""
        return {"protected": self.protected, "usb_writable": self.usb_writable}

    @property
    def python_writable(self) -> bool:
        """Whether programs may write."""
        return self.bypass or not self.protected or not self.usb_writable

    @property
    def host_writable(self) -> bool:
        """Whether the USB host may write."""
        return self.bypass or not self.protected or self.usb_writable


class Mounts:
    """The file systems that a program has mounted, by path."""

    __slots__ = ("_by_path",)

    def __init__(self) -> None:
        self._by_path: dict[str, Any] = {}

    def __bool__(self) -> bool:
        return bool(self._by_path)

    def add(self, path: str, filesystem: Any) -> bool:
        """Note a file system; return False where another is, above or below.

        Args:
            path: Where to, from the drive's root, normalised: ``"/sd"``.
            filesystem: The file system.
        """
        inside = path + "/"
        if any(f"{at}/".startswith(inside) or inside.startswith(f"{at}/") for at in self._by_path):
            return False
        self._by_path[path] = filesystem
        return True

    def at(self, path: str) -> Any:
        """Return what is mounted at exactly that path, or None."""
        return self._by_path.get(path)

    def find(self, path: str) -> tuple[Any, str] | None:
        """Return the file system that a path leads into, and the path there; None for the drive's."""
        for at, filesystem in self._by_path.items():
            if path == at or path.startswith(at + "/"):
                return filesystem, path[len(at) :] or "/"
        return None

    def path_of(self, filesystem: object) -> str | None:
        """Return where a file system is mounted, or None."""
        return next((at for at, it in self._by_path.items() if it is filesystem), None)

    def remove(self, path: str) -> None:
        """Forget what is mounted at a path."""
        del self._by_path[path]
