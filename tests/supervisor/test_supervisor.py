"""What programs see of their supervisor and their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from cpcompat import hal, micropython, rainbowio, supervisor
from cpcompat.errors import CpcompatError
from cpcompat.hal.host import NoHost
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpcompat.hal.drive_port import Drive
    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("supervisor"), pytest.mark.simulated]


class FakeDrive:
    """A drive with some files in memory."""

    def __init__(self, **files: bytes) -> None:
        self.files = {"/" + name.replace("__", "."): data for name, data in files.items()}

    def read(self, path: str) -> bytes:
        """See `Drive.read`."""
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def is_file(self, path: str) -> bool:
        """See `Drive.is_file`."""
        return path in self.files

    def is_folder(self, path: str) -> bool:
        """See `Drive.is_folder`."""
        return path == "/lib"


@pytest.fixture
def host() -> Iterator[NoHost]:
    """A host of its own, and a drive with settings."""
    host = NoHost()
    hal.set_host(host)
    files = FakeDrive(settings__toml=b'A = 1\nB = "x"\nC = nope\n', other__py=b"")
    hal.set_drive(cast("Drive", files))
    yield host
    hal.set_host(None)
    hal.set_drive(None)


def test_the_run_s_facts_are_the_host_s(host: NoHost) -> None:
    """Those of a board that was just switched on, here."""
    runtime = supervisor.runtime
    assert runtime.run_reason is supervisor.RunReason.STARTUP
    assert runtime.safe_mode_reason is supervisor.SafeModeReason.NONE
    assert runtime.serial_connected is True
    assert runtime.serial_bytes_available == 0
    assert runtime.usb_connected is False
    assert runtime.display is None
    assert runtime.rgb_status_brightness == 0
    assert runtime.ble_workflow is False
    runtime.autoreload = 1  # type: ignore[assignment]
    assert runtime.autoreload is host.get("autoreload") is True
    supervisor.status_bar.console = False
    assert supervisor.status_bar.console is False
    assert type(supervisor.status_bar).__name__ == "Status_Bar"
    host.set("previous_traceback", "Traceback")
    assert supervisor.get_previous_traceback() == "Traceback"


def test_what_the_board_lacks_is_not_implemented(host: NoHost) -> None:
    """Upstream's exception of boards without it; a range is checked first."""
    for name, value in (("ble_workflow", True), ("rgb_status_brightness", 5), ("display", None)):
        with pytest.raises(NotImplementedError):
            setattr(supervisor.runtime, name, value)
    with refuses(ValueError, "brightness must be 0-255"):
        supervisor.runtime.rgb_status_brightness = 256
    with pytest.raises(NotImplementedError):
        _ = supervisor.status_bar.display
    with pytest.raises(NotImplementedError):
        supervisor.reset_terminal(320, 240)
    with pytest.raises(NotImplementedError):
        supervisor.set_usb_identification("a", "b", 1, 2)
    with refuses(ValueError, "vid must be -1-65535"):
        supervisor.set_usb_identification(vid=70000)
    with refuses(ValueError, "manufacturer length must be 0-126"):
        supervisor.set_usb_identification("x" * 127)


def test_ticks_go_round_65_seconds_after_power_on(backend: RecordingBackend) -> None:
    """In a period of 2 to the 29 milliseconds."""
    assert supervisor.ticks_ms() == 0x1FFF0000
    backend.time.time_ns = 65_536_000_000
    assert supervisor.ticks_ms() == 0


def test_the_next_file_is_checked_and_stored(host: NoHost) -> None:
    """Each call replaces the last; nothing at all clears it."""
    supervisor.set_next_code_file("/other.py", working_directory="/lib", sticky_on_error=True)
    fact = host.get("next_code_file")
    assert isinstance(fact, dict)
    assert (fact["filename"], fact["working_directory"]) == ("/other.py", "/lib")
    assert [name for name, value in fact.items() if value is True] == ["sticky_on_error"]
    supervisor.set_next_code_file(None)
    assert host.get("next_code_file") is None
    with refuses(ValueError, "File not found"):
        supervisor.set_next_code_file("/no.py")
    with refuses(ValueError, "Invalid working_directory"):
        supervisor.set_next_code_file("/other.py", working_directory="/no")
    with refuses(TypeError, "filename must be of type str or None, not int"):
        supervisor.set_next_code_file(5)  # type: ignore[arg-type]


def test_a_setting_has_the_type_it_was_written_with(host: NoHost) -> None:
    """A missing one has the default, a wrong one is an error."""
    assert supervisor.get_setting("A") == 1
    assert supervisor.get_setting(key="B") == "x"
    assert supervisor.get_setting("D", default=5) == 5
    with refuses(ValueError, "Invalid value"):
        supervisor.get_setting("C")
    hal.set_drive(None)
    assert supervisor.get_setting("A") is None


def test_a_program_by_itself_cannot_reload() -> None:
    """There is nobody to run it again."""
    with pytest.raises(CpcompatError):
        supervisor.reload()


@pytest.mark.feature("rainbowio")
@pytest.mark.parametrize(
    ("hue", "colour"),
    [(0, 0xFF0000), (85, 0x00FF00), (170, 0x0000FF), (255, 0xFF0000), (256, 0xFF0000)],
)
def test_the_colour_wheel_goes_round_red_green_blue(hue: float, colour: int) -> None:
    """A third of the way each."""
    assert rainbowio.colorwheel(n=hue) == colour


@pytest.mark.feature("micropython")
def test_a_constant_is_itself() -> None:
    """And the level of optimisation is kept."""
    thing = object()
    assert micropython.const(expr=thing) is thing
    assert micropython.opt_level(2) is None
    assert micropython.opt_level() == 2


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("disable_autoreload", "supervisor.runtime.autoreload = False"),
        ("enable_autoreload", "supervisor.runtime.autoreload = True"),
        ("set_rgb_status_brightness", "supervisor.runtime.rgb_status_brightness = "),
        ("set_next_stack_limit", "no limit"),
        ("never_was", ""),
    ],
)
def test_a_name_that_is_gone_says_what_to_write_instead(name: str, cure: str) -> None:
    """The error is upstream's; the note is ours."""
    with refuses(AttributeError, f"'module' object has no attribute '{name}'") as caught:
        getattr(supervisor, name)
    notes = getattr(caught.value, "__notes__", [])
    assert [cure in note for note in notes] == ([True] if cure else [])
