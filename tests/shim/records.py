"""What a world tells a test."""

from __future__ import annotations

from typing import NamedTuple


class Call(NamedTuple):
    """One record of the log: a call that the shim emulated, or what came of it.

    Attributes:
        number: From 0, over all processes of the world.
        time_ns: When, on CLOCK_MONOTONIC.
        pid: The process that called.
        op: ``"get_line"``, ``"set_values"``, ``"i2c_rdwr"`` … and, beside calls, ``"level"`` (a line
            ``a`` changed to level ``b``) and ``"release"`` (a request ended).
        device: Number of the chip, bus or device, in the order of their making.
        result: What the call returned, or minus its errno.
        a: First figure: flags of a request, bits of a value, address, speed.
        b: Second figure: values of a request, mask of a value, number of messages.
        c: Third figure: debounce time, length of a read.
        data: Bytes: the offsets of a request, what was written (64 at most).
    """

    number: int
    time_ns: int
    pid: int
    op: str
    device: int
    result: int
    a: int
    b: int
    c: int
    data: bytes


class LineState(NamedTuple):
    """A line as it is, for whoever looks from outside.

    Attributes:
        name: Its name.
        consumer: Who has it, or "".
        used: Whether somebody has it.
        output: Whether its pad drives.
        value: What the pad drives, or would.
        pull: "up", "down" or None.
        level: The level on the wire.
        flags: The request's flags, GPIO_V2_LINE_FLAG_*.
    """

    name: str
    consumer: str
    used: bool
    output: bool
    value: bool
    pull: str | None
    level: bool
    flags: int
