# A TMP102 thermometer, as the simulated board sees it.
# Source: Texas Instruments TMP102 data sheet, SBOS397: section 7.3.1 (12 bits of 0.0625 °C) and
# table 7-6 (the pointer; register 0 is the temperature).
from cpcompat.backends.sim.part import Channel, I2cPart


class Tmp102(I2cPart):
    about = "thermometer"
    addresses = (0x48, 0x49, 0x4A, 0x4B)

    temperature = Channel(25.0, low=-40, high=125, unit="°C")

    def __init__(self, alert_pin: str | None = None, limit: float = 80.0) -> None:
        super().__init__()
        self.alert_pin = alert_pin
        self.limit = limit
        self.pointer = 0

    def attach(self, site):
        super().attach(site)
        self.turned("temperature")

    def turned(self, channel):
        # ALERT is an open drain: low above the limit, afloat below.
        if self.alert_pin is not None:
            self.site.drive(self.alert_pin, False if self.temperature >= self.limit else None)

    def write(self, data):
        if data:
            self.pointer = data[0] & 3
        return len(data)

    def read(self, length):
        steps = round(self.temperature / 0.0625) if self.pointer == 0 else 0
        return (steps << 4 & 0xFFFF).to_bytes(2, "big").ljust(length, b"\xff")[:length]
