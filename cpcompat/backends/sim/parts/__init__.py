"""The parts that come with the simulated board, by the names that a circuit file gives them.

Each is in a file of its own, made from its datasheet. A part of a user's own is named
``"my_part.py:MyPart"``, a file on the drive and a class in it.
"""

from __future__ import annotations

PARTS: dict[str, str] = {
    "bme280": "cpcompat.backends.sim.parts.bme280:Bme280",
    "at24c32": "cpcompat.backends.sim.parts.at24c32:At24c32",
    "ds3231": "cpcompat.backends.sim.parts.ds3231:Ds3231",
    "mcp23017": "cpcompat.backends.sim.parts.mcp23017:Mcp23017",
    "ssd1306": "cpcompat.backends.sim.parts.ssd1306:Ssd1306",
    "ads1115": "cpcompat.backends.sim.parts.ads1115:Ads1115",
    "mcp3008": "cpcompat.backends.sim.parts.mcp3008:Mcp3008",
    "ws2812": "cpcompat.backends.sim.parts.ws2812:Ws2812",
    "gps": "cpcompat.backends.sim.parts.gps:Gps",
}
"""The built-in parts: name in a circuit file → module and class."""
