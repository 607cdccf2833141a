"""What the registers of a GPIO controller say of a line: function, direction, level, pull. Pure.

Sources: BCM2835 ARM Peripherals, chapter 6 (GPFSEL, GPLEV; table 6-31 of the alternative functions);
BCM2711 ARM Peripherals, chapter 5 (GPIO_PUP_PDN_CNTRL); RP1 Peripherals, chapter 3 (GPIO_STATUS,
GPIO_CTRL, PADS_BANK0), and the kernel's ``pinctrl-bcm2835.c`` and ``pinctrl-rp1.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    Word = Callable[[int], int]
    """Returns the 32 bits at a place, in bytes, from the first register."""

BCM2835, BCM2711, RP1 = "bcm2835", "bcm2711", "rp1"
NODES = {BCM2835: "/dev/gpiomem", BCM2711: "/dev/gpiomem", RP1: "/dev/gpiomem0"}
"""Where the kernel of the Raspberry Pi shows the registers, and nothing besides."""
SIZES = {BCM2835: 0x1000, BCM2711: 0x1000, RP1: 0x30000}
BUS_ADDRESS = 0x7E20_0000
"""Where the Broadcom chips' registers are, as the device tree and the manuals count."""

_LEVELS, _PULLS = 0x34, 0xE4
_ALTERNATIVES = {4: "ALT0", 5: "ALT1", 6: "ALT2", 7: "ALT3", 3: "ALT4", 2: "ALT5"}
_NAMES = {
    "ALT0": (
        *("SDA0", "SCL0", "SDA1", "SCL1", "GPCLK0", "GPCLK1", "GPCLK2"),
        *("SPI0_CE1", "SPI0_CE0", "SPI0_MISO", "SPI0_MOSI", "SPI0_SCLK"),
        *("PWM0", "PWM1", "TXD0", "RXD0", "-", "-"),
        *("PCM_CLK", "PCM_FS", "PCM_DIN", "PCM_DOUT"),
    ),
    "ALT4": ("-",) * 16
    + ("SPI1_CE2", "SPI1_CE1", "SPI1_CE0", "SPI1_MISO", "SPI1_MOSI", "SPI1_SCLK"),
    "ALT5": ("-",) * 14 + ("TXD1", "RXD1", "CTS1", "RTS1", "PWM0", "PWM1", "GPCLK0", "GPCLK1"),
}
_RP1_LINES = 28
_RP1_PADS = 0x2_0004
_RP1_OUT, _RP1_IN = 13, 17
_RP1_GPIO, _RP1_NONE = 5, 31


class Pad(NamedTuple):
    """A line.

    Attributes:
        function: What has it besides GPIO, ``"SDA1"``, or None.
        direction: ``"input"`` or ``"output"``; None where it is not known.
        level: 1 or 0; None where its receiver is switched off.
        pull: ``"up"``, ``"down"``, or None: none, or it cannot be read.
    """

    function: str | None
    direction: str | None
    level: int | None
    pull: str | None


def pad(layout: str, line: int, word: Word) -> Pad | None:
    """Return how a line is, or None for one that the registers do not have.

    Args:
        layout: `BCM2835`, `BCM2711` or `RP1`.
        line: Its number.
        word: Reads the registers.
    """
    if layout == RP1:
        return _rp1(line, word) if line < _RP1_LINES else None
    selected = word(line // 10 * 4) >> line % 10 * 3 & 7
    pull = None
    if layout == BCM2711:
        pull = (None, "up", "down", None)[word(_PULLS + line // 16 * 4) >> line % 16 * 2 & 3]
    level = word(_LEVELS + line // 32 * 4) >> line % 32 & 1
    return Pad(_name(line, selected), "output" if selected == 1 else "input", level, pull)


def _name(line: int, selected: int) -> str | None:
    alternative = _ALTERNATIVES.get(selected)
    if alternative is None:
        return None
    names = _NAMES.get(alternative, ())
    name = names[line] if line < len(names) else "-"
    return alternative if name == "-" else name


def _rp1(line: int, word: Word) -> Pad:
    status, control = word(8 * line), word(8 * line + 4)
    here = word(_RP1_PADS + 4 * line)
    selected = control & 0x1F
    function = None if selected in (_RP1_GPIO, _RP1_NONE) else f"ALT{selected}"
    pull = "up" if here & 0x08 else "down" if here & 0x04 else None
    level = status >> _RP1_IN & 1 if here & 0x40 else None
    return Pad(function, "output" if status >> _RP1_OUT & 1 else "input", level, pull)


def physical(ranges: bytes, cells: int, address: int) -> int | None:
    """Return where the processor has an address of the device tree's, or None.

    Args:
        ranges: The bus's ``ranges``: there, here and size, the first and last of 32 bits each.
        cells: How many times 32 bits an address here has.
        address: The address there.
    """
    size = 4 * (2 + cells)
    for at in range(0, len(ranges) - size + 1, size):
        there = int.from_bytes(ranges[at : at + 4], "big")
        here = int.from_bytes(ranges[at + 4 : at + size - 4], "big")
        length = int.from_bytes(ranges[at + size - 4 : at + size], "big")
        if there <= address < there + length:
            return here + address - there
    return None
