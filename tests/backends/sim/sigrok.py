"""Debian's sigrok-cli as a judge of waveform files."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Sigrok:
    """Runs sigrok-cli's protocol decoders over a VCD file."""

    def decode(self, path: Path, decoder: str, annotations: str, sparse_ns: int = 1) -> list[str]:
        """Return the annotations of a decoder, one a line, without the decoder's name.

        Args:
            path: The VCD file.
            decoder: Decoder with its channels and options, as ``-P`` takes them.
            annotations: Which annotations, as ``-A`` takes them.
            sparse_ns: Sample so seldom; 1 samples every nanosecond.
        """
        form = "vcd" if sparse_ns == 1 else f"vcd:downsample={sparse_ns}"
        command = ["sigrok-cli", "-i", str(path), "-I", form, "-P", decoder, "-A", annotations]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [line.partition(": ")[2] for line in done.stdout.splitlines()]
