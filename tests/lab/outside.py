"""The hand outside: what a bench around the Pi does and sees at its pins.

It reaches the GPIO controller's registers over QEMU's test socket
(https://www.qemu.org/docs/master/devel/testing/qtest.html), which asks no program in the Pi. The registers
are those of BCM2835 ARM Peripherals, chapter 6; QEMU's model keeps what is set on an input, so setting it
is what a wire to 3.3 V or to ground is.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.lab.qmp import PATIENCE_S, LabError

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

GPIO = 0x3F200000
_SELECT, _SET, _CLEAR, _LEVEL = 0x00, 0x1C, 0x28, 0x34
INPUT, OUTPUT = 0, 1
"""Values of a pin's function select; 4 to 7, 3 and 2 are its alternate functions 0 to 3, 4 and 5."""


def _wake(number: int, level: bool) -> str:
    register = (_SET if level else _CLEAR) + 4 * (number // 32)
    return f"writel {GPIO + register:#x} {1 << number % 32:#x}"


class Hand:
    """The hand at the pins.

    Args:
        connection: QEMU's test socket.
        wires: Jumper wires, each an output's number and that of the input which follows it. A wire is
            a thread on this side: what it carries arrives a little later.
    """

    def __init__(self, connection: socket.socket, wires: Iterable[tuple[int, int]]) -> None:
        self._connection = connection
        self._wires = list(wires)
        self._asking = threading.Lock()
        self._sending = threading.Lock()
        self._answered = threading.Condition()
        self._answers: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ask("irq_intercept_out /machine/soc/peripherals/gpio")

    def drive(self, number: int, level: bool) -> None:
        """Drive a GPIO from outside."""
        self._ask(_wake(number, level))

    def level(self, number: int) -> bool:
        """Return the level at a GPIO."""
        return bool(self._register(_LEVEL + 4 * (number // 32)) >> number % 32 & 1)

    def function(self, number: int) -> int:
        """Return a GPIO's function select: `INPUT`, `OUTPUT`, or that of an alternate function."""
        return self._register(_SELECT + 4 * (number // 10)) >> 3 * (number % 10) & 7

    def _register(self, offset: int) -> int:
        return int(self._ask(f"readl {GPIO + offset:#x}").split()[1], 16)

    def _ask(self, command: str) -> str:
        with self._asking:
            self._send(command)
            with self._answered:
                if not self._answered.wait_for(lambda: self._answers, PATIENCE_S):
                    raise LabError(f"QEMU's test socket does not answer {command!r}")
                answer = self._answers.pop(0)
        if not answer.startswith("OK"):
            raise LabError(f"QEMU's test socket answers {answer!r} to {command!r}")
        return answer

    def _send(self, command: str) -> None:
        with self._sending:
            self._connection.sendall(command.encode() + b"\n")

    def _read(self) -> None:
        own = 0  # answers to come that are to a wire's commands
        with self._connection.makefile("r") as lines:
            try:
                for line in lines:
                    own = self._take(line.rstrip("\n"), own)
            except (OSError, ValueError):
                pass
        self._answer("FAIL: QEMU has ended")

    def _take(self, line: str, own: int) -> int:
        if line.startswith("IRQ "):
            _, what, number = line.split()
            ends = [end for start, end in self._wires if start == int(number)]
            for end in ends:
                self._send(_wake(end, what == "raise"))
            return own + len(ends)
        if own and line == "OK":
            return own - 1
        self._answer(line)
        return own

    def _answer(self, line: str) -> None:
        with self._answered:
            self._answers.append(line)
            self._answered.notify_all()

    def close(self) -> None:
        """Take it away."""
        self._connection.close()
