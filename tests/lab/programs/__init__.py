"""Programs that tests run inside the emulated Raspberry Pi."""
