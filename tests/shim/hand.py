"""The functions that the kernel shim offers to a test, with their types."""

from __future__ import annotations

import ctypes
from ctypes import (
    POINTER,
    c_char,
    c_char_p,
    c_int,
    c_int32,
    c_int64,
    c_long,
    c_uint,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
)
from typing import TYPE_CHECKING, ClassVar

from tests.shim.build import library

if TYPE_CHECKING:
    from collections.abc import Sequence


class Record(ctypes.Structure):
    """One record of the log, as `shim.h` has it."""

    _fields_: ClassVar[Sequence[tuple[str, type]]] = [
        ("index", c_uint64),
        ("time_ns", c_uint64),
        ("pid", c_int32),
        ("device", c_int32),
        ("result", c_int32),
        ("op", c_uint16),
        ("length", c_uint16),
        ("a", c_uint64),
        ("b", c_uint64),
        ("c", c_uint64),
        ("data", c_uint8 * 64),
    ]


class Look(ctypes.Structure):
    """What a line is like, seen from outside."""

    _fields_: ClassVar[Sequence[tuple[str, type]]] = [
        ("name", c_char * 32),
        ("consumer", c_char * 32),
        ("flags", c_uint64),
        ("used", c_int32),
        ("output", c_int32),
        ("value", c_int32),
        ("pull", c_int32),
        ("hand", c_int32),
        ("level", c_int32),
    ]


class Pulses(ctypes.Structure):
    """What a PWM channel makes."""

    _fields_: ClassVar[Sequence[tuple[str, type]]] = [
        ("period_ns", c_uint64),
        ("duty_ns", c_uint64),
        ("since_ns", c_uint64),
        ("enabled", c_int32),
        ("exported", c_int32),
        ("inversed", c_int32),
    ]


_text, _bytes = c_char_p, POINTER(c_uint8)
_SIGNATURES: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "cpshim_attach": (c_int, (_text, c_int)),
    "cpshim_detach": (None, ()),
    "cpshim_serve": (c_int, ()),
    "cpshim_stop": (None, ()),
    "cpshim_options": (None, (c_int, c_int, c_int, c_int, c_int)),
    "cpshim_op": (_text, (c_int,)),
    "cpshim_node": (c_int, (c_int, c_int, _text, c_uint, c_uint, c_uint, _text)),
    "cpshim_attr": (c_int, (c_int, c_int, _text, c_int64, c_int64)),
    "cpshim_chip": (None, (c_int, _text, _text, c_uint)),
    "cpshim_line": (None, (c_int, c_uint, _text, _text, c_int)),
    "cpshim_wire": (None, (c_int, c_uint, c_int, c_uint)),
    "cpshim_drive": (None, (c_int, c_uint, c_int, c_uint64)),
    "cpshim_resistor": (None, (c_int, c_uint, c_int)),
    "cpshim_level": (c_int, (c_int, c_uint)),
    "cpshim_look": (None, (c_int, c_uint, POINTER(Look))),
    "cpshim_toggle": (c_int, (c_int, c_uint, c_int, c_long)),
    "cpshim_open": (c_int, (c_int,)),
    "cpshim_bus": (None, (c_int, c_uint, c_uint64, c_int)),
    "cpshim_bind": (None, (c_int, c_uint, c_int)),
    "cpshim_part": (c_int, (c_int, c_uint, c_int, c_uint, c_int, c_int)),
    "cpshim_part_remove": (None, (c_int,)),
    "cpshim_part_io": (None, (c_int, c_uint, _bytes, c_uint, c_int)),
    "cpshim_i2c_setup": (None, (c_int, POINTER(c_uint32), POINTER(c_uint32))),
    "cpshim_spi": (
        None,
        (c_int, c_uint, c_uint, c_uint32, c_uint32, c_uint32, c_int, c_uint32, c_int),
    ),
    "cpshim_spi_look": (None, (c_int, POINTER(c_uint32), POINTER(c_uint32))),
    "cpshim_pwm": (None, (c_int, c_uint, c_uint, c_uint64, c_uint64, _text)),
    "cpshim_pulses": (None, (c_int, c_uint, POINTER(Pulses))),
    "cpshim_watchdog": (None, (c_uint, c_uint)),
    "cpshim_watchdog_runs": (c_int, ()),
    "cpshim_fault": (c_int, (c_int, c_int, c_int, c_int, c_uint, c_uint, _text)),
    "cpshim_no_fault": (None, ()),
    "cpshim_logged": (c_uint64, ()),
    "cpshim_record": (c_int, (c_uint64, POINTER(Record))),
}


def hand() -> ctypes.CDLL:
    """Return the shim's library: the one that is loaded, or a copy that only builds worlds."""
    shim = ctypes.CDLL(str(library()), use_errno=True)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(shim, name)
        function.restype, function.argtypes = result, arguments
    return shim


def operations(shim: ctypes.CDLL) -> dict[int, str]:
    """Return the names of what the log tells, by their numbers."""
    names: dict[int, str] = {}
    while name := shim.cpshim_op(len(names) + 1):
        names[len(names) + 1] = name.decode()
    return names
