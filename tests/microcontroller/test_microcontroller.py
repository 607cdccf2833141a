"""What programs see of the chip."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import pytest

from cpcompat import hal, microcontroller
from cpcompat.errors import CpcompatError
from cpcompat.hal.host import NoHost
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("microcontroller"), pytest.mark.simulated]


def test_the_processor_tells_about_itself(backend: RecordingBackend) -> None:
    """What the backend says; the id is a new object each time."""
    cpu = microcontroller.cpu
    assert cpu.temperature == 42.5
    assert cpu.uid == bytes(range(8))
    assert cpu.uid is not cpu.uid
    assert cpu.voltage is None
    assert cpu.reset_reason is microcontroller.ResetReason.UNKNOWN
    assert microcontroller.cpus[0] is cpu
    with refuses(NotImplementedError, "frequency"):
        _ = cpu.frequency


def test_a_wait_is_as_long_as_asked_on_the_board_s_clock(backend: RecordingBackend) -> None:
    """A virtual clock too: it moves by sleeping alone."""
    microcontroller.delay_us(150)
    assert backend.time.time_ns == 150_000
    microcontroller.delay_us(delay=10_000)
    assert backend.time.time_ns == 10_150_000
    with refuses(ValueError, "delay must be >= 0"):
        microcontroller.delay_us(-1)


def test_undisturbed_stretches_nest() -> None:
    """Afterwards all is as before."""
    before = (gc.isenabled(), sys.getswitchinterval())
    microcontroller.disable_interrupts()
    microcontroller.disable_interrupts()
    microcontroller.enable_interrupts()
    assert not gc.isenabled()
    microcontroller.enable_interrupts()
    assert (gc.isenabled(), sys.getswitchinterval()) == before
    with refuses(RuntimeError, "Internal error"):
        microcontroller.enable_interrupts()


def test_the_next_run_mode_reaches_the_host() -> None:
    """Those that there are."""
    host = NoHost()
    hal.set_host(host)
    microcontroller.on_next_reset(run_mode=microcontroller.RunMode.SAFE_MODE)
    assert host.get("next_run_mode") == "SAFE_MODE"
    with refuses(ValueError, "Invalid run_mode"):
        microcontroller.on_next_reset("NORMAL")  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError):
        microcontroller.on_next_reset(microcontroller.RunMode.UF2)
    hal.set_host(None)


def test_a_program_by_itself_cannot_reset_the_board() -> None:
    """There is nobody to boot it."""
    with pytest.raises(CpcompatError):
        microcontroller.reset()


def test_the_chip_lists_its_pins(backend: RecordingBackend) -> None:
    """And says which one it lacks."""
    assert "P13" in dir(microcontroller.pin)
    assert isinstance(microcontroller.pin.P13, microcontroller.Pin)
    with refuses(AttributeError, "'module' object has no attribute 'P99'"):
        _ = microcontroller.pin.P99
    with pytest.raises(TypeError):
        microcontroller.Processor()
    assert repr(microcontroller.RunMode.NORMAL) == "microcontroller.RunMode.NORMAL"
