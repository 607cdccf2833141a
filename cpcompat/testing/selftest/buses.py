"""Checks of buses, and of the chip itself."""

from __future__ import annotations

from cpcompat.hal import Fault, HalError
from cpcompat.testing.selftest.bench import Bench, NotTried, Refuted

_ADDRESSES = range(0x08, 0x78)
"""Those that parts may have: the others are reserved (I2C specification UM10204, 3.1.12)."""
_I2C_HZ = 100_000
_SIZES = (1, 2, 3, 16, 255, 4096)
_MODES = range(4)
_SPI_HZ = 1_000_000
_BAUDS = (9_600, 115_200)


def addresses_answer_or_say_that_nobody_is_there(bench: Bench) -> str:
    """No address leads to another fault."""
    pins = bench.plan.i2c
    if pins is None:
        raise NotTried("needs a bus to ask: --i2c 1")
    bus = bench.backend.i2c(pins, _I2C_HZ)
    found = []
    try:
        for address in _ADDRESSES:
            try:
                bus.transfer(address, b"", None)
            except HalError as error:
                if error.fault is not Fault.NO_ACK:
                    raise
            else:
                found.append(f"0x{address:02x}")
    finally:
        bus.close()
    if len(found) == len(_ADDRESSES):
        raise Refuted("every address answers: SDA is held low")
    return f"at {', '.join(found)}" if found else "nobody is there"


def what_is_sent_over_SPI_comes_back(bench: Bench) -> str:  # noqa: N802 - a sentence
    """Every mode, from one byte to four thousand."""
    pins = bench.plan.spi
    if pins is None:
        raise NotTried("needs MOSI wired to MISO: --spi 0")
    bus = bench.backend.spi(pins)
    try:
        for mode in _MODES:
            made_hz = bus.configure(_SPI_HZ, mode, 8)
            for size in _SIZES:
                sent = _pattern(size)
                back = bytearray(size)
                bus.transfer(sent, back, 0)
                if back != sent:
                    raise Refuted(f"mode {mode}, {size} bytes: other bytes came back")
    finally:
        bus.close()
    return f"up to {_SIZES[-1]} bytes, modes 0 to 3, at {made_hz} Hz"


def what_is_sent_over_the_serial_port_comes_back(bench: Bench) -> str:
    """At two speeds."""
    pins = bench.plan.uart
    if pins is None:
        raise NotTried("needs TX wired to RX: --uart 0")
    port = bench.backend.uart(pins)
    try:
        for baud in _BAUDS:
            port.configure(baud, 8, "none", 1)
            port.discard()
            sent = _pattern(64)
            port.write(sent)
            back = b""
            while len(back) < len(sent):
                more = port.read(len(sent) - len(back), 500_000_000)
                if not more:
                    break
                back += more
            if back != sent:
                raise Refuted(f"{baud} baud: {len(sent)} bytes sent, {len(back)} came back")
    finally:
        port.close()
    return f"at {' and '.join(map(str, _BAUDS))} baud"


def the_chip_tells_its_temperature(bench: Bench) -> str:
    """Where it has a sensor, something that a running chip can have."""
    found = bench.backend.cpu_temperature_c()
    if found is None:
        raise NotTried("it has no sensor")
    if not -40 < found < 120:
        raise Refuted(f"{found} °C")
    return f"{found:.1f} °C"


def the_chip_has_a_number_of_its_own(bench: Bench) -> str:
    """8 bytes, not all the same; it is not put into the report."""
    found = bench.backend.uid()
    if len(found) != 8 or len(set(found)) == 1:
        raise Refuted(f"{len(found)} bytes, {len(set(found))} different ones")
    return "8 bytes"


def _pattern(size: int) -> bytes:
    """Return bytes that no shift and no loss of one leaves as they are."""
    return bytes((number * 167 + number // 256 * 13 + 90) & 0xFF for number in range(size))


CHECKS = (
    ("I2C", addresses_answer_or_say_that_nobody_is_there),
    ("SPI", what_is_sent_over_SPI_comes_back),
    ("UART", what_is_sent_over_the_serial_port_comes_back),
    ("chip", the_chip_tells_its_temperature),
    ("chip", the_chip_has_a_number_of_its_own),
)
