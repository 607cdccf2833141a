r"""For tests of drivers and programs without hardware: a pytest plugin with a simulated board.

pytest finds the plugin by itself; it does nothing unless a test asks for one of its fixtures::

    def test_the_driver_reads_the_temperature(circuit, circuit_file):
        circuit_file('[[i2c]]\npart = "bme280"\ntemperature = 23.5')
        import board
        from adafruit_bme280 import basic

        assert abs(basic.Adafruit_BME280_I2C(board.I2C()).temperature - 23.5) < 0.1

See `cpcompat.testing.plugin` for the fixtures.
"""

from __future__ import annotations
