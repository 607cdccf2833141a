"""Analog pins: read a voltage, make a voltage.

On Linux: most boards have no converter of their own. An external one (an MCP3008, an ADS1115) is
reached by its driver over SPI or I2C instead.
"""

from .analog_in import AnalogIn
from .analog_out import AnalogOut

__all__ = ["AnalogIn", "AnalogOut"]
