"""Which test shows each thing that was set out to be told or to be avoided; none is left out.

The lists are of the kernel's refusals and of the defects of Adafruit Blinka 10 that concern `board`,
`digitalio`, `busio`, `analogio`, `pwmio`, `microcontroller`, `rotaryio`,
`keypad` and `pulseio`.
"""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.peers.defects import DEFECTS
from tests.running import ROOT

pytestmark = [pytest.mark.feature("error messages"), pytest.mark.shim]

_ERRORS = "tests/backends/linux/test_errors.py"
_I2C = "tests/backends/linux/test_i2c.py"
_SPI = "tests/backends/linux/test_spi.py"
_BUSES = "tests/programs/test_real_buses.py"
_CALLS = "tests/peers/test_calls.py"

REFUSALS = {
    "EACCES: the user is not in the node's group": f"{_ERRORS}::"
    "test_a_chip_for_a_group_is_refused_with_the_command_that_adds_the_user",
    "EACCES: the session does not have the group yet": f"{_ERRORS}::"
    "test_a_group_that_the_session_has_not_yet_needs_another_login",
    "EACCES, from the broker": f"{_BUSES}::test_a_node_for_others_names_who_may_use_it",
    "ENOENT: no I2C": f"{_I2C}::test_a_bus_that_is_switched_off_says_how_to_switch_it_on",
    "ENOENT: no SPI": f"{_SPI}::test_a_bus_that_is_switched_off_is_absent",
    "ENOENT: no UART": "tests/backends/linux/test_ports.py::"
    "test_a_port_that_is_switched_off_says_how_to_switch_it_on",
    "EBUSY: the kernel's line": f"{_ERRORS}::"
    "test_a_line_of_the_kernels_own_is_named_with_its_holder_and_the_overlay",
    "EBUSY: another program's line": f"{_ERRORS}::"
    "test_a_line_of_another_program_of_ours_is_named_with_its_process",
    "EBUSY: this program's pin": f"{_ERRORS}::"
    "test_a_pin_of_the_same_program_is_in_use_by_the_claims",
    "EINVAL, ENOTTY: the flag or the kernel": f"{_ERRORS}::"
    "test_a_flag_that_the_driver_does_not_know_is_not_supported",
    "EINVAL: a kernel before 5.10": f"{_BUSES}::test_a_kernel_that_is_too_old_is_said_to_be",
    "EPERM: driving an input": f"{_ERRORS}::test_driving_an_input_is_the_wrong_direction",
    "EREMOTEIO, ENXIO, EIO: no acknowledge": f"{_I2C}::"
    "test_nobody_at_an_address_is_told_with_who_does_answer",
    "ETIMEDOUT, EAGAIN, EOPNOTSUPP: a transfer": f"{_I2C}::"
    "test_each_refusal_of_a_transfer_says_what_is_wrong_and_what_helps",
    "a driver of the kernel has the address": f"{_I2C}::"
    "test_an_address_that_a_driver_of_the_kernel_has_is_refused_with_its_name",
    "no I2C_FUNC_I2C": f"{_I2C}::test_an_adapter_that_knows_smbus_alone_reads_and_writes_registers",
    "EMSGSIZE: split": f"{_SPI}::test_more_than_the_kernels_buffer_goes_in_pieces",
    "EMSGSIZE: refused": f"{_SPI}::"
    "test_where_the_controller_drives_its_own_select_a_long_transfer_is_refused",
    "a container without the node": f"{_ERRORS}::"
    "test_a_container_without_the_chip_is_told_how_it_gets_it",
    "ENXIO: a line without an interrupt": f"{_ERRORS}::"
    "test_a_line_without_an_interrupt_cannot_be_watched",
}
"""By the kernel's refusal: the test that shows what becomes of it."""

_PEERS = "tests/peers/test_blinka_defects.py::test_cpcompat_keeps"

AVOIDED = {
    "an output goes low before it goes high": f"{_CALLS}::test_a_pin_goes_high_without_a_glitch",
    "no open drain": "open drain is there",
    "a pin in use is EBUSY": "a pin in use is a ValueError that names it",
    "a deinited pin is None": "a deinited pin says so",
    "try_lock is not atomic": "only one thread gets the lock",
    "a bus is used without its lock": "using a bus needs its lock",
    "a chip that is forced gives no Pin": "a board that is not known is an error that says so",
    "SPI leaks descriptors": "a deinited SPI bus leaves no descriptor open",
    "UART opens the Bluetooth chip's port": "tests/peers/test_blinka_defects.py::"
    "test_the_uart_at_the_pins_is_not_the_bluetooth_chips",
    "board.I2C() is two objects": "board.I2C() is one object",
    "I2C is no context manager": "I2C is a context manager on a board for any computer",
    "a bus of a board for any computer only scans": "I2C on a board for any computer has all its"
    " methods",
    "Pull cannot be listed": "all that Pull has can be listed",
    "a pin has no hash": "a pin can be a key of a dict",
    "analogio cannot be imported": "a module that the board has nothing of can be imported",
    "PWM needs a compiled package": "PWM needs no package that is to be compiled",
    "a Compute Module that is forced has no SPI": "a board can be forced",
    "I2C's arguments have other names": "I2C's arguments have CircuitPython's names",
    "SPI's arguments have other names": "SPI's arguments have CircuitPython's names",
    "no probe": "an address can be probed",
    "no cpu": "microcontroller tells about the processor",
    "a pin shows a number": "a pin shows itself by its name",
    "rotaryio is not in the wheel, and takes a core": "a wheel can be followed, and costs nothing"
    " at rest",
    "keypad.reset() silences": "a reset of keys tells which are down, and they go on",
    "keypad.deinit() never returns": "keys can be let go",
    "keypad's events have no time": "an event of a key has its time",
    "pulseio needs a program of its own": "pulses are measured without a program beside",
    "SPI sets clock, mode and bits before each transfer": f"{_CALLS}::"
    "test_configuring_a_bus_for_each_device_costs_no_setup_when_nothing_changes",
}
"""By a defect: what is promised instead (a row of `tests.peers.defects`), or the test of it."""

OPEN = {
    "bitbangio's SPI calls itself",
    "usb_hid cannot be imported",
}
"""Defects in modules that there are not yet; when one of them is made, its defects move up."""
MODULES = ("keypad", "pulseio", "bitbangio", "usb_hid")


@cache
def _functions(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _is_there(test: str) -> bool:
    file, _, name = test.partition("::")
    return (ROOT / file).is_file() and name in _functions(file)


@pytest.mark.parametrize("row", [*REFUSALS, *AVOIDED])
def test_each_row_has_a_test_that_exists(row: str) -> None:
    """By its id, or as a promise that is kept and that Blinka breaks."""
    promises = {defect.promise for defect in DEFECTS}
    test = {**REFUSALS, **AVOIDED}[row]
    assert _is_there(_PEERS)
    assert test in promises or _is_there(test)


def test_each_promise_that_blinka_breaks_is_in_the_list() -> None:
    """So the list grows with them."""
    assert {defect.promise for defect in DEFECTS} <= set(AVOIDED.values())


def test_a_module_that_is_made_takes_its_defects_along() -> None:
    """They are tested then, not open."""
    made = [name for name in MODULES if (ROOT / "cpcompat" / name).is_dir()]
    assert [row for row in OPEN for name in made if name.removesuffix("io") in row] == []
