"""How a program feeds the watchdog of the supervisor above it."""

from __future__ import annotations

import struct

FED = struct.Struct("<d")
"""What it writes to a file in memory: the time, in seconds of the host's monotonic clock."""
