"""Parts for the contract tests, each as simple as its port allows."""

from __future__ import annotations

from cpcompat.backends.sim.part import Channel, I2cPart, PixelPart, SpiPart, UartPart


class Registers(I2cPart):
    """256 registers; the first byte of a write points at one. STOP makes register 255 count up."""

    addresses = (0x50,)

    def __init__(self) -> None:
        super().__init__()
        self._bytes = bytearray(256)
        self._pointer = 0

    def write(self, data: bytes) -> int:
        """Point, then store."""
        if data:
            self._pointer = data[0]
        for value in data[1:]:
            self._bytes[self._pointer] = value
            self._pointer = self._pointer + 1 & 0xFF
        return len(data)

    def read(self, length: int) -> bytes:
        """Return the registers from the pointer on."""
        data = bytes(self._bytes[(self._pointer + i) & 0xFF] for i in range(length))
        self._pointer = self._pointer + length & 0xFF
        return data

    def stop(self) -> None:
        """Count."""
        self._bytes[255] = self._bytes[255] + 1 & 0xFF


class ShortMemory(I2cPart):
    """Takes two bytes of a write and refuses the third."""

    addresses = (0x51,)

    def write(self, data: bytes) -> int:
        """Acknowledge two at most."""
        return min(len(data), 2)

    def read(self, length: int) -> bytes:
        """Return nothing but ones."""
        return b"\xff" * length


class Inverter(SpiPart):
    """Answers each byte with its complement."""

    modes = (0, 3)
    max_hz = 20_000_000

    def exchange(self, data: bytes) -> bytes:
        """Invert."""
        return bytes(value ^ 0xFF for value in data)


class Echo(UartPart):
    """Sends back what it hears, at 9600 baud."""

    baudrate = 9600

    def receive(self, data: bytes) -> None:
        """Send it back."""
        self.site.send(data)


class Pixels(PixelPart):
    """Keeps what it was sent last."""

    seen = Channel("", about="in hexadecimal digits")

    def receive(self, data: bytes) -> None:
        """Keep it."""
        self.seen = data.hex()
