"""The kernel shim: hardware of a Raspberry Pi, emulated where programs call the kernel."""
