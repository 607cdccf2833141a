"""The USB drive beside a running supervisor: looks, asks what is next, and does it."""

from __future__ import annotations

import asyncio
import errno
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from cpcompat.protocol import Fact
from cpcompat.storage.drive.place import state_folder
from cpcompat.supervisor.process import inotify, wording
from cpcompat.supervisor.process.states import State
from cpcompat.workflows.usb import sharing
from cpcompat.workflows.usb.cable import Cable
from cpcompat.workflows.usb.folder import Folder
from cpcompat.workflows.usb.image import Image
from cpcompat.workflows.usb.merging import merge
from cpcompat.workflows.usb.sharing import Sight, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.supervisor.process.loop import Supervisor
    from cpcompat.workflows.usb.slot import DriveSlot

_T = TypeVar("_T")
_log = logging.getLogger(__name__)
TICK_S = 1.0
"""How often the kernel is asked whether a connected host has ejected the medium: it tells nobody."""
SETTLE_S = 0.5
"""How long the host must have been quiet for its files to be whole."""
CALM_S = 3.0
"""How long folder and host must have been quiet for a change of the medium under the host's eyes."""
ASK_AGAIN_S = 10.0
"""How long to wait after the host would not give the medium back."""
PATIENCE_S = 10.0
"""How long a boot, or the end, waits for the drive to come back."""
_ATTEMPTS = 5
"""How often an image that is not sound is read anew before it counts as damaged."""
_UNSOUND = frozenset({errno.EIO, errno.ENODEV, errno.EINVAL})
"""What reading an image says that is none, or not whole."""
_BOOTED = frozenset({State.CODE, State.REPL, State.SAFE, State.WAITING, State.SLEEPING})


class Service:
    """Gives the host the drive, and brings back what it writes.

    Args:
        supervisor: Who runs the board.
        slot: Where the medium goes.
        serial: The file system's serial number.
    """

    def __init__(self, supervisor: Supervisor, slot: DriveSlot, serial: int) -> None:
        self._up = supervisor
        self._slot = slot
        self._serial = serial
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(1, "usb")
        self._folder = Folder(supervisor.options.drive)
        self._image = Image(state_folder(supervisor.options.drive) / "usb")
        self._booted = False
        self._cable = Cable(slot, self._wake)
        is_in = bool(slot.medium)
        # One that was killed, or a power cut, may have left what the host had written.
        left = is_in or self._image.touched
        self._sight = Sight(is_in=is_in, writable=is_in, written=left, stale=True)
        self._failures = 0
        self._host_wrote_at = self._folder_changed_at = self._ask_at = 0.0
        self._news = asyncio.Event()
        self._rests = asyncio.Event()
        self._seen = inotify.Inotify()
        self._loop.add_reader(self._seen.fileno(), self._image_written)
        supervisor.facts.has_usb_drive()
        supervisor.listeners.append(self._state_changed)
        keeper = supervisor.stages.drive
        keeper.changed.append(self._folder_changed)
        keeper.asked.append(self._wake)
        keeper.taking_back.append(self._before_boot)
        self._deeds = {
            Step.FORCE_OUT: self._force_out,
            Step.ASK_BACK: self._ask_back,
            Step.TAKE_OVER: self._take_over,
            Step.PROJECT: self._project,
            Step.PUT_IN: self._put_in,
        }
        self._watch_image()
        self._task = asyncio.create_task(self._run())

    async def ready(self) -> None:
        """Wait until what an earlier supervisor has left is in the folder."""
        if self._sight.is_in or self._sight.written:
            await self._at_rest()

    async def close(self) -> None:
        """Take the drive back for good."""
        await self._before_boot()
        self._task.cancel()
        self._loop.remove_reader(self._seen.fileno())
        self._seen.close()
        self._cable.close()
        await asyncio.to_thread(self._threads.shutdown)
        self._folder.close()

    # What happens.

    def _state_changed(self) -> None:
        if not self._booted and self._up.state in _BOOTED:
            self._booted = True
            self._wake()

    def _folder_changed(self) -> None:
        self._folder_changed_at = self._loop.time()
        self._sight = self._sight._replace(stale=True)
        self._wake()

    def _image_written(self) -> None:
        if self._seen.read() and self._sight.is_in and self._sight.writable:
            self._host_wrote_at = self._loop.time()
            self._sight = self._sight._replace(written=True)
            self._wake()

    async def _before_boot(self) -> None:
        """Take the drive back: what boots is a board that nobody is plugged into yet."""
        self._booted = False
        self._sight = self._sight._replace(ejected=False)
        await self._at_rest()

    async def _at_rest(self) -> None:
        self._rests.clear()
        self._wake()
        try:
            await asyncio.wait_for(self._rests.wait(), PATIENCE_S)
        except TimeoutError:
            _log.warning("the USB drive does not come to rest; the board goes on without it")

    def _wake(self) -> None:
        self._news.set()

    # What is the case.

    def _look(self) -> Sight:
        """Return what is the case now, and tell programs of it."""
        self._cable.look()
        sight, now = self._sight, self._loop.time()
        is_in = bool(self._slot.medium)
        if sight.is_in and not is_in:
            sight = sight._replace(ejected=True, written=sight.written or sight.writable)
        if self._cable.plugged_anew:
            self._cable.plugged_anew, sight = False, sight._replace(ejected=False)
        settled = now - self._host_wrote_at >= SETTLE_S
        self._sight = sight._replace(
            offered=self._booted and self._up.facts.get("usb_drive_enabled") is True,
            host_writes=self._up.facts.host_writable,
            is_in=is_in,
            settled=settled,
            calm=now
            >= max(self._host_wrote_at + CALM_S, self._folder_changed_at + CALM_S, self._ask_at),
        )
        self._tell()
        return self._sight

    def _tell(self) -> None:
        connected = self._booted and self._cable.connected
        held = sharing.holds(self._sight, connected=self._cable.connected)
        fact = {"connected": connected, "held": held}
        if self._up.facts.get("usb_drive") != fact:
            self._up.facts.set("usb_drive", fact)
            if self._up.program is not None:
                self._up.program.send(Fact("usb_drive", fact))

    # What is done.

    async def _run(self) -> None:
        while True:
            step = sharing.next_step(self._look())
            if step is Step.NOTHING:
                self._rests.set()
                told = self._cable.tells and not self._cable.connected
                await self._wait(None if told and not sharing.bides(self._sight) else TICK_S)
                continue
            try:
                await self._deeds[step]()
                self._failures = 0
            except OSError as error:
                await self._failed(step, error)

    async def _wait(self, most_s: float | None) -> None:
        """Wait for news, or for the time to look at what tells nobody."""
        self._news.clear()
        if self._sight.written and most_s is not None:
            settled_at = self._host_wrote_at + SETTLE_S
            most_s = min(most_s, max(0.01, settled_at - self._loop.time()))
        try:
            await asyncio.wait_for(self._news.wait(), most_s)
        except TimeoutError:
            return

    async def _failed(self, step: Step, error: OSError) -> None:
        """Say what went wrong, once, and wait longer each time before it is tried again."""
        self._failures += 1
        _log.warning("the USB drive: cannot %s: %s", step.value, error)
        damaged = step is Step.TAKE_OVER and error.errno in _UNSOUND
        if self._failures == 1 and not damaged:
            self._up.console.say(wording.usb_drive_fails(str(error)))
        if damaged and self._failures >= _ATTEMPTS and not self._sight.is_in:
            kept = self._image.put_aside()
            self._up.console.say(wording.usb_drive_damaged(str(kept)))
            self._sight = self._sight._replace(written=False, stale=True)
            return
        self._host_wrote_at = self._loop.time() if damaged else self._host_wrote_at
        await self._wait(min(SETTLE_S * 2**self._failures, PATIENCE_S))

    async def _force_out(self) -> None:
        await self._in_thread(self._slot.force_out)
        written = self._sight.written or self._sight.writable
        self._sight = self._sight._replace(is_in=False, written=written)

    async def _ask_back(self) -> None:
        if not await self._in_thread(self._is_stale):
            self._sight = self._sight._replace(stale=False)
        elif await self._in_thread(self._slot.ask_back):
            self._sight = self._sight._replace(is_in=False)
        else:
            self._ask_at = self._loop.time() + ASK_AGAIN_S

    def _is_stale(self) -> bool:
        return self._image.path is None or self._folder.listing() != self._image.listing

    async def _take_over(self) -> None:
        self._sight = self._sight._replace(written=False)
        with self._up.quiet.hold():
            try:
                await self._in_thread(self._take_what_is_there)
            except OSError:
                self._sight = self._sight._replace(written=True)
                raise

    def _take_what_is_there(self) -> None:
        if self._image.path is None:
            return
        content = self._image.read()
        try:
            plan = merge(self._image.listing, content.listing, self._folder.whole_listing())
            if plan:
                self._folder.take(plan, content)
            if content.listing != self._image.listing:
                self._image.same(content.listing)
        finally:
            content.close()

    async def _project(self) -> None:
        self._sight = self._sight._replace(stale=False)
        label = str(self._up.facts.get("drive_label"))
        try:
            await self._in_thread(self._make_image, label)
        except OSError:
            self._sight = self._sight._replace(stale=True)
            raise
        self._watch_image()

    def _make_image(self, label: str) -> None:
        if self._is_stale():
            self._image.make(self._folder, label, self._serial)

    def _watch_image(self) -> None:
        if self._image.path is not None:
            self._seen.watch(bytes(self._image.path), inotify.IN_MODIFY)

    async def _put_in(self) -> None:
        path, writable = self._image.path, self._sight.host_writes
        if path is None:
            self._sight = self._sight._replace(stale=True)
            return
        await self._in_thread(lambda: self._slot.put_in(path, writable=writable))
        self._sight = self._sight._replace(is_in=True, writable=writable)

    async def _in_thread(self, function: Callable[..., _T], *words: object) -> _T:
        return await self._loop.run_in_executor(self._threads, function, *words)
