"""Building a world: its folder, its nodes, its GPIO; `tests.shim.buses` has the rest."""

from __future__ import annotations

import ctypes
import errno
import os
from typing import TYPE_CHECKING

from tests.shim.hand import hand
from tests.shim.tree import MODELS, Model, Tree

if TYPE_CHECKING:
    from pathlib import Path

KIND = {"chip": 1, "request": 2, "i2c": 3, "spi": 4, "pwm": 5, "attr": 6, "tty": 7, "watchdog": 8}
NUMBER, EXPORT, UNEXPORT = 0, 1, 2


class Building:
    """A world's files and GPIO chips; `tests.shim.buses.Buses` adds the other devices.

    Args:
        folder: A folder of its own; it must not exist yet.

    Attributes:
        folder: The folder.
        tree: Its files, as the programs see them.
        model: The board that it is like, if any.
        pwm_at: PWM chip and channel of each line that has one, by chip and offset.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "open").mkdir()
        (folder / "root").mkdir()
        self.tree = Tree(folder / "root")
        self.shim = hand()
        self.model: Model | None = None
        self.pwm_at: dict[tuple[int, int], tuple[int, int]] = {}
        self._names: dict[str, tuple[int, int]] = {}
        self._chips: list[int] = []
        self._made = dict.fromkeys(KIND, 0)
        if self.shim.cpshim_attach(str(folder).encode(), 1):
            raise OSError(ctypes.get_errno(), "cannot make a world", str(folder))

    def add_board(self, board: str) -> None:
        """Add a model's device tree and GPIO chips."""
        self.model = model = MODELS[board]
        self.tree.device_tree(model)
        self.add_chip(model.chip, model.lines)
        for label, lines in model.others:
            self.add_chip(label, lines)
        for offset in range(28):
            name = {0: "ID_SDA", 1: "ID_SCL"}.get(offset, f"GPIO{offset}")
            # Pull-ups at reset on 0 to 8, pull-downs above (BCM2711 ARM peripherals, table 95).
            self.set_line(offset, name, pull="up" if offset <= 8 else "down")
            self._names[f"GPIO{offset}"] = self._names[f"D{offset}"] = (0, offset)

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

    def add_attribute(
        self,
        path: str,
        content: str,
        *,
        low: int = 0,
        high: int = 0,
        attr: int = NUMBER,
        device: int = 0,
    ) -> None:
        """Add a sysfs attribute that takes a number between two on write, and EINVAL else."""
        self.tree.write(path, content)
        if self.shim.cpshim_attr(attr, device, path.encode(), low, high):
            raise OSError(errno.ENOSPC, "too many nodes", path)

    def wire(self, one: str | int, other: str | int) -> None:
        """Wire two lines together."""
        self.shim.cpshim_wire(*self.where(one), *self.where(other))

    def _next(self, kind: str) -> int:
        self._made[kind] += 1
        return self._made[kind] - 1

    def where(self, line: str | int) -> tuple[int, int]:
        """Return chip and offset of a line, by name, or by its offset on the first chip."""
        return (0, line) if isinstance(line, int) else self._names[line]
