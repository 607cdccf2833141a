"""What objects at pins have in common that hold one port of the hardware: their end."""

from __future__ import annotations

from cpcompat.hal.refusals import deinited

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from typing import Any, Self

    from cpcompat.hal.refusals import Hold


class PinObject:
    """An object at pins, which ends by `deinit`, at the end of a ``with``, or when nobody has it.

    A subclass makes its `Hold` and, inside it, opens its port.
    """

    __slots__ = ("__weakref__", "_hold", "_port")

    _hold: Hold
    _port: Any

    def deinit(self) -> None:
        """Release what it holds. Doing it again does nothing."""
        port, self._port = self._port, None
        if port is None:
            return
        try:
            port.close()
        finally:
            self._hold.release()

    def _live(self) -> Any:
        """Return the port.

        Raises:
            ValueError: The object is deinited.
        """
        port = self._port
        if port is None:
            raise deinited()
        return port

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.deinit()

    def __del__(self) -> None:
        # An object whose making failed has no port, and its pins are free again.
        if getattr(self, "_port", None) is not None:
            self.deinit()
