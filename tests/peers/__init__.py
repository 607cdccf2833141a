"""Other libraries, unmodified, on the kernel shim beside cpcompat."""
