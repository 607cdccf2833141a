"""The watchdog as programs see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cpcompat import hal, microcontroller, watchdog
from cpcompat.hal.cells import Cells
from cpcompat.hal.host import NoHost
from tests.fakes.cells import ListCells
from tests.fakes.refusing import refuses

pytestmark = [pytest.mark.feature("watchdog"), pytest.mark.simulated]


class Above(NoHost):
    """A supervisor that only counts."""

    def __init__(self) -> None:
        super().__init__()
        self.fed = 0
        self.memory = ListCells(16)

    def feed(self) -> None:
        """See `Host.feed`."""
        self.fed += 1

    def cells(self, name: str) -> Cells | None:
        """See `Host.cells`."""
        return self.memory


@pytest.fixture
def above() -> Iterator[Above]:
    """A supervisor above this process."""
    host = Above()
    hal.set_host(host)
    yield host
    hal.set_host(None)


def timer() -> watchdog.WatchDogTimer:
    """Return the one timer."""
    assert microcontroller.watchdog is not None
    return microcontroller.watchdog


def test_a_program_by_itself_has_neither_watchdog_nor_nvm() -> None:
    """As on boards without them."""
    hal.set_host(NoHost())
    assert microcontroller.watchdog is None
    assert microcontroller.nvm is None
    hal.set_host(None)


def test_what_a_watchdog_raises_is_an_exception_without_words() -> None:
    """As upstream prints it."""
    assert watchdog.WatchDogTimeout().args == ()
    assert issubclass(watchdog.WatchDogTimeout, Exception)


def test_there_is_one_timer_and_one_memory(above: Above) -> None:
    """The same objects each time."""
    assert timer() is timer()
    assert microcontroller.nvm is microcontroller.nvm
    assert microcontroller.nvm is not None
    microcontroller.nvm[0] = 7
    assert above.memory.content[0] == 7


def test_the_mode_reaches_the_supervisor_with_the_timeout(above: Above) -> None:
    """And a new timeout does, while it is on."""
    timer().timeout = 2.5
    assert above.get("watchdog") is None
    timer().mode = watchdog.WatchDogMode.RESET
    assert above.get("watchdog") == {"mode": "RESET", "timeout_s": 2.5}
    assert timer().mode is watchdog.WatchDogMode.RESET
    timer().timeout = 1
    assert above.get("watchdog") == {"mode": "RESET", "timeout_s": 1.0}
    timer().mode = None
    assert above.get("watchdog") is None
    assert timer().mode is None
    assert timer().timeout == 1.0


def test_feeding_reaches_the_supervisor_only_while_it_is_on(above: Above) -> None:
    """Setting the timeout feeds, too."""
    timer().feed()
    assert above.fed == 0
    timer().timeout = 5
    timer().mode = watchdog.WatchDogMode.RAISE
    fed = above.fed
    timer().feed()
    assert above.fed == fed + 1
    timer().timeout = 6
    assert above.fed == fed + 2


def test_each_mistake_is_told_in_upstream_s_words(above: Above) -> None:
    """Range, kind and order."""
    with refuses(ValueError, "timeout must be >= 0"):
        timer().timeout = -1
    with refuses(TypeError, "mode must be of type WatchDogMode, not int"):
        timer().mode = 1  # type: ignore[assignment]
    with refuses(ValueError, "timeout must be >= 0"):
        timer().mode = watchdog.WatchDogMode.RAISE
    with pytest.raises(TypeError):
        watchdog.WatchDogTimer()
    assert issubclass(watchdog.WatchDogTimeout, Exception)
    assert repr(watchdog.WatchDogMode.RAISE) == "watchdog.WatchDogMode.RAISE"
