"""What programs see of an I2C bus."""

from __future__ import annotations

import threading
from array import array
from typing import TYPE_CHECKING

import pytest

from cpcompat import board, busio, hal
from cpcompat.hal import Fault
from tests.fakes.refusing import refuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fakes.backend import RecordingBackend

pytestmark = [pytest.mark.feature("busio"), pytest.mark.simulated]

DEAD = "Object has been deinitialized and can no longer be used. Create a new object."


@pytest.fixture
def i2c(backend: RecordingBackend) -> Iterator[busio.I2C]:
    """A bus with one part that sends 1, 2, 3, 4; its lock is taken."""
    backend.i2c_parts[0x42] = bytes((1, 2, 3, 4))
    with busio.I2C(board.SCL, board.SDA) as bus:
        assert bus.try_lock()
        backend.calls.clear()
        yield bus


def test_a_bus_is_opened_at_its_pins_with_its_clock(backend: RecordingBackend) -> None:
    """By position and by name."""
    with busio.I2C(board.SCL, board.SDA, frequency=400_000, timeout=1000):
        assert backend.calls == [("i2c", 1, 400_000)]
    with busio.I2C(scl=board.SCL, sda=board.SDA):
        assert backend.calls[-1] == ("i2c", 1, 100_000)


def test_writing_sends_the_slice_that_was_asked_for(
    i2c: busio.I2C, backend: RecordingBackend
) -> None:
    """Whole, cut at either end, counted from the end, and nothing at all."""
    i2c.writeto(0x42, b"abcdef")
    i2c.writeto(0x42, bytearray(b"abcdef"), start=2)
    i2c.writeto(0x42, b"abcdef", end=2)
    i2c.writeto(address=0x42, buffer=b"abcdef", start=1, end=-1)
    i2c.writeto(0x42, b"")
    sent = [call[2] for call in backend.calls]
    assert sent == [b"abcdef", b"cdef", b"ab", b"bcde", b""]


def test_reading_fills_the_slice_and_nothing_else(i2c: busio.I2C) -> None:
    """The bytes beside it stay."""
    buffer = bytearray(6)
    i2c.readfrom_into(0x42, buffer, start=1, end=4)
    assert buffer == bytes((0, 1, 2, 3, 0, 0))
    i2c.readfrom_into(address=0x42, buffer=buffer)
    assert buffer == bytes((1, 2, 3, 4, 1, 2))


def test_write_then_read_is_one_transfer(i2c: busio.I2C, backend: RecordingBackend) -> None:
    """With a repeated start, so in one call of the backend."""
    answer = bytearray(4)
    i2c.writeto_then_readfrom(0x42, b"\xd0", answer)
    i2c.writeto_then_readfrom(
        address=0x42,
        out_buffer=b"xyz",
        in_buffer=answer,
        out_start=1,
        out_end=2,
        in_start=2,
        in_end=4,
    )
    assert backend.calls == [("transfer", 0x42, b"\xd0", 4), ("transfer", 0x42, b"y", 2)]
    assert answer == bytes((1, 2, 1, 2))


def test_the_bounds_of_an_array_count_its_elements(
    i2c: busio.I2C, backend: RecordingBackend
) -> None:
    """As upstream counts them; the bus sees bytes."""
    words = array("H", (0x0201, 0x0403, 0x0605))
    i2c.writeto(0x42, words, start=1, end=2)
    assert backend.calls[-1] == ("transfer", 0x42, b"\x03\x04", None)
    i2c.readfrom_into(0x42, words, end=1)
    assert words[0] == 0x0201


def test_a_transfer_needs_no_copy_of_the_buffer(
    i2c: busio.I2C, backend: RecordingBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole bytes or bytearray reaches the backend as the very object."""
    seen: list[object] = []

    def transfer(address: int, write: object, read: object) -> None:
        seen.extend((write, read))

    monkeypatch.setattr(i2c, "_transfer", transfer)
    out, answer = b"\x01", bytearray(2)
    i2c.writeto_then_readfrom(0x42, out, answer)
    assert seen[0] is out
    assert seen[1] is answer


@pytest.mark.parametrize("buffer", ["text", 5, None, [1]])
def test_what_is_no_buffer_is_refused(i2c: busio.I2C, buffer: object) -> None:
    """Upstream's text."""
    with refuses(TypeError, "object with buffer protocol required"):
        i2c.writeto(0x42, buffer)  # type: ignore[arg-type]
    with refuses(TypeError, "object with buffer protocol required"):
        i2c.readfrom_into(0x42, buffer)  # type: ignore[arg-type]


def test_a_read_only_buffer_cannot_be_filled(i2c: busio.I2C) -> None:
    """Upstream's text."""
    with refuses(TypeError, "object with buffer protocol required"):
        i2c.readfrom_into(0x42, b"abc")  # type: ignore[arg-type]


def test_at_least_one_byte_is_read(i2c: busio.I2C) -> None:
    """Upstream's text."""
    with refuses(ValueError, "buffer length must be >= 1"):
        i2c.readfrom_into(0x42, bytearray())
    with refuses(ValueError, "in_buffer length must be >= 1"):
        i2c.writeto_then_readfrom(0x42, b"a", bytearray(3), in_start=3)


def test_scan_finds_the_parts_that_answer(i2c: busio.I2C, backend: RecordingBackend) -> None:
    """At the addresses 0x08 to 0x77, each asked once, with nothing written."""
    backend.i2c_parts.update({0x08: b"a", 0x77: b"a", 0x03: b"a", 0x78: b"a"})
    assert i2c.scan() == [0x08, 0x42, 0x77]
    assert backend.calls == [("transfer", address, b"", None) for address in range(0x08, 0x78)]


def test_probe_tells_whether_a_part_answers(i2c: busio.I2C) -> None:
    """Also by name."""
    assert i2c.probe(0x42) is True
    assert i2c.probe(address=0x43) is False


def test_a_scan_on_a_broken_bus_is_an_error_and_not_an_empty_list(
    i2c: busio.I2C, backend: RecordingBackend
) -> None:
    """Only a missing acknowledge means that nobody is there."""
    backend.faults["transfer"] = Fault.TIMEOUT
    with pytest.raises(TimeoutError):
        i2c.scan()


@pytest.mark.parametrize(
    ("fault", "number", "text"),
    [
        (Fault.NO_ACK, 19, "[Errno 19] No such device"),
        (Fault.TIMEOUT, 110, "[Errno 110] ETIMEDOUT"),
        (Fault.BROKEN, 5, "[Errno 5] Input/output error"),
        (Fault.GONE, 5, "[Errno 5] Input/output error"),
        (Fault.ARBITRATION_LOST, 11, "[Errno 11] EAGAIN"),
    ],
)
@pytest.mark.parametrize(
    "transfer",
    [
        lambda bus: bus.writeto(0x42, b"a"),
        lambda bus: bus.readfrom_into(0x42, bytearray(1)),
        lambda bus: bus.writeto_then_readfrom(0x42, b"a", bytearray(1)),
    ],
)
def test_a_fault_is_upstream_s_oserror_and_the_cure_a_note(
    i2c: busio.I2C,
    backend: RecordingBackend,
    fault: Fault,
    number: int,
    text: str,
    transfer: Callable[[busio.I2C], None],
) -> None:
    """Programs compare ``errno``; people read the note."""
    backend.faults["transfer"] = fault
    with refuses(OSError, text) as caught:
        transfer(i2c)
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == caught.value.args[0] == number
    assert caught.value.__notes__ == [f"Fake transfer: {fault.value}.", "Mend the fake."]


USES = [
    pytest.param(lambda bus: bus.scan(), id="scan"),
    pytest.param(lambda bus: bus.probe(0x42), id="probe"),
    pytest.param(lambda bus: bus.writeto(0x42, b"a"), id="writeto"),
    pytest.param(lambda bus: bus.readfrom_into(0x42, bytearray(1)), id="readfrom_into"),
    pytest.param(
        lambda bus: bus.writeto_then_readfrom(0x42, b"a", bytearray(1)),
        id="writeto_then_readfrom",
    ),
]


@pytest.mark.parametrize("use", USES)
def test_every_transfer_needs_the_lock(
    i2c: busio.I2C, backend: RecordingBackend, use: Callable[[busio.I2C], None]
) -> None:
    """Before it was taken and after it was given back."""
    i2c.unlock()
    with refuses(RuntimeError, "Function requires lock"):
        use(i2c)
    assert backend.calls == []
    assert i2c.try_lock()
    use(i2c)
    assert backend.calls


@pytest.mark.parametrize(
    "use",
    [
        *USES,
        pytest.param(lambda bus: bus.try_lock(), id="try_lock"),
        pytest.param(lambda bus: bus.unlock(), id="unlock"),
    ],
)
def test_a_deinited_bus_refuses_every_use(i2c: busio.I2C, use: Callable[[busio.I2C], None]) -> None:
    """Even for who held its lock."""
    i2c.deinit()
    i2c.deinit()
    with refuses(ValueError, DEAD):
        use(i2c)


def test_unlocking_a_free_bus_does_nothing(i2c: busio.I2C) -> None:
    """As upstream; the lock can then be taken once."""
    i2c.unlock()
    i2c.unlock()
    assert i2c.try_lock() is True
    assert i2c.try_lock() is False


def in_another_thread(work: Callable[[], object]) -> list[object]:
    """Return what some work gives, or its exception, when another thread does it."""
    result: list[object] = []

    def run() -> None:
        try:
            result.append(work())
        except RuntimeError as error:
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result


def test_the_lock_is_the_thread_s_that_took_it(i2c: busio.I2C, backend: RecordingBackend) -> None:
    """Another one can neither take it, nor use the bus, nor give it back."""
    assert in_another_thread(i2c.try_lock) == [False]
    for use in (lambda: i2c.writeto(0x42, b"a"), i2c.unlock):
        (error,) = in_another_thread(use)
        assert str(error) == "Function requires lock"
    assert backend.calls == []
    i2c.writeto(0x42, b"a")


def test_threads_that_hammer_one_bus_never_mix_their_transfers(
    i2c: busio.I2C, backend: RecordingBackend
) -> None:
    """Each takes the lock and makes two transfers that belong together; no other one comes between."""
    i2c.unlock()
    inside = 0
    most = 0

    def transferring() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        for _ in range(20):
            pass
        inside -= 1

    backend.during_transfer = transferring
    start = threading.Barrier(4)

    def hammer(mark: int) -> None:
        start.wait()
        for _ in range(150):
            while not i2c.try_lock():
                pass
            i2c.writeto(0x42, bytes((mark, 1)))
            i2c.writeto(0x42, bytes((mark, 2)))
            i2c.unlock()

    threads = [threading.Thread(target=hammer, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    sent = [call[2] for call in backend.calls]
    assert len(sent) == 1200
    for first, second in zip(sent[::2], sent[1::2], strict=True):
        assert isinstance(first, bytes)
        assert second == bytes((first[0], 2))


def test_only_one_of_many_threads_gets_the_lock(i2c: busio.I2C) -> None:
    """However often they race for it."""
    i2c.unlock()
    for _ in range(30):
        start = threading.Barrier(8)
        won: list[bool] = []

        def race(start: threading.Barrier = start, won: list[bool] = won) -> None:
            start.wait()
            won.append(i2c.try_lock())
            start.wait()
            if won.count(True) != 1 or i2c._holds():
                i2c.unlock()

        threads = [threading.Thread(target=race) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won.count(True) == 1


@pytest.mark.parametrize(("number", "kind"), [(3, "int"), (None, "NoneType"), ("SCL", "str")])
def test_something_else_is_no_pin(backend: RecordingBackend, number: object, kind: str) -> None:
    """Upstream's texts name the parameter."""
    with refuses(TypeError, f"scl must be of type Pin, not {kind}"):
        busio.I2C(number, board.SDA)  # type: ignore[arg-type]
    with refuses(TypeError, f"sda must be of type Pin, not {kind}"):
        busio.I2C(board.SCL, number)  # type: ignore[arg-type]


def test_pins_that_make_no_bus_are_invalid_and_free_again(backend: RecordingBackend) -> None:
    """The note lists the pins that do."""
    for scl, sda in (
        (board.SDA, board.SCL),
        (board.D0, board.D1),
        (board.SCL, board.D0),
        (board.SCL, board.SCL),
    ):
        with refuses(ValueError, "Invalid pins"):
            busio.I2C(scl, sda)
        assert hal.machine().claims.holder(scl) is hal.machine().claims.holder(sda) is None
    with refuses(ValueError, "Invalid pins") as caught:
        busio.I2C(board.D0, board.D1)
    assert caught.value.__notes__ == [
        "I2C buses of the board testboard: scl=board.SCL, sda=board.SDA."
    ]


@pytest.mark.parametrize(
    ("frequency", "text"),
    [
        (2_000_000, "frequency must be <= 1000000"),
        (0, "frequency must be 1-1000000"),
        (-5, "frequency must be 1-1000000"),
    ],
)
def test_a_clock_out_of_range_is_refused(
    backend: RecordingBackend, frequency: int, text: str
) -> None:
    """Nothing is claimed."""
    with refuses(ValueError, text):
        busio.I2C(board.SCL, board.SDA, frequency=frequency)
    assert hal.machine().claims.holder(board.SCL) is None


def test_an_address_has_7_bits(i2c: busio.I2C) -> None:
    """A slip with an 8-bit address is noticed."""
    with refuses(ValueError, "address must be 0-127"):
        i2c.probe(0xEC)


@pytest.mark.parametrize(
    ("fault", "kind", "text"),
    [
        (Fault.BUSY, ValueError, "I2C peripheral in use"),
        (Fault.DENIED, PermissionError, "[Errno 13] Permission denied"),
        (Fault.ABSENT, OSError, "[Errno 19] No such device"),
        (Fault.UNSUPPORTED, ValueError, "Invalid frequency"),
    ],
)
def test_a_bus_that_cannot_be_opened_leaves_its_pins_free(
    backend: RecordingBackend, fault: Fault, kind: type[Exception], text: str
) -> None:
    """And tells the cure."""
    backend.faults["i2c"] = fault
    with refuses(kind, text) as caught:
        busio.I2C(board.SCL, board.SDA)
    assert "Mend the fake." in caught.value.__notes__
    assert hal.machine().claims.holder(board.SDA) is None


def test_a_bus_on_a_board_that_has_none_is_refused_at_construction(
    bare_backend: RecordingBackend,
) -> None:
    """The class is there all the same, for annotations."""
    with refuses(ValueError, "Invalid pins") as caught:
        busio.I2C(board.SCL, board.SDA)
    assert caught.value.__notes__ == ["I2C buses of the board testboard: none."]
