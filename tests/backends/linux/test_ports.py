"""Serial ports, pulses and converters through the kernel: what the contract leaves open."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator

import pytest

from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.bus_defaults import Buses
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.detect import definition
from cpcompat.hal.errors import Fault, HalError
from tests.shim.world import World

pytestmark = pytest.mark.shim

BOARD = definition("raspberry_pi_4b")
D12, D17 = BOARD.names["D12"], BOARD.names["D17"]


@pytest.fixture
def backend(world: World) -> Iterator[LinuxBackend]:
    """Reach the world's hardware as a plain program does."""
    made = LinuxBackend(BOARD, DirectNodes(BOARD))
    yield made
    made.close()


@pytest.mark.feature("busio")
def test_the_bluetooth_chips_port_is_never_taken_for_the_headers(
    world: World, backend: LinuxBackend
) -> None:
    """The first alias is Bluetooth's here, the second the header's."""
    world.add_uart("ttyAMA0", "/soc/serial@7e201000", "serial0", bluetooth=True)
    header = world.add_uart("ttyS0", "/soc/serial@7e215040", "serial1")
    port = backend.uart(BOARD.uart[0])
    port.configure(9600, 8, "none", 1)
    port.write(b"to the header")
    while len(header.received) < 13:
        backend.clock.sleep_ns(1_000_000)
    assert header.received == b"to the header"


@pytest.mark.feature("busio")
def test_a_port_that_is_switched_off_says_how_to_switch_it_on(
    world: World, backend: LinuxBackend
) -> None:
    """Rather than taking the next one."""
    with pytest.raises(HalError) as caught:
        backend.uart(BOARD.uart[0])
    assert caught.value.fault is Fault.ABSENT
    assert "raspi-config nonint do_serial_hw 0" in str(caught.value.cure)


@pytest.mark.feature("busio")
@pytest.mark.parametrize(("rate", "bits"), [(9600, 9), (0, 8), (99_000_000, 8)])
def test_a_frame_that_no_port_makes_is_unsupported(
    world: World, backend: LinuxBackend, rate: int, bits: int
) -> None:
    """Before the kernel is asked."""
    world.add_uart("ttyS0", "/soc/serial@7e215040", "serial0")
    port = backend.uart(BOARD.uart[0])
    with pytest.raises(HalError) as caught:
        port.configure(rate, bits, "none", 1)
    assert caught.value.fault is Fault.UNSUPPORTED


@pytest.mark.feature("pwmio")
@pytest.mark.parametrize("character_device", [True, False])
def test_the_duty_ratio_holds_over_every_change_of_frequency(
    world: World, backend: LinuxBackend, character_device: bool
) -> None:
    """By either way to the kernel, up and down, and never a duty longer than the period."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13), character_device=character_device)
    output = backend.pwm(D12)
    for frequency_hz in (1000, 50, 20_000, 440, 5, 100_000):
        output.set(frequency_hz, 49152)
        pulses = world.pulses(12)
        assert pulses is not None
        assert round(1e9 / pulses.period_ns) == frequency_hz
        assert pulses.duty_ns / pulses.period_ns == pytest.approx(0.75, abs=0.001)
    output.close()
    assert world.pulses(12) is None


@pytest.mark.feature("pwmio")
def test_by_its_node_a_change_is_one_call(world: World, backend: LinuxBackend) -> None:
    """Period and duty at once."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13), character_device=True)
    output = backend.pwm(D12)
    start = world.mark()
    output.set(1000, 100)
    assert len(world.calls(start)) == 1


@pytest.mark.feature("pwmio")
def test_a_channel_that_a_killed_program_left_is_taken_over(
    world: World, backend: LinuxBackend
) -> None:
    """Exports are no leases: it is still exported, and pulsing."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    left = backend.pwm(D12)
    left.set(1000, 30_000)
    output = backend.pwm(D12)
    assert world.pulses(12) is None
    output.set(50, 5000)
    assert world.pulses(12) is not None


@pytest.mark.feature("pwmio")
def test_udev_may_take_its_time_with_a_channels_files(world: World, backend: LinuxBackend) -> None:
    """EACCES right after the export is tried again."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13))
    world.inject("open", errno.EACCES, times=3, path="pwm0/period")
    backend.pwm(D12).set(1000, 30_000)
    assert world.pulses(12) is not None


@pytest.mark.feature("pwmio")
def test_without_the_modulator_software_makes_the_pulses_and_says_so(
    world: World, backend: LinuxBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """With the overlay that would switch the modulator on."""
    with caplog.at_level(logging.WARNING):
        output = backend.pwm(D12)
    assert "software PWM on D12" in caplog.text
    assert "dtoverlay=pwm-2chan" in caplog.text
    start = world.mark()
    output.set(500, 32768)
    while len(world.levels(12, start)) < 8:
        backend.clock.sleep_ns(1_000_000)
    output.set(500, 65535)
    with pytest.raises(HalError) as caught:
        output.set(50_000, 1)
    assert caught.value.fault is Fault.UNSUPPORTED
    output.close()
    assert world.driven() == []


@pytest.mark.feature("pwmio")
def test_pulses_by_the_node_are_stopped_when_a_program_has_died(
    world: World, backend: LinuxBackend
) -> None:
    """The kernel lets them run when the node is closed."""
    world.add_pwm("fe20c000.pwm", 2, (12, 13), character_device=True)
    output = backend.pwm(D12)
    output.set(1000, 30_000)
    import os

    os.close(output._descriptor)  # type: ignore[attr-defined]
    output._descriptor = -1  # type: ignore[attr-defined]
    assert world.pulses(12) is not None
    buses = Buses()
    buses.opened("/dev/pwmchip0")
    buses.restore()
    assert world.pulses(12) is None


@pytest.mark.feature("analogio")
def test_a_converter_that_the_kernel_has_not_got_is_absent(
    world: World, backend: LinuxBackend
) -> None:
    """And a pin without one says which have."""
    with pytest.raises(HalError) as caught:
        backend.analog_input(D17)
    assert caught.value.fault is Fault.ABSENT
    assert "The board has it on: none" in str(caught.value.cure)
