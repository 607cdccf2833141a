"""What a program and the broker say to each other: one datagram each way, numbered."""

from __future__ import annotations

from struct import Struct
from struct import error as Malformed  # noqa: N812

__all__ = [
    "ANSWER",
    "ASK",
    "DATAGRAM",
    "FAULT",
    "FLAGS",
    "GIVE_BACK",
    "INFO",
    "LINES",
    "NUMBER",
    "OPEN",
    "TRAFFIC",
    "Malformed",
]

LINES, GIVE_BACK, OPEN, INFO, TRAFFIC = b"L", b"R", b"O", b"I", b"T"
"""Claim lines; close the broker's copy; open a node; tell of a line; make a ring for the traffic."""

ASK = Struct("=cI")
"""What is asked, and the question's number; then the arguments."""
ANSWER = Struct("=Ii")
"""The question's number, and 0, an errno, or `FAULT`; then what belongs to it."""
FAULT = -1
"""What belongs to it is a JSON list: a fault's name, where, and a cure."""
NUMBER = Struct("=I")
FLAGS = Struct("=Q")
DATAGRAM = 8192
