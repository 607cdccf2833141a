"""What only the simulated board can do: virtual time, waveforms, pictures; and libraries from PyPI."""

from __future__ import annotations

import shutil
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.feature("circuit"), pytest.mark.simulated]

RunToEnd = Callable[..., "subprocess.CompletedProcess[bytes]"]
BME280 = '[[i2c]]\npart = "bme280"\naddress = 0x77\ntemperature = 23.5\n'
READ = (
    "import board\nfrom adafruit_bme280 import basic\n"
    "sensor = basic.Adafruit_BME280_I2C(board.I2C())\nprint(round(sensor.temperature, 1))\n"
)
FONT = (
    "STARTFONT 2.1\nFONT tiny\nSIZE 8 75 75\nFONTBOUNDINGBOX 2 2 0 0\nSTARTPROPERTIES 2\n"
    "FONT_ASCENT 2\nFONT_DESCENT 0\nENDPROPERTIES\nCHARS 1\nSTARTCHAR A\nENCODING 65\n"
    "SWIDTH 500 0\nDWIDTH 3 0\nBBX 2 2 0 0\nBITMAP\n80\n40\nENDCHAR\nENDFONT\n"
)


def test_an_hour_of_virtual_time_takes_no_time(run_to_end: RunToEnd) -> None:
    """Sleeping costs nothing; the program's clock says that it slept."""
    began = time.monotonic()
    done = run_to_end(
        "import time\nt = time.monotonic()\nfor _ in range(3600):\n    time.sleep(1)\n"
        "print(round(time.monotonic() - t))\n",
        "--virtual-time",
    )
    assert b"\n3600\n" in done.stdout
    assert time.monotonic() - began < 20


def test_keys_are_looked_at_as_virtual_time_passes(
    run_to_end: RunToEnd, circuitpy_drive: Path
) -> None:
    """Fifty times a second: at a row's wire the looks are counted, and the program takes no events."""
    (circuitpy_drive / "sim.toml").write_text('[[wire]]\npins = ["D5", "D16"]\n')
    done = run_to_end(
        "import board, countio, digitalio, keypad, time\n"
        "looks = countio.Counter(board.D16, edge=countio.Edge.FALL, pull=digitalio.Pull.UP)\n"
        "keys = keypad.KeyMatrix([board.D5], [board.D6])\n"
        "looks.reset()\n"
        "time.sleep(10)\n"
        "print(looks.count, 'looks')\n",
        "--virtual-time",
    )
    assert b"\n500 looks" in done.stdout


def test_a_driver_from_pypi_reads_a_simulated_part_and_sigrok_the_wire(
    circuitpy_drive: Path, run_to_end: RunToEnd, tmp_path: Path
) -> None:
    """The waveform file of the run holds the driver's traffic."""
    if shutil.which("sigrok-cli") is None:
        pytest.skip("install it with: apt-get install sigrok-cli")
    (circuitpy_drive / "sim.toml").write_text(BME280)
    trace = tmp_path / "bus.vcd"
    done = run_to_end(READ, "--trace", str(trace))
    assert b"\n23.5\n" in done.stdout
    decoded = subprocess.run(
        ["sigrok-cli", "-I", "vcd", "-i", str(trace), "-P", "i2c:scl=SCL:sda=SDA", "-A", "i2c"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    assert "Address write: 77" in decoded
    assert "Data read: 60" in decoded


def test_the_display_s_picture_is_written_as_png(
    circuitpy_drive: Path, run_to_end: RunToEnd, tmp_path: Path
) -> None:
    """What the program drew is in the file, at the display's size."""
    (circuitpy_drive / "sim.toml").write_text('[[i2c]]\npart = "ssd1306"\naddress = 0x3C\n')
    picture = tmp_path / "screen.png"
    done = run_to_end(
        "import board, adafruit_ssd1306\n"
        "oled = adafruit_ssd1306.SSD1306_I2C(128, 64, board.I2C())\n"
        "oled.fill(1)\noled.show()\n",
        "--screen",
        str(picture),
    )
    assert done.returncode == 0
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG\r\n")
    assert struct.unpack(">II", data[16:24]) == (128, 64)


def test_a_font_loader_from_pypi_opens_the_drive_s_font(
    circuitpy_drive: Path, run_to_end: RunToEnd
) -> None:
    """A library that pip installed sees the drive's ``/``."""
    (circuitpy_drive / "fonts").mkdir()
    (circuitpy_drive / "fonts" / "tiny.bdf").write_text(FONT)
    done = run_to_end(
        "from adafruit_bitmap_font import bitmap_font\n"
        "font = bitmap_font.load_font('/fonts/tiny.bdf')\n"
        "glyph = font.get_glyph(65)\nprint('glyph', glyph.width, glyph.height, glyph.shift_x)\n"
    )
    assert b"glyph 2 2 3\n" in done.stdout, done.stdout


def test_the_drive_s_built_ins_keep_cpythons_fast_paths(run_to_end: RunToEnd) -> None:
    """A hot loop in drive code looks built-ins up as fast as anywhere."""
    done = run_to_end(
        "import dis\ndef work():\n    for n in range(2000):\n        len('abc')\nwork()\nwork()\n"
        "names = {i.opname for i in dis.get_instructions(work, adaptive=True)}\n"
        "print('fast', any(n.startswith('LOAD_GLOBAL_BUILTIN') for n in names))\n"
    )
    assert b"fast True\n" in done.stdout, done.stdout


def test_a_circuit_file_that_is_wrong_names_file_line_and_what_is_legal(
    circuitpy_drive: Path, run_to_end: RunToEnd
) -> None:
    """Exit status 2, before anything ran."""
    (circuitpy_drive / "sim.toml").write_text(BME280 + "humidty = 3\n")
    done = run_to_end("print('never')")
    assert done.returncode == 2
    assert b"sim.toml:5" in done.stderr
    assert b"humidity" in done.stderr
    assert b"never" not in done.stdout
