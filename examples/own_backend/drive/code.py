# Drives a pin of the microcontroller and reads the one that is wired to it.
import board
import digitalio

led = digitalio.DigitalInOut(board.LED)
led.switch_to_output(False)
seen = digitalio.DigitalInOut(board.D21)

for level in (True, False, True):
    led.value = level
    print("driven", level, "read", seen.value)
