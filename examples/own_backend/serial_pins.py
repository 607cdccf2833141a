"""Pins of a microcontroller on a serial port that speaks this protocol of lines:

configure 4 output none push-pull 1      answers: ok
read 4                                   answers: 0 or 1
write 4 0                                answers: ok, or «wrong direction» for an input
release 4, release all                   answers: ok; the pins are inputs again
id                                       answers: what tells this one from any other
"""

from __future__ import annotations

import errno
import os
import select
import termios
import tty

from cpcompat.hal.clock import RealClock
from cpcompat.hal.errors import Fault, HalError

PATIENCE_S = 2.0


class Port:
    """The serial port. One question at a time: each waits for its answer."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def of(cls, board) -> Port:
        """Open the device that the board's file names."""
        device = board.for_backend["device"]
        try:
            descriptor = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except PermissionError:
            cure = "Join the group that owns it (sudo usermod -aG dialout $USER), then log in anew."
            raise HalError(Fault.DENIED, device, cure) from None
        except OSError as error:
            raise HalError(Fault.ABSENT, device, f"{error.strerror}. Is it plugged in?") from None
        tty.setraw(descriptor)
        return cls(descriptor)

    def ask(self, question: str) -> str:
        """Send a line and return the line that answers it."""
        try:
            os.write(self.descriptor, question.encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                if not select.select([self.descriptor], [], [], PATIENCE_S)[0]:
                    raise HalError(Fault.TIMEOUT, f"serial pins, {question!r}")
                answer += os.read(self.descriptor, 64)
        except OSError as error:
            fault = Fault.GONE if error.errno == errno.EIO else Fault.BROKEN
            raise HalError(fault, "the serial port") from None
        return answer.decode().strip()

    def make_safe(self) -> None:
        """Make every pin an input, whatever a program that was killed had begun to say."""
        termios.tcflush(self.descriptor, termios.TCIFLUSH)
        os.write(self.descriptor, b"\n")  # ends its line
        self.ask("release all")


class SerialLine:
    """One pin; see `cpcompat.hal.gpio.Line`."""

    def __init__(self, port: Port, pin) -> None:
        self.port = port
        self.pin = pin
        self.open = True

    def configure(self, direction, pull, drive, value) -> None:
        drive_name = drive.value.replace(" ", "-")
        words = (self.pin.id, direction.value, pull.value, drive_name, int(value))
        self.port.ask(f"configure {' '.join(map(str, words))}")

    def read(self) -> bool:
        return self.port.ask(f"read {self.pin.id}") == "1"

    def write(self, value: bool) -> None:
        if self.port.ask(f"write {self.pin.id} {int(value)}") != "ok":
            raise HalError(Fault.WRONG_DIRECTION, f"pin {self.pin.name}")

    def close(self) -> None:
        if self.open:
            self.open = False
            self.port.ask(f"release {self.pin.id}")


class SerialPins:
    """The hardware; see `cpcompat.hal.backend.Backend`. It has pins, and nothing else."""

    def __init__(self, port: Port) -> None:
        self.port = port
        self.clock = RealClock()

    def line(self, pin) -> SerialLine:
        return SerialLine(self.port, pin)

    def _absent(self, *what):
        raise HalError(Fault.ABSENT, "serial pins", "This hardware has digital pins only.")

    edges = i2c = spi = uart = pwm = analog_input = analog_output = _absent

    def cpu_temperature_c(self) -> None:
        return None

    def uid(self) -> bytes:
        return self.port.ask("id").encode()[:8].ljust(8, b"\0")

    def close(self) -> None:
        os.close(self.port.descriptor)


class Broker:
    """The supervisor's hold on the port; see `cpcompat.hal.backend.Broker`."""

    def __init__(self, port: Port) -> None:
        self.port = port

    def grant(self):
        return "", [os.dup(self.port.descriptor)]

    def spare(self):
        return [os.dup(self.port.descriptor)]

    def safe(self) -> None:
        self.port.make_safe()

    def uid(self) -> bytes:
        return SerialPins(self.port).uid()

    def close(self) -> None:
        self.port.make_safe()
        os.close(self.port.descriptor)


# What cpcompat asks this module for; see `cpcompat.hal.backend.BackendModule`.


def connect(board) -> SerialPins:
    return SerialPins(Port.of(board))


def broker(board, options, launch) -> Broker:
    return Broker(Port.of(board))


def attach(board, grant, descriptors) -> SerialPins:
    return SerialPins(Port(descriptors[0]))


def safe_from(descriptors) -> None:
    Port(descriptors[0]).make_safe()
