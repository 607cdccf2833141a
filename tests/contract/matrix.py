"""Which test class shows each port's contract on each way to hardware; what is missing says why.

``python -P -c "from tests.contract import matrix; print(matrix.table())"`` prints it.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
BACKENDS = HERE.parent.parent / "cpcompat" / "backends"


class Way(NamedTuple):
    """One way to hardware that is tested.

    Attributes:
        backend: The backend's package.
        words: What it is.
        module: The tests' module, in this folder.
    """

    backend: str
    words: str
    module: str


WAYS = (
    Way("sim", "sim, in the process", "test_sim"),
    Way("sim", "sim, in its own process", "test_sim_process"),
    Way("sim", "sim, as a supervised program reaches it", "test_sim_separate"),
    Way("linux", "linux, on the kernel shim", "test_linux_shim"),
    Way("linux", "linux, through the broker", "test_linux_broker"),
    Way("linux", "linux, in the emulated Pi", "guest_header"),
    Way("linux", "linux, on gpio-sim in the Pi", "guest_gpio_sim"),
)

_PI, _GPIO_SIM = WAYS[-2].words, WAYS[-1].words
_LINES_ONLY = "a chip of gpio-sim has lines only"

_SIM = "a simulated board is no computer that could be reset"

MISSING = {
    **{(way.words, "HardwareWatchdogContract"): _SIM for way in WAYS if way.backend == "sim"},
    (WAYS[4].words, "HardwareWatchdogContract"): "the supervisor feeds it itself, not the broker",
    (_PI, "EdgesContract"): "QEMU's GPIO controller makes no edges; gpio-sim's does",
    (_PI, "SpiContract"): "QEMU has no part that answers so; tests/lab/test_spi.py writes a flash",
    (_PI, "PixelsContract"): "QEMU has no pixels, and nobody there who measures pulses",
    (_PI, "AnalogContract"): "QEMU's Raspberry Pi has no converter",
    (_GPIO_SIM, "AnalogContract"): _LINES_ONLY,
    (_GPIO_SIM, "HardwareWatchdogContract"): _LINES_ONLY,
    (_GPIO_SIM, "I2cContract"): _LINES_ONLY,
    (_GPIO_SIM, "PixelsContract"): _LINES_ONLY,
    (_GPIO_SIM, "PwmContract"): _LINES_ONLY,
    (_GPIO_SIM, "SpiContract"): _LINES_ONLY,
    (_GPIO_SIM, "UartContract"): _LINES_ONLY,
}
"""Why a port is not shown, by the words of the way and the contract's name."""

_NO_PULLS = "QEMU's GPIO controller has no pulls; gpio-sim's has"
_NO_PULSES = "QEMU's PWM makes no pulses"

ABSENT = {
    (_PI, "test_a_pull_decides_the_level_of_a_floating_input"): _NO_PULLS,
    (_PI, "test_an_input_goes_back_to_its_pull_when_it_is_let_go"): _NO_PULLS,
    (_PI, "test_a_write_and_its_read_are_one_transaction"): "QEMU's memory does not count STOPs; "
    "tests/lab/test_i2c.py reads them in QEMU's trace",
    (_PI, "test_a_refused_byte_is_an_error"): "no part of QEMU's refuses a byte",
    (_PI, "test_bytes_take_their_time"): "QEMU's UART has no baud rate",
    (_PI, "test_a_new_output_is_low_and_silent"): _NO_PULSES,
    (_PI, "test_the_ends_of_the_duty_are_steady_levels"): _NO_PULSES,
    (_PI, "test_half_the_duty_is_half_the_time"): _NO_PULSES,
    (_GPIO_SIM, "test_a_wire_carries_the_level_to_another_pin"): "a chip of gpio-sim has no wires; "
    "the header's are tried",
}
"""Which tests of a contract are not shown on a way, and why, by the words of the way."""


def _classes(path: Path) -> dict[str, list[str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def tests_of(contract: str) -> list[str]:
    """Return the names of a contract's tests."""
    for path in HERE.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name == contract:
                functions = [n.name for n in node.body if isinstance(n, ast.FunctionDef)]
                return [name for name in functions if name.startswith("test_")]
    raise LookupError(contract)


def contracts() -> list[str]:
    """Return the names of the contracts in this folder, one for each port."""
    found = (
        _classes(path)
        for path in sorted(HERE.glob("*.py"))
        if not path.stem.startswith(("test_", "guest_"))
    )
    return [name for classes in found for name in classes if name.endswith("Contract")]


def backends() -> set[str]:
    """Return the names of the backends in the package."""
    return {path.parent.name for path in BACKENDS.glob("*/__init__.py")}


def cell(way: Way, contract: str) -> str | None:
    """Return the class that shows a contract, or the reason why none does, or None for a gap."""
    for name, bases in _classes(HERE / f"{way.module}.py").items():
        if contract in bases and name.startswith("Test"):
            return name
    reason = MISSING.get((way.words, contract))
    return None if reason is None else f"not shown: {reason}"


def table() -> str:
    """Return the whole table as text."""
    names = contracts()
    lines = [f"{'':28}{''.join(f'{name:20}' for name in names)}"]
    for way in WAYS:
        cells = "".join(f"{cell(way, name) or 'GAP':20}" for name in names)
        lines.append(f"{way.words:28}{cells}")
    return "\n".join(lines)
