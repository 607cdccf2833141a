"""What usually answers at an I2C address: a guess, and worded as one. Pure.

Many parts share an address, and a program alone knows what is there. Source: Adafruit's list of I2C
addresses (learn.adafruit.com/i2c-addresses) and the parts' data sheets; the parts sold most.
"""

from __future__ import annotations

_USUAL = {
    0x18: "LIS3DH or MCP9808",
    0x19: "LIS3DH or LSM303",
    0x1E: "HMC5883L or LIS3MDL",
    0x20: "MCP23017 or PCF8574",
    0x23: "BH1750",
    0x27: "display behind a PCF8574",
    0x29: "VL53L0X or TSL2591",
    0x38: "AHT20 or FT6206",
    0x39: "APDS9960 or TSL2561",
    0x3C: "SSD1306 display",
    0x3D: "SSD1306 display",
    0x40: "INA219, HTU21D or PCA9685",
    0x44: "SHT31 or SHT4x",
    0x48: "ADS1115, TMP102 or LM75",
    0x49: "ADS1115 or AS7262",
    0x4A: "ADS1115 or BNO085",
    0x50: "24C32 memory",
    0x53: "ADXL345",
    0x57: "24C32 memory or MAX30102",
    0x58: "SGP30",
    0x5A: "MLX90614, MPR121 or CCS811",
    0x5C: "LPS22 or AM2320",
    0x60: "Si5351, MCP4725 or MPL3115A2",
    0x61: "SCD30",
    0x62: "SCD40",
    0x68: "DS3231, DS1307 or MPU6050",
    0x69: "MPU6050 or AMG8833",
    0x6A: "LSM6DS",
    0x6B: "LSM6DS",
    0x70: "HT16K33 or TCA9548A",
    0x76: "BME280 or BMP280",
    0x77: "BME280, BMP280 or BMP180",
}


def guess(address: int) -> str | None:
    """Return «often a …» for an address, or None where nothing is usual."""
    usual = _USUAL.get(address)
    return f"often a {usual}" if usual else None
