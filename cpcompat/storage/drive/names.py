"""The file names that mean something on a drive, in the order in which they are looked for."""

from __future__ import annotations

SETTINGS_NAME = "settings.toml"
BOOT_OUT_NAME = "boot_out.txt"
SAFEMODE_NAMES = ("safemode.py", "safemode.txt")
BOOT_NAMES = ("boot.py", "boot.txt")
CODE_NAMES = (
    "code.txt",
    "code.py",
    "main.py",
    "main.txt",
    "code.txt.py",
    "code.py.txt",
    "code.txt.txt",
    "code.py.py",
    "main.txt.py",
    "main.py.txt",
    "main.txt.txt",
    "main.py.py",
)
"""Upstream's order (supervisor main.c): yes, ``code.txt`` comes before ``code.py``."""
DOUBLED = CODE_NAMES[4:]
"""The names with two extensions, which upstream runs and warns about."""
REPL_NAMES = ("repl.py",)
"""Runs before the REPL, in the same VM."""
