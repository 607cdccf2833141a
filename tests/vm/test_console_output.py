"""What a program writes to the console: `sys.stdout` and `print()`."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.vm.console_output import ConsoleOutput, make_print

pytestmark = [pytest.mark.feature("console"), pytest.mark.simulated]

TEXTS = st.text(alphabet="ab\n\xe4\U0001f40d\udc80", max_size=5)
STEPS = st.one_of(
    st.tuples(
        st.just("print"), st.lists(TEXTS, max_size=3), st.sampled_from(["\n", "", None, "-"])
    ),
    st.tuples(st.just("write"), TEXTS),
    st.tuples(st.just("bytes"), st.binary(max_size=3)),
    st.tuples(st.just("flush")),
    st.tuples(st.just("reconfigure"), st.booleans()),
)


@pytest.fixture
def board_print(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Callable[..., None]]:
    """Make the console a program's standard output, and return the board's `print`."""

    def make(descriptor: int) -> Callable[..., None]:
        monkeypatch.setattr(sys, "stdout", ConsoleOutput(descriptor))
        return make_print()

    return make


@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_ways_of_writing_are_mixed_all_comes_once_and_in_order(
    steps: list[tuple[Any, ...]],
) -> None:
    """A line of one value goes its own way; the others wait in a wrapper until a line ends."""
    reads, writes = os.pipe()
    out, plain = ConsoleOutput(writes), io.StringIO()
    own_print, before = make_print(), sys.stdout
    expected = b""
    sys.stdout = out
    try:
        for name, *words in steps:
            if name == "print":
                own_print(*words[0], end=words[1])
                print(*words[0], end=words[1], file=plain)
            elif name == "write":
                out.write(words[0])
                plain.write(words[0])
            elif name == "bytes":
                out.write(words[0])
                expected += plain.getvalue().encode("utf-8", "replace") + words[0]
                plain = io.StringIO()
            elif name == "flush":
                out.flush()
            else:
                out.reconfigure(line_buffering=words[0])
        out.flush()
    finally:
        sys.stdout = before
        os.close(writes)
    with os.fdopen(reads, "rb") as reader:
        assert reader.read() == expected + plain.getvalue().encode("utf-8", "replace")


def test_a_printed_line_is_out_at_once(board_print: Callable[[int], Callable[..., None]]) -> None:
    """With what was printed before it without an end."""
    reads, writes = os.pipe()
    own_print = board_print(writes)
    try:
        for values, end, seen in (
            (["one"], "\n", b"one\n"),
            (["two"], " ", b""),
            ([3], "\n", b"two 3\n"),
            ([], "\n", b"\n"),
        ):
            own_print(*values, end=end)
            os.write(writes, b"|")
            assert os.read(reads, 100) == seen + b"|"
    finally:
        os.close(reads)
        os.close(writes)


def test_print_writes_where_it_is_told(
    tmp_path: Path,
    board_print: Callable[[int], Callable[..., None]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """To a file, and to whatever stands in for the console."""
    path = tmp_path / "out"
    with path.open("w") as file:
        own_print = board_print(file.fileno())
        own_print("there", file=file)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdout", other := io.StringIO())
            own_print("elsewhere", flush=True)
    assert path.read_text() == "there\n"
    assert other.getvalue() == "elsewhere\n"


def test_what_settings_of_the_stream_say_holds_for_print_too(
    tmp_path: Path, board_print: Callable[[int], Callable[..., None]]
) -> None:
    """``sys.stdout.reconfigure``, and a stream that was closed."""
    path = tmp_path / "out"
    with path.open("wb") as file:
        own_print = board_print(file.fileno())
        sys.stdout.reconfigure(encoding="latin-1", newline="\r\n")  # type: ignore[union-attr]
        own_print("\xe4")
        assert path.read_bytes() == b"\xe4\r\n"
        sys.stdout.close()
        with pytest.raises(ValueError, match="closed file"):
            own_print("more")


def test_a_printed_line_is_written_whole_though_signals_interrupt_the_writing(
    board_print: Callable[[int], Callable[..., None]],
) -> None:
    """As any other text."""
    reads, writes = os.pipe()
    text = "x" * 1_000_000
    own_print = board_print(writes)
    taken = taken_with_signals(reads, writes, len(text), lambda: own_print(text))
    assert taken.decode() == text + "\n"


def test_a_text_is_written_whole_though_signals_interrupt_the_writing() -> None:
    """Each time the reader has taken some, the writer gets a signal in the middle of the rest."""
    reads, writes = os.pipe()
    text = "".join(f"{number}\n" for number in range(100_000))

    def write() -> None:
        out = ConsoleOutput(writes)
        assert out.write(text) == len(text)
        out.flush()

    assert taken_with_signals(reads, writes, len(text), write).decode() == text


def taken_with_signals(reads: int, writes: int, size: int, write: Callable[[], None]) -> bytearray:
    """Write in this thread while the one that reads interrupts it; both ends are closed then."""
    taken = bytearray()
    main = threading.get_ident()

    def take() -> None:
        while data := os.read(reads, 50_000):
            taken.extend(data)
            if len(taken) < size // 2:
                signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, lambda number, frame: None)
    reader = threading.Thread(target=take)
    reader.start()
    try:
        write()
    finally:
        os.close(writes)
        reader.join()
        os.close(reads)
        signal.signal(signal.SIGUSR1, before)
    return taken


def test_standard_output_takes_bytes_and_text_in_their_order(tmp_path: Path) -> None:
    """Bytes go as they are."""
    path = tmp_path / "out"
    with path.open("wb") as file:
        out = ConsoleOutput(file.fileno())
        out.write("a")
        assert out.write(b"\xff\n") == 2  # type: ignore[arg-type]
        out.write("b\n")
        out.detach()
    assert path.read_bytes() == b"a\xff\nb\n"
    assert isinstance(out, io.TextIOWrapper)
