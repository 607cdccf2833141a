"""The web workflow of a running supervisor, as its settings turn it on, off, or to another address."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from cpcompat.errors import CpcompatError
from cpcompat.workflows.web.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.supervisor.process.loop import Supervisor
    from cpcompat.workflows.web.plan import Plan

ORDER = "web"
"""The order at the control socket; with ``look`` it changes nothing."""


class Switch:
    """Holds the web workflow of one supervisor, or none.

    Args:
        supervisor: Who runs the board.
        plan: How it is to be at first, None for not at all.
        again: Reads the settings again, given the present plan.
        told: Told the URL by which the board's network finds it, when it does.

    Raises:
        CpcompatError: It cannot listen there.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        plan: Plan | None,
        again: Callable[[Plan | None], Plan | None],
        told: Callable[[str], None] | None = None,
    ) -> None:
        self._up = supervisor
        self._plan = plan
        self._again = again
        self._told = told
        self._leaving: set[asyncio.Task[None]] = set()
        self.service = None if plan is None else self._serve(plan)
        supervisor.orders[ORDER] = self._obey

    def _obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Take up the settings as they are now; answer with the address, empty when it is off."""
        if order.get("look") is not True:
            try:
                self._turn(self._again(self._plan))
            except CpcompatError as error:
                return {"error": "; ".join([str(error), *error.__notes__])}
        said = {"done": ORDER, "address": ""}
        if self.service is None:
            return said
        return {**said, "address": self.service.address, **self.service.naming}

    def _serve(self, plan: Plan) -> Service:
        return Service(self._up, plan, self._leaving, self._told)

    def _turn(self, plan: Plan | None) -> None:
        if plan == self._plan:
            return
        before, self._plan = self._plan, plan
        self._hang_up()
        if plan is None:
            return
        try:
            self.service = self._serve(plan)
        except CpcompatError:
            self._plan = before
            if before is not None:
                self.service = self._serve(before)
            raise

    def _hang_up(self) -> None:
        """Free the address at once; who is connected is told by and by."""
        if self.service is not None:
            self.service.hang_up()
            task = asyncio.create_task(self.service.close())
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
            self.service = None

    async def close(self) -> None:
        """End it."""
        del self._up.orders[ORDER]
        self._hang_up()
        await asyncio.gather(*self._leaving)
