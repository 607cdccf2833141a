"""A world: the hardware that programs under the kernel shim see, and the test's hand on it."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.shim.build import library
from tests.shim.hand import Look, Record, hand, operations
from tests.shim.tree import MODELS, Tree

if TYPE_CHECKING:
    from types import TracebackType

KIND = {"chip": 1, "request": 2, "i2c": 3, "spi": 4, "pwm": 5, "attr": 6, "tty": 7}
I2C_FUNC_I2C, I2C_FUNC_SMBUS_EMUL = 0x1, 0x0EFF0008
_BESIDE_CALLS = frozenset({"level", "release"})


class Call(NamedTuple):
    """One record of the log: a call that the shim emulated, or what came of it.

    Attributes:
        number: From 0, over all processes of the world.
        time_ns: When, on CLOCK_MONOTONIC.
        pid: The process that called.
        op: ``"get_line"``, ``"set_values"``, ``"i2c_rdwr"`` … and, beside calls, ``"level"`` (a line
            ``a`` changed to level ``b``) and ``"release"`` (a request ended).
        device: Number of the chip, bus or device, in the order of their making.
        result: What the call returned, or minus its errno.
        a: First figure: flags of a request, bits of a value, address, speed.
        b: Second figure: values of a request, mask of a value, number of messages.
        c: Third figure: debounce time, length of a read.
        data: Bytes: the offsets of a request, what was written (64 at most).
    """

    number: int
    time_ns: int
    pid: int
    op: str
    device: int
    result: int
    a: int
    b: int
    c: int
    data: bytes


class LineState(NamedTuple):
    """A line as it is, for whoever looks from outside.

    Attributes:
        name: Its name.
        consumer: Who has it, or "".
        used: Whether somebody has it.
        output: Whether its pad drives.
        value: What the pad drives, or would.
        pull: "up", "down" or None.
        level: The level on the wire.
        flags: The request's flags, GPIO_V2_LINE_FLAG_*.
    """

    name: str
    consumer: str
    used: bool
    output: bool
    value: bool
    pull: str | None
    level: bool
    flags: int


class Part:
    """A part on an I2C bus: memory behind a pointer. Index it to see or set its bytes."""

    def __init__(self, shim: ctypes.CDLL, number: int) -> None:
        self._shim = shim
        self._number = number

    def read(self, at: int, length: int) -> bytes:
        """Return bytes of its memory."""
        data = (ctypes.c_uint8 * length)()
        self._shim.cpshim_part_io(self._number, at, data, length, 0)
        return bytes(data)

    def write(self, at: int, data: bytes) -> None:
        """Put bytes into its memory."""
        block = (ctypes.c_uint8 * len(data))(*data)
        self._shim.cpshim_part_io(self._number, at, block, len(data), 1)

    def remove(self) -> None:
        """Unplug it."""
        self._shim.cpshim_part_remove(self._number)


class World:
    """Hardware in a folder. Inside ``with`` this process and those it starts see it.

    Args:
        folder: A folder of its own; it must not exist yet.
        board: A key of `tests.shim.tree.MODELS`, for its GPIO chips, device tree and nothing else
            (`tests.shim.raspberry_pi` adds its buses); or None for an empty world.
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
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "open").mkdir()
        (folder / "root").mkdir()
        self.tree = Tree(folder / "root")
        self.shim = hand()
        self._names: dict[str, tuple[int, int]] = {}
        self._chips: list[int] = []
        self._made = dict.fromkeys(KIND, 0)
        self._old: dict[str, str | None] = {}
        if self.shim.cpshim_attach(str(folder).encode(), 1):
            raise OSError(ctypes.get_errno(), "cannot make a world", str(folder))
        self._operations = operations(self.shim)
        self._numbers = {name: number for number, name in self._operations.items()}
        self.shim.cpshim_options(enter, log, lockless, persist, without_v2)
        if board is not None:
            self._add_board(board)

    def _add_board(self, board: str) -> None:
        model = MODELS[board]
        self.tree.device_tree(model)
        self.add_chip(model.chip, model.lines)
        for label, lines in model.others:
            self.add_chip(label, lines)
        for offset in range(28):
            name = {0: "ID_SDA", 1: "ID_SCL"}.get(offset, f"GPIO{offset}")
            # Pull-ups at reset on 0 to 8, pull-downs above (BCM2711 ARM peripherals, table 95).
            self.set_line(offset, name, pull="up" if offset <= 8 else "down")
            self._names[f"GPIO{offset}"] = self._names[f"D{offset}"] = (0, offset)

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
        self.shim.cpshim_stop()
        self.shim.cpshim_detach()
        for name, value in self._old.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    # ------------------------------------------------------------------ building

    def add_node(self, kind: str, device: int, path: str, number: tuple[int, int]) -> None:
        """Add a device node; its group is this process's own."""
        self.tree.write(path)
        if self.shim.cpshim_node(
            KIND[kind], device, path.encode(), number[0], number[1], os.getgid(), None
        ):
            raise OSError(errno.ENOSPC, "too many nodes", path)

    def add_chip(self, label: str, lines: int) -> int:
        """Add a GPIO chip, ``/dev/gpiochipN``, and return its number."""
        chip = self._next("chip")
        name = f"gpiochip{chip}"
        self.shim.cpshim_chip(chip, name.encode(), label.encode(), lines)
        self.add_node("chip", chip, f"/dev/{name}", (254, chip))
        self.tree.character_device(f"/dev/{name}", "gpio", 254, chip)
        self._names[name] = (chip, 0)
        self._chips.append(lines)
        return chip

    def set_line(
        self, line: str | int, name: str, consumer: str = "", pull: str | None = None
    ) -> None:
        """Say a line's name, the kernel driver that holds it, and its pull at reset."""
        chip, offset = self.where(line)
        pulls = {"up": 1, "down": -1, None: 0}
        self.shim.cpshim_line(chip, offset, name.encode(), consumer.encode(), pulls[pull])
        self._names[name] = (chip, offset)

    def add_i2c(
        self,
        number: int,
        *,
        funcs: int = I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL,
        nak: int = errno.EREMOTEIO,
        name: str = "bcm2835 (i2c@7e804000)",
    ) -> int:
        """Add an I2C bus, ``/dev/i2c-N``; ``nak`` is its errno for a byte nobody acknowledged."""
        bus = self._next("i2c")
        self.shim.cpshim_bus(bus, number, funcs, nak)
        self.add_node("i2c", bus, f"/dev/i2c-{number}", (89, number))
        adapter = f"/sys/bus/i2c/devices/i2c-{number}"
        self.tree.write(f"{adapter}/name", name + "\n")
        self.tree.write(f"{adapter}/i2c-dev/i2c-{number}/name", name + "\n")
        self.tree.link(f"/sys/class/i2c-dev/i2c-{number}", f"{adapter}/i2c-dev/i2c-{number}")
        self.tree.link(f"/sys/class/i2c-adapter/i2c-{number}", adapter)
        self._names[f"i2c-{number}"] = (bus, -1)
        return bus

    def add_part(
        self,
        number: int,
        address: int,
        *,
        pointer_bytes: int = 1,
        size: int = 256,
        takes: int | None = None,
        counts: bool = False,
    ) -> Part:
        """Put a part on bus ``number``.

        Args:
            number: The bus, as in ``/dev/i2c-N``.
            address: 7 bits.
            pointer_bytes: How many bytes at a write's beginning point into its memory.
            size: How many bytes of memory.
            takes: It acknowledges so many bytes of a write and refuses the next; None for all.
            counts: Each STOP makes its last byte count up.
        """
        bus = self.where(f"i2c-{number}")[0]
        limit = -1 if takes is None else takes
        part = self.shim.cpshim_part(bus, address, pointer_bytes, size, limit, counts)
        if part < 0:
            raise OSError(errno.ENOSPC, "too many parts, or one too large")
        return Part(self.shim, part)

    def bind(self, number: int, address: int, driver: str) -> None:
        """Bind a driver of the kernel to an address, as sysfs then shows and I2C_SLAVE refuses."""
        self.shim.cpshim_bind(self.where(f"i2c-{number}")[0], address, 1)
        device = f"/sys/bus/i2c/devices/{number}-{address:04x}"
        self.tree.write(f"{device}/name", driver + "\n")
        self.tree.at(f"/sys/bus/i2c/drivers/{driver}").mkdir(parents=True, exist_ok=True)
        self.tree.link(f"{device}/driver", f"/sys/bus/i2c/drivers/{driver}")

    def wire(self, one: str | int, other: str | int) -> None:
        """Wire two lines together."""
        self.shim.cpshim_wire(*self.where(one), *self.where(other))

    def _next(self, kind: str) -> int:
        self._made[kind] += 1
        return self._made[kind] - 1

    def where(self, line: str | int) -> tuple[int, int]:
        """Return chip and offset of a line, by name, or by its offset on the first chip."""
        return (0, line) if isinstance(line, int) else self._names[line]

    # ------------------------------------------------------------------ the hand

    def drive(self, line: str | int, level: bool | None) -> None:
        """Drive a line from outside; None lets it go."""
        self.shim.cpshim_drive(*self.where(line), -1 if level is None else int(level))

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
            error: The errno.
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
