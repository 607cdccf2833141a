"""Circuit files: what they build, and how their mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.circuit_file import build_text, load
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.toml_lines import TomlLines
from cpcompat.board.detect import definition
from cpcompat.errors import CircuitError

pytestmark = [pytest.mark.feature("circuit files"), pytest.mark.simulated]


def built(text: str, folder: Path = Path()) -> Circuit:
    """Return the circuit that a text describes."""
    circuit = Circuit(definition("sim"), VirtualClock())
    build_text(circuit, text, "sim.toml", folder)
    return circuit


def test_a_file_builds_parts_wires_inputs_and_voltages() -> None:
    """One of each."""
    circuit = built(
        '[[i2c]]\npart = "bme280"\naddress = 0x76\ntemperature = 23.5\n'
        '[[spi]]\npart = "mcp3008"\ncs = "CE0"\nname = "adc"\n'
        '[[uart]]\npart = "gps"\n'
        '[[wire]]\npins = ["D5", "D6"]\n'
        '[[input]]\npin = "D5"\nevents = [[1e6, true], [2_000_000, 0], [3_000_000, "float"]]\n'
        '[[input]]\npin = "BUTTON"\npull = "up"\n'
        '[[analog]]\npin = "A1"\nvalue = 1000\n'
        "[cpu]\ntemperature = 41.5\nvoltage = 3.3\n"
    )
    assert {name: placed.place for name, placed in circuit.parts.items()} == {
        "bme280": "i2c1 address 0x76",
        "adc": "spi0 chip select GPIO8",
        "gps": "uart0",
    }
    assert circuit.parts["bme280"].part.values == {"temperature": 23.5}
    circuit.clock.sleep_ns(1_500_000)
    assert circuit.level("D6")
    assert circuit.level("BUTTON")
    assert circuit.analog("A1") == 1000
    assert circuit.cpu_temperature_c == 41.5
    assert circuit.cpu_voltage_v == 3.3


@pytest.mark.parametrize(
    ("text", "message", "legal"),
    [
        ('[[i2c]]\npart = "bme28"', "2: [[i2c]] part = 'bme28' is not a known part", "bme280"),
        ('[[i2c]]\npart = "bme280"\ntemp = 3', "3: [[i2c]] temp = 3 is not a known", "temperature"),
        ('[[i2c]]\npart = "ads1115"\nx = 3', "3: [[i2c]] x = 3 is not a known", "alert_pin"),
        ('[[i2c]]\npart = "bme280"\n\ntemperature = "x"', "4: [[i2c]] temperature = 'x'", ""),
        ('[[i2c]]\npart = "bme280"\ntemperature = 900', "3: [[i2c]] temperature = 900", ""),
        ('[[i2c]]\npart = "bme280"\naddress = "x"', "3: [[i2c]] address = 'x' is not a whole", ""),
        ('[[i2c]]\npart = "bme280"\naddress = 1', "3: [[i2c]] address 0x01", "0x77, 0x76"),
        ('[[i2c]]\npart = "bme280"\n' * 2, "3: [[i2c]] address 0x77 of bus 1 is taken", ""),
        ('[[i2c]]\npart = "ads1115"\nalert_pin = "D99"', "3: [[i2c]] ", "D27"),
        ("[[i2c]]\naddress = 0x77", "1: [[i2c]] lacks 'part'", "part = a text"),
        ('[[spi]]\npart = "bme280"', "2: [[spi]] part = 'bme280' is not an SpiPart", "I2cPart"),
        ('[[spi]]\npart = "mcp3008"', "1: [[spi]] lacks 'cs'", ""),
        ('[[wire]]\npins = ["D5", "D99"]', "2: [[wire]] pins", "D27"),
        ('[[wire]]\npins = ["D5"]', "2: [[wire]] pins", ""),
        ('[[input]]\npin = "D4"', "1: [[input]] says nothing", "events, level or pull"),
        ('[[input]]\npin = "D4"\nevents = [[1, 2]]', "3: [[input]] events", "[ns, level]"),
        ('[[analog]]\npin = "D4"\nvolts = 1', "2: [[analog]] pin = 'D4' is not an analog", "A0"),
        ("\n[[led]]\n", "2: 'led' is not a known table", "[[i2c]]"),
        ("x = 1\ny = =\n", "2: not TOML", ""),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_is_legal(
    text: str, message: str, legal: str
) -> None:
    """The message has file, line and key; the note the legal values."""
    with pytest.raises(CircuitError) as caught:
        built(text)
    assert str(caught.value).startswith(f"sim.toml:{message}")
    assert legal in " ".join(getattr(caught.value, "__notes__", ()))


_OWN = (
    "from cpcompat.backends.sim.part import I2cPart\nclass Mine(I2cPart):\n    addresses = (9,)\n"
)


def test_a_part_of_ones_own_stands_beside_the_file(tmp_path: Path) -> None:
    """Its file and its class."""
    (tmp_path / "mine.py").write_text(_OWN)
    (tmp_path / "sim.toml").write_text('[[i2c]]\npart = "mine.py:Mine"\n')
    circuit = Circuit(definition("sim"), VirtualClock())
    load(circuit, tmp_path / "sim.toml")
    assert circuit.parts["Mine"].place == "i2c1 address 0x09"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("\nx = 1 / 0\n", "mine.py:2: ZeroDivisionError: division by zero"),
        ("x = = 1\n", "mine.py:1: SyntaxError"),
        (_OWN + "    def __init__(self):\n        len(3)\n", "mine.py:5: TypeError"),
        (_OWN.replace("Mine", "Other"), "has no part 'Mine'"),
    ],
)
def test_a_mistake_in_a_part_of_ones_own_is_named_with_its_line(
    tmp_path: Path, source: str, message: str
) -> None:
    """The user's file and line, behind those of the circuit file."""
    (tmp_path / "mine.py").write_text(source)
    with pytest.raises(CircuitError) as caught:
        built('[[i2c]]\npart = "mine.py:Mine"', tmp_path)
    assert str(caught.value).startswith("sim.toml:")
    assert message in str(caught.value)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["i2c", "spi", "input"]),
            st.lists(
                st.sampled_from(
                    ["", "# [[x]]", "k{} = 1", 'k{} = """\n[[i2c]]\n"""', "k{} = [\n[1],\n]"]
                ),
                max_size=5,
            ),
        ),
        max_size=6,
    )
)
def test_every_key_is_found_at_its_line(tables: list[tuple[str, list[str]]]) -> None:
    """Among comments, empty lines, long strings and lists over several lines."""
    lines: list[str] = []
    expected: dict[tuple[str, int, str], int] = {}
    counts: dict[str, int] = {}
    for kind, rows in tables:
        index = counts[kind] = counts.get(kind, -1) + 1
        lines.append(f"[[{kind}]]")
        for number, row in enumerate(rows):
            if row.startswith("k"):
                expected[kind, index, f"k{number}"] = len(lines) + 1
            lines += row.format(number).split("\n")
    found = TomlLines("\n".join(lines))
    assert {place: found.line(*place) for place in expected} == expected
