# The LED blinks five times.
import time

import board
import digitalio

led = digitalio.DigitalInOut(board.LED)
led.direction = digitalio.Direction.OUTPUT

for count in range(1, 6):
    led.value = True
    time.sleep(0.2)
    led.value = False
    time.sleep(0.3)
    print("blink", count)
