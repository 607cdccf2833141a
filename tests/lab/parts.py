"""What hangs on the emulated Pi's buses. A change here asks for a new snapshot: `make lab` sees to it.

Addresses are 7-bit. Bus 1 is the header's SDA and SCL. The parts are QEMU's, so are their properties:
``qemu-system-aarch64 -device NAME,help`` lists them.
"""

from __future__ import annotations

DEVICES = (
    "lsm303dlhc_mag,id=magnetometer,bus=i2c-bus.1,address=0x1e",
    "tmp105,id=thermometer,bus=i2c-bus.1,address=0x48",
    "tmp105,id=thermometer2,bus=i2c-bus.1,address=0x49",
    "tmp421,id=tmp421,bus=i2c-bus.1,address=0x4c",
    "emc1413,id=emc1413,bus=i2c-bus.1,address=0x4d",
    "at24c-eeprom,id=memory,bus=i2c-bus.1,address=0x50,rom-size=256,address-size=1",
    "at24c-eeprom,id=eeprom,bus=i2c-bus.1,address=0x57,rom-size=4096,address-size=2",
    "pca9552,id=leds,bus=i2c-bus.1,address=0x60",
    "ds1338,id=clock,bus=i2c-bus.1,address=0x68",
    "pca9546,id=mux,bus=i2c-bus.1,address=0x70",
    "w25q80,id=flash,bus=spi",
)

ADDRESSES = (0x1E, 0x48, 0x49, 0x4C, 0x4D, 0x50, 0x57, 0x60, 0x68, 0x70)
"""Who answers on bus 1, lowest first."""

FLASH_PIN, FLASH_SELECT = "/machine/peripheral/flash/ssi-gpio-cs[0]", 5
"""The flash memory's chip select, which QEMU leaves unconnected, and the GPIO that it is wired to."""
