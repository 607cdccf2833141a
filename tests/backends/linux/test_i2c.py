"""I2C through the kernel: what goes over the wire, and what each of its refusals becomes."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator

import pytest

from cpcompat.backends.linux import facts
from cpcompat.backends.linux.backend import LinuxBackend
from cpcompat.backends.linux.nodes import DirectNodes
from cpcompat.board.detect import definition
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.i2c import I2cBus
from tests.shim.world import World

pytestmark = [pytest.mark.feature("busio"), pytest.mark.shim]

BOARD = definition("raspberry_pi_4b")
Open = Callable[..., I2cBus]
READ_BYTE, QUICK, BYTE_DATA, WORD, BLOCK = 0x60000, 0x10000, 0x180000, 0x600000, 0xC000000


@pytest.fixture
def opened(world: World) -> Iterator[Open]:
    """Adds bus 1 to the world, with memory at 0x50, and opens it."""
    backend = LinuxBackend(BOARD, DirectNodes(BOARD))

    def open_it(frequency_hz: int = 100_000, **bus: object) -> I2cBus:
        world.add_i2c(1, **bus)  # type: ignore[arg-type]
        world.add_part(1, 0x50)
        return backend.i2c(BOARD.i2c[0], frequency_hz)

    yield open_it
    backend.close()


def fault_of(call: Callable[[], object]) -> HalError:
    """Return the fault that a call raises."""
    with pytest.raises(HalError) as caught:
        call()
    return caught.value


def test_a_register_is_read_by_one_call_of_the_kernel(world: World, opened: Open) -> None:
    """The second time, too, with other bytes to send; I2C_SLAVE is never needed."""
    bus, read = opened(), bytearray(2)
    bus.transfer(0x50, b"\x10\x2a\x2b", None)
    start = world.mark()
    for register, value in ((0x10, b"\x2a\x2b"), (0x11, b"\x2b\x00")):
        bus.transfer(0x50, bytes((register,)), read)
        assert read == value
    assert [call.op for call in world.calls(start)] == ["i2c_rdwr", "i2c_rdwr"]


@pytest.mark.parametrize("number", [errno.EREMOTEIO, errno.ENXIO, errno.EIO])
def test_nobody_at_an_address_is_told_with_who_does_answer(opened: Open, number: int) -> None:
    """Whichever number the adapter's driver has for it."""
    bus = opened(nak=number)
    fault = fault_of(lambda: bus.transfer(0x48, b"\0", bytearray(1)))
    assert fault.fault is Fault.NO_ACK
    assert fault.where == "i2c1 address 0x48"
    assert fault.cure == "No device at 0x48 on i2c-1 (found: 0x50)."


def test_a_probe_of_an_empty_address_looks_for_no_others(world: World, opened: Open) -> None:
    """A scan of 112 addresses is 112 calls."""
    bus = opened()
    start = world.mark()
    assert fault_of(lambda: bus.transfer(0x48, b"", None)).fault is Fault.NO_ACK
    assert len(world.calls(start)) == 1


@pytest.mark.parametrize(
    ("number", "fault", "words"),
    [
        (errno.ETIMEDOUT, Fault.TIMEOUT, "dtparam=i2c_arm_baudrate=10000"),
        (errno.EAGAIN, Fault.ARBITRATION_LOST, "Try again"),
        (errno.EOPNOTSUPP, Fault.UNSUPPORTED, "cannot make such a transfer"),
        (errno.EPROTO, Fault.BROKEN, "broke the rules"),
        (errno.ENOMEM, Fault.BROKEN, "ENOMEM"),
    ],
)
def test_each_refusal_of_a_transfer_says_what_is_wrong_and_what_helps(
    world: World, opened: Open, number: int, fault: Fault, words: str
) -> None:
    """And the next transfer is made as if nothing had been."""
    bus, read = opened(), bytearray(1)
    world.inject("i2c_rdwr", number, device="i2c-1")
    found = fault_of(lambda: bus.transfer(0x50, b"\0", read))
    assert found.fault is fault
    assert words in str(found.cure)
    bus.transfer(0x50, b"\0", read)


def test_an_address_that_a_driver_of_the_kernel_has_is_refused_with_its_name(
    world: World, opened: Open
) -> None:
    """I2C_RDWR itself would not refuse it."""
    bus = opened()
    world.bind(1, 0x50, "at24")
    fault = fault_of(lambda: bus.transfer(0x50, b"\0", bytearray(1)))
    assert fault.fault is Fault.BUSY
    assert "«at24»" in str(fault.cure)
    assert "1-0050" in str(fault.cure)
    bus.transfer(0x50, b"", None)  # a probe says that somebody is there


def test_a_bus_that_is_switched_off_says_how_to_switch_it_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ENOENT of the node."""
    # Where the tests run may be a container.
    monkeypatch.setattr(facts, "_is_container", lambda system: False)
    backend = LinuxBackend(BOARD, DirectNodes(BOARD))
    fault = fault_of(lambda: backend.i2c(BOARD.i2c[0], 100_000))
    assert fault.fault is Fault.ABSENT
    assert "cpcompat doctor" in str(fault.cure)


def test_a_clock_that_the_bus_has_not_got_is_said_in_the_log(
    world: World, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody but the configuration can set it."""
    tree = world.tree
    tree.write("/sys/bus/i2c/devices/i2c-1/of_node/clock-frequency", "\0\1\0\0")
    with caplog.at_level(logging.WARNING):
        opened(frequency_hz=400_000)
    assert "i2c1 runs at 65536 Hz, not at 400000" in caplog.text


def test_an_adapter_that_knows_smbus_alone_reads_and_writes_registers(opened: Open) -> None:
    """By byte, word and block; what SMBus has no words for is refused with what it has."""
    bus = opened(funcs=READ_BYTE | QUICK | BYTE_DATA | WORD | BLOCK)
    for data in (b"\x01", b"\x01\x02", b"\x01\x02\x03\x04\x05"):
        bus.transfer(0x50, b"\x20" + data, None)
        if len(data) < 3:
            read = bytearray(len(data))
            bus.transfer(0x50, b"\x20", read)
            assert bytes(read) == data
    fault = fault_of(lambda: bus.transfer(0x50, b"\0\1", bytearray(40)))
    assert fault.fault is Fault.UNSUPPORTED
    assert "SMBus" in str(fault.cure)
    assert fault_of(lambda: bus.transfer(0x33, b"", None)).fault is Fault.NO_ACK


def test_a_transfer_that_is_too_long_for_the_kernel_is_refused_beforehand(opened: Open) -> None:
    """With the way out."""
    bus = opened()
    fault = fault_of(lambda: bus.transfer(0x50, None, bytearray(9000)))
    assert fault.fault is Fault.UNSUPPORTED
    assert "several transfers" in str(fault.cure)
