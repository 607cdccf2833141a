"""What atheris drives: bytes in, and an `AssertionError` where a promise breaks.

``python targets.py NAME [libFuzzer's options]`` fuzzes one of `TARGETS`, beginning with its `SEEDS`.
"""

from __future__ import annotations

import base64
import binascii
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[3]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))  # behind the installed package

if TYPE_CHECKING:
    from collections.abc import Callable

HANG_S = 1.0
PASSWORD = "Secret8080"

SEEDS: dict[str, list[bytes]] = {
    "path": [
        *(b"code.py", b"lib/", b"lib/../x", b"%2e%2e/x", b"%252e%252e", b"a%00b", b"%c0%ae%c0%ae/x"),
        *(b"a//b", b"%2fetc%2fpasswd", b"..\\x", b"%ff", b".cpcompat-0123456789abcdef.part", b"%"),
    ],
    "header": [
        b"127.0.0.1:8080\nhttp://127.0.0.1:8080\nBasic OlNlY3JldDgwODA=\n0.0.0.0:80",
        b"[::1]:80\nnull\nbasic  OlNlY3JldDgwODA=\n[::1]:8080",
        b"cpy-abcdef.local.\nhttps://cpy-abcdef.local\nBearer x\n8080",
        b"127.0.0.1@evil\nhttp://evil\nBasic OlNlY3JldDgw\n65536",
    ],
    "request": [
        b"GET /cp/version.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: x\r\n\r\n",
        b"PUT /fs/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx",
        b"PUT /fs/x HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        b"GET /cp/serial/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\r\n",
        b"OPTIONS /fs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n\r\n",
        b"MOVE /fs/a HTTP/1.1\r\nHost: circuitpython.local\r\nAuthorization: Basic Og==\r\n\r\n",
        b"GET /static/../jail.py HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    "let in": [
        b"GET /fs/code.py\n", b"GET /fs/%2e%2e/outside.txt\n", b"PUT /fs/a/b\n/fs/x", b"PUT /fs/a/\n",
        b"MOVE /fs/code.py\n/fs/../x", b"MOVE /fs/code.py\n/fs/b", b"DELETE /fs/out/outside.txt\n",
        b"GET /fs/leak\n", b"GET /cp/serial/\n", b"POST /cpcompat/command\n", b"GET /fs/out/\n",
    ],
}  # fmt: skip


def path(data: bytes) -> None:
    """A path is names that stay on the drive, or nothing; a model of it says the same."""
    from cpcompat.workflows.files import paths
    from tests.workflows.fuzz import model

    raw = "/" + data.decode("utf-8", "surrogateescape")
    expected = model.split(raw)
    for parse, text in ((paths.place, raw), (paths.destination, "/fs" + raw)):
        try:
            found = parse(text)
        except paths.BadPathError:
            parts = expected is not None and any(map(paths.is_part, expected[0]))
            assert expected is None or parts, (text, expected)
        else:
            assert expected == tuple(found), (text, expected, found)
            whole = "/drive/" + "/".join(found.names)
            assert os.path.normpath(whole) == whole.rstrip("/"), text


def header(data: bytes) -> None:
    """No header is a host, a page or a password of ours that is none."""
    from cpcompat.errors import CpcompatError
    from cpcompat.workflows.web import gate, plan

    fields = [*data.decode("utf-8", "surrogateescape").split("\n"), "", "", "", ""]
    host, page, login, listen = fields[:4]
    names = gate.Names("cpy-abcdef", (), ())
    name = gate.host_name(host)
    if name is not None and names.is_ours(name, "127.0.0.1"):
        ours = ("localhost", "127.0.0.1", "::1", "cpy-abcdef", "cpy-abcdef.local")
        assert name in ours and name in host.lower(), host
    if names.may_use(page, host):
        assert page.lower().partition("://")[2] == host.lower(), (page, host)
    if gate.Password(PASSWORD).fits(login, "127.0.0.1", 0.0):
        try:
            said = base64.b64decode(login.split(None, 1)[1].strip().encode(), validate=True)
        except binascii.Error as error:
            raise AssertionError(login) from error
        assert said == b":" + PASSWORD.encode(), login
    try:
        where, port = plan.place(listen)
    except CpcompatError:
        return
    assert where and 0 <= port < 65536, listen


def request(data: bytes) -> None:
    """Bytes of a stranger's change nothing, and tell nothing of what is outside."""
    _server().asked(data)


def let_in(data: bytes) -> None:
    """Nor do those of a friend's lead out: a method and a path, and where to move to."""
    line, _, target = data.partition(b"\n")
    word = base64.b64encode(b":" + PASSWORD.encode())
    _server().asked(
        line.replace(b"\r", b"") + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic " + word
        + b"\r\nContent-Length: 1\r\nX-Destination: "
        + target.replace(b"\r", b"").replace(b"\n", b"") + b"\r\n\r\nx",
        friend=True,
    )  # fmt: skip


_made: list[object] = []


def _server() -> MemoryServer:
    from tests.workflows.fuzz.memory_server import MemoryServer

    if not _made:
        _made.append(MemoryServer(PASSWORD))
    made = _made[0]
    assert isinstance(made, MemoryServer)
    return made


TARGETS: dict[str, Callable[[bytes], None]] = {
    "path": path,
    "header": header,
    "request": request,
    "let in": let_in,
}


def timed(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return a target for which more than a second is a broken promise as well.

    It is the processor's time that counts; who waits for ever is stopped by libFuzzer's ``-timeout``.
    """

    def run(data: bytes) -> None:
        began_s = time.process_time()
        target(data)
        assert time.process_time() - began_s <= HANG_S, data

    return run


def main() -> None:
    """Fuzz one of them."""
    import atheris

    name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["cpcompat.workflows.web"]):
        from cpcompat.workflows.files import paths  # noqa: F401
        from cpcompat.workflows.web import gate, plan, server  # noqa: F401
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[name]):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], *options, corpus], timed(TARGETS[name]))
        atheris.Fuzz()


if TYPE_CHECKING:
    from tests.workflows.fuzz.memory_server import MemoryServer

if __name__ == "__main__":
    main()
