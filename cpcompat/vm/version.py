"""The release of CircuitPython that this package is compatible with."""

from __future__ import annotations

RELEASE = "10.3.1"
RELEASE_TUPLE = (10, 3, 1, "")
BUILD_DATE = "2026-11-24"
