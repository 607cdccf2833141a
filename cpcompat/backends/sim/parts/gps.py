"""A GPS receiver with an MTK3339 chip, on a UART.

Source: GlobalTop PMTK command packet manual, revision A11 (packets 000, 001, 101 to 104, 220, 251,
314, 414, 605, 705); GlobalTop FGPMMOPA6H data sheet, V0A (the sentences it sends, 9600 baud, 1 Hz).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from cpcompat.backends.sim.part import Channel, UartPart
from cpcompat.backends.sim.parts import gps_sentences as sentences
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from cpcompat.backends.sim.part import Site

_FIELDS: Final = 19
"""How many sentences PMTK314 tells of."""
_MOST_UNFINISHED: Final = 256
_BAUDRATES: Final = (4800, 9600, 14400, 19200, 38400, 57600, 115200)

_INVALID: Final = 0
_UNKNOWN: Final = 1
_FAILED: Final = 2
_DONE: Final = 3


class Gps(UartPart):
    """A GPS receiver. Each second it sends what it knows, and it understands the PMTK packets.

    Args:
        time: UTC when it is powered, as ``"2026-01-31 12:00:00"``; it goes on from there.
        baudrate: The rate that it talks at first.
    """

    about = "GPS receiver, NMEA 0183 sentences"

    latitude = Channel(51.4779, low=-90, high=90, unit="°", about="north is positive")
    longitude = Channel(-0.0015, low=-180, high=180, unit="°", about="east is positive")
    altitude = Channel(46.0, low=-1000, high=18000, unit="m", about="above mean sea level")
    speed = Channel(0.0, low=0, high=1854, unit="km/h", about="over ground")
    course = Channel(0.0, low=0, high=359.99, unit="°", about="over ground, from true north")
    satellites = Channel(8, low=0, high=12, about="satellites in use while there is a fix")
    fix = Channel("3d", choices=("none", "2d", "3d"), about="what it can tell of its place")

    def __init__(self, time: str = "2026-01-01 12:00:00", baudrate: int = 9600) -> None:
        super().__init__()
        try:
            self._start = datetime.fromisoformat(time).replace(tzinfo=None)
        except ValueError:
            raise CircuitError(
                f"time = {time!r} is not a time", 'Write it like "2026-01-31 12:00:00".'
            ) from None
        if baudrate not in _BAUDRATES:
            rates = ", ".join(map(str, _BAUDRATES))
            raise CircuitError(f"baudrate = {baudrate!r} is none of {rates}")
        self.baudrate = baudrate
        self._unfinished = bytearray()
        self._interval_ms = 1000
        self._outputs = list(sentences.USUAL)
        self._count = 0
        self._next_ns = 0

    def attach(self, site: Site) -> None:
        """Power up: say so, and go on each second."""
        super().attach(site)
        self._powered_ns = site.now_ns()
        self._say("PMTK011,MTKGPS")
        self._say("PMTK010,001")
        self._plan()

    def receive(self, data: bytes) -> None:
        """Take bytes; a packet ends with its line."""
        self._unfinished += data
        *lines, rest = self._unfinished.split(b"\n")
        self._unfinished = rest[-_MOST_UNFINISHED:]
        for line in lines:
            packet = sentences.unwrapped(bytes(line))
            if packet is not None:
                self._obey(packet)

    def _plan(self) -> None:
        """Plan the next report, at a whole multiple of the interval since power-up."""
        interval_ns = self._interval_ms * 1_000_000
        since_ns = self.site.now_ns() - self._powered_ns
        self._next_ns = self._powered_ns + (since_ns // interval_ns + 1) * interval_ns
        self.site.at(self._next_ns, self._report)

    def _report(self) -> None:
        """Send the sentences that are due; a plan that was made before another one is void."""
        if self.site.now_ns() < self._next_ns:
            return
        since_us = (self._next_ns - self._powered_ns) // 1000
        what = sentences.Report(
            self._start + timedelta(microseconds=since_us),
            self.latitude,
            self.longitude,
            self.altitude,
            self.speed,
            self.course,
            self.satellites,
            ("none", "2d", "3d").index(self.fix) + 1,
        )
        self._count += 1
        for number, make in sentences.ORDER:
            every = self._outputs[number]
            if every and self._count % every == 0:
                for body in make(what):
                    self._say(body)
        self._plan()

    def _say(self, body: str) -> None:
        self.site.send(sentences.wrapped(body))

    def _obey(self, packet: str) -> None:
        """Do what a packet asks, and acknowledge it as PMTK001 does."""
        name, *fields = packet.split(",")
        if not name.startswith("PMTK") or not name[4:].isdigit():
            return
        number = int(name[4:])
        if number in (101, 102, 103, 104):
            self._restart(to_factory=number == 104)
        elif number == 414:
            self._say(f"PMTK514,{','.join(map(str, self._outputs))}")
        elif number == 605:
            self._say("PMTK705,AXN_2.31_3339_13101700,5632,PA6H,1.0")
        else:
            self._say(f"PMTK001,{number},{self._setting(number, fields)}")
            if number == 251:
                self._set_baudrate(fields)

    def _restart(self, to_factory: bool) -> None:
        if to_factory:
            self._outputs = list(sentences.USUAL)
            self._interval_ms = 1000
            self._plan()
        self._say("PMTK010,001")

    def _setting(self, number: int, fields: list[str]) -> int:
        """Make a setting; return the flag for the acknowledgement."""
        if number == 0:
            return _DONE
        if number == 220:
            return self._set_interval(fields)
        if number == 251:
            legal = fields in [[str(rate)] for rate in (0, *_BAUDRATES)]
            return _DONE if legal else _FAILED
        if number == 314:
            return self._set_outputs(fields)
        return _UNKNOWN

    def _set_interval(self, fields: list[str]) -> int:
        if len(fields) != 1 or not fields[0].isdigit():
            return _INVALID
        interval_ms = int(fields[0])
        if not 100 <= interval_ms <= 10_000:
            return _FAILED
        self._interval_ms = interval_ms
        self._plan()
        return _DONE

    def _set_outputs(self, fields: list[str]) -> int:
        if fields == ["-1"]:
            self._outputs = list(sentences.USUAL)
            return _DONE
        if len(fields) != _FIELDS or not all(field.isdigit() for field in fields):
            return _INVALID
        every = [int(field) for field in fields]
        if max(every) > 5:
            return _FAILED
        self._outputs = every
        return _DONE

    def _set_baudrate(self, fields: list[str]) -> None:
        """Change the rate, after the acknowledgement at the old one; 0 is the usual one."""
        if fields in [[str(rate)] for rate in (0, *_BAUDRATES)]:
            self.baudrate = int(fields[0]) or 9600
