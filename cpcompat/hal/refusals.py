"""Upstream's exceptions, made from the faults of the hardware.

A face's table says for each fault which exception and which text programs know. What Linux has to
say about it, the cause and the way out, becomes a note.
"""

from __future__ import annotations

from cpcompat.hal.claims import PinInUse
from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than all of this package
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from cpcompat.hal import Machine
    from cpcompat.hal.pin import Pin

    Refusal = tuple[type[Exception], *tuple[object, ...]]
    Refusals = Mapping[Fault, Refusal]

EIO = (OSError, 5, "Input/output error")
EACCES = (OSError, 13, "Permission denied")

GENERAL: Refusals = {
    Fault.BUSY: (OSError, 16, "EBUSY"),
    Fault.ABSENT: (OSError, 19, "No such device"),
    Fault.DENIED: EACCES,
    Fault.TIMEOUT: (OSError, 110, "ETIMEDOUT"),
    Fault.UNSUPPORTED: (NotImplementedError,),
}


def noted(error: Exception, *notes: str | None) -> Exception:
    """Return the exception with notes added; None is passed over."""
    for note in notes:
        if note:
            error.add_note(note)
    return error


def refusal(error: HalError, table: Refusals) -> Exception:
    """Return what a program shall see of a fault.

    Args:
        error: The fault.
        table: The face's own words; what it lacks is looked up in `GENERAL`, then is an EIO.
            ``{where}`` in them is the fault's place: a pin's name.
    """
    kind, *arguments = table.get(error.fault) or GENERAL.get(error.fault) or EIO
    words = (a.format(where=error.where) if isinstance(a, str) else a for a in arguments)
    said = str(error)
    return noted(kind(*words), f"{said[:1].upper()}{said[1:]}.", error.cure)


def deinited() -> ValueError:
    """Return the exception for the use of an object after its ``deinit()``."""
    return ValueError(
        "Object has been deinitialized and can no longer be used. Create a new object."
    )


class Hold:
    """Pins claimed for one object, given back when the object is deinited or its making fails.

    Use it as a context around what opens the hardware: a fault in there becomes the program's
    exception and the pins are free again.

    Args:
        machine: The board.
        pins: The pins to claim.
        holder: The object's kind, ``"busio.I2C"``.
        table: The face's words for faults while it opens the hardware.

    Raises:
        ValueError: One of the pins is in use; a note tells who holds it.
    """

    __slots__ = ("_claims", "_pins", "_table")

    def __init__(self, machine: Machine, pins: Iterable[Pin], holder: str, table: Refusals) -> None:
        self._claims = machine.claims
        self._pins = tuple(pins)
        self._table = table
        try:
            self._claims.take(self._pins, holder)
        except PinInUse as error:
            way_out = "Call deinit() on that object first, or use it instead of a second one."
            raise noted(ValueError(str(error)), f"{error.claim} {way_out}") from None

    def __enter__(self) -> Hold:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if error is None:
            return
        self.release()
        if isinstance(error, HalError):
            raise refusal(error, self._table) from None

    def release(self) -> None:
        """Give the pins back. Doing it again does nothing."""
        pins, self._pins = self._pins, ()
        self._claims.release(pins)
