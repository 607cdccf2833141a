"""The faces have upstream's names and parameters, and a test calls each name that counts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.running import ROOT
from tools import parity
from tools.calls import Recorder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.feature("parity")


@pytest.mark.parametrize("module", parity.REQUIRED)
def test_the_face_has_every_name_and_parameter_of_its_stub(module: str) -> None:
    """Same names, kinds, order and defaults."""
    result = parity.score(module)
    assert result.missing == []
    assert len(result.found) == result.names > 1  # a module may have one function


@pytest.mark.parametrize("module", parity.REQUIRED)
def test_a_test_calls_each_name_that_counts(module: str) -> None:
    """A name that nobody calls is no parity: the faces' tests are run, and their calls seen."""
    assert sorted(set(parity.score(module).found) - parity.called()) == []


def test_a_missing_name_and_a_changed_default_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The score sees what it is there to see."""
    from cpcompat import digitalio, pwmio

    monkeypatch.delattr(digitalio, "Pull")
    assert "digitalio.Pull" in parity.score("digitalio").missing

    def changed(self: object, pin: object, *, duty_cycle: int = 0, frequency: int = 501) -> None:
        """Another default, and a parameter too few."""

    monkeypatch.setattr(pwmio.PWMOut, "__init__", changed)
    assert parity.score("pwmio").missing == [
        "pwmio.PWMOut.__init__ parameter frequency",
        "pwmio.PWMOut.__init__ parameter variable_frequency",
    ]


CALLER = """\
from cpcompat import board, digitalio
from cpcompat.digitalio import DigitalInOut, Direction

def test():
    digitalio.Pull  # a class that is only named
    "digitalio.DigitalInOut.pull"
    pin = DigitalInOut(board.D0)
    pin.direction = Direction.OUTPUT
    board.board_id
    with pin:
        pin.value
"""


def test_only_what_a_test_itself_calls_is_recorded(
    backend: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what it mentions, nor what the face calls on the way (here `switch_to_output`)."""
    from cpcompat import digitalio

    monkeypatch.setattr(digitalio.Direction, "OUTPUT", digitalio.Direction.OUTPUT)  # put back
    names = ["digitalio", "digitalio.DigitalInOut", "digitalio.Pull", "board.board_id"]
    members = ("direction", "pull", "value", "switch_to_output", "__enter__", "__exit__", "deinit")
    names += [f"digitalio.DigitalInOut.{name}" for name in members]
    recorder = Recorder([*names, "digitalio.Direction.OUTPUT"], tmp_path, tmp_path / "called")
    scope: dict[str, object] = {}
    exec(compile(CALLER, str(tmp_path / "test_x.py"), "exec"), scope)
    test = scope["test"]
    assert callable(test)
    sys.setprofile(recorder.see)
    try:
        test()
    finally:
        sys.setprofile(None)
    assert sorted(recorder.called) == [
        "board",
        "board.board_id",
        "digitalio",
        "digitalio.DigitalInOut",
        "digitalio.DigitalInOut.__enter__",
        "digitalio.DigitalInOut.__exit__",
        "digitalio.DigitalInOut.direction",
        "digitalio.DigitalInOut.value",
        "digitalio.Direction",
        "digitalio.Direction.OUTPUT",
    ]


def test_tests_of_faces_that_fail_are_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their calls do not count."""
    monkeypatch.setattr(parity, "TESTS", ("no_such_folder",))
    with pytest.raises(RuntimeError, match="do not pass"):
        parity.called()


def test_each_face_has_a_folder_that_is_run() -> None:
    """A new face's tests are looked at, too."""
    assert set(parity.REQUIRED) <= set(parity.TESTS)
    assert all((ROOT / "tests" / name).is_dir() for name in parity.TESTS)
