"""What programs see of a digital pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cpcompat import board, digitalio, hal, microcontroller
from cpcompat.digitalio import DigitalInOut, Direction, DriveMode, Pull
from cpcompat.hal import Fault
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("digitalio"), pytest.mark.simulated]

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."


def test_a_new_pin_is_an_input_without_a_pull(backend: RecordingBackend) -> None:
    """One configuration, and that is it."""
    pin = DigitalInOut(board.D13)
    assert backend.calls == [
        ("line", "P13"),
        ("configure", "INPUT", "NONE", "PUSH_PULL", False),
    ]
    assert pin.direction is Direction.INPUT
    assert pin.pull is None


def test_switching_to_a_high_output_is_one_call_with_its_value(backend: RecordingBackend) -> None:
    """No low level appears in between."""
    pin = DigitalInOut(board.D13)
    backend.calls.clear()
    pin.switch_to_output(True)
    assert backend.calls == [("configure", "OUTPUT", "NONE", "PUSH_PULL", True)]
    assert pin.direction is Direction.OUTPUT
    assert pin.drive_mode is DriveMode.PUSH_PULL
    assert pin.value is True


def test_switch_to_output_takes_its_parameters_by_name(backend: RecordingBackend) -> None:
    """The value may be any object."""
    pin = DigitalInOut(board.D13)
    backend.calls.clear()
    pin.switch_to_output(value=1, drive_mode=DriveMode.OPEN_DRAIN)  # type: ignore[arg-type]
    assert backend.calls == [("configure", "OUTPUT", "NONE", "OPEN_DRAIN", True)]
    assert pin.drive_mode is DriveMode.OPEN_DRAIN


def test_setting_the_direction_starts_over(backend: RecordingBackend) -> None:
    """An output starts low and push-pull, an input without a pull."""
    pin = DigitalInOut(board.D13)
    backend.calls.clear()
    pin.direction = Direction.OUTPUT
    pin.direction = Direction.INPUT
    assert backend.calls == [
        ("configure", "OUTPUT", "NONE", "PUSH_PULL", False),
        ("configure", "INPUT", "NONE", "PUSH_PULL", False),
    ]


@pytest.mark.parametrize("direction", [None, "output", DriveMode.PUSH_PULL])
def test_something_else_is_no_direction(backend: RecordingBackend, direction: object) -> None:
    """Upstream's text."""
    pin = DigitalInOut(board.D13)
    with refuses(ValueError, "Invalid direction"):
        pin.direction = direction  # type: ignore[assignment]


@pytest.mark.parametrize(("pull", "name"), [(None, "NONE"), (Pull.UP, "UP"), (Pull.DOWN, "DOWN")])
def test_a_pull_is_one_call_and_reads_back(
    backend: RecordingBackend, pull: Pull | None, name: str
) -> None:
    """By `switch_to_input` and by the attribute."""
    pin = DigitalInOut(board.D13)
    backend.calls.clear()
    pin.switch_to_input(pull=pull)
    pin.pull = pull
    assert backend.calls == [("configure", "INPUT", name, "PUSH_PULL", False)] * 2
    assert pin.pull is pull


def test_something_else_is_no_pull(backend: RecordingBackend) -> None:
    """Upstream's text, and nothing changes."""
    pin = DigitalInOut(board.D13)
    pin.switch_to_input(Pull.UP)
    with refuses(TypeError, "pull must be of type Pull or None, not int"):
        pin.pull = 1  # type: ignore[assignment]
    assert pin.pull is Pull.UP


def test_reading_gives_the_level_on_the_pin(backend: RecordingBackend) -> None:
    """Whoever makes it."""
    pin = DigitalInOut(board.D13)
    assert pin.value is False
    backend.levels["P13"] = True
    assert pin.value is True


@pytest.mark.parametrize(("value", "driven"), [(True, True), (0, False), ("x", True), ([], False)])
def test_setting_the_value_drives_its_truth(
    backend: RecordingBackend, value: object, driven: bool
) -> None:
    """Any object has one."""
    pin = DigitalInOut(board.D13)
    pin.switch_to_output(not driven)
    pin.value = value  # type: ignore[assignment]
    assert backend.calls[-1] == ("write", driven)
    assert type(backend.calls[-1][1]) is bool


def test_the_drive_mode_of_an_output_changes_and_its_level_stays(
    backend: RecordingBackend,
) -> None:
    """The new mode comes with the level that was there."""
    pin = DigitalInOut(board.D13)
    pin.switch_to_output(True)
    pin.drive_mode = DriveMode.OPEN_DRAIN
    assert backend.calls[-1] == ("configure", "OUTPUT", "NONE", "OPEN_DRAIN", True)
    assert pin.drive_mode is DriveMode.OPEN_DRAIN


def test_an_input_has_no_value_to_set_and_no_drive_mode(backend: RecordingBackend) -> None:
    """Upstream's exception and texts; the backend is not asked."""
    pin = DigitalInOut(board.D13)
    backend.calls.clear()
    with refuses(AttributeError, "Cannot set value when direction is input."):
        pin.value = True
    with refuses(AttributeError, "Drive mode not used when direction is input."):
        _ = pin.drive_mode
    with refuses(AttributeError, "Drive mode not used when direction is input."):
        pin.drive_mode = DriveMode.OPEN_DRAIN
    assert backend.calls == []


def test_an_output_that_became_an_input_cannot_be_set(backend: RecordingBackend) -> None:
    """The callable behind `value` goes with the direction."""
    pin = DigitalInOut(board.D13)
    pin.switch_to_output()
    pin.switch_to_input()
    with refuses(AttributeError, "Cannot set value when direction is input."):
        pin.value = True


def test_an_output_has_no_pull(backend: RecordingBackend) -> None:
    """Upstream's exception and text."""
    pin = DigitalInOut(board.D13)
    pin.switch_to_output()
    with refuses(AttributeError, "Pull not used when direction is output."):
        _ = pin.pull
    with refuses(AttributeError, "Pull not used when direction is output."):
        pin.pull = Pull.UP


def test_a_pin_in_use_names_its_holder(backend: RecordingBackend) -> None:
    """The text is upstream's, the note says who and where."""
    led = DigitalInOut(board.D13)
    with refuses(ValueError, "D13 in use") as caught:
        DigitalInOut(board.LED)
    (note,) = caught.value.__notes__
    assert note.startswith("Held by digitalio.DigitalInOut, made at ")
    assert f"test_digital_in_out.py:{led_line()}." in note
    led.deinit()


def led_line() -> int:
    """Return the line of this file at which the holder above is made."""
    code = test_a_pin_in_use_names_its_holder.__code__
    return code.co_firstlineno + 2


def test_a_pin_is_free_again_after_deinit(backend: RecordingBackend) -> None:
    """The line is closed; a second deinit does nothing."""
    pin = DigitalInOut(board.D13)
    pin.deinit()
    pin.deinit()
    assert backend.calls.count(("close",)) == 1
    DigitalInOut(board.D13).deinit()


def test_leaving_a_with_statement_releases_the_pin(backend: RecordingBackend) -> None:
    """Also when an exception leaves it."""
    with pytest.raises(KeyError), DigitalInOut(board.D13) as pin:
        assert isinstance(pin, DigitalInOut)
        raise KeyError
    assert hal.machine().claims.holder(board.D13) is None


def test_a_pin_that_nobody_refers_to_is_released(backend: RecordingBackend) -> None:
    """As upstream's finaliser does it."""
    DigitalInOut(board.D13)
    assert hal.machine().claims.holder(board.D13) is None
    assert backend.calls[-1] == ("close",)


@pytest.mark.parametrize(
    "use",
    [
        lambda pin: pin.value,
        lambda pin: setattr(pin, "value", True),
        lambda pin: pin.direction,
        lambda pin: setattr(pin, "direction", Direction.INPUT),
        lambda pin: pin.pull,
        lambda pin: setattr(pin, "pull", None),
        lambda pin: pin.drive_mode,
        lambda pin: setattr(pin, "drive_mode", DriveMode.PUSH_PULL),
        lambda pin: pin.switch_to_input(),
        lambda pin: pin.switch_to_output(),
    ],
)
def test_a_deinited_pin_refuses_every_use(backend: RecordingBackend, use: object) -> None:
    """Upstream's exception and text."""
    pin = DigitalInOut(board.D13)
    pin.switch_to_output()
    pin.deinit()
    with pytest.raises(ValueError) as caught:
        use(pin)  # type: ignore[operator]
    assert str(caught.value) == DEAD


@pytest.mark.parametrize(("wrong", "kind"), [(13, "int"), ("D13", "str"), (None, "NoneType")])
def test_something_else_is_no_pin(backend: RecordingBackend, wrong: object, kind: str) -> None:
    """Upstream's exception and text."""
    with refuses(TypeError, f"pin must be of type Pin, not {kind}"):
        DigitalInOut(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("stage", ["line", "configure"])
@pytest.mark.parametrize(
    ("fault", "kind", "text"),
    [
        (Fault.BUSY, ValueError, "fake {stage} in use"),
        (Fault.ABSENT, ValueError, "Invalid pin"),
        (Fault.DENIED, PermissionError, "[Errno 13] Permission denied"),
        (Fault.BROKEN, OSError, "[Errno 5] Input/output error"),
        (Fault.GONE, OSError, "[Errno 5] Input/output error"),
    ],
)
def test_a_pin_that_cannot_be_opened_is_free_again(
    backend: RecordingBackend, stage: str, fault: Fault, kind: type[Exception], text: str
) -> None:
    """The backend's fault becomes upstream's exception, its cure a note."""
    backend.faults[stage] = fault
    with pytest.raises(kind) as caught:
        DigitalInOut(board.D13)
    assert str(caught.value) == text.format(stage=stage)
    assert caught.value.__notes__[-1] == "Mend the fake."
    assert hal.machine().claims.holder(board.D13) is None
    assert backend.calls.count(("close",)) == (stage == "configure")


def test_a_pull_that_the_pin_does_not_have_is_invalid(backend: RecordingBackend) -> None:
    """And a drive mode likewise."""
    pin = DigitalInOut(board.D13)
    backend.faults["configure"] = Fault.UNSUPPORTED
    with refuses(ValueError, "Invalid pull"):
        pin.switch_to_input(Pull.UP)
    with refuses(ValueError, "Invalid drive_mode"):
        pin.switch_to_output(drive_mode=DriveMode.OPEN_DRAIN)


def test_a_fault_while_reading_or_writing_is_an_oserror(backend: RecordingBackend) -> None:
    """With the number that upstream gives."""
    pin = DigitalInOut(board.D13)
    pin.switch_to_output()
    backend.faults.update(read=Fault.GONE, write=Fault.BROKEN)
    with refuses(OSError, "[Errno 5] Input/output error"):
        _ = pin.value
    with refuses(OSError, "[Errno 5] Input/output error"):
        pin.value = True


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Direction, ["INPUT", "OUTPUT"]),
        (DriveMode, ["PUSH_PULL", "OPEN_DRAIN"]),
        (Pull, ["UP", "DOWN"]),
    ],
)
def test_an_enum_like_member_is_a_singleton_of_its_class(kind: type, names: list[str]) -> None:
    """It prints as upstream's does, and nobody can make another."""
    for name in names:
        member = getattr(kind, name)
        assert type(member) is kind
        assert getattr(digitalio, kind.__name__) is kind
        assert repr(member) == f"digitalio.{kind.__name__}.{name}"
    assert len({getattr(kind, name) for name in names}) == len(names)
    with refuses(TypeError, f"cannot create '{kind.__name__}' instances"):
        kind()


def test_libraries_find_the_pin_s_number(backend: RecordingBackend) -> None:
    """The NeoPixel libraries for the Raspberry Pi read ``_pin.id``."""
    with DigitalInOut(board.D13) as pin:
        assert pin._pin.id == 13


def test_the_module_has_upstream_s_names_and_no_other() -> None:
    """What is public is what upstream documents."""
    assert set(digitalio.__all__) == {"DigitalInOut", "Direction", "DriveMode", "Pull"}


def test_a_subclass_is_a_digital_pin(backend: RecordingBackend) -> None:
    """Libraries derive from it."""

    class Relay(DigitalInOut):
        def on(self) -> None:
            self.switch_to_output(True)

    with Relay(microcontroller.pin.P13) as relay:
        relay.on()
        assert relay.value is True
