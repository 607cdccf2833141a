"""What a program and the circuit's process say to each other, never pickled.

They speak through two pipes in packet mode, one each way: on one processor a pipe wakes the other
side in two thirds of the time that a socket takes (`docs/decisions/0004`). What is longer than a
packet goes in several. Each request has a number, and so has its answer: an answer that nobody
waits for any more, because an exception cut the wait short, is passed over.

A posted request has no answer. It carries the time when it was made, so that the record of the
circuit is true however late it is served.
"""

from __future__ import annotations

import json
import struct

from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.gpio import Direction, Drive, Pull

PACKET = 4096
"""The most bytes of one packet (``PIPE_BUF``)."""
LARGEST = 60_000
"""The most bytes of one transfer; longer ones are made in pieces."""
MOST = LARGEST + 1_000
"""The most bytes of a whole request, in all its packets."""
MOST_EDGES = 1_000_000
"""The most unread edges that are held of one pin."""

REQUEST = struct.Struct("<IBBH")
"""The request's number, `MORE` or `POSTED` or 0, the operation, and the number of an open port."""
MORE, POSTED = 1, 2
ANSWER = struct.Struct("<IB")
"""The request's number, and what this is: `DONE` and the result, `FAILED` and a fault as JSON."""
DONE, FAILED, GOES_ON = 0, 1, 2

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
    VOLTAGE,
) = range(13)

LINE = struct.Struct("<BBBB")
I2C = struct.Struct("<Bii")
SPI = struct.Struct("<iiB")
SPI_SET = struct.Struct("<IBB")
PWM = struct.Struct("<qq")
EDGE = struct.Struct("<q?Q")
UART_READ = struct.Struct("<Iq")
NUMBER = struct.Struct("<q")
POST = struct.Struct("<q?")
PORT = struct.Struct("<Hd")

DIRECTIONS = (Direction.INPUT, Direction.OUTPUT)
PULLS = (Pull.NONE, Pull.UP, Pull.DOWN)
DRIVES = (Drive.PUSH_PULL, Drive.OPEN_DRAIN)


def fault_as_bytes(error: HalError) -> bytes:
    """Return what an answer says of a fault."""
    return json.dumps([error.fault.name, error.where, error.cure]).encode()


def raise_fault(said: bytes) -> None:
    """Raise the fault that an answer tells."""
    name, where, cure = json.loads(said)
    raise HalError(getattr(Fault, name), where, cure)
