"""A GPIO chip of the kernel's own simulator, whose inputs the test drives: with pulls, and with edges.

https://docs.kernel.org/admin-guide/gpio/gpio-sim.html
"""

from __future__ import annotations

from pathlib import Path

_CONFIGURED = Path("/sys/kernel/config/gpio-sim")


class SimulatedChip:
    """A chip.

    Args:
        label: Its label.
        lines: How many lines it has.
    """

    def __init__(self, label: str, lines: int = 32) -> None:
        self._bank = _CONFIGURED / label / "bank0"
        self._bank.mkdir(parents=True)
        (self._bank / "num_lines").write_text(str(lines))
        (self._bank / "label").write_text(label)
        self._live = self._bank.parent / "live"
        self._live.write_text("1")
        self.name = (self._bank / "chip_name").read_text().strip()
        device = (self._bank.parent / "dev_name").read_text().strip()
        self._lines = Path("/sys/devices/platform", device, self.name)

    def drive(self, line: int, level: bool) -> None:
        """Drive a line from outside."""
        (self._lines / f"sim_gpio{line}" / "pull").write_text("pull-up" if level else "pull-down")

    def level(self, line: int) -> bool:
        """Return the level at a line."""
        return (self._lines / f"sim_gpio{line}" / "value").read_text().strip() == "1"

    def close(self) -> None:
        """Take the chip out."""
        self._live.write_text("0")
        self._bank.rmdir()
        self._bank.parent.rmdir()
