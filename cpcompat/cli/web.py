"""``cpcompat web`` and what ``cpcompat run`` needs of it: the web workflow's password and address."""

from __future__ import annotations

import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpcompat.supervisor.process.loop import Supervisor
    from cpcompat.workflows.web.plan import Plan

_LENGTH = 16


def planned(drive: Path, given: str | None) -> Plan | None:
    """Return how the web workflow of a drive is to run, or None when nobody wants it.

    Args:
        drive: The drive.
        given: ``--web`` of the command line.

    Raises:
        CpcompatError: See `cpcompat.workflows.web.plan.plan`.
    """
    from cpcompat.storage.drive.names import SETTINGS_NAME
    from cpcompat.supervisor.process import configuration
    from cpcompat.workflows.web.plan import plan

    settings = drive / SETTINGS_NAME
    text = settings.read_bytes() if settings.is_file() else b""
    return plan(text, configuration.read(drive).web, given, new_password)


def new_password() -> str:
    """Return a password that nobody guesses, of letters that no client stumbles over."""
    from cpcompat.workflows.web.plan import LETTERS

    return "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))


@asynccontextmanager
async def beside(supervisor: Supervisor, plan: Plan | None) -> AsyncIterator[None]:
    """Run the web workflow beside a supervisor, where it is wanted.

    Raises:
        CpcompatError: It cannot listen there.
    """
    if plan is None:
        yield
        return
    from cpcompat.workflows.web.plan import CLEAR_TEXT
    from cpcompat.workflows.web.service import Service

    service = Service(supervisor, plan)
    password = f" with the password {plan.password}" if plan.made else ""
    print(f"cpcompat: the web workflow is at {service.address}{password}", file=sys.stderr)
    if not plan.is_local and not plan.certificate:
        print(f"  {CLEAR_TEXT}", file=sys.stderr)
    try:
        yield
    finally:
        await service.close()
