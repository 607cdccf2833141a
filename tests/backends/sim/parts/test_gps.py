"""The simulated GPS receiver, line by line."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim.parts import gps_sentences
from cpcompat.backends.sim.parts.gps import Gps
from cpcompat.errors import CircuitError

if TYPE_CHECKING:
    from tests.backends.sim.parts.conftest import Bench

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]


def heard(bench: Bench) -> list[str]:
    """Return the sentences sent since the last call, their checksums checked."""
    lines = bytes(bench.sent).split(b"\r\n")
    bench.sent.clear()
    assert lines.pop() == b""
    bodies = [gps_sentences.unwrapped(line) for line in lines]
    assert None not in bodies
    return [body for body in bodies if body]


def ask(part: Gps, bench: Bench, body: str) -> list[str]:
    """Send a packet; return what comes back at once."""
    heard(bench)
    part.receive(gps_sentences.wrapped(body))
    return heard(bench)


def test_each_second_it_says_where_and_when_it_is(bench: Bench) -> None:
    """The four usual sentences, the time from the circuit's clock."""
    part = bench.place(Gps(time="2026-06-30 23:59:59"))
    part.latitude, part.longitude, part.altitude = -33.8568, 151.2153, 12.34
    part.speed, part.course, part.satellites = 18.52, 270.5, 5
    assert heard(bench) == ["PMTK011,MTKGPS", "PMTK010,001"]
    bench.pass_ns(999_999_999)
    assert heard(bench) == []
    bench.pass_ns(1)
    assert heard(bench) == [
        "GPGGA,000000.000,3351.4080,S,15112.9180,E,1,5,1.10,12.3,M,0.0,M,,",
        "GPGSA,A,3,02,05,07,09,13,,,,,,,,1.90,1.10,1.55",
        "GPGSV,2,1,05,02,71,140,41,05,58,260,39,07,44,055,37,09,40,315,36",
        "GPGSV,2,2,05,13,33,090,35",
        "GPRMC,000000.000,A,3351.4080,S,15112.9180,E,10.00,270.50,010726,,,A",
    ]
    bench.pass_s(1)
    assert heard(bench)[0].startswith("GPGGA,000001.000,")


def test_the_checksum_is_that_of_nmea() -> None:
    """A sentence and its checksum from the receiver's manual."""
    assert gps_sentences.wrapped("PMTK220,1000") == b"$PMTK220,1000*1F\r\n"


def test_without_a_fix_it_tells_the_time_alone(bench: Bench) -> None:
    """Empty fields for what it does not know."""
    part = bench.place(Gps())
    part.fix = "none"
    heard(bench)
    bench.pass_s(1)
    assert heard(bench) == [
        "GPGGA,120001.000,,,,,0,0,,,M,,M,,",
        "GPGSA,A,1,,,,,,,,,,,,,,,",
        "GPGSV,1,1,00",
        "GPRMC,120001.000,V,,,,,0.00,0.00,010126,,,N",
    ]


@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
)
def test_a_place_can_be_read_back_from_its_sentence(latitude: float, longitude: float) -> None:
    """Within the last digit, 0.0001 minutes; never 60 minutes."""
    report = gps_sentences.Report(datetime(2026, 1, 1), latitude, longitude, 0, 0, 0, 8, 3)
    north, ns, east, ew = report.place.split(",")
    assert float(north[2:]) < 60
    assert float(east[3:]) < 60
    back = (int(north[:2]) + float(north[2:]) / 60) * (-1 if ns == "S" else 1)
    assert back == pytest.approx(latitude, abs=1e-6)
    back = (int(east[:3]) + float(east[3:]) / 60) * (-1 if ew == "W" else 1)
    assert back == pytest.approx(longitude, abs=1e-6)


def test_the_interval_can_be_set(bench: Bench) -> None:
    """PMTK220, from 100 ms to 10 s; the time in the sentences goes with it."""
    part = bench.place(Gps())
    assert ask(part, bench, "PMTK220,200") == ["PMTK001,220,3"]
    bench.pass_s(0.6)
    times = [line.split(",")[1] for line in heard(bench) if line.startswith("GPRMC")]
    assert times == ["120000.200", "120000.400", "120000.600"]
    assert ask(part, bench, "PMTK220,50") == ["PMTK001,220,2"]
    assert ask(part, bench, "PMTK220") == ["PMTK001,220,0"]


def test_the_sentences_can_be_chosen(bench: Bench) -> None:
    """PMTK314: RMC and GLL each time, VTG each second time, nothing else; PMTK414 tells."""
    part = bench.place(Gps())
    chosen = "1,1,2" + ",0" * 16
    assert ask(part, bench, f"PMTK314,{chosen}") == ["PMTK001,314,3"]
    assert ask(part, bench, "PMTK414") == [f"PMTK514,{chosen}"]
    bench.pass_s(2)
    assert [line[:5] for line in heard(bench)] == ["GPRMC", "GPGLL", "GPRMC", "GPGLL", "GPVTG"]
    assert ask(part, bench, "PMTK314,-1") == ["PMTK001,314,3"]
    bench.pass_s(1)
    assert {line[:5] for line in heard(bench)} == {"GPGGA", "GPGSA", "GPGSV", "GPRMC"}


def test_the_rate_can_be_set(bench: Bench) -> None:
    """PMTK251; one that it cannot make is refused."""
    part = bench.place(Gps())
    assert ask(part, bench, "PMTK251,57600") == ["PMTK001,251,3"]
    assert part.baudrate == 57600
    assert ask(part, bench, "PMTK251,12345") == ["PMTK001,251,2"]
    assert part.baudrate == 57600


def test_packets_may_come_in_pieces_and_wrong_ones_are_dropped(bench: Bench) -> None:
    """A wrong checksum, noise, a line without end."""
    part = bench.place(Gps())
    heard(bench)
    part.receive(b"$PMTK220,200*FF\r\n" + b"\xff\x00$PMTK\n" + b"x" * 10_000)
    assert heard(bench) == []
    for byte in b"\r\n$PMTK605*31\r\n":
        part.receive(bytes([byte]))
    assert heard(bench)[0].startswith("PMTK705,")


def test_a_packet_it_does_not_know_is_acknowledged_as_unsupported(bench: Bench) -> None:
    """Flag 1; the test packet gets flag 3, a restart says hello."""
    part = bench.place(Gps())
    assert ask(part, bench, "PMTK999,1") == ["PMTK001,999,1"]
    assert ask(part, bench, "PMTK000") == ["PMTK001,0,3"]
    assert ask(part, bench, "PMTK103") == ["PMTK010,001"]


def test_options_that_cannot_be_are_refused() -> None:
    """The message names them."""
    with pytest.raises(CircuitError, match="time = 'now' is not a time"):
        Gps(time="now")
    with pytest.raises(CircuitError, match="baudrate = 1234 is none of"):
        Gps(baudrate=1234)
