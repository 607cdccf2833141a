"""What tools find in the raw REPL besides a board's names."""

from __future__ import annotations

import io
import os
import signal
import threading
from pathlib import Path

import pytest

from cpcompat.hal.clock import RealClock
from cpcompat.vm import for_tools
from cpcompat.vm.console import ConsoleOutput
from cpcompat.vm.drive_world import DriveWorld

pytestmark = [pytest.mark.feature("tools"), pytest.mark.simulated]


def test_folders_are_listed_with_kind_and_size_and_without_the_repository(tmp_path: Path) -> None:
    """As MicroPython does; what leads nowhere is left out."""
    (tmp_path / "a.txt").write_text("12345")
    (tmp_path / "lib").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "nowhere").symlink_to("/nowhere")
    world = DriveWorld(tmp_path, RealClock())
    assert not hasattr(world.modules["os"], "ilistdir")
    for_tools.offer(world)
    drive_os = world.modules["os"]
    for folder in ("", "/"):
        assert sorted(drive_os.ilistdir(folder)) == [
            ("a.txt", 0x8000, 0, 5),
            ("lib", 0x4000, 0, 0),
        ]
    assert ".git" not in drive_os.listdir()
    assert drive_os.stat("")[0] == 0x4000


def test_a_text_is_written_whole_though_signals_interrupt_the_writing() -> None:
    """Each time the reader has taken some, the writer gets a signal in the middle of the rest."""
    reads, writes = os.pipe()
    text = "".join(f"{number}\n" for number in range(100_000))
    taken = bytearray()
    main = threading.get_ident()

    def take() -> None:
        while data := os.read(reads, 50_000):
            taken.extend(data)
            if len(taken) < len(text) // 2:
                signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, lambda number, frame: None)
    reader = threading.Thread(target=take)
    reader.start()
    try:
        out = ConsoleOutput(writes)
        assert out.write(text) == len(text)
        out.flush()
    finally:
        os.close(writes)
        reader.join()
        os.close(reads)
        signal.signal(signal.SIGUSR1, before)
    assert taken.decode() == text


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
