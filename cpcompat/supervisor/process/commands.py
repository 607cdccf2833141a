"""What people press on a page: run, stop, reload, reset, safe mode, identify; as the machine's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.errors import CpcompatError
from cpcompat.supervisor.process import light_patterns
from cpcompat.supervisor.process.machine import IDLE, RUNNING, Event, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.supervisor.process.board_view import BoardView
    from cpcompat.supervisor.process.loop import Supervisor

_STOPPABLE = frozenset({State.RESTARTING, State.SLEEPING})
_IN_SAFE_MODE = "In safe mode code.py does not run. Reset leaves it."


class Commands:
    """Does them.

    Args:
        supervisor: Who obeys.
        view: Knows which pins the program holds.
    """

    def __init__(self, supervisor: Supervisor, view: BoardView) -> None:
        self._up = supervisor
        self._view = view
        self._all: dict[str, Callable[[], None]] = {
            "run": self._run,
            "stop": self._stop,
            "reload": self._run,
            "reset": lambda: supervisor.hard_reset("RESET_PIN"),
            "safe-mode": lambda: supervisor.hard_reset("RESET_PIN", "USER"),
            "identify": self._identify,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """What there is."""
        return tuple(self._all)

    def obey(self, name: str) -> None:
        """Do one of them.

        Raises:
            CpcompatError: It cannot be done now; the message says why.
        """
        self._all[name]()

    def _run(self) -> None:
        """Run code.py from its beginning, whether it runs now, another does, or none."""
        up = self._up
        if up.memory.safe:
            raise CpcompatError(_IN_SAFE_MODE)
        up.facts.set("run_reason", "SUPERVISOR_RELOAD")
        up.post(Event.CTRL_D if up.state in IDLE else Event.RELOAD)

    def _stop(self) -> None:
        """Interrupt what runs, as Ctrl-C does; where nothing runs there is nothing to stop."""
        if self._up.state in RUNNING:
            self._up.interrupt()
        elif self._up.state in _STOPPABLE:
            self._up.post(Event.CTRL_C)

    def _identify(self) -> None:
        up, light = self._up, self._up.stages.light
        if not light.exists:
            raise CpcompatError(
                "This board has no status light. cpcompat.toml names one: [supervisor] status_led."
            )
        if not self._may_shine():
            raise CpcompatError("The program itself uses the status light's pin.")
        light.identify(
            self._may_shine, lambda: light.play(light_patterns.steps(up.state, up.memory))
        )

    def _may_shine(self) -> bool:
        pins = self._up.stages.light.pins
        return not pins or not {pin.name for pin in pins} & self._view.holders().keys()
