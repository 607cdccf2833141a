"""Adafruit's drivers, as they come from PyPI, find the parts that they are made for."""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cpcompat.backends.sim.parts.ads1115 import Ads1115
from cpcompat.backends.sim.parts.at24c32 import At24c32
from cpcompat.backends.sim.parts.bme280 import Bme280
from cpcompat.backends.sim.parts.ds3231 import Ds3231
from cpcompat.backends.sim.parts.gps import Gps
from cpcompat.backends.sim.parts.mcp3008 import Mcp3008
from cpcompat.backends.sim.parts.mcp23017 import Mcp23017
from cpcompat.backends.sim.parts.ws2812 import Ws2812

if TYPE_CHECKING:
    from cpcompat.backends.sim.circuit import Circuit

pytestmark = [pytest.mark.feature("sim parts"), pytest.mark.simulated]


def board() -> Any:
    """Return what a program gets by ``import board``."""
    return importlib.import_module("board")


def bus() -> Any:
    """Return the board's I2C bus."""
    return board().I2C()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    temperature=st.floats(-40, 85),
    humidity=st.floats(0, 100),
    pressure=st.floats(300, 1100),
)
def test_the_bme280_driver_finds_the_air_as_it_is(
    circuit: Circuit, temperature: float, humidity: float, pressure: float
) -> None:
    """Within the part's resolution, all over its range: 0.005 °C, 0.02 %, 0.18 Pa."""
    from adafruit_bme280.basic import Adafruit_BME280_I2C

    if not circuit.parts:
        circuit.add_i2c(Bme280())
    part = circuit.parts["bme280"].part
    assert isinstance(part, Bme280)
    part.temperature, part.humidity, part.pressure = temperature, humidity, pressure
    driver = Adafruit_BME280_I2C(bus())
    assert driver.temperature == pytest.approx(temperature, abs=0.003)
    assert driver.humidity == pytest.approx(humidity, abs=0.01)
    assert driver.pressure == pytest.approx(pressure, abs=0.003)


def test_the_bme280_driver_measures_in_normal_mode_too(circuit: Circuit) -> None:
    """With the filter on and a pause between measurements; no real time goes by."""
    from adafruit_bme280 import advanced

    part = Bme280()
    circuit.add_i2c(part, address=0x76)
    began = time.monotonic()
    driver = advanced.Adafruit_BME280_I2C(bus(), address=0x76)
    driver.iir_filter = advanced.IIR_FILTER_X4
    driver.standby_period = advanced.STANDBY_TC_1000
    driver.mode = advanced.MODE_NORMAL
    circuit.clock.sleep_ns(60_000_000_000)
    part.temperature = 30.0
    circuit.clock.sleep_ns(60_000_000_000)
    assert driver.temperature == pytest.approx(30, abs=0.01)
    assert driver.humidity == pytest.approx(45, abs=0.05)
    assert driver.pressure == pytest.approx(1013.25, abs=0.05)
    assert time.monotonic() - began < 10


def test_the_eeprom_driver_reads_what_it_wrote(circuit: Circuit) -> None:
    """Over a page's end, each byte with its write cycle."""
    from adafruit_24lc32 import EEPROM_I2C

    part = At24c32()
    circuit.add_i2c(part)
    eeprom = EEPROM_I2C(bus())
    assert len(eeprom) == 4096
    eeprom[28:38] = b"page break"
    eeprom[4095] = 0x5A
    assert bytes(eeprom[28:38]) == b"page break"
    assert part.memory[28:38] == b"page break"
    assert eeprom[4095] == bytearray(b"\x5a")


def test_the_clock_driver_sets_and_reads_the_time(circuit: Circuit) -> None:
    """The flag that it was never set goes, and time goes on."""
    from adafruit_ds3231 import DS3231

    part = Ds3231()
    circuit.add_i2c(part)
    rtc = DS3231(bus())
    assert rtc.lost_power
    rtc.datetime = time.struct_time((2026, 11, 24, 23, 59, 58, 1, -1, -1))
    assert not rtc.lost_power
    circuit.clock.sleep_ns(3_000_000_000)
    assert rtc.datetime[:7] == (2026, 11, 25, 0, 0, 1, 2)


def test_the_clock_driver_sees_its_alarms_and_the_temperature(circuit: Circuit) -> None:
    """The alarm pulls the wire at INT; a forced conversion brings the new temperature."""
    from adafruit_ds3231 import DS3231

    from cpcompat.hal.gpio import Pull

    part = Ds3231(time="2026-01-01 08:00:00", int_pin="D4")
    circuit.pull("D4", Pull.UP)
    circuit.add_i2c(part)
    rtc = DS3231(bus())
    rtc.alarm1 = (time.struct_time((2026, 1, 1, 8, 30, 0, 3, 1, -1)), "daily")
    rtc.alarm1_interrupt = True
    circuit.clock.sleep_ns(1_799_000_000_000)
    assert not rtc.alarm1_status
    circuit.clock.sleep_ns(1_000_000_000)
    assert circuit.level("D4") is False
    assert rtc.alarm1_status
    rtc.alarm1_status = False
    assert circuit.level("D4") is True
    part.temperature = -7.25
    assert rtc.force_temperature_conversion() == -7.25


def test_the_expander_driver_reads_buttons_and_drives_lights(circuit: Circuit) -> None:
    """By its own DigitalInOut, with the pull-up that makes a button's rest level."""
    import digitalio
    from adafruit_mcp230xx.mcp23017 import MCP23017

    part = Mcp23017()
    circuit.add_i2c(part)
    mcp = MCP23017(bus())
    button, light = mcp.get_pin(3), mcp.get_pin(12)
    button.direction = digitalio.Direction.INPUT
    button.pull = digitalio.Pull.UP
    light.switch_to_output(value=True)
    assert button.value
    assert part.gpb4
    part.gpa3 = False
    assert not button.value
    light.value = False
    assert not part.gpb4


def test_the_expander_driver_finds_which_pin_interrupted(circuit: Circuit) -> None:
    """And the board's pin at INTA goes low."""
    from adafruit_mcp230xx.mcp23017 import MCP23017

    part = Mcp23017(inta_pin="D17")
    circuit.add_i2c(part)
    mcp = MCP23017(bus())
    mcp.interrupt_enable = 0x0080
    part.gpa7 = True
    assert circuit.level("D17") is False
    assert mcp.int_flag == [7]
    mcp.clear_ints()
    assert circuit.level("D17") is True


@pytest.mark.parametrize("gain", [2 / 3, 1, 2, 4, 8, 16])
def test_the_ads1115_driver_finds_the_volts(circuit: Circuit, gain: float) -> None:
    """At each gain, single and differential, within one step."""
    from adafruit_ads1x15 import ADS1115, AnalogIn, ads1x15

    part = Ads1115()
    circuit.add_i2c(part)
    part.ain0, part.ain1, part.ain2, part.ain3 = 0.2, 0.15, 0.25, 0.05
    ads = ADS1115(bus(), gain=gain)
    step = 6.144 / 0x8000
    single = [AnalogIn(ads, pin).voltage for pin in range(4)]
    assert single == pytest.approx([0.2, 0.15, 0.25, 0.05], abs=step)
    assert AnalogIn(ads, ads1x15.Pin.A0, ads1x15.Pin.A1).voltage == pytest.approx(0.05, abs=step)
    assert AnalogIn(ads, ads1x15.Pin.A1, ads1x15.Pin.A3).voltage == pytest.approx(0.1, abs=step)
    assert AnalogIn(ads, ads1x15.Pin.A0, ads1x15.Pin.A3).voltage == pytest.approx(0.15, abs=step)


def test_the_ads1115_driver_follows_in_continuous_mode(circuit: Circuit) -> None:
    """With the input of the last single shot, which this driver leaves alone in that mode."""
    from adafruit_ads1x15 import ADS1115, AnalogIn, ads1x15

    part = Ads1115()
    circuit.add_i2c(part)
    part.ain2 = 1.0
    ads = ADS1115(bus(), data_rate=860)
    channel = AnalogIn(ads, 2)
    assert channel.voltage == pytest.approx(1.0, abs=2e-4)
    ads.mode = ads1x15.Mode.CONTINUOUS
    ads.get_last_result()  # from here on the driver reads without naming the register
    part.ain2 = 2.5
    circuit.clock.sleep_ns(2_500_000)
    assert channel.voltage == pytest.approx(2.5, abs=2e-4)


def test_the_mcp3008_driver_finds_the_volts(circuit: Circuit) -> None:
    """On each channel, single and differential, within one step of the reference."""
    import digitalio
    from adafruit_mcp3xxx import analog_in, mcp3008

    part = Mcp3008()
    circuit.add_spi(part, cs="D5")
    mcp = mcp3008.MCP3008(board().SPI(), digitalio.DigitalInOut(board().D5), ref_voltage=3.3)
    volts = [0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 3.3]
    for number, value in enumerate(volts):
        setattr(part, f"ch{number}", value)
    found = [analog_in.AnalogIn(mcp, pin).voltage for pin in range(8)]
    assert found == pytest.approx(volts, abs=3.3 / 1024)
    assert analog_in.AnalogIn(mcp, 5, 4).voltage == pytest.approx(0.4, abs=3.3 / 1024)
    assert analog_in.AnalogIn(mcp, 4, 5).voltage == 0


def test_the_gps_driver_finds_place_and_time(circuit: Circuit) -> None:
    """After as many sentences as there are, from the board's UART."""
    import busio
    from adafruit_gps import GPS

    part = Gps(time="2026-02-28 23:59:30")
    circuit.add_uart(part)
    part.latitude, part.longitude, part.altitude = -33.8568, -70.6693, 570.5
    part.speed, part.course, part.satellites = 36.0, 123.4, 7
    gps = GPS(busio.UART(board().TX, board().RX, baudrate=9600, timeout=1))
    gps.send_command(b"PMTK314,0,1,0,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0")
    gps.send_command(b"PMTK220,1000")
    sentences = set()
    for _ in range(60):
        circuit.clock.sleep_ns(100_000_000)
        while gps.update():
            sentences.add(str(gps.nmea_sentence)[:6])
    assert {"$GPRMC", "$GPGGA", "$GPGSA", "$GPGSV"} <= sentences
    assert gps.has_fix
    assert gps.has_3d_fix
    assert gps.latitude == pytest.approx(-33.8568, abs=2e-6)
    assert gps.longitude == pytest.approx(-70.6693, abs=2e-6)
    assert (gps.altitude_m, gps.satellites) == (570.5, 7)
    assert gps.speed_knots == pytest.approx(36 / 1.852, abs=0.01)
    assert gps.track_angle_deg == 123.4
    assert gps.datetime[:5] == (2026, 2, 28, 23, 59)
    part.fix = "none"
    circuit.clock.sleep_ns(1_500_000_000)
    while gps.update():
        pass
    assert not gps.has_fix


def test_neopixel_lights_the_pixels(circuit: Circuit) -> None:
    """With brightness and the pixels' own order of colours; they are dark when it lets go."""
    part = Ws2812(4)
    circuit.add_pixels(part, "D18")
    neopixel = importlib.import_module("neopixel")
    with neopixel.NeoPixel(board().D18, 4, brightness=0.5, auto_write=False) as pixels:
        pixels[0] = (200, 100, 50)
        pixels[3] = 0x0000FF
        pixels.show()
        assert part.colours() == [(100, 50, 25), (0, 0, 0), (0, 0, 0), (0, 0, 127)]
    assert part.colours() == [(0, 0, 0)] * 4
