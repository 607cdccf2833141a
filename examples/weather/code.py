# Reads a BME280 weather sensor with Adafruit's driver, once a second, and blinks the LED.
import time

import board
import digitalio
from adafruit_bme280 import basic as adafruit_bme280

led = digitalio.DigitalInOut(board.LED)
led.switch_to_output()

i2c = board.I2C()
sensor = adafruit_bme280.Adafruit_BME280_I2C(i2c)
sensor.sea_level_pressure = 1013.25

for _ in range(10):
    led.value = True
    print(
        f"{sensor.temperature:5.1f} °C {sensor.relative_humidity:5.1f} %"
        f" {sensor.pressure:7.1f} hPa {sensor.altitude:6.1f} m"
    )
    led.value = False
    time.sleep(1)
