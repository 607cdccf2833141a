import time

import microcontroller

print("runs after", microcontroller.cpu.reset_reason)
while True:
    time.sleep(1)
