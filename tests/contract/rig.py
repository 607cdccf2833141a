"""What a contract test needs of a backend under test: the backend, and the outside world's hand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.backend import Backend
    from cpcompat.hal.hardware_watchdog import HardwareWatchdog
    from cpcompat.hal.pin import Pin

CIRCUIT = Path(__file__).with_name("contract.toml")


class Rig(ABC):
    """A backend with known things wired to it.

    * At I2C address 0x50 sits memory of 256 registers; 0x51 refuses the third byte of a write;
      nobody is at 0x2A.
    * On SPI sits a part, selected by D5, that answers each byte with its complement.
    * The UART's other end sends back what it hears, at 9600 baud.
    * At MOSI is a chain of pixels, too.
    * D20 and D21 are wired together. D4 is free, and the hand's.

    Attributes:
        board: The board.
        backend: The backend under test.
    """

    board: BoardDefinition
    backend: Backend

    def pin(self, name: str) -> Pin:
        """Return a pin of the board."""
        return self.board.names[name]

    def pass_ns(self, duration_ns: int) -> None:
        """Let time pass on the backend's clock."""
        self.backend.clock.sleep_ns(duration_ns)

    def settle(self, pin: str, level: bool) -> None:
        """Wait for a level to come over a wire that takes its time; here none does."""
        del pin, level

    @abstractmethod
    def drive(self, pin: str, level: bool | None) -> None:
        """Drive a pin from outside; None lets it go."""

    @abstractmethod
    def level(self, pin: str) -> bool:
        """Return the level at a pin as a meter outside shows it."""

    @abstractmethod
    def set_volts(self, pin: str, volts: float) -> None:
        """Put a voltage on an analog pin."""

    @abstractmethod
    def dac(self, pin: str) -> int | None:
        """Return what an analog output makes, 0 to 65535, or None while it is off."""

    @abstractmethod
    def pwm(self, pin: str) -> tuple[int, int] | None:
        """Return frequency and duty of the pulses at a pin, or None while there are none."""

    @abstractmethod
    def pixels(self) -> bytes:
        """Return the bytes that the pixels at MOSI were sent last."""

    def watchdog(self, timeout_s: int) -> HardwareWatchdog:
        """Start the computer's watchdog."""
        raise NotImplementedError("there is none")

    def watchdog_runs(self) -> bool:
        """Return whether the computer's watchdog counts."""
        raise NotImplementedError("there is none")
