"""FAT12, FAT16 and FAT32 with long names, read and written, for media that programs bring.

Loaded when a program makes the first `cpcompat.storage.VfsFat` of its own.
Source: Microsoft's «FAT: General Overview of On-Disk Format», 1.03.

Every change is written in an order that leaves a sound file system wherever the power is cut: what
is new is complete before anything points to it, and what is old is let go only when nothing does.
At worst some clusters belong to nobody, which ``fsck.vfat`` gives back.
"""
