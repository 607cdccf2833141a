"""Pins are safe after a violent death: judged by the chip's own registers, from outside the machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.lab import outside
from tests.lab.machine import Setup
from tests.running import ROOT

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab
    from tests.lab.machine import Pi

pytestmark = [pytest.mark.emulated, pytest.mark.slow, pytest.mark.feature("hardware broker")]

# As Raspberry Pi's kernels have it: what a program drove stays driven when its line is closed.
PERSISTENT = Setup(live=True, append="pinctrl_bcm2835.persist_gpio_outputs=1")
SIGN, PINS = 26, (17, 22)
ASSERTED = "test $(cat /sys/module/pinctrl_bcm2835/parameters/persist_gpio_outputs) = Y || exit 9\n"


def begin(lab: Lab, pi: Pi, *who: str, after: str = "") -> None:
    """Run a drive that drives pins, and kill; what is to be done then is done in the same machine."""
    kill = f"{ASSERTED}python3 -P tests/lab/programs/kill.py {' '.join(who)}\n{after}"
    pi.start(lab.command(kill), lab.files({"drive": ROOT / "tests/lab/drives/held"}))
    pi.wait_for("driven\n")
    assert functions(pi) == [outside.OUTPUT, outside.OUTPUT]
    assert [pi.hand.level(pin) for pin in PINS] == [True, True]
    pi.hand.drive(SIGN, True)
    pi.wait_for("killed\n")


def functions(pi: Pi) -> list[int]:
    """Return the pins' function selects."""
    return [pi.hand.function(pin) for pin in PINS]


def safe_in_time(pi: Pi, seconds: float) -> bool:
    """Return whether the pins are inputs before a time has passed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if functions(pi) == [outside.INPUT, outside.INPUT]:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("who", [("supervisor",), ("supervisor", "zygote")])
def test_pins_are_inputs_after_a_kill(lab: Lab, who: tuple[str, ...]) -> None:
    """Though the kernel would have them driven for ever."""
    with lab.pi(PERSISTENT) as pi:
        begin(lab, pi, *who)
        assert safe_in_time(pi, 20)
        pi.hand.drive(SIGN, False)
        assert pi.wait().status == 0


def test_with_everybody_killed_pins_stay_driven_until_safe_pins(lab: Lab) -> None:
    """So the registers do show it when nobody is left to make pins safe; and there is a cure."""
    with lab.pi(PERSISTENT) as pi:
        everybody = ("supervisor", "zygote", "others")
        begin(lab, pi, *everybody, after="cpcompat safe-pins && echo made safe")
        assert not safe_in_time(pi, 2)
        pi.hand.drive(SIGN, False)
        pi.wait_for("made safe\n")
        ended = pi.wait()
    assert ended.status == 0, ended.out + ended.err


def test_after_safe_pins_the_registers_say_input(lab: Lab) -> None:
    """The cure cures: the machine is looked at while it still runs."""
    with lab.pi(PERSISTENT) as pi:
        everybody = ("supervisor", "zygote", "others")
        begin(lab, pi, *everybody, after="cpcompat safe-pins && echo made safe && sleep 60")
        pi.hand.drive(SIGN, False)
        pi.wait_for("made safe\n")
        assert safe_in_time(pi, 5)
