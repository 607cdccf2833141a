"""What a circuit tells whoever keeps a record of it: a waveform file, a window, a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cpcompat.hal.uart import Parity


class I2cMessage(NamedTuple):
    """One message of an I2C transaction: what lies between two START conditions.

    Attributes:
        is_read: True when the part sent the bytes.
        data: The bytes on the wire, the refused one included; what was not sent any more is not.
        acked: How many bytes were acknowledged; -1 when the address was not. All bytes of a read
            count as acknowledged (the controller's NAK on the last one is how a read ends).
    """

    is_read: bool
    data: bytes
    acked: int


class Recorder(Protocol):
    """Hears what happens on a circuit, each thing once, in the order in which it begins.

    Pins go by the chip's names (``"GPIO17"``). Times are the circuit's, in nanoseconds, and say
    when the first edge appears. A transfer is told as a whole, so a level that changes while it
    is on the wire comes after it with a later time that lies inside it. On the real clock a
    transfer takes no time: the next may begin before the wire time of this one has passed, and
    who draws it has to move it.

    Synchronization: called under the circuit's lock, so one call at a time.
    """

    def level(self, time_ns: int, pin: str, level: bool) -> None:
        """Hear that a pin has a new level. When recording begins each pin's level is told once."""
        ...

    def pwm(self, time_ns: int, pin: str, frequency_hz: int, duty: int) -> None:
        """Hear that a pin is pulsed from now on, beginning with the high part.

        Its single edges are not told. ``frequency_hz`` 0 says that the pulses have ended; a
        `level` follows.
        """
        ...

    def i2c(
        self,
        time_ns: int,
        bus: int,
        frequency_hz: int,
        address: int,
        messages: Sequence[I2cMessage],
    ) -> None:
        """Hear one transaction, from START to STOP."""
        ...

    def spi(
        self, time_ns: int, bus: int, baudrate_hz: int, mode: int, mosi: bytes, miso: bytes
    ) -> None:
        """Hear one transfer; both sides are of one length. Chip selects are levels of pins."""
        ...

    def uart(
        self,
        time_ns: int,
        port: int,
        direction: Literal["tx", "rx"],
        baudrate: int,
        bits: int,
        parity: Parity,
        stop: int,
        data: bytes,
    ) -> None:
        """Hear bytes that follow each other without a gap, framed as their sender frames them."""
        ...
