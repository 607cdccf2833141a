"""The NMEA 0183 sentences of a GPS receiver, from what it knows.

Source: GlobalTop FGPMMOPA6H data sheet, V0A, section 2.1 (the fields of each sentence);
NMEA 0183 for the checksum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_KNOT_KMH: Final = 1.852
_NO_FIX: Final = 1
_FIX_3D: Final = 3

_SKY: Final = (
    (2, 71, 140, 41),
    (5, 58, 260, 39),
    (7, 44, 55, 37),
    (9, 40, 315, 36),
    (13, 33, 90, 35),
    (15, 29, 205, 33),
    (18, 24, 20, 32),
    (21, 20, 170, 30),
    (24, 17, 240, 28),
    (27, 13, 120, 26),
    (29, 10, 345, 24),
    (31, 7, 285, 22),
)
"""The satellites, best first: number, elevation and azimuth in degrees, signal in dBHz."""


class Report:
    """What a receiver knows at one moment.

    Args:
        when: UTC.
        latitude: Degrees, north positive.
        longitude: Degrees, east positive.
        altitude: Metres above the sea.
        speed: km/h.
        course: Degrees from north.
        satellites: How many are in use.
        fix: 1 none, 2 in two dimensions, 3 in three.
    """

    __slots__ = ("altitude", "course", "fix", "latitude", "longitude", "sky", "speed", "when")

    def __init__(
        self,
        when: datetime,
        latitude: float,
        longitude: float,
        altitude: float,
        speed: float,
        course: float,
        satellites: int,
        fix: int,
    ) -> None:
        self.when = when
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
        self.speed = speed
        self.course = course
        self.sky = _SKY[:satellites] if fix > _NO_FIX else ()
        self.fix = fix

    @property
    def known(self) -> bool:
        """Whether there is a fix."""
        return self.fix > _NO_FIX

    @property
    def clock(self) -> str:
        """The time as hhmmss.sss."""
        return f"{self.when:%H%M%S}.{self.when.microsecond // 1000:03d}"

    @property
    def place(self) -> str:
        """The four fields of latitude and longitude; empty without a fix."""
        if not self.known:
            return ",,,"
        north = f"{_degrees(self.latitude, 2)},{'S' if self.latitude < 0 else 'N'}"
        return f"{north},{_degrees(self.longitude, 3)},{'W' if self.longitude < 0 else 'E'}"

    @property
    def mode(self) -> str:
        """A for autonomous, N for not valid."""
        return "A" if self.known else "N"


def gga(report: Report) -> list[str]:
    """The fix: time, place, quality, satellites, dilution, altitude, geoid."""
    height = f"{report.altitude:.1f},M,0.0,M" if report.known else ",M,,M"
    quality = f"{int(report.known)},{len(report.sky)},{'1.10' if report.known else ''}"
    return [f"GPGGA,{report.clock},{report.place},{quality},{height},,"]


def gsa(report: Report) -> list[str]:
    """The kind of fix, the satellites in use, the dilutions."""
    used = [f"{number:02d}" for number, *_ in report.sky]
    dilutions = "1.90,1.10,1.55" if report.known else ",,"
    return [f"GPGSA,A,{report.fix},{','.join(used + [''] * (12 - len(used)))},{dilutions}"]


def gsv(report: Report) -> list[str]:
    """The satellites in view, four to a sentence."""
    total = max(1, -(-len(report.sky) // 4))
    found = []
    for part in range(total):
        some = report.sky[part * 4 : part * 4 + 4]
        each = "".join(f",{n:02d},{el:02d},{az:03d},{snr:02d}" for n, el, az, snr in some)
        found.append(f"GPGSV,{total},{part + 1},{len(report.sky):02d}{each}")
    return found


def rmc(report: Report) -> list[str]:
    """The least that navigation needs: time, place, speed in knots, course, date."""
    state = "A" if report.known else "V"
    motion = f"{report.speed / _KNOT_KMH:.2f},{report.course:.2f}"
    date = f"{report.when:%d%m%y}"
    return [f"GPRMC,{report.clock},{state},{report.place},{motion},{date},,,{report.mode}"]


def gll(report: Report) -> list[str]:
    """The place and the time."""
    state = "A" if report.known else "V"
    return [f"GPGLL,{report.place},{report.clock},{state},{report.mode}"]


def vtg(report: Report) -> list[str]:
    """The course and the speed, in knots and km/h."""
    speeds = f"{report.speed / _KNOT_KMH:.2f},N,{report.speed:.2f},K"
    return [f"GPVTG,{report.course:.2f},T,,M,{speeds},{report.mode}"]


ORDER: Final[tuple[tuple[int, Callable[[Report], list[str]]], ...]] = (
    (3, gga),
    (4, gsa),
    (5, gsv),
    (1, rmc),
    (0, gll),
    (2, vtg),
)
"""The sentences in the order that they are sent, with their place in PMTK314."""

USUAL: Final = (0, 1, 0, 1, 1, 1) + (0,) * 13
"""How often each is sent at first: every so many reports, 0 for never."""


def _degrees(value: float, digits: int) -> str:
    """Return degrees and minutes as dddmm.mmmm."""
    # In whole units of the last digit, so that 59.99999 minutes do not become 60.
    degrees, minutes = divmod(round(abs(value) * 600_000), 600_000)
    return f"{degrees:0{digits}d}{minutes / 10_000:07.4f}"


def _checksum(body: bytes) -> int:
    total = 0
    for byte in body:
        total ^= byte
    return total


def wrapped(body: str) -> bytes:
    """Return a sentence as it goes over the line: with ``$``, checksum, CR and LF."""
    plain = body.encode("ascii")
    return b"$%b*%02X\r\n" % (plain, _checksum(plain))


def unwrapped(line: bytes) -> str | None:
    """Return what stands between ``$`` and ``*`` of a line, or None when the checksum is wrong."""
    _, found, rest = line.strip().rpartition(b"$")
    body, star, check = rest.partition(b"*")
    if not (found and star and body.isascii()) or check.upper() != b"%02X" % _checksum(body):
        return None
    return body.decode("ascii")
