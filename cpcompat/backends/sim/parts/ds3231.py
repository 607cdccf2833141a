"""DS3231, Maxim: a real-time clock with two alarms and a thermometer, on I2C.

Source: Maxim DS3231 data sheet, 19-5170: figure 1 (the registers), «Clock and Calendar», «Alarms»,
«Control Register (0Eh)», «Status Register (0Fh)», «Temperature Registers (11h–12h)»,
«I2C Serial Data Bus», and the conversion time in «Electrical Characteristics».
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cpcompat.backends.sim.part import Channel, I2cPart
from cpcompat.backends.sim.parts.ds3231_calendar import Alarm, Calendar

if TYPE_CHECKING:
    from cpcompat.backends.sim.part import Site

_ALARM_1: Final = 0x07
_ALARM_2: Final = 0x0B
_CONTROL: Final = 0x0E
_STATUS: Final = 0x0F
_AGING: Final = 0x10
_SIZE: Final = 0x13

_CONV: Final = 0x20
_INTCN: Final = 0x04
_OSF: Final = 0x80
_EN32KHZ: Final = 0x08
_BSY: Final = 0x04

_SECOND_NS: Final = 1_000_000_000
_CONVERSION_NS: Final = 125_000_000
_BETWEEN_CONVERSIONS_NS: Final = 64 * _SECOND_NS
_SQUARE_WAVES_HZ: Final = (1, 1024, 4096, 8192)
"""The square wave by the bits RS2 and RS1."""


class Ds3231(I2cPart):
    """A DS3231, always powered. Its time goes with the circuit's clock.

    As on the chip, the temperature registers follow the channel only every 64 s or when a
    conversion is forced.

    Args:
        time: What it shows when it is powered, as ``"2026-01-31 12:00:00"``. Without it, it was
            never set: it begins at 2000-01-01 00:00:00 and says that its oscillator had stopped.
        int_pin: The board's pin that INT/SQW is wired to. It is an open drain.
    """

    about = "real-time clock with alarms and a thermometer"
    addresses = (0x68,)
    address = 0x68

    temperature = Channel(25.0, low=-40, high=85, unit="°C", about="of the chip")

    def __init__(self, time: str | None = None, int_pin: str | None = None) -> None:
        super().__init__()
        self._calendar = Calendar(time or "2000-01-01 00:00:00")
        self._calendar.weekday = self._calendar.weekday if time else 1
        self._int_pin = int_pin
        self._pointer = 0
        self._alarms = bytearray(7)
        self._due_ns: list[int | None] = [None, None]
        self._control = 0x1C
        self._status = _EN32KHZ | (0 if time else _OSF)
        self._aging = 0
        self._planned_ns = -1
        self._powered = False

    def attach(self, site: Site) -> None:
        """Power up: measure the temperature, and let time run."""
        super().attach(site)
        self._powered = True
        self._felt = self._measured = self.temperature
        self._second_ns = self._automatic_ns = self._powered_ns = site.now_ns()
        self._forced_ns: int | None = None
        self._set_alarms()
        self._show()

    def turned(self, channel: str) -> None:
        """Finish what was measured before the knob turned."""
        if self._powered:
            self._catch_up()
            self._felt = self.temperature
            if self.site.now_ns() < self._powered_ns + _CONVERSION_NS:
                self._measured = self._felt

    def write(self, data: bytes) -> int:
        """Set the register pointer, and write registers from there on."""
        if not data:
            return 0
        self._catch_up()
        self._pointer = data[0] % _SIZE
        for value in data[1:]:
            self._set(self._pointer, value)
            self._pointer = (self._pointer + 1) % _SIZE
        if len(data) > 1:
            self._set_alarms()
            self._show()
        return len(data)

    def read(self, length: int) -> bytes:
        """Return registers from the pointer on, all of the same moment."""
        self._catch_up()
        registers = self._registers()
        start = self._pointer
        self._pointer = (start + length) % _SIZE
        return bytes(registers[(start + i) % _SIZE] for i in range(length))

    def _registers(self) -> bytes:
        now_ns = self.site.now_ns()
        forced = self._forced_ns is not None
        busy = forced or self._automatic_ns <= now_ns
        quarters = round(self._measured * 4) & 0x3FF
        return bytes(
            (
                *self._calendar.registers(),
                *self._alarms,
                self._control | (_CONV if forced else 0),
                self._status | (_BSY if busy else 0),
                self._aging,
                quarters >> 2,
                quarters << 6 & 0xC0,
            )
        )

    def _set(self, register: int, value: int) -> None:
        if register < _ALARM_1:
            self._calendar.set_register(register, value)
            if register == 0:
                # Writing the seconds starts a whole second.
                self._second_ns = self.site.now_ns()
        elif register < _CONTROL:
            self._alarms[register - _ALARM_1] = value
        elif register == _CONTROL:
            self._control = value & ~_CONV
            if value & _CONV and self._forced_ns is None:
                self._forced_ns = self.site.now_ns() + _CONVERSION_NS
        elif register == _STATUS:
            # The flags can be cleared, not set.
            kept = self._status & value & (_OSF | 3)
            self._status = kept | value & _EN32KHZ
        elif register == _AGING:
            self._aging = value

    def _catch_up(self) -> None:
        """Bring the calendar, the flags and the temperature to the present."""
        now_ns = self.site.now_ns()
        seconds = (now_ns - self._second_ns) // _SECOND_NS
        if seconds:
            self._second_ns += seconds * _SECOND_NS
            self._calendar.advance(seconds)
            for number, due_ns in enumerate(self._due_ns):
                if due_ns is not None and due_ns <= now_ns:
                    self._status |= 1 << number
                    self._set_alarm(number)
        if self._forced_ns is not None and self._forced_ns <= now_ns:
            self._forced_ns = None
            self._measured = self._felt
        late_ns = now_ns - self._automatic_ns - _CONVERSION_NS
        if late_ns >= 0:
            self._automatic_ns += (late_ns // _BETWEEN_CONVERSIONS_NS + 1) * _BETWEEN_CONVERSIONS_NS
            self._measured = self._felt

    def _set_alarms(self) -> None:
        self._set_alarm(0)
        self._set_alarm(1)

    def _set_alarm(self, number: int) -> None:
        """Find out when an alarm is due. It is no secret: its registers and the time say it."""
        registers = bytes(self._alarms[4:]) if number else bytes(self._alarms[:4])
        alarm = Alarm(b"\x00" + registers if number else registers)
        seconds = alarm.seconds_from(self._calendar)
        self._due_ns[number] = None if seconds is None else self._second_ns + seconds * _SECOND_NS

    def _show(self) -> None:
        """Put INT/SQW where it belongs now, and plan when to look again."""
        if self._int_pin is None:
            return
        next_ns: int | None = None
        if self._control & _INTCN:
            low = bool(self._status & self._control & 3)
            for number, due_ns in enumerate(self._due_ns):
                if self._control & 1 << number and due_ns is not None and not low:
                    next_ns = due_ns if next_ns is None else min(next_ns, due_ns)
        else:
            low, next_ns = self._wave()
        self.site.drive(self._int_pin, False if low else None)
        if next_ns is not None and next_ns != self._planned_ns:
            self._planned_ns = next_ns
            self.site.at(next_ns, self._look_again)

    def _wave(self) -> tuple[bool, int]:
        """Return whether the square wave is low, and when its next edge is."""
        halves = 2 * _SQUARE_WAVES_HZ[self._control >> 3 & 3]
        number = (self.site.now_ns() - self._second_ns) * halves // _SECOND_NS
        edge_ns = -(-(number + 1) * _SECOND_NS // halves)
        return number % 2 == 0, self._second_ns + edge_ns

    def _look_again(self) -> None:
        if self.site.now_ns() >= self._planned_ns:
            self._planned_ns = -1
            self._catch_up()
            self._show()
