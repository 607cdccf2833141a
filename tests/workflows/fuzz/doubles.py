"""Boards whose server has one known bug each, so that it shows whether the tests would find it.

``python doubles.py BUG run DRIVE …`` is ``cpcompat run DRIVE …`` with the bug; «none» plants nothing.
Whatever the bug, an fsync on the event loop's thread is told on standard error.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import sys
import threading
import traceback
from base64 import b64decode
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable

FSYNC_IN_LOOP = "fsync on the event loop's thread"


def _dots_are_looked_for_before_decoding() -> None:
    from cpcompat.workflows.files import beneath, paths

    beneath.RESOLVE = 0  # the kernel would refuse what is decoded too late

    strict = paths.place

    def place(raw: str) -> paths.Place:
        try:
            return strict(raw)
        except paths.BadPathError:
            names = tuple(name for name in unquote(raw).split("/") if name)
            if ".." in raw or ".." not in names:
                raise
            return paths.Place(names, raw.endswith("/"))

    paths.place = place


def _links_are_followed() -> None:
    from cpcompat.workflows.files import beneath, jail

    beneath.RESOLVE = 0
    jail._FOLDER &= ~os.O_NOFOLLOW
    jail._FILE &= ~os.O_NOFOLLOW


def _an_upload_is_written_in_place() -> None:
    from cpcompat.workflows.files import jail
    from cpcompat.workflows.files.incoming import Incoming

    class InPlace(Incoming):
        """Writes where readers look."""

        def __init__(
            self, folder: int, name: str, before: os.stat_result | None, writing: threading.Lock
        ) -> None:
            super().__init__(folder, name, before, writing)
            os.close(self._file)
            os.unlink(self._part, dir_fd=folder)
            self._part = ""
            self._is_new = before is None
            self._file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, dir_fd=folder)

        def finish(self, modified_ns: int | None) -> bool:
            self.discard()
            return self._is_new

    jail.Incoming = InPlace  # type: ignore[attr-defined]


def _any_page_may_open_the_console() -> None:
    from cpcompat.workflows.web.server import Server

    strict = Server._check_origin

    def check(self: Server, request: Any) -> None:
        if "Upgrade" not in request.headers:
            strict(self, request)

    Server._check_origin = check  # type: ignore[method-assign]


def _the_beginning_of_the_password_will_do() -> None:
    from cpcompat.workflows.web.gate import Password

    strict = Password.fits

    def fits(self: Password, header: str, address: str, now_s: float) -> bool:
        try:
            given = b64decode(header.partition(" ")[2].encode(), validate=False)[1:]
        except ValueError:
            return strict(self, header, address, now_s)
        whole = b64decode(self._expected)[1:]
        if given and hmac.compare_digest(given, whole[: len(given)]):
            return True
        return strict(self, header, address, now_s)

    Password.fits = fits  # type: ignore[method-assign]


def _guesses_are_free() -> None:
    from cpcompat.workflows.web.gate import Password

    def wait_s(self: Password, address: str, now_s: float) -> float:
        return 0.0

    Password.wait_s = wait_s  # type: ignore[method-assign]


def _a_move_needs_no_password() -> None:
    from cpcompat.workflows.web.server import Server

    strict = Server._check_password

    def check(self: Server, request: Any) -> None:
        if request.method != "MOVE":
            strict(self, request)

    Server._check_password = check  # type: ignore[method-assign]


def _a_pipe_is_waited_for() -> None:
    from cpcompat.workflows.files import jail

    jail._FILE &= ~os.O_NONBLOCK


def _any_name_is_ours() -> None:
    from cpcompat.workflows.web.gate import Names

    Names.is_ours = lambda self, host, address: True  # type: ignore[method-assign]


def _the_disk_is_waited_for_in_the_loop() -> None:
    from cpcompat.workflows.web.site import Site

    async def do(self: Site, function: Any, *words: Any, **named: Any) -> Any:
        return function(*words, **named)

    Site.do = do  # type: ignore[method-assign]


BUGS: dict[str, Callable[[], None]] = {
    "none": lambda: None,
    "decoded dots": _dots_are_looked_for_before_decoding,
    "links": _links_are_followed,
    "upload in place": _an_upload_is_written_in_place,
    "any page": _any_page_may_open_the_console,
    "half a password": _the_beginning_of_the_password_will_do,
    "free guesses": _guesses_are_free,
    "open move": _a_move_needs_no_password,
    "waits for a pipe": _a_pipe_is_waited_for,
    "any name": _any_name_is_ours,
    "fsync in the loop": _the_disk_is_waited_for_in_the_loop,
}


def _watch(name: str) -> None:
    """Tell when a call that waits for the disk is made where an event loop runs."""
    call = getattr(os, name)

    def watched(*words: Any) -> Any:
        if asyncio._get_running_loop() is not None:
            caller = " < ".join(frame.name for frame in traceback.extract_stack(limit=7)[-2::-1])
            print(f"{FSYNC_IN_LOOP}: {name} < {caller}", file=sys.stderr, flush=True)
        return call(*words)

    setattr(os, name, watched)


def main() -> int:
    """Run the command with a bug; returns its exit status."""
    from cpcompat import cli

    for name in ("fsync", "fdatasync", "sync"):
        _watch(name)
    BUGS[sys.argv[1]]()
    return cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
