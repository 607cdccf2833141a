"""Each refusal of the kernel becomes a fault that says what is wrong and how to get out of it."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cpcompat import hal
from cpcompat.backends.linux import chips, errors, facts
from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.definition import BoardDefinition
from cpcompat.board.detect import definition
from cpcompat.board.files import table
from cpcompat.digitalio import DigitalInOut
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull
from tests.shim.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.feature("digitalio"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")
D8, D17 = BOARD.names["D8"], BOARD.names["D17"]


@pytest.fixture
def backend(world: World) -> Iterator[LinuxBackend]:
    """Reach the world's hardware as a plain program does."""
    made = LinuxBackend(BOARD, DirectNodes(BOARD))
    yield made
    made.close()


@pytest.fixture
def machine(backend: LinuxBackend) -> Iterator[None]:
    """Make it the machine of this process."""
    hal.set_machine(hal.Machine(BOARD, backend))
    yield
    hal.set_machine(None)


def fault_of(backend: LinuxBackend, name: str = "D17") -> HalError:
    """Return the fault of configuring a line."""
    with pytest.raises(HalError) as caught:
        backend.line(BOARD.names[name]).configure(
            Direction.INPUT, Pull.NONE, Drive.PUSH_PULL, False
        )
    return caught.value


def test_a_line_of_the_kernels_own_is_named_with_its_holder_and_the_overlay(
    world: World, backend: LinuxBackend
) -> None:
    """EBUSY, for a pin that SPI selects its part with, and that has no edges to tell of."""
    world.set_line(8, "GPIO8", "spi0 CS0")
    with pytest.raises(HalError) as caught:
        backend.edges(D8, Pull.NONE, True, True, 0)
    fault = caught.value
    assert fault.fault is Fault.BUSY
    assert fault.cure is not None
    for words in ("GPIO8 is used by 'spi0 CS0'", "dtoverlay=spi0-0cs", "another pin"):
        assert words in fault.cure


def test_a_line_of_another_program_of_ours_is_named_with_its_process(
    world: World, backend: LinuxBackend
) -> None:
    """EBUSY, with the command that ends it."""
    other = LinuxBackend(BOARD, DirectNodes(BOARD))
    line = other.line(D17)
    line.configure(Direction.INPUT, Pull.NONE, Drive.PUSH_PULL, False)
    fault = fault_of(backend)
    assert fault.fault is Fault.BUSY
    assert f"«kill {os.getpid()}»" in str(fault.cure)
    other.close()


def test_a_line_that_another_library_holds_is_named_with_it(
    world: World, backend: LinuxBackend
) -> None:
    """EBUSY, with the name that it gave to the kernel."""
    world.set_line(17, "GPIO17", "gpiod-app")
    assert "'gpiod-app'" in str(fault_of(backend).cure)


def test_a_program_reads_of_a_busy_line_in_upstreams_words(world: World, machine: None) -> None:
    """The holder is in a note."""
    world.set_line(17, "GPIO17", "onewire@11")
    with pytest.raises(ValueError, match="D17 in use") as caught:
        DigitalInOut(D17)
    assert "onewire@11" in " ".join(caught.value.__notes__)


def test_a_pin_of_the_same_program_is_in_use_by_the_claims(machine: None) -> None:
    """Not by the kernel's EBUSY: the message names the object."""
    first = DigitalInOut(D17)
    with pytest.raises(ValueError, match="D17 in use") as caught:
        DigitalInOut(D17)
    assert "digitalio.DigitalInOut" in " ".join(caught.value.__notes__)
    first.deinit()
    with pytest.raises(ValueError, match="deinitialized"):
        first.value  # noqa: B018


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTTY])
def test_a_flag_that_the_driver_does_not_know_is_not_supported(
    world: World, backend: LinuxBackend, number: int
) -> None:
    """Or the kernel is too old; it does not say which, so both are told."""
    world.inject("get_line", number)
    fault = fault_of(backend)
    assert fault.fault is Fault.UNSUPPORTED
    assert "5.10" in str(fault.cure)


def test_driving_an_input_is_the_wrong_direction(world: World, machine: None) -> None:
    """EPERM becomes upstream's AttributeError."""
    pin = DigitalInOut(D17)
    pin.switch_to_output(False)
    world.inject("set_values", errno.EPERM)
    with pytest.raises(AttributeError, match="Cannot set value when direction is input"):
        pin.value = True
    pin.deinit()


def test_a_chip_for_a_group_is_refused_with_the_command_that_adds_the_user(
    world: World, backend: LinuxBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EACCES."""
    node = facts.Node("/dev/gpiochip0", False, "gpio", True)
    monkeypatch.setattr(facts.ThisComputer, "node", lambda self, path: node)
    user = ("ada", frozenset({"ada"}), frozenset({"ada"}))
    monkeypatch.setattr(facts.ThisComputer, "user", lambda self: user)
    world.inject("open", errno.EACCES, path="/dev/gpiochip0", times=0)
    world.inject("open", errno.EACCES, path="/dev/gpiochip1", times=0)
    fault = fault_of(backend)
    assert fault.fault is Fault.DENIED
    assert "sudo usermod -aG gpio ada" in str(fault.cure)
    assert "log out and in again" in str(fault.cure)


def test_a_group_that_the_session_has_not_yet_needs_another_login(
    world: World, backend: LinuxBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EACCES, and the system's files list the user."""
    node = facts.Node("/dev/gpiochip0", False, "gpio", True)
    monkeypatch.setattr(facts.ThisComputer, "node", lambda self, path: node)
    user = ("ada", frozenset({"ada"}), frozenset({"ada", "gpio"}))
    monkeypatch.setattr(facts.ThisComputer, "user", lambda self: user)
    world.inject("open", errno.EACCES, path="/dev/gpiochip0", times=0)
    world.inject("open", errno.EACCES, path="/dev/gpiochip1", times=0)
    cure = str(fault_of(backend).cure)
    assert "usermod" not in cure
    assert "Log out and in again." in cure


def test_a_container_without_the_chip_is_told_how_it_gets_it(
    kernel_shim: None, tmp_path: Path
) -> None:
    """No node at all."""
    with World(tmp_path / "own", board=None) as world:
        world.tree.write("/.dockerenv")
        world.tree.write("/run/.containerenv")
        with pytest.raises(HalError) as caught:
            chips.find(BOARD)
    assert caught.value.fault is Fault.ABSENT
    assert "docker run --device /dev/gpiochip0" in str(caught.value.cure)


def test_a_computer_without_a_chip_is_told_of_the_simulated_board(
    kernel_shim: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ABSENT."""
    # Where the tests run may be a container.
    monkeypatch.setattr(facts, "_is_container", lambda system: False)
    with World(tmp_path / "own", board=None), pytest.raises(HalError) as caught:
        chips.find(BOARD)
    assert caught.value.fault is Fault.ABSENT
    assert "--board sim" in str(caught.value.cure)


def test_a_board_that_is_another_one_names_the_chips_that_are_here(
    kernel_shim: None, tmp_path: Path
) -> None:
    """ABSENT."""
    with World(tmp_path / "own", board=None) as world:
        world.add_chip("pinctrl-rk3588", 32)
        with pytest.raises(HalError) as caught:
            chips.find(BOARD)
    assert caught.value.fault is Fault.ABSENT
    assert "/dev/gpiochip0 (pinctrl-rk3588)" in str(caught.value.cure)
    assert "cpcompat boards" in str(caught.value.cure)


def test_a_chip_of_another_label_serves_if_its_lines_have_the_pins_names(
    kernel_shim: None, tmp_path: Path
) -> None:
    """Drivers rename their chips; most of the names count, since some lines are named by their use."""
    with World(tmp_path / "own", "rpi5"):
        backend = LinuxBackend(BOARD, DirectNodes(BOARD))
        backend.line(D17).configure(Direction.INPUT, Pull.NONE, Drive.PUSH_PULL, False)
        backend.close()


def test_a_kernel_without_the_second_version_is_too_old(kernel_shim: None, tmp_path: Path) -> None:
    """Before Linux 5.10."""
    with World(tmp_path / "own", without_v2=True):
        backend = LinuxBackend(BOARD, DirectNodes(BOARD))
        fault = fault_of(backend)
        backend.close()
    assert fault.fault is Fault.UNSUPPORTED
    assert "5.10" in str(fault.cure)


def test_the_chip_is_found_by_its_label_whatever_its_number(
    kernel_shim: None, tmp_path: Path
) -> None:
    """And a link to it is not another chip."""
    with World(tmp_path / "own", board=None) as world:
        world.add_chip("something-else", 8)
        world.add_chip("pinctrl-bcm2711", 58)
        world.tree.link("/dev/gpiochip4", "/dev/gpiochip1")
        chip = chips.find(BOARD)
        assert chip.path == "/dev/gpiochip1"
        chip.close()


def test_of_two_chips_with_one_label_the_one_with_the_pins_names_is_meant(
    kernel_shim: None, tmp_path: Path
) -> None:
    """Two expanders of one kind, say."""
    says = dict(table("raspberry_pi_4b")[0])
    says.update(pins={"OUT1": 0}, names={"OUT1": "OUT1"}, linux={"gpiochips": ["pca9555"]})
    says.update(dict.fromkeys(("i2c", "spi", "uart"), ()), pwm={}, default={})
    board = BoardDefinition("expander", says)
    with World(tmp_path / "own", board=None) as world:
        world.add_chip("pca9555", 16)
        world.add_chip("pca9555", 16)
        world.set_line("gpiochip1", "OUT1")
        chip = chips.find(board)
        assert chip.path == "/dev/gpiochip1"
        chip.close()


def test_too_many_open_files_are_named_as_such() -> None:
    """EMFILE."""
    fault = errors.hal_error(OSError(errno.EMFILE, "x"), "D17")
    assert fault.fault is Fault.BROKEN
    assert "too many files" in str(fault.cure)


def test_a_number_that_no_table_has_is_told_as_it_is() -> None:
    """With the kernel's own words."""
    fault = errors.hal_error(OSError(errno.EXDEV, "x"), "D17")
    assert fault.fault is Fault.BROKEN
    assert fault.cure == f"The kernel says EXDEV: {os.strerror(errno.EXDEV)}."


def test_a_line_without_an_interrupt_cannot_be_watched(world: World, backend: LinuxBackend) -> None:
    """ENXIO."""
    world.inject("get_line", errno.ENXIO)
    with pytest.raises(HalError) as caught:
        backend.edges(D17, Pull.NONE, True, True, 0)
    assert caught.value.fault is Fault.UNSUPPORTED
    assert "no interrupt" in str(caught.value.cure)
