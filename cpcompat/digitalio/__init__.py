"""Digital pins: read a level, drive a level.

On Linux: a pin that is released, by ``deinit`` or because the program ended, becomes an input.
"""

from .digital_in_out import DigitalInOut
from .modes import Direction, DriveMode, Pull

__all__ = ["DigitalInOut", "Direction", "DriveMode", "Pull"]
