# Runs on a board of its own: boards/greenhouse.toml says what its pins are called.
import board
import digitalio
import pwmio

print(board.board_id, dir(board))

with digitalio.DigitalInOut(board.PUMP) as pump, pwmio.PWMOut(board.LAMP) as lamp:
    pump.switch_to_output(True)
    lamp.duty_cycle = 65535 // 4
    print("pump", pump.value, "lamp", lamp.duty_cycle)

i2c = board.I2C()
while not i2c.try_lock():
    pass
print("i2c at", i2c.scan())
i2c.unlock()
