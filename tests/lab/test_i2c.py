"""I2C on a real kernel's driver: what is on the wires, and whose address it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab

pytestmark = [pytest.mark.emulated, pytest.mark.slow, pytest.mark.feature("busio")]

READ_REGISTER = """
import board
i2c = board.I2C()
i2c.try_lock()
answer = bytearray(2)
i2c.writeto_then_readfrom(0x48, b"\\x03", answer)
print(answer.hex())
"""


def test_a_register_is_read_in_one_transaction(lab: Lab) -> None:
    """The kernel's own trace shows both messages in one transfer: a repeated START, and one STOP.

    QEMU's controller makes a STOP of every START, so its side cannot show it.
    """
    trace = "/sys/kernel/tracing"
    ended = lab.run(
        f"mount -t tracefs none {trace} && echo 1 >{trace}/events/i2c/enable\n"
        f"python3 -m cpcompat read.py && grep -o 'i2c_[a-z]*: .*' {trace}/trace",
        files={"read.py": READ_REGISTER},
    )
    assert ended.out.splitlines() == [
        "5000",
        "i2c_write: i2c-1 #0 a=048 f=0200 l=1 [03]",
        "i2c_read: i2c-1 #1 a=048 f=0201 l=2",
        "i2c_reply: i2c-1 #1 a=048 f=0201 l=2 [50-00]",
        "i2c_result: i2c-1 n=2 ret=2",
    ], ended.err


def test_an_address_that_a_driver_of_the_kernel_has_is_named_with_the_driver(lab: Lab) -> None:
    """The kernel's own thermometer driver has 0x49; its name and the way to free it are said."""
    program = """
import board
i2c = board.I2C()
i2c.try_lock()
try:
    i2c.readfrom_into(0x49, bytearray(1))
except OSError as error:
    print(error.errno, *error.__notes__)
"""
    ended = lab.run(
        "modprobe lm75; echo lm75 0x49 >/sys/bus/i2c/devices/i2c-1/new_device\npython3 -m cpcompat read.py",
        files={"read.py": program},
    )
    assert "16 " in ended.out, ended.out + ended.err
    assert "lm75" in ended.out
