"""What a program and the circuit's process say to each other: one datagram each way, never pickled.

A request is an operation, the number of an open port, and the operation's own bytes. An answer
begins with 0 and the result, or with 1 and a fault as JSON.
"""

from __future__ import annotations

import json
import struct

from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull

LARGEST = 60_000
"""The most bytes of one transfer in one datagram; longer ones are sent in pieces."""
DATAGRAM = LARGEST + 1_000

(
    OPEN,
    CLOSE,
    CONFIGURE,
    READ,
    WRITE,
    TRANSFER,
    WAITING,
    DISCARD,
    LEVEL,
    NOW,
    SLEEP,
    TEMPERATURE,
) = range(12)

HEAD = struct.Struct("<BH")
LINE = struct.Struct("<BBBB")
I2C = struct.Struct("<Bii")
SPI = struct.Struct("<iiB")
SPI_SET = struct.Struct("<IBB")
PWM = struct.Struct("<qq")
EDGE = struct.Struct("<q?Q")
UART_READ = struct.Struct("<Iq")
NUMBER = struct.Struct("<q")
PORT = struct.Struct("<Hd")

DIRECTIONS = (Direction.INPUT, Direction.OUTPUT)
PULLS = (Pull.NONE, Pull.UP, Pull.DOWN)
DRIVES = (Drive.PUSH_PULL, Drive.OPEN_DRAIN)


def fault_as_bytes(error: HalError) -> bytes:
    """Return the answer that tells a fault."""
    return b"\1" + json.dumps([error.fault.name, error.where, error.cure]).encode()


def raise_fault(answer: bytes) -> None:
    """Raise the fault that an answer tells."""
    name, where, cure = json.loads(answer[1:])
    raise HalError(getattr(Fault, name), where, cure)
