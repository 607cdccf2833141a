"""A block device in memory: what the driver of a memory card looks like to the file system."""

BLOCK = 512


class RamDisk:
    def __init__(self, blocks):
        self.data = bytearray(blocks * BLOCK)

    def readblocks(self, start, buffer):
        at = start * BLOCK
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, start, buffer):
        at = start * BLOCK
        self.data[at : at + len(buffer)] = buffer

    def ioctl(self, request, argument):
        return {4: len(self.data) // BLOCK, 5: BLOCK}.get(request)
