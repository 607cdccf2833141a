"""The processor."""

from __future__ import annotations

from cpcompat.microcontroller.reasons import ResetReason


class Processor:
    """One of the chip's processors: `microcontroller.cpu`, or one of `microcontroller.cpus`."""

    __slots__ = ("_core",)

    _core: int

    def __init__(self) -> None:
        raise TypeError("cannot create 'Processor' instances")

    @property
    def frequency(self) -> int:
        """The clock of the processor in hertz, now; it may change with the load.

        On Linux: read only; the kernel governs it. Where it does not tell, what the board's file says.

        Raises:
            NotImplementedError: Neither says.
        """
        from cpcompat import hal

        machine = hal.machine()
        ask = getattr(machine.backend, "cpu_frequency_hz", None)
        found: int | None = None if ask is None else ask(self._core)
        if found is None:
            found = machine.board.frequency_hz
        if not found:
            error = NotImplementedError("frequency")
            error.add_note(f"The file of the board {machine.board.id} has no frequency_hz.")
            raise error
        return found

    @property
    def reset_reason(self) -> ResetReason:
        """Why the board started last."""
        from cpcompat import hal

        reason: ResetReason = getattr(ResetReason, str(hal.host().get("reset_reason")))
        return reason

    @property
    def temperature(self) -> float | None:
        """The chip's temperature in degrees Celsius, or None where it has no sensor."""
        from cpcompat import hal

        return hal.machine().backend.cpu_temperature_c()

    @property
    def uid(self) -> bytearray:
        """What tells this chip from any other, 8 bytes; a new object each time."""
        from cpcompat import hal

        return bytearray(hal.machine().backend.uid())

    @property
    def voltage(self) -> float | None:
        """The supply of the processor in volts, or None where nothing measures it.

        On Linux: a Raspberry Pi's kernel does not tell it, as upstream's port for these boards.
        """
        from cpcompat import hal

        ask = getattr(hal.machine().backend, "cpu_voltage_v", None)
        found: float | None = None if ask is None else ask()
        return found


def _make(core: int) -> Processor:
    made = object.__new__(Processor)
    made._core = core
    return made


cpu: Processor = _make(0)
_all: list[Processor] = [cpu]


def cpus() -> tuple[Processor, ...]:
    """Return the chip's processors, always the same objects."""
    from cpcompat import hal

    ask = getattr(hal.machine().backend, "cpu_count", None)
    count = 1 if ask is None else ask()
    while len(_all) < count:
        _all.append(_make(len(_all)))
    return tuple(_all[:count])
