# Two file systems of the program's own: a card in a file of the drive, and a disk in memory.
import os
import time

import ram_disk
import rtc
import storage

rtc.RTC().datetime = time.struct_time((2026, 1, 2, 3, 4, 6, 0, -1, -1))

if "card.img" not in os.listdir("/"):
    with open("/card.img", "wb") as image:
        image.truncate(1024 * 1024)
    storage.VfsFat.mkfs("/card.img")
    os.mkdir("/sd")
    os.mkdir("/ram")

storage.mount(storage.VfsFat("/card.img"), "/sd")
with open("/sd/started.log", "a") as log:
    print("started at", *time.localtime()[:6], file=log)
print("card:", os.listdir("/sd"), open("/sd/started.log").readline().strip())

disk = ram_disk.RamDisk(256)
storage.VfsFat.mkfs(disk)
storage.mount(storage.VfsFat(disk), "/ram", readonly=True)
try:
    open("/ram/new.txt", "w")
except OSError as error:
    print("disk:", error)
