"""What a way to hardware must offer, and the machine that a program runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cpcompat.board.definition import BoardDefinition, I2cPins, SpiPins, UartPins
    from cpcompat.hal.analog import AnalogInput, AnalogOutput
    from cpcompat.hal.clock import Clock
    from cpcompat.hal.edges import EdgeSource
    from cpcompat.hal.gpio import Line, Pull
    from cpcompat.hal.i2c import I2cBus
    from cpcompat.hal.pin import Pin
    from cpcompat.hal.pixels import PixelOutput
    from cpcompat.hal.pwm import PwmOutput
    from cpcompat.hal.spi import SpiBus
    from cpcompat.hal.uart import UartPort


class Backend(Protocol):
    """One way to hardware. Each method opens one thing; whoever opened it closes it.

    Who may use a pin is decided above (`cpcompat.hal.claims`); a backend says BUSY only for
    holders outside this program. Every method raises `HalError` with ABSENT for what the board
    does not have, DENIED where permission is lacking, and GONE once the backend has ended.

    Four more methods are its choice; who wants them looks whether they are there:

    * ``lines(pins) -> LineGroup | None``: opens several GPIO lines as one; without it, or None, they
      are opened one by one (`cpcompat.hal.line_group`).
    * ``cpu_count() -> int``: how many processors the chip has; without it, one.
    * ``cpu_frequency_hz(core: int) -> int | None``: what a processor is clocked with now; without it,
      or None, what the board's file says.
    * ``cpu_voltage_v() -> float | None``: the supply of the processors; without it, None: not known.

    Attributes:
        clock: The time of this hardware.
    """

    clock: Clock

    def line(self, pin: Pin) -> Line:
        """Open a GPIO line; neither level nor direction changes by it."""
        ...

    def edges(
        self, pin: Pin, pull: Pull, rising: bool, falling: bool, debounce_ns: int
    ) -> EdgeSource:
        """Open a GPIO line as an input whose edges of the wanted kind are kept.

        Args:
            pin: The line.
            pull: Its resistor.
            rising: Keep low-to-high edges.
            falling: Keep high-to-low edges.
            debounce_ns: A level must hold so long to count; 0 keeps every edge.
        """
        ...

    def i2c(self, pins: I2cPins, frequency_hz: int) -> I2cBus:
        """Open an I2C bus."""
        ...

    def spi(self, pins: SpiPins) -> SpiBus:
        """Open an SPI bus."""
        ...

    def uart(self, pins: UartPins) -> UartPort:
        """Open a serial port."""
        ...

    def pwm(self, pin: Pin) -> PwmOutput:
        """Open a PWM output."""
        ...

    def pixels(self, pin: Pin) -> PixelOutput:
        """Open a line to a chain of pixels; a GPIO line of the same pin may be open, and rests."""
        ...

    def analog_input(self, pin: Pin) -> AnalogInput:
        """Open an analog input."""
        ...

    def analog_output(self, pin: Pin) -> AnalogOutput:
        """Open an analog output."""
        ...

    def cpu_temperature_c(self) -> float | None:
        """Return the chip's temperature in degrees Celsius, or None where it has no sensor."""
        ...

    def uid(self) -> bytes:
        """Return what tells this chip from any other, 8 bytes."""
        ...

    def close(self) -> None:
        """Let everything go. Closing again does nothing."""
        ...


class Broker(Protocol):
    """The supervisor's hold on the hardware, which outlives each program.

    Two more methods are its choice:

    * ``level(pin) -> bool`` makes a pin an input with a pull-up, while no program runs, and returns its
      level; `safe` lets it go. Raises `HalError`.
    * ``look() -> int`` returns the descriptor of a ``SOCK_SEQPACKET`` connection at which the board can
      be looked at as `cpcompat.hal.viewing` says; the caller closes it. Raises `OSError` while the
      backend's process is dead.

    Synchronization: the supervisor's own thread.
    """

    def grant(self) -> tuple[str, list[int]]:
        """Prepare one program's way to the hardware.

        Returns:
            A text that the backend's ``attach`` understands, and the descriptors to hand over with
            it; the caller closes its copies.
        """
        ...

    def safe(self) -> None:
        """Bring every line back to its reset state. Only after the program's processes are reaped."""
        ...

    def spare(self) -> list[int]:
        """Return descriptors for `BackendModule.safe_from`; the caller closes them.

        They go to another process beforehand, so that the lines can be brought back when this one
        has died without a word. May be called more than once.
        """
        ...

    def shine(self, pin: Pin, on: bool | None) -> None:
        """Drive a pin with a light on it, while no program runs; None lets it go.

        Raises:
            HalError: The pin cannot be driven.
        """
        ...

    def glow(self, pin: Pin, data: bytes) -> None:
        """Send bytes to a chain of pixels at a pin, while no program runs; see `PixelOutput.write`.

        Raises:
            HalError: The pin cannot do that.
        """
        ...

    def uid(self) -> bytes:
        """Return what tells this chip from any other, 8 bytes; see `Backend.uid`."""
        ...

    def close(self) -> None:
        """End it all. Closing again does nothing."""
        ...


class Launch(Protocol):
    """Starts a process of the backend's own beside the programs (the zygote forks it)."""

    def __call__(self, module: str, arguments: dict[str, object], descriptors: list[int]) -> int:
        """Fork a process that calls ``main(arguments, descriptors)`` of a module.

        Args:
            module: Full name of a module of this package or of an installed backend.
            arguments: Anything that JSON can say.
            descriptors: Handed over; the caller closes its copies.

        Returns:
            The process's id; it is a child of the caller, who reaps it.
        """
        ...


class BackendModule(Protocol):
    """What the package of a backend must have (``cpcompat.backends.NAME`` or an entry point).

    Four more functions are its choice; who wants them looks whether they are there:

    * ``board_table() -> dict``: what a board's file would say of this computer, for a board whose
      file has ``from_backend = true``. Raises `HalError` where there is nothing to make a board of.
    * ``diagnose(board) -> list[Finding]``: what works of a board on this computer, what does not,
      and what cures it (`cpcompat.hal.finding`), for ``cpcompat doctor``. It changes nothing.
    * ``make_ready()``: loads what `safe_from` needs, so that it takes no time when it counts.
    * ``hardware_watchdog(path, timeout_s) -> HardwareWatchdog``: starts the computer's own watchdog.
      Raises `HalError` where it cannot be had.
    """

    def broker(self, board: BoardDefinition, options: dict[str, object], launch: Launch) -> Broker:
        """Take hold of the hardware for a supervisor.

        Args:
            board: The board.
            options: What the command line said to this backend; unknown names are an error.
            launch: Starts a process of the backend's own, where it needs one.
        """
        ...

    def connect(self, board: BoardDefinition) -> Backend:
        """Reach the hardware from a program that runs without a supervisor."""
        ...

    def attach(self, board: BoardDefinition, grant: str, descriptors: list[int]) -> Backend:
        """Reach the hardware through what the supervisor's broker granted."""
        ...

    def safe_from(self, descriptors: list[int]) -> None:
        """Bring every line back, from what `Broker.spare` gave, when the broker's process is dead."""
        ...
