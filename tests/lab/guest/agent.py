"""The guest's agent: takes one job from the host, and ends the machine when it has ended.

Files travel by Arm semihosting (https://github.com/ARM-software/abi-aa/blob/main/semihosting/semihosting.rst):
an instruction, HLT 0xF000, asks QEMU to open, read or write a file in QEMU's working directory. Neither a
network nor a disk is needed.
"""

from __future__ import annotations

import ctypes
import io
import mmap
import os
import select
import struct
import subprocess
import tarfile
import time
from pathlib import Path

_OPEN, _CLOSE, _WRITE, _READ, _LENGTH, _TIME, _EXIT = 0x01, 0x02, 0x05, 0x06, 0x0C, 0x11, 0x20
_MODES = {"rb": 1, "wb": 5}
_STOPPED = 0x20026  # ADP_Stopped_ApplicationExit
_CHUNK = 1 << 20
_HLT_THEN_RETURN = struct.pack("<II", 0xD45E0000, 0xD65F03C0)
_JOB = "/job"


class Host:
    """The host's files, as QEMU reaches them."""

    def __init__(self) -> None:
        self._code = mmap.mmap(
            -1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        )
        self._code.write(_HLT_THEN_RETURN)
        entry = ctypes.addressof(ctypes.c_char.from_buffer(self._code))
        self._trap = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long, ctypes.c_void_p)(entry)
        # Filled, so that its pages are there: QEMU does not wait for the kernel to bring one.
        self._buffer = ctypes.create_string_buffer(b"\0" * _CHUNK, _CHUNK)
        self._arguments = (ctypes.c_uint64 * 4)()

    def _call(self, operation: int, *arguments: int) -> int:
        for index, argument in enumerate(arguments):
            self._arguments[index] = argument
        return int(self._trap(operation, ctypes.addressof(self._arguments)))

    def open(self, name: str, mode: str) -> int:
        """Return a handle of a file, or -1."""
        raw = name.encode()
        ctypes.memmove(self._buffer, raw + b"\0", len(raw) + 1)
        return self._call(_OPEN, ctypes.addressof(self._buffer), _MODES[mode], len(raw))

    def close(self, handle: int) -> None:
        """Close a file."""
        self._call(_CLOSE, handle)

    def read(self, name: str) -> bytes | None:
        """Return a file's content, or None where there is none."""
        handle = self.open(name, "rb")
        if handle < 0:
            return None
        left, parts = self._call(_LENGTH, handle), []
        while left > 0:
            wanted = min(left, _CHUNK)
            address = ctypes.addressof(self._buffer)
            got = wanted - self._call(_READ, handle, address, wanted)
            if got <= 0:
                break
            parts.append(self._buffer.raw[:got])
            left -= got
        self.close(handle)
        return b"".join(parts)

    def write(self, handle: int, data: bytes) -> None:
        """Append to an open file."""
        view = memoryview(data)
        while view:
            count = min(len(view), _CHUNK)
            ctypes.memmove(self._buffer, view[:count].tobytes(), count)
            count -= self._call(_WRITE, handle, ctypes.addressof(self._buffer), count)
            view = view[count:]

    def put(self, name: str, data: bytes) -> None:
        """Write a whole file."""
        handle = self.open(name, "wb")
        self.write(handle, data)
        self.close(handle)

    def time_s(self) -> int:
        """Return the host's seconds since 1970."""
        return self._call(_TIME)

    def power_off(self, status: int) -> None:
        """End the machine."""
        self._call(_EXIT, _STOPPED, status)


def run_job(host: Host) -> int:
    """Run the host's job and return its exit status."""
    time.clock_settime(time.CLOCK_REALTIME, host.time_s())
    bundle = host.read("job.tar")
    if bundle:
        with tarfile.open(fileobj=io.BytesIO(bundle)) as files:
            files.extractall(_JOB, filter="fully_trusted")
    with subprocess.Popen(
        ["/bin/bash", "-c", (host.read("job.sh") or b"").decode()],
        cwd=_JOB,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        _pass_on(host, command)
        status = command.wait()
    _give_back(host, (host.read("get.txt") or b"").decode().split("\n"))
    return status if status >= 0 else 128 - status


def _pass_on(host: Host, command: subprocess.Popen[bytes]) -> None:
    assert command.stdout is not None and command.stderr is not None
    ways = {
        command.stdout.fileno(): host.open("stdout", "wb"),
        command.stderr.fileno(): host.open("stderr", "wb"),
    }
    while ways:
        for descriptor in select.select(list(ways), [], [])[0]:
            data = os.read(descriptor, 65536)
            if data:
                host.write(ways[descriptor], data)
            else:
                host.close(ways.pop(descriptor))


def _give_back(host: Host, wanted: list[str]) -> None:
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w") as files:
        for name in wanted:
            path = Path(_JOB, name)
            if name and path.exists():
                files.add(path, arcname=name.lstrip("/"))
    host.put("back.tar", bundle.getvalue())


def main() -> None:
    """Say that the machine is up, wait for the job, and end with it."""
    host = Host()
    time.sleep(1)  # the machine comes to rest: its snapshot is taken now
    host.put("ready", b"ready")
    while (handle := host.open("go", "rb")) < 0:
        pass  # not asleep: QEMU cannot always go on from a snapshot of a machine that waits
    host.close(handle)
    status = run_job(host)
    # Where this file is missing, the machine went down by itself.
    host.put("status", str(status).encode())
    host.power_off(status)


if __name__ == "__main__":
    main()
