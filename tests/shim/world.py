"""A world: the hardware that programs under the kernel shim see, and the test's hand on it."""

from __future__ import annotations

import ctypes
import errno
import os
import time
from typing import TYPE_CHECKING

from tests.shim.build import library
from tests.shim.building import KIND
from tests.shim.buses import Buses
from tests.shim.hand import Look, Pulses, Record, operations
from tests.shim.records import Call, LineState

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

SHORT = -1
_BESIDE_CALLS = frozenset({"level", "release"})


class World(Buses):
    """Hardware in a folder. Inside ``with`` this process and those it starts see it.

    Args:
        folder: A folder of its own; it must not exist yet.
        board: A key of `tests.shim.tree.MODELS`, for its GPIO chips and device tree (`add_i2c` and
            the like add buses, `add_header` all that the header has); None for an empty world.
        persist: Whether lines keep driving when their last descriptor is closed, as the kernel of
            Raspberry Pi OS has it (``pinctrl_bcm2835.persist_gpio_outputs=1``).
        log: Whether calls are recorded.
        enter: Whether each emulated call goes into the kernel once, for fair timing.
        lockless: Leaves the world's lock out, for timing: one thread in one process only.
        without_v2: A kernel before 5.10, that has no version 2 of the GPIO character device.
    """

    def __init__(
        self,
        folder: Path,
        board: str | None = "rpi4",
        *,
        persist: bool = True,
        log: bool = True,
        enter: bool = False,
        lockless: bool = False,
        without_v2: bool = False,
    ) -> None:
        super().__init__(folder)
        self._old: dict[str, str | None] = {}
        self._operations = operations(self.shim)
        self._numbers = {name: number for number, name in self._operations.items()}
        self.shim.cpshim_options(enter, log, lockless, persist, without_v2)
        if board is not None:
            self.add_board(board)

    # ------------------------------------------------------------------ entering

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that is to live in this world."""
        return {**os.environ, **self._variables()}

    def _variables(self) -> dict[str, str]:
        others = [p for p in os.environ.get("LD_PRELOAD", "").split(":") if p and "cpshim" not in p]
        return {
            "LD_PRELOAD": ":".join([str(library()), *others]),
            "CPSHIM_WORLD": str(self.folder),
        }

    def __enter__(self) -> World:
        for name, value in self._variables().items():
            self._old[name] = os.environ.get(name)
            os.environ[name] = value
        self.shim.cpshim_serve()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for peer in self.peers:
            peer.close()
        self.shim.cpshim_stop()
        self.shim.cpshim_detach()
        for name, value in self._old.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    # ------------------------------------------------------------------ the hand

    def drive(self, line: str | int, level: bool | None, at_ns: int = 0) -> None:
        """Drive a line from outside; None lets it go.

        Args:
            line: The line.
            level: Its level.
            at_ns: When its edge is said to happen, on CLOCK_MONOTONIC; 0: now.
        """
        self.shim.cpshim_drive(*self.where(line), -1 if level is None else int(level), at_ns)

    def resistor(self, line: str | int, pull: str | None) -> None:
        """Put a resistor on a line, "up" or "down"; it is stronger than those in the chip."""
        self.shim.cpshim_resistor(*self.where(line), {"up": 1, "down": -1, None: 0}[pull])

    def level(self, line: str | int) -> bool:
        """Return the level at a line, as a meter shows it."""
        return bool(self.shim.cpshim_level(*self.where(line)))

    def toggle(self, line: str | int, count: int, period_ns: int = 0) -> None:
        """Make ``count`` edges on a line from outside, one each period."""
        self.shim.cpshim_toggle(*self.where(line), count, period_ns)

    def line(self, line: str | int) -> LineState:
        """Return everything about a line."""
        return self._line(*self.where(line))

    def _line(self, chip: int, offset: int) -> LineState:
        look = Look()
        self.shim.cpshim_look(chip, offset, ctypes.byref(look))
        pull = {1: "up", -1: "down", 0: None}[look.pull]
        return LineState(
            look.name.decode(),
            look.consumer.decode(),
            bool(look.used),
            bool(look.output),
            bool(look.value),
            pull,
            bool(look.level),
            look.flags,
        )

    def lines(self, chip: int = 0) -> list[LineState]:
        """Return everything about all lines of a chip; what dead processes held is let go first."""
        return [self._line(chip, offset) for offset in range(self._chips[chip])]

    def driven(self) -> list[str]:
        """Return the names of the first chip's lines whose pads drive, whoever has them."""
        return [line.name for line in self.lines() if line.output]

    def pulses(self, line: str | int) -> Pulses | None:
        """Return what PWM makes at a line, or None where it has none or is off."""
        found = Pulses()
        if (place := self.pwm_at.get(self.where(line))) is None:
            return None
        self.shim.cpshim_pulses(*place, ctypes.byref(found))
        return found if found.enabled else None

    def pulsed_level(self, line: str | int) -> bool:
        """Return the level at a line, be it made by PWM or not."""
        pulses = self.pulses(line)
        if pulses is None:
            return self.level(line)
        phase = (time.monotonic_ns() - pulses.since_ns) % pulses.period_ns
        return (phase < pulses.duty_ns) is not bool(pulses.inversed)

    def set_volts(self, device: int, channel: int, volts: float) -> None:
        """Put a voltage on a converter's input, as the reading nearest to it."""
        place = f"/sys/bus/iio/devices/iio:device{device}/in_voltage{channel}"
        scale = float(self.tree.at(f"{place}_scale").read_text())
        highest = (1 << self.where(f"iio:device{device}")[1]) - 1
        reading = min(highest, max(0, round(volts * 1000 / scale)))
        self.tree.at(f"{place}_raw").write_text(f"{reading}\n")

    def dac(self, device: int, channel: int) -> int | None:
        """Return the figure that a converter's output makes, or None while it is off."""
        place = self.tree.at(f"/sys/bus/iio/devices/iio:device{device}/out_voltage{channel}")
        if int(place.with_name(f"{place.name}_powerdown").read_text()):
            return None
        return int(place.with_name(f"{place.name}_raw").read_text())

    def opened(self, kind: str | None = None) -> int:
        """Return how many descriptions are open: of chips, requests, i2c, spi, pwm; or of any."""
        return int(self.shim.cpshim_open(0 if kind is None else KIND[kind]))

    # ------------------------------------------------------------------ faults

    def inject(
        self,
        op: str | None,
        error: int,
        *,
        device: str | None = None,
        address: int | None = None,
        skip: int = 0,
        times: int = 1,
        path: str = "",
    ) -> None:
        """Let calls fail.

        Args:
            op: Which (`Call.op`); None for any.
            error: The errno; `SHORT` for no error, but less done than was asked for (of I2C and SPI).
            device: ``"i2c-1"``, ``"spidev0.0"``, ``"gpiochip0"``; None for all.
            address: I2C address, or the first line of a GPIO request; None for all.
            skip: So many such calls succeed before.
            times: So many fail then; 0 for all that follow.
            path: For ``"open"``: how the path ends.
        """
        number = -1 if device is None else self.where(device)[0]
        made = self.shim.cpshim_fault(
            0 if op is None else self._numbers[op],
            number,
            -1 if address is None else address,
            error,
            skip,
            times,
            path.encode(),
        )
        if made < 0:
            raise OSError(errno.ENOSPC, "too many faults")

    def no_faults(self) -> None:
        """Forget all that was injected."""
        self.shim.cpshim_no_fault()

    # ------------------------------------------------------------------ the log

    def mark(self) -> int:
        """Return the index that the next record will have."""
        return int(self.shim.cpshim_logged())

    def log(self, since: int = 0) -> list[Call]:
        """Return the records from an index on, calls and what came of them.

        Raises:
            LookupError: Some are overwritten: the log keeps 65536.
        """
        record, found = Record(), []
        for index in range(since, self.mark()):
            if self.shim.cpshim_record(index, ctypes.byref(record)):
                raise LookupError(f"record {index} is overwritten")
            data = bytes(record.data[: record.length])
            found.append(
                Call(
                    record.index,
                    record.time_ns,
                    record.pid,
                    self._operations[record.op],
                    record.device,
                    record.result,
                    record.a,
                    record.b,
                    record.c,
                    data,
                )
            )
        return found

    def calls(self, since: int = 0) -> list[Call]:
        """Return the calls alone."""
        return [call for call in self.log(since) if call.op not in _BESIDE_CALLS]

    def levels(self, line: str | int, since: int = 0) -> list[bool]:
        """Return each level that a line changed to."""
        chip, offset = self.where(line)
        return [
            bool(call.b)
            for call in self.log(since)
            if call.op == "level" and (call.device, call.a) == (chip, offset)
        ]
