"""Buses: I2C, SPI and serial ports.

On Linux: a bus comes out at fixed pins, those that the board's file lists; other pins are «Invalid
pins». Buffers are passed on without a copy.
"""

from .i2c import I2C
from .spi import SPI
from .uart import UART

__all__ = ["I2C", "SPI", "UART"]
