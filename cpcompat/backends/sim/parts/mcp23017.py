"""MCP23017, Microchip: 16 more digital pins, on I2C.

Source: Microchip MCP23017/MCP23S17 data sheet, DS20001952C: byte and sequential mode in section
3.2.1, the addresses of the registers in tables 3-3 to 3-5, the registers in 3.5, interrupts in 3.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cpcompat.backends.sim.part import Channel, I2cPart

if TYPE_CHECKING:
    from cpcompat.backends.sim.part import Part, Site

# The registers in the order of BANK = 0, of which there is one for each port: index = 2 * this.
_IODIR: Final = 0
_IPOL: Final = 1
_GPINTEN: Final = 2
_DEFVAL: Final = 3
_INTCON: Final = 4
_IOCON: Final = 5
_GPPU: Final = 6
_INTF: Final = 7
_INTCAP: Final = 8
_GPIO: Final = 9
_OLAT: Final = 10
_KINDS: Final = 11

_BANK: Final = 0x80
_MIRROR: Final = 0x40
_BYTE_MODE: Final = 0x20
_OPEN_DRAIN: Final = 0x04
_ACTIVE_HIGH: Final = 0x02

_NAMES: Final = tuple(f"gp{port}{bit}" for port in "ab" for bit in range(8))


class PinChannel(Channel):
    """A pin: written, it is what the outside drives it to; read, it is the level there is."""

    def __get__(self, part: Part | None, owner: type | None = None) -> Any:
        if not isinstance(part, Mcp23017):
            return self
        index = _NAMES.index(self.name)
        return bool(part.levels(index >> 3) >> (index & 7) & 1)


def _pin(name: str) -> PinChannel:
    return PinChannel(False, about=f"level at {name}; set it to drive the pin from outside")


class Mcp23017(I2cPart):
    """An MCP23017.

    A pin that is an input has the level that the outside gives it. Until its channel is first
    set, nothing outside drives it: it is high with its pull-up, and low without.

    Args:
        inta_pin: The board's pin that INTA is wired to.
        intb_pin: The board's pin that INTB is wired to.
        reset_pin: The board's pin that RESET is wired to, active low.
    """

    about = "16 digital inputs and outputs"
    addresses = tuple(range(0x20, 0x28))
    address = 0x20

    gpa0 = _pin("GPA0")
    gpa1 = _pin("GPA1")
    gpa2 = _pin("GPA2")
    gpa3 = _pin("GPA3")
    gpa4 = _pin("GPA4")
    gpa5 = _pin("GPA5")
    gpa6 = _pin("GPA6")
    gpa7 = _pin("GPA7")
    gpb0 = _pin("GPB0")
    gpb1 = _pin("GPB1")
    gpb2 = _pin("GPB2")
    gpb3 = _pin("GPB3")
    gpb4 = _pin("GPB4")
    gpb5 = _pin("GPB5")
    gpb6 = _pin("GPB6")
    gpb7 = _pin("GPB7")

    def __init__(
        self,
        inta_pin: str | None = None,
        intb_pin: str | None = None,
        reset_pin: str | None = None,
    ) -> None:
        super().__init__()
        self._int_pins = (inta_pin, intb_pin)
        self._reset_pin = reset_pin
        self._powered = False
        self._reset()

    def attach(self, site: Site) -> None:
        """Power up: all pins are inputs."""
        super().attach(site)
        self._powered = True
        if self._reset_pin is not None:
            site.watch(self._reset_pin, self._reset_changes)
        self._look()

    def turned(self, channel: str) -> None:
        """The outside changes a pin."""
        self._look()

    def levels(self, port: int) -> int:
        """Return the levels at the pins of port A (0) or B (1), one bit each."""
        inputs = self._registers[2 * _IODIR + port]
        driven = self._registers[2 * _OLAT + port]
        idle = self._registers[2 * _GPPU + port]
        outside = 0
        for bit in range(8):
            level = self.values.get(_NAMES[port * 8 + bit], idle >> bit & 1)
            outside |= bool(level) << bit
        return (outside & inputs) | (driven & ~inputs)

    def write(self, data: bytes) -> int:
        """Set the address pointer, and write registers from there on."""
        if not data:
            return 0
        if self._held_in_reset():
            return -1
        self._pointer = data[0]
        for value in data[1:]:
            self._set(self._index(self._pointer), value)
            self._go_on()
        if len(data) > 1:
            self._look()
        return len(data)

    def read(self, length: int) -> bytes:
        """Return registers from the address pointer on."""
        if self._held_in_reset():
            return b""
        answer = bytearray()
        for _ in range(length):
            answer.append(self._get(self._index(self._pointer)))
            self._go_on()
        return bytes(answer)

    def _reset(self) -> None:
        self._registers = bytearray(2 * _KINDS)
        self._registers[0:2] = b"\xff\xff"
        self._pointer = 0
        self._seen = [self.levels(0), self.levels(1)]

    def _reset_changes(self, level: bool) -> None:
        if not level:
            self._reset()
            self._show()

    def _held_in_reset(self) -> bool:
        return self._reset_pin is not None and not self.site.level(self._reset_pin)

    def _index(self, address: int) -> int | None:
        """Return which register an address means under the present BANK, or None."""
        if not self._registers[2 * _IOCON] & _BANK:
            return address if address < 2 * _KINDS else None
        port, kind = address >> 4, address & 0x0F
        return 2 * kind + port if port < 2 and kind < _KINDS else None

    def _go_on(self) -> None:
        """Count the address pointer on (3.2.1)."""
        control = self._registers[2 * _IOCON]
        if control & _BANK:
            if not control & _BYTE_MODE:
                self._pointer = (self._pointer + 1) % 0x1B
        elif control & _BYTE_MODE:
            self._pointer ^= 1
        else:
            self._pointer = (self._pointer + 1) % (2 * _KINDS)

    def _get(self, index: int | None) -> int:
        if index is None:
            return 0
        kind, port = index >> 1, index & 1
        value = self._registers[index]
        if kind == _GPIO:
            value = self._reading(port)
        if kind in (_GPIO, _INTCAP):
            self._clear(port)
        return value

    def _set(self, index: int | None, value: int) -> None:
        if index is None:
            return
        kind, port = index >> 1, index & 1
        if kind == _IOCON:
            self._registers[2 * _IOCON : 2 * _IOCON + 2] = bytes([value & 0xFE] * 2)
        elif kind == _GPIO:
            self._registers[2 * _OLAT + port] = value
        elif kind not in (_INTF, _INTCAP):
            self._registers[index] = value

    def _reading(self, port: int) -> int:
        """Return what the GPIO register reads: the levels, inverted where IPOL says so."""
        return self.levels(port) ^ self._registers[2 * _IPOL + port]

    def _clear(self, port: int) -> None:
        """GPIO or INTCAP is read: the interrupt is over, unless its cause lasts (3.6.4)."""
        if self._registers[2 * _INTF + port]:
            self._registers[2 * _INTF + port] = 0
            self._look()

    def _look(self) -> None:
        """Compare the pins with what they were or should be, and interrupt (3.6)."""
        for port in (0, 1):
            levels = self.levels(port)
            enabled = self._registers[2 * _GPINTEN + port] & self._registers[2 * _IODIR + port]
            by_value = self._registers[2 * _INTCON + port]
            changed = (levels ^ self._seen[port]) & ~by_value
            wrong = (levels ^ self._registers[2 * _DEFVAL + port]) & by_value
            self._seen[port] = levels
            cause = enabled & (changed | wrong)
            # Until it is cleared, the first interrupt of a port keeps others from being seen.
            if cause and not self._registers[2 * _INTF + port]:
                self._registers[2 * _INTF + port] = cause
                self._registers[2 * _INTCAP + port] = self._reading(port)
        self._show()

    def _show(self) -> None:
        """Put INTA and INTB where they belong."""
        if not self._powered:
            return
        control = self._registers[2 * _IOCON]
        active = [bool(self._registers[2 * _INTF + port]) for port in (0, 1)]
        if control & _MIRROR:
            active = [any(active)] * 2
        for pin, is_active in zip(self._int_pins, active, strict=True):
            if pin is None:
                continue
            if control & _OPEN_DRAIN:
                self.site.drive(pin, False if is_active else None)
            else:
                self.site.drive(pin, is_active == bool(control & _ACTIVE_HIGH))
