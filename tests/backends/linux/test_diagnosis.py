"""What the doctor says of a board on a computer: how it is, and the command that cures it."""

from __future__ import annotations

import pytest

from cpcompat.backends.linux import facts
from cpcompat.backends.linux.diagnosis import diagnose, version
from cpcompat.board.detect import definition
from tests.backends.linux.computer import TREE, FakeComputer, chip

pytestmark = [pytest.mark.feature("doctor"), pytest.mark.simulated]


@pytest.fixture
def computer() -> FakeComputer:
    """A Raspberry Pi 4 with everything at its first setting: no I2C, no SPI, no PWM."""
    return FakeComputer()


def findings(computer: FakeComputer, board: str = "raspberry_pi_4b") -> dict[str, str]:
    """Return what is said, by topic, as one text with level and cure."""
    said: dict[str, str] = {}
    for finding in diagnose(definition(board), facts.read(computer)):
        text = " | ".join((f"{finding.level}: {finding.said}", *finding.cure))
        said[finding.topic] = f"{said[finding.topic]} || {text}" if finding.topic in said else text
    return said


def test_a_pi_as_it_comes_has_pins_and_a_port_and_nothing_broken(computer: FakeComputer) -> None:
    """What is switched off is said to be, with the command."""
    said = findings(computer)
    assert said["GPIO"] == "ok: 28 pins on pinctrl-bcm2711 at /dev/gpiochip0"
    assert said["I2C 1"] == "off: switched off | sudo raspi-config nonint do_i2c 0 | sudo reboot"
    assert said["SPI 0"] == "off: switched off | sudo raspi-config nonint do_spi 0 | sudo reboot"
    assert said["UART 0"] == "ok: /dev/ttyS0"
    assert said["PWM"].startswith("off: switched off: no controller fe20c000.pwm | ")
    assert "dtoverlay=pwm-2chan,pin=12,func=4" in said["PWM"]
    assert not any("broken" in text for text in said.values())


def test_what_is_on_is_said_with_its_nodes(computer: FakeComputer) -> None:
    """I2C, both parts of the SPI bus, PWM."""
    for path, group in (("i2c-1", "i2c"), ("spidev0.0", "spi"), ("spidev0.1", "spi")):
        computer.add_node(f"/dev/{path}", group)
    computer.add_pwm()
    said = findings(computer)
    assert said["I2C 1"] == "ok: /dev/i2c-1"
    assert said["SPI 0"] == "ok: /dev/spidev0.0, /dev/spidev0.1"
    assert said["PWM"] == "ok: controller fe20c000.pwm; it can be on D12, D13, D18, D19"


def test_without_raspi_config_the_firmware_s_file_is_changed(computer: FakeComputer) -> None:
    """The file that is there."""
    del computer.files["/usr/bin/raspi-config"]
    said = findings(computer)
    file = "/boot/firmware/config.txt"
    assert f"| echo 'dtparam=i2c_arm=on' | sudo tee -a {file} | sudo reboot" in said["I2C 1"]
    assert f"| echo 'dtparam=spi=on' | sudo tee -a {file} | sudo reboot" in said["SPI 0"]
    computer.files["/boot/config.txt"] = computer.files.pop(file)
    assert "sudo tee -a /boot/config.txt" in findings(computer)["I2C 1"]


@pytest.mark.parametrize(
    ("board", "off", "overlay"),
    [
        ("raspberry_pi_4b", "I2C 0, I2C 3, I2C 4, I2C 5, I2C 6, SPI 1, SPI 3", "spi5-1cs"),
        ("raspberry_pi_5", "I2C 0, I2C 2, I2C 3, SPI 1, SPI 2, SPI 3, SPI 5", "spi5-1cs-pi5"),
        ("raspberry_pi_zero", "I2C 0, SPI 1 are switched off", "spi1-3cs"),
        ("raspberry_pi_cm3", "I2C 0, SPI 1, SPI 2 are switched off", "spi2-3cs"),
    ],
)
def test_buses_beyond_the_usual_ones_are_one_line(
    computer: FakeComputer, board: str, off: str, overlay: str
) -> None:
    """With the overlay of one of them."""
    more = findings(computer, board)["more buses"]
    assert more.startswith(f"off: {off}")
    assert f"dtoverlay={overlay}'" in more


def test_a_bus_beyond_the_usual_ones_that_is_on_is_said(computer: FakeComputer) -> None:
    """On its own line."""
    computer.add_node("/dev/i2c-3", "i2c")
    computer.add_node("/dev/spidev1.0", "spi", usable=False)
    said = findings(computer)
    assert said["I2C 3"] == "ok: /dev/i2c-3"
    assert said["SPI 1"].startswith("broken: ")
    assert "I2C 3" not in said["more buses"]


def test_who_is_not_in_the_group_is_told_which(computer: FakeComputer) -> None:
    """The group is the node's own, whatever it is called."""
    computer.add_node("/dev/i2c-1", "robots", usable=False)
    assert findings(computer)["I2C 1"] == (
        "broken: /dev/i2c-1 is for the group «robots», and alice is not in it"
        " | sudo usermod -aG robots alice | Then log out and in again."
    )


def test_who_was_put_into_the_group_after_logging_in_is_told_to_log_in_again(
    computer: FakeComputer,
) -> None:
    """Nothing else is missing."""
    computer.groups -= {"i2c"}
    computer.add_node("/dev/i2c-1", "i2c", usable=False)
    assert findings(computer)["I2C 1"] == (
        "broken: /dev/i2c-1 is for the group «i2c», which you are in, but this session is not"
        " | Log out and in again."
    )


def test_a_node_for_root_alone_gets_a_rule(computer: FakeComputer) -> None:
    """As on a plain Debian."""
    computer.add_node("/dev/gpiochip0", "root", usable=False)
    computer.found_chips = [chip("", fault="EACCES")]
    said = findings(computer)["GPIO"]
    assert said.startswith("broken: /dev/gpiochip0 is for root alone | sudo groupadd -f cpcompat")
    assert "/etc/udev/rules.d/60-cpcompat.rules" in said


def test_a_held_pin_is_named_with_its_holder(computer: FakeComputer) -> None:
    """The chip selects that the kernel's SPI driver holds are no news."""
    holders = {"GPIO17": "lg", "GPIO27": "lg", "GPIO8": "spi0 CS0", "GPIO7": "sysfs", "GPIO57": "x"}
    computer.found_chips = [chip("pinctrl-bcm2711", **holders)]
    said = findings(computer)["GPIO"]
    assert "note: D17, D27 in use by «lg» | sudo fuser -v /dev/gpiochip0" in said
    assert "note: D7 in use by «sysfs»" in said
    assert "spi0" not in said


def test_a_pin_that_another_program_of_ours_holds_is_told_apart(computer: FakeComputer) -> None:
    """Its consumer's name begins with ours."""
    computer.found_chips = [chip("pinctrl-bcm2711", GPIO5="cpcompat:code.py")]
    assert "Another program of cpcompat runs" in findings(computer)["GPIO"]


def test_a_kernel_that_is_too_old_is_named(computer: FakeComputer) -> None:
    """5.10 brought the interface."""
    computer.release = "5.4.83-v7l+"
    assert findings(computer)["kernel"].startswith("broken: Linux 5.4.83-v7l+ lacks the GPIO")
    computer.release = "5.10.0"
    assert "kernel" not in findings(computer)
    computer.found_chips = [chip("pinctrl-bcm2711", fault="ENOTTY")]
    assert "does not describe its lines (ENOTTY)" in findings(computer)["GPIO"]


@pytest.mark.parametrize(
    ("release", "numbers"),
    [("6.12.25+rpt-rpi-v8", (6, 12)), ("5.4-rc1", (5, 4)), ("7", (7, 0)), ("4.19y.1", (4, 19))],
)
def test_a_release_s_first_two_numbers_count(release: str, numbers: tuple[int, int]) -> None:
    """Whatever a distribution adds."""
    assert version(release) == numbers


def test_another_board_s_chip_is_named(computer: FakeComputer) -> None:
    """Chosen by hand, and wrongly."""
    said = findings(computer, "raspberry_pi_5")["GPIO"]
    assert said.startswith(
        "broken: no GPIO chip is called pinctrl-rp1; there is pinctrl-bcm2711 at /dev/gpiochip0"
    )


def test_a_computer_without_lines_says_so(computer: FakeComputer) -> None:
    """In a container it is the container that lacks them."""
    computer.found_chips = []
    assert findings(computer)["GPIO"].startswith("broken: the kernel offers no GPIO chip")
    computer.files["/.dockerenv"] = ""
    said = findings(computer)
    assert said["GPIO"] == (
        "broken: there is no GPIO chip in this container | docker run --device /dev/gpiochip0 …"
    )
    assert "--device" in said["I2C 1"]
    assert "raspi-config" not in "".join(said.values())


def test_a_port_with_bluetooth_on_it_is_passed_over(computer: FakeComputer) -> None:
    """The mainline's device trees call the Bluetooth chip's port serial0."""
    for alias in ("serial0", "serial1"):
        other = {"serial0": "7e201000", "serial1": "7e215040"}[alias]
        computer.files[f"{TREE}/aliases/{alias}"] = f"/soc/serial@{other}\0"
    assert findings(computer)["UART 0"] == "ok: /dev/ttyS0"
    del computer.files[f"{TREE}/aliases/serial1"]
    assert findings(computer)["UART 0"] == (
        "off: the only serial port that is on belongs to Bluetooth"
        " | sudo raspi-config nonint do_serial_hw 0 | sudo reboot"
    )


def test_a_port_that_is_switched_off_has_no_tty(computer: FakeComputer) -> None:
    """It is in the device tree all the same."""
    del computer.nodes["/dev/ttyS0"]
    assert findings(computer)["UART 0"].startswith("off: switched off | sudo raspi-config")


@pytest.mark.parametrize("console", ["ttyS0,115200", "serial0,115200"])
def test_the_system_s_console_on_the_port_is_told(computer: FakeComputer, console: str) -> None:
    """By either of its names."""
    computer.files["/proc/cmdline"] += f" console={console}"
    assert findings(computer)["UART 0"] == (
        "ok: /dev/ttyS0 || note: the system's console is on it (ttyS0): what it prints comes between"
        " | sudo raspi-config nonint do_serial_cons 1 | sudo reboot"
    )


def test_a_modulator_that_may_not_be_used_is_broken(computer: FakeComputer) -> None:
    """The rule that gives it to the group comes with Raspberry Pi OS."""
    computer.add_pwm(usable=False)
    computer.groups = computer.listed = frozenset({"alice"})
    assert (
        "broken: /sys/class/pwm/pwmchip0/export is for the group «gpio»"
        in (findings(computer)["PWM"])
    )


def test_on_another_maker_s_board_no_raspi_config_is_named(computer: FakeComputer) -> None:
    """The driver's module, and the board's manual."""
    computer.files[f"{TREE}/compatible"] = "acme,rocket\0"
    said = findings(computer)
    assert said["I2C 1"].startswith(
        "off: switched off | sudo modprobe i2c-dev | The board's manual"
    )
    assert "config.txt" not in "".join(said.values())


def test_a_weak_supply_is_told_where_the_firmware_watches_it(computer: FakeComputer) -> None:
    """Found by the sensor's name; its number differs from board to board."""
    assert "power" not in findings(computer)
    computer.files["/sys/class/hwmon/hwmon3/name"] = "rpi_volt\n"
    computer.files["/sys/class/hwmon/hwmon3/in0_lcrit_alarm"] = "0\n"
    assert findings(computer)["power"] == "ok: no under-voltage"
    computer.files["/sys/class/hwmon/hwmon3/in0_lcrit_alarm"] = "1\n"
    assert findings(computer)["power"].startswith("broken: the firmware reports under-voltage | ")
