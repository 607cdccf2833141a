"""The processor."""

from __future__ import annotations

from cpcompat.microcontroller.reasons import ResetReason


class Processor:
    """The chip's processor. There is one: `microcontroller.cpu`."""

    __slots__ = ()

    def __init__(self) -> None:
        raise TypeError("cannot create 'Processor' instances")

    @property
    def frequency(self) -> int:
        """The clock of the processor in hertz, as the board's file says.

        Raises:
            NotImplementedError: The board's file does not say.
        """
        from cpcompat import hal

        board = hal.machine().board
        if not board.frequency_hz:
            error = NotImplementedError("frequency")
            error.add_note(f"The file of the board {board.id} has no frequency_hz.")
            raise error
        return board.frequency_hz

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
        """The supply of the processor in volts: None, it is not known."""
        return None


cpu: Processor = object.__new__(Processor)
cpus: tuple[Processor, ...] = (cpu,)
