"""A supervised program's way to the kernel's nodes: the broker opens them and hands them over."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from functools import partial

from cpcompat.backends.linux import link_format as wire
from cpcompat.hal.errors import Fault, HalError
from cpcompat.hal.turns import Turns

_GONE = "The broker's process has ended. Reload: the supervisor starts it anew."


class BrokeredNodes:
    """See `cpcompat.backends.linux.nodes.Nodes`.

    Args:
        descriptor: The connection to the broker.
    """

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._turns = Turns()
        self._owner = os.getpid()
        self._question = 0
        self._numbers: dict[int, int] = {}

    def open(self, path: str, flags: int) -> int:
        """See `Nodes.open`."""
        _, (descriptor,) = self._ask(wire.OPEN, wire.NUMBER.pack(flags) + path.encode())
        return descriptor

    def lines(self, request: bytearray) -> int:
        """See `Nodes.lines`."""
        data, (descriptor,) = self._ask(wire.LINES, request)
        self._numbers[descriptor] = wire.NUMBER.unpack(data)[0]
        return descriptor

    def give_back(self, descriptor: int) -> None:
        """See `Nodes.give_back`: the broker closes its copy after this process's own."""
        number = self._numbers.pop(descriptor, 0)
        os.close(descriptor)
        if number and self.is_owner():
            with suppress(HalError):  # with the broker its copies have gone
                self._turns.after(partial(self._ask, wire.GIVE_BACK, wire.NUMBER.pack(number)))

    def line_info(self, offset: int) -> tuple[str, str, int]:
        """See `Nodes.line_info`."""
        data, _ = self._ask(wire.INFO, wire.NUMBER.pack(offset))
        name, holder = data[wire.FLAGS.size :].split(b"\0")
        return name.decode(), holder.decode(), wire.FLAGS.unpack_from(data)[0]

    def traffic(self) -> int | None:
        """See `Nodes.traffic`: the broker makes one."""
        try:
            _, (descriptor,) = self._ask(wire.TRAFFIC, b"")
        except (OSError, HalError):
            return None  # nobody sees the traffic; the program runs nevertheless
        return descriptor

    def is_owner(self) -> bool:
        """See `Nodes.is_owner`."""
        return os.getpid() == self._owner

    def _ask(self, what: bytes, arguments: bytes | bytearray) -> tuple[bytes, list[int]]:
        """Have the broker do something; return what it says and the descriptors with it."""
        if not self.is_owner():
            cure = "A forked process has no board; use it in its parent."
            raise HalError(Fault.GONE, "the board", cure)
        with self._turns:
            self._question = question = self._question % 0xFFFF_FFFF + 1
            try:
                self._socket.send(wire.ASK.pack(what, question) + arguments)
                data, descriptors = self._answer_to(question)
            except OSError as error:
                raise HalError(Fault.GONE, "the board", _GONE) from error
        result = wire.ANSWER.unpack_from(data)[1]
        rest = data[wire.ANSWER.size :]
        if result == wire.FAULT:
            raise _fault(rest)
        if result:
            raise OSError(result, os.strerror(result))
        return rest, descriptors

    def _answer_to(self, question: int) -> tuple[bytes, list[int]]:
        while True:
            data, descriptors, _, _ = socket.recv_fds(
                self._socket, wire.DATAGRAM, 1, socket.MSG_CMSG_CLOEXEC
            )
            if not data:
                raise ConnectionResetError
            if wire.ANSWER.unpack_from(data)[0] == question:
                return data, descriptors
            # An exception came into the question before; its answer is nobody's now.
            for descriptor in descriptors:
                os.close(descriptor)

    def close(self) -> None:
        """See `Nodes.close`."""
        self._socket.close()


def _fault(data: bytes) -> HalError:
    import json

    name, where, cure = json.loads(data)
    return HalError(Fault.named(name), where, cure)
