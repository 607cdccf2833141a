# Counts presses of the button; the LED shows them. Ends after the third.
import time

import board
import digitalio

button = digitalio.DigitalInOut(board.BUTTON)
button.switch_to_input(pull=digitalio.Pull.UP)
led = digitalio.DigitalInOut(board.LED)
led.switch_to_output()

presses = 0
was_pressed = False
while presses < 3 or was_pressed:
    pressed = not button.value
    if pressed and not was_pressed:
        presses += 1
        print("pressed", presses)
    led.value = pressed
    was_pressed = pressed
    time.sleep(0.01)
print("released for good")
