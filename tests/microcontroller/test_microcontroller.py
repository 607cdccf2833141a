"""What programs see of the chip."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import pytest

from cpcompat import hal, microcontroller
from cpcompat.errors import CpcompatError
from cpcompat.hal.host import NoHost
from tests.fakes.backend import RecordingBackend
from tests.fakes.cells import ListCells
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from cpcompat.hal.cells import Cells

pytestmark = [pytest.mark.feature("microcontroller"), pytest.mark.simulated]

REASONS = (
    *("POWER_ON", "BROWNOUT", "SOFTWARE", "DEEP_SLEEP_ALARM", "RESET_PIN", "WATCHDOG", "UNKNOWN"),
    "RESCUE_DEBUG",
)


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
    with pytest.raises(NotImplementedError):
        microcontroller.on_next_reset(microcontroller.RunMode.BOOTLOADER)
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


@pytest.mark.parametrize("name", REASONS)
def test_each_reason_of_a_boot_can_be_told(name: str) -> None:
    """As the one member of its name."""
    host = NoHost()
    host.set("reset_reason", name)
    hal.set_host(host)
    reason = getattr(microcontroller.ResetReason, name)
    assert microcontroller.cpu.reset_reason is reason
    assert repr(reason) == f"microcontroller.ResetReason.{name}"
    hal.set_host(None)


def test_all_reasons_are_told_apart() -> None:
    """They are upstream's eight."""
    reasons = microcontroller.ResetReason
    members = {
        *(reasons.POWER_ON, reasons.BROWNOUT, reasons.SOFTWARE, reasons.DEEP_SLEEP_ALARM),
        *(reasons.RESET_PIN, reasons.WATCHDOG, reasons.UNKNOWN, reasons.RESCUE_DEBUG),
    }
    assert len(members) == len(REASONS) == 8
    assert type(reasons.RESCUE_DEBUG) is microcontroller.ResetReason


class Quick(RecordingBackend):
    """A chip of two processors that tells of each."""

    def cpu_count(self) -> int:
        """See `Backend`."""
        return 2

    def cpu_frequency_hz(self, core: int) -> int | None:
        """See `Backend`."""
        return (240_000_000, None)[core]

    def cpu_voltage_v(self) -> float | None:
        """See `Backend`."""
        return 1.1


def test_a_backend_that_knows_its_processors_is_asked(backend: RecordingBackend) -> None:
    """What it does not know the board's file says, or nobody."""
    machine = hal.machine()
    hal.set_machine(hal.Machine(machine.board, Quick()))
    first, second = microcontroller.cpus
    assert first is microcontroller.cpu
    assert isinstance(second, microcontroller.Processor)
    assert first.frequency == 240_000_000
    assert (first.voltage, second.voltage) == (1.1, 1.1)
    with refuses(NotImplementedError, "frequency"):
        _ = second.frequency


def test_what_outlives_programs_is_the_supervisors(backend: RecordingBackend) -> None:
    """One memory and one watchdog under a supervisor, none without."""

    class Above(NoHost):
        def cells(self, name: str) -> Cells | None:
            return ListCells(16)

    hal.set_host(Above())
    assert len(microcontroller.nvm or ()) == 16
    assert microcontroller.watchdog is microcontroller.watchdog is not None
    hal.set_host(NoHost())
    assert microcontroller.nvm is None
    assert microcontroller.watchdog is None
    hal.set_host(None)
