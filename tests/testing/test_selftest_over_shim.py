"""The self-test of a Raspberry Pi, against the kernel shim."""

from __future__ import annotations

import errno
import itertools
import json
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from cpcompat.backends.linux import gpio_uapi
from cpcompat.testing import selftest
from tests.running import cpcompat
from tests.shim.peer import ANY_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.shim.world import World

pytestmark = [pytest.mark.feature("selftest"), pytest.mark.shim]


def tried(folder: Path, *arguments: str) -> dict[str, dict[str, str]]:
    """Run the self-test; return what its report says of each check, by name."""
    cpcompat("selftest", "--report", "r.json", *arguments, cwd=folder)
    written = json.loads((folder / "r.json").read_text("utf-8"))
    assert written["board"] == "raspberry_pi_4b"
    assert written["model"] == "Raspberry Pi 4 Model B Rev 1.4"
    return {check["name"]: check for check in written["checks"]}


def outcomes(found: dict[str, dict[str, str]], topic: str) -> set[str]:
    """Return how the checks of a topic came out."""
    return {check["outcome"] for check in found.values() if check["topic"] == topic}


def test_two_wired_lines_of_the_kernel_pass(world: World, tmp_path: Path) -> None:
    """Levels, pulls, open drain and edges; afterwards no line is driven or held."""
    world.wire("GPIO17", "GPIO27")
    found = tried(tmp_path, "--loop", "D17:D27")
    assert outcomes(found, "lines") == {"passed"}, found
    assert outcomes(found, "edges") == {"passed"}, found
    assert world.driven() == []
    assert world.opened("request") == 0


def test_lines_that_are_not_wired_are_never_driven(world: World, tmp_path: Path) -> None:
    """No request of an output is made."""
    start = world.mark()
    found = tried(tmp_path, "--loop", "D17:D27")
    assert found["an output drives the wire"]["outcome"] == "skipped"
    requests = [call for call in world.calls(start) if call.op in ("get_line", "set_config")]
    assert requests
    assert not [call for call in requests if call.a & gpio_uapi.OUTPUT]


def test_a_line_that_the_kernel_holds_is_named(world: World, tmp_path: Path) -> None:
    """With its holder."""
    world.set_line("GPIO17", "GPIO17", consumer="onewire@11")
    found = tried(tmp_path, "--loop", "D17:D27")
    check = found["the two pins are wired together and follow their pulls"]
    assert check["outcome"] == "failed"
    assert "onewire@11" in check["said"]


ADDRESSES = "addresses answer or say that nobody is there"
SPI = "what is sent over SPI comes back"
UART = "what is sent over the serial port comes back"
PULSES = "pulses have their frequency and their duty"


def one(folder: Path, name: str, *arguments: str) -> tuple[str, str]:
    """Run the self-test; return the outcome of a check, and what is said of it."""
    check = tried(folder, *arguments)[name]
    return check["outcome"], check["said"]


def test_parts_on_a_bus_of_the_kernel_are_listed(world: World, tmp_path: Path) -> None:
    """By their addresses; a bus without parts is no fault."""
    world.add_i2c(1)
    assert one(tmp_path, ADDRESSES, "--i2c", "1") == ("passed", "nobody is there")
    for address in (0x50, 0x76):
        world.add_part(1, address)
    assert one(tmp_path, ADDRESSES, "--i2c", "1") == ("passed", "at 0x50, 0x76")


def test_a_stuck_bus_fails_and_says_what_helps(world: World, tmp_path: Path) -> None:
    """The controller gives up on it."""
    world.add_i2c(1)
    world.inject("i2c_rdwr", errno.ETIMEDOUT, device="i2c-1", times=0)
    outcome, said = one(tmp_path, ADDRESSES, "--i2c", "1")
    assert outcome == "failed"
    assert "i2c1" in said
    assert "pull-up" in said or "baudrate" in said


def test_a_bus_that_is_switched_off_fails(world: World, tmp_path: Path) -> None:
    """With where to look, for each of them."""
    found = tried(tmp_path, "--i2c", "1", "--spi", "0", "--uart", "0")
    for name in (ADDRESSES, SPI, UART):
        assert found[name]["outcome"] == "failed"
        assert "cpcompat doctor" in found[name]["said"] or "docker" in found[name]["said"]


def test_spi_with_its_data_pins_wired_passes(world: World, tmp_path: Path) -> None:
    """In all four modes, up to 4 KiB."""
    world.add_spi(0, 0, part="loop", part_modes=(0, 1, 2, 3))
    outcome, said = one(tmp_path, SPI, "--spi", "0")
    assert (outcome, said) == ("passed", "up to 4096 bytes, modes 0 to 3, at 1000000 Hz")


def test_spi_that_brings_other_bytes_back_fails(world: World, tmp_path: Path) -> None:
    """Of a part, or of noise."""
    world.add_spi(0, 0, part="complement", part_modes=(0, 1, 2, 3))
    assert one(tmp_path, SPI, "--spi", "0") == (
        "failed",
        "mode 0, 1 bytes: other bytes came back",
    )


def test_a_serial_port_with_its_pins_wired_passes(world: World, tmp_path: Path) -> None:
    """At both rates."""
    world.add_uart("ttyS0", "/soc/serial@7e215040", "serial0", echo_baud=ANY_RATE)
    assert one(tmp_path, UART, "--uart", "0") == ("passed", "at 9600 and 115200 baud")


def test_a_serial_port_that_nobody_answers_at_fails(world: World, tmp_path: Path) -> None:
    """The wire is not there."""
    world.add_uart("ttyS0", "/soc/serial@7e215040", "serial0")
    assert one(tmp_path, UART, "--uart", "0") == (
        "failed",
        "9600 baud: 64 bytes sent, 0 came back",
    )


@contextmanager
def pulses_on_their_line(world: World, line: str) -> Iterator[None]:
    """Carry what a PWM channel makes to its line: the shim's lines have no clock of their own.

    Each edge is stamped with the time at which the channel makes it, however late this thread is.
    """
    ended = threading.Event()

    def edges_of(since_ns: int, period_ns: int, duty_ns: int) -> Iterator[tuple[int, bool]]:
        for turn in itertools.count(1):
            yield since_ns + turn * period_ns, True
            yield since_ns + turn * period_ns + duty_ns, False

    def carry() -> None:
        while not ended.wait(0.0005):
            if (made := world.pulses(line)) is None or not made.duty_ns:
                world.drive(line, None)
                continue
            shape = (made.since_ns, made.period_ns, made.duty_ns)
            for at_ns, level in edges_of(*shape):
                while time.monotonic_ns() < at_ns:
                    time.sleep(0.0001)
                if (made := world.pulses(line)) is None or made.duty_ns != shape[2]:
                    break
                world.drive(line, level, at_ns)

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_pulses_of_the_kernels_modulator_pass(world: World, tmp_path: Path) -> None:
    """1 kHz at a quarter, seen as edges at the other pin."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    world.wire("GPIO12", "GPIO16")
    with pulses_on_their_line(world, "GPIO12"):
        made = one(tmp_path, PULSES, "--loop", "D12:D16")
    assert made == ("passed", "1000.0 Hz, 25.0% high")
    assert world.pulses("GPIO12") is None


def test_pulses_that_do_not_reach_the_other_pin_fail(world: World, tmp_path: Path) -> None:
    """The modulator is there, and its pin stays as it is."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    world.wire("GPIO12", "GPIO16")
    assert one(tmp_path, PULSES, "--loop", "D12:D16") == ("failed", "0 pulses came in 200 ms")


def test_a_report_has_every_check_in_its_order(world: World, tmp_path: Path) -> None:
    """Those that were not made say why; the exit status says whether one failed."""
    world.add_i2c(1)
    done = cpcompat("selftest", "--i2c", "1", "--report", "r.json", cwd=tmp_path)
    assert done.returncode == 0
    written = json.loads((tmp_path / "r.json").read_text("utf-8"))
    names = [check.__name__.replace("_", " ").strip() for _, check in selftest.CHECKS]
    assert [check["name"] for check in written["checks"]] == names
    assert {check["topic"] for check in written["checks"]} == {
        *("lines", "edges", "PWM", "I2C", "SPI", "UART", "chip")
    }
    assert all(check["said"] for check in written["checks"])
    assert set(written) == {
        *("board", "name", "backend", "cpcompat", "day", "model", "kernel", "machine", "python"),
        *("loop", "i2c", "spi", "uart", "checks"),
    }
    assert (written["loop"], written["i2c"], written["spi"]) == (None, 1, None)
