"""Types of what the buses read from and write into (names as `circuitpython-typing` has them)."""

from __future__ import annotations

from array import array
from typing import Any

ReadableBuffer = bytes | bytearray | memoryview | array[Any]
WriteableBuffer = bytearray | memoryview | array[Any]
