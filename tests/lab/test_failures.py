"""On each way to fail a real kernel says its part, and the program is told cause and cure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.lab.machine import NORMAL

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab

pytestmark = [pytest.mark.emulated, pytest.mark.slow, pytest.mark.feature("error messages")]

LINE = "import board, digitalio\ndigitalio.DigitalInOut(board.D17).switch_to_output()"
I2C = "import board\nboard.I2C()"
SPI = "import board\nspi = board.SPI()\nspi.try_lock()\nspi.write(b'1')"


class Failure(NamedTuple):
    """A way to fail.

    Attributes:
        before: What a shell does first.
        program: The program.
        says: What the traceback has, and its notes.
        by: Who runs it.
    """

    before: str
    program: str
    says: tuple[str, ...]
    by: str = "root"


FAILURES = {
    "a line that another program holds": Failure(
        "gpioset --daemonize --chip gpiochip0 --consumer pump 17=1",
        LINE,
        ("ValueError: D17 in use", "'pump'"),
    ),
    "a node that may not be opened": Failure(
        "chmod 600 /dev/gpiochip*", LINE, ("PermissionError", "is for root alone"), "nobody"
    ),
    "a bus that is switched off": Failure(
        "rmmod i2c_dev", I2C, ("No", "i2c", "cpcompat doctor"), "root"
    ),
    "an SPI node that a driver of the kernel took": Failure(
        "for s in spi0.0 spi0.1; do echo $s >/sys/bus/spi/drivers/spidev/unbind; done",
        SPI,
        ("spi", "cpcompat doctor"),
    ),
    "a part that is not there": Failure(
        "",
        "import board\ni2c = board.I2C()\ni2c.try_lock()\ni2c.writeto(0x23, b'1')",
        ("OSError: [Errno 19] No such device", "0x23"),
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_cause_and_cure_are_said(lab: Lab, name: str) -> None:
    """In upstream's words, with the cure as a note."""
    failure = FAILURES[name]
    run = "python3 -m cpcompat fail.py"
    if failure.by != "root":
        run = f"su {failure.by} -s /bin/bash -c '{run}'"
    ended = lab.run(f"{failure.before}\n{run}", NORMAL, {"fail.py": failure.program})
    assert ended.status != 0
    for words in failure.says:
        assert words in ended.err, ended.err + ended.out
