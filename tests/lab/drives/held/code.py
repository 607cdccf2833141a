# Drives pins as a robot would, and never lets them go.
import time

import board
import digitalio

pins = [digitalio.DigitalInOut(pin) for pin in (board.D17, board.D22)]
for pin in pins:
    pin.switch_to_output(value=True)
print("pins are driven")
while True:
    time.sleep(1)
