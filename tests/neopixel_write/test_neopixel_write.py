"""What programs see of pixels in a chain: on a simulated board, and by the SPI bus over the shim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat import board, digitalio, hal, neopixel_write
from cpcompat.backends.linux.pixels import encoded
from cpcompat.backends.sim.backend import SimBackend
from cpcompat.backends.sim.circuit import Circuit
from cpcompat.backends.sim.clock import VirtualClock
from cpcompat.backends.sim.parts.ws2812 import Ws2812
from cpcompat.board.detect import definition
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.backend import RecordingBackend
    from tests.shim.world import World

pytestmark = pytest.mark.feature("neopixel_write")

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."


@pytest.fixture
def circuit() -> Iterator[Circuit]:
    """A simulated board on virtual time with four pixels at D18, as this process's machine."""
    made = Circuit(definition("sim"), VirtualClock())
    made.add_pixels(Ws2812(4), "D18")
    hal.set_machine(hal.Machine(made.board, SimBackend(made)))
    yield made
    hal.set_machine(None)


def colours(circuit: Circuit) -> list[tuple[int, int, int]]:
    """Return what the pixels show."""
    part = circuit.parts["ws2812"].part
    assert isinstance(part, Ws2812)
    return part.colours()


def output(pin: Any) -> digitalio.DigitalInOut:
    """Return a pin as an output."""
    made = digitalio.DigitalInOut(pin)
    made.direction = digitalio.Direction.OUTPUT
    return made


@pytest.mark.simulated
def test_bytes_are_the_pixels_colours_from_the_first_on(circuit: Circuit) -> None:
    """Green, red, blue; what there are no pixels for is lost, and the rest keep theirs."""
    pin = output(board.D18)
    neopixel_write.neopixel_write(pin, bytearray([1, 2, 3, 4, 5, 6]))
    assert colours(circuit) == [(2, 1, 3), (5, 4, 6), (0, 0, 0), (0, 0, 0)]
    neopixel_write.neopixel_write(pin, bytes(range(100, 115)))
    assert colours(circuit)[0] == (101, 100, 102)
    assert colours(circuit)[3] == (110, 109, 111)
    neopixel_write.neopixel_write(pin, bytes([9, 9]))  # not a whole pixel
    assert colours(circuit)[0] == (101, 100, 102)


@pytest.mark.simulated
def test_sending_takes_the_time_of_the_line(circuit: Circuit) -> None:
    """1.25 µs a bit, and the pause."""
    neopixel_write.neopixel_write(output(board.D18), bytes(12))
    assert circuit.now_ns() == 12 * 8 * 1250 + 300_000


@pytest.mark.simulated
def test_what_is_no_output_cannot_send(circuit: Circuit) -> None:
    """By its type, its direction, or its end."""
    with refuses(TypeError, "digitalinout must be of type DigitalInOut, not Pin"):
        neopixel_write.neopixel_write(board.D18, b"123")  # type: ignore[arg-type]
    pin = output(board.D18)
    with refuses(TypeError, "object with buffer protocol required"):
        neopixel_write.neopixel_write(pin, 7)  # type: ignore[arg-type]
    pin.switch_to_input()
    with refuses(RuntimeError, "Drive mode not used when direction is input."):
        neopixel_write.neopixel_write(pin, b"123")
    pin.deinit()
    with refuses(ValueError, DEAD):
        neopixel_write.neopixel_write(pin, b"123")


@pytest.mark.simulated
def test_the_line_is_let_go_after_each_time(backend: RecordingBackend) -> None:
    """A program may send by another pin next."""
    pin = output(board.D0)
    neopixel_write.neopixel_write(pin, b"abc")
    assert backend.calls[-3:] == [("pixels", "P0"), ("glow", b"abc"), ("close",)]


@given(st.binary(max_size=40))
@pytest.mark.simulated
def test_each_bit_is_a_pulse_of_its_length(data: bytes) -> None:
    """One of four times high for a 0, two of four for a 1; low before and long enough after."""
    bits = "".join(f"{byte:08b}" for byte in encoded(data))
    expected = "".join({"0": "1000", "1": "1100"}[bit] for byte in data for bit in f"{byte:08b}")
    assert bits[32 : 32 + len(expected)] == expected
    assert set(bits[:32]) == {"0"}
    assert set(bits[32 + len(expected) :]) == {"0"}
    assert (len(bits) - 32 - len(expected)) / 3.2e6 >= 280e-6


@pytest.fixture
def pi(world: World) -> Iterator[World]:
    """An emulated Raspberry Pi 4 with its header's buses on, as this process's machine."""
    from cpcompat.backends.linux import connect

    world.add_header()
    made = definition("raspberry_pi_4b")
    machine = hal.Machine(made, connect(made))
    hal.set_machine(machine)
    yield world
    machine.backend.close()
    hal.set_machine(None)


@pytest.mark.shim
def test_on_a_raspberry_pi_mosi_sends_and_stays_the_buss(pi: World) -> None:
    """No GPIO line is requested: the pin would no longer be the SPI bus's."""
    start = pi.mark()
    neopixel_write.neopixel_write(output(board.MOSI), b"\xff\x00\x01")
    ops = [call.op for call in pi.calls(start)]
    assert "get_line" not in ops
    (sent,) = (call for call in pi.calls(start) if call.op == "spi_write")
    assert sent.a == 3_200_000
    assert sent.result == len(encoded(b"123"))
    assert sent.data == encoded(b"\xff\x00\x01")[:64]


@pytest.mark.shim
def test_mosi_as_a_plain_output_is_a_line_from_its_first_high_on(pi: World) -> None:
    """Until then the bus keeps it low. As an input it is a line when it is read."""
    pin = digitalio.DigitalInOut(board.D10)
    assert not pi.line("GPIO10").used
    pi.drive("GPIO10", True)
    assert pin.value is True
    assert pi.line("GPIO10").used
    pi.drive("GPIO10", None)
    pin.deinit()
    pin = output(board.D10)
    assert pin.value is False
    assert not pi.line("GPIO10").used
    pin.value = False
    assert not pi.line("GPIO10").used
    pin.value = True
    assert (pi.line("GPIO10").output, pi.level("GPIO10")) == (True, True)
    pin.value = False
    assert pi.level("GPIO10") is False
    pin.deinit()
    assert not pi.line("GPIO10").used


@pytest.mark.shim
def test_mosi_of_a_bus_that_is_off_is_a_pin_like_any_other(pi: World) -> None:
    """Of SPI 3, which a Raspberry Pi 4 has at D2 when it is asked for."""
    pin = output(board.D2)
    assert (pi.line("GPIO2").output, pi.level("GPIO2")) == (True, False)
    pin.deinit()


@pytest.mark.shim
def test_another_pin_cannot_and_is_told_which_can(pi: World) -> None:
    """By upstream's words for a pin that cannot."""
    with refuses(ValueError, "Invalid pin") as caught:
        neopixel_write.neopixel_write(output(board.D18), b"123")
    assert "Pins that can send to pixels: D10" in "".join(caught.value.__notes__)


@pytest.mark.shim
def test_more_than_spidev_takes_is_refused_with_the_way_to_allow_it(pi: World) -> None:
    """A pause between two transfers would show the first half."""
    with pytest.raises(NotImplementedError) as caught:
        neopixel_write.neopixel_write(output(board.MOSI), bytes(3000))
    assert "spidev.bufsiz=12124" in "".join(caught.value.__notes__)
