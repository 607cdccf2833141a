# Reads what hangs on the emulated Pi's I2C bus with Adafruit's drivers; a line of JSON for each part.
import json
import time

import adafruit_24lc32
import adafruit_ds1307
import adafruit_lsm303dlh_mag
import adafruit_pct2075
import adafruit_tca9548a
import board

i2c = board.I2C()


def say(part, value):
    print(json.dumps({part: value}))


while not i2c.try_lock():
    pass
say("scan", i2c.scan())
i2c.unlock()

thermometer = adafruit_pct2075.PCT2075(i2c, address=0x48)
say("thermometer", thermometer.temperature)
thermometer.high_temperature_threshold = 35.5
say("threshold", thermometer.high_temperature_threshold)

clock = adafruit_ds1307.DS1307(i2c)
clock.datetime = time.struct_time((2031, 2, 3, 4, 5, 6, 0, -1, -1))
time.sleep(2.5)
now = clock.datetime
say("clock", [now.tm_year, now.tm_mon, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec])

eeprom = adafruit_24lc32.EEPROM_I2C(i2c, address=0x57)
eeprom[100:104] = b"abcd"
say("eeprom", [len(eeprom), bytes(eeprom[99:105]).hex()])

magnetometer = adafruit_lsm303dlh_mag.LSM303DLH_Mag(i2c)
say("magnetometer", list(magnetometer.magnetic))

# QEMU's multiplexer lets everything pass: the channel shows what is on the bus itself.
mux = adafruit_tca9548a.PCA9546A(i2c)
behind = adafruit_pct2075.PCT2075(mux[2], address=0x49)
say("mux", behind.temperature)
