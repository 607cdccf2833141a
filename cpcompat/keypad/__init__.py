"""Keys: single ones, in a matrix, or at shift registers, watched beside the program.

A scanner notes each press and release, debounced, in its queue; the program takes them from there
whenever it likes.
"""

from .event import Event
from .event_queue import EventQueue
from .key_matrix import KeyMatrix
from .keys import Keys
from .shift_register_keys import ShiftRegisterKeys

__all__ = ["Event", "EventQueue", "KeyMatrix", "Keys", "ShiftRegisterKeys"]
