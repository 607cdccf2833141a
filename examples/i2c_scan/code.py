# Prints the address of everything that answers on the I2C bus.
import board

i2c = board.I2C()

while not i2c.try_lock():
    pass
try:
    addresses = i2c.scan()
finally:
    i2c.unlock()

print("found", len(addresses), "devices")
for address in addresses:
    print(hex(address))
