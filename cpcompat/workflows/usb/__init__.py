"""The USB workflow: the drive as a USB drive, by the kernel's gadget."""
