# Draws on a small display: a frame, a cross and a bar that grows.
import time

import adafruit_ssd1306
import board

WIDTH = 128
HEIGHT = 64

display = adafruit_ssd1306.SSD1306_I2C(WIDTH, HEIGHT, board.I2C())

display.fill(0)
display.rect(0, 0, WIDTH, HEIGHT, 1)
display.line(4, 4, 44, 44, 1)
display.line(44, 4, 4, 44, 1)
display.show()

for percent in range(0, 101, 25):
    display.fill_rect(4, 52, percent * (WIDTH - 8) // 100, 8, 1)
    display.show()
    print("bar at", percent, "%")
    time.sleep(0.1)
