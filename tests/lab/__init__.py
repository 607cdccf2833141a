"""The emulated Raspberry Pi: a real kernel with a Pi 3B's drivers, in QEMU, for tests."""
