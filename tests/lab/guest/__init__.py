"""What is inside the emulated Raspberry Pi."""
