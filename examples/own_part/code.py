# Reads a thermometer that no library knows, and that my_part.py simulates.
import board

i2c = board.I2C()
answer = bytearray(2)
while not i2c.try_lock():
    pass
i2c.writeto_then_readfrom(0x48, b"\x00", answer)
i2c.unlock()

steps = int.from_bytes(answer, "big") >> 4
if steps >= 0x800:
    steps -= 0x1000
print(f"{steps * 0.0625:.1f} °C")
