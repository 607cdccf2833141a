"""``cpcompat web``, and what ``cpcompat run`` needs of it: the web workflow's password and address."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cpcompat.errors import CpcompatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cpcompat.supervisor.process.configuration import WebTable
    from cpcompat.supervisor.process.loop import Supervisor
    from cpcompat.workflows.web.plan import Plan

_LENGTH = 16
_ANY = "0.0.0.0"
_NAMING_S, _LOOK_S = 5.0, 0.2
"""How long a name on the network is waited for, and how often one looks."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "web",
        help="turn the web workflow on or off",
        description="Turn the web workflow of a drive on or off, or say how it is.",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="on|off|status", required=True)
    for name, about, function in (
        ("on", "serve the drive on the network; makes a password where there is none", _on),
        ("off", "serve it no more; the password is put aside as a comment", _off),
        ("status", "say whether it is on, and where", _status),
    ):
        verb = verbs.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        verb.add_argument("drive", nargs="?", default=".", metavar="DRIVE", help="the drive")
        verb.set_defaults(run=function)
        if name == "on":
            verb.add_argument(
                "--listen",
                metavar="[HOST:]PORT",
                help="the address (default: all of this computer's, port 8080)",
            )


# What the command does.


def _on(arguments: argparse.Namespace) -> int:
    from cpcompat.storage.drive.place import checked
    from cpcompat.supervisor.process import configuration
    from cpcompat.workflows.web import plan, turning

    drive = checked(arguments.drive)
    text = _read(_settings(drive))
    turned = turning.turned_on(text, new_password)
    table = configuration.read(drive).web
    table = table._replace(listen=_listen(arguments.listen, table, turned.text))
    planned = plan.plan(
        turned.text, table, None, new_password
    )  # refuses a password that is too easy
    rows = _read(drive / configuration.NAME).decode()
    _write(_settings(drive), text, turned.text)
    _write(
        drive / configuration.NAME, rows.encode(), turning.listening(rows, table.listen).encode()
    )
    if turned.made:
        print(f"The password is {turned.password}, with no user name; it is in settings.toml.")
    assert planned is not None
    print(f"The web workflow is at {_address(planned)}")
    if not planned.is_local and not planned.certificate:
        print(plan.CLEAR_TEXT)
    return _tell(drive)


def _off(arguments: argparse.Namespace) -> int:
    from cpcompat.storage.drive.place import checked
    from cpcompat.supervisor.process import configuration
    from cpcompat.workflows.web import plan, turning

    drive = checked(arguments.drive)
    listen = configuration.read(drive).web.listen
    if listen and not plan.is_loopback(plan.place(listen)[0]):
        rows = _read(drive / configuration.NAME).decode()
        made = turning.listening(rows, None)
        _write(drive / configuration.NAME, rows.encode(), made.encode())
    text = _read(_settings(drive))
    _write(_settings(drive), text, turning.turned_off(text))
    print("The web workflow is off. Its password stays in settings.toml, as a comment.")
    return _tell(drive)


def _status(arguments: argparse.Namespace) -> int:
    from cpcompat.storage.drive.place import checked

    drive = checked(arguments.drive)
    planned = _planned(drive, None, new_password)
    print("The settings turn the web workflow " + ("off." if planned is None else "on:"))
    if planned is not None:
        print(f"  {_address(planned)}")
    said = _asked(drive, look=True)
    if said is None:
        print("The drive is not running.")
    elif said["address"]:
        print(f"The running supervisor listens at {said['address']}")
        _print_naming(said)
    else:
        print("The running supervisor does not listen.")
    return 0


def _settings(drive: Path) -> Path:
    from cpcompat.storage.drive.names import SETTINGS_NAME

    return drive / SETTINGS_NAME


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _write(path: Path, before: bytes, data: bytes) -> None:
    """Write what has changed, where the name leads to."""
    from cpcompat.durable import write_durably

    if data == before:
        return
    try:
        write_durably(path.resolve(), data)
    except OSError as error:
        raise CpcompatError(
            f"{path.name} cannot be written: {error.strerror}", f"It is {path}."
        ) from error


def _listen(given: str | None, table: WebTable, text: bytes) -> str:
    """Return where to listen from now on."""
    from cpcompat.workflows.web import plan

    if given is not None:
        host, port = plan.place(given)
        host = host if ":" in given else _ANY
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if table.listen and not plan.is_loopback(plan.place(table.listen)[0]):
        return table.listen
    port = plan.place(table.listen)[1] if table.listen else plan.port(text)
    return f"{_ANY}:{port}"


def _address(planned: Plan) -> str:
    """Return the URL at which people find it."""
    from cpcompat.workflows.web.service import ANYWHERE, own_address

    host = own_address() if planned.host in ANYWHERE else planned.host
    shown = f"[{host}]" if ":" in host else host
    return f"{planned.scheme}://{shown}:{planned.port}/"


def _tell(drive: Path) -> int:
    """Have a running supervisor take it up; return the exit status."""
    try:
        said = _asked(drive, look=False)
    except CpcompatError as error:
        print(f"cpcompat: {error}", file=sys.stderr)
        print("  It takes effect when the drive is started again.", file=sys.stderr)
        return 1
    if said is None:
        print(f"It takes effect with «cpcompat run {drive}».")
    elif said["address"]:
        print(f"The running supervisor listens at {said['address']} now.")
        _print_naming(_named(drive, said))
    else:
        print("The running supervisor listens no more.")
    return 0


def _named(drive: Path, said: dict[str, Any]) -> dict[str, Any]:
    """Wait a little for the name on the network; return what the supervisor says then."""
    end_s = time.monotonic() + _NAMING_S
    now: dict[str, Any] | None = said
    while now is not None and now.get("coming") and time.monotonic() < end_s:
        time.sleep(_LOOK_S)
        said, now = now, _asked(drive, look=True)
    return said if now is None else now


def _print_naming(said: dict[str, Any]) -> None:
    """Print the name on the network, only if it is announced; else why it is not."""
    if said.get("named"):
        print(f"Its network finds it at {said['named']}")
    elif said.get("trouble"):
        print(said["trouble"][0].upper() + said["trouble"][1:])
    elif said.get("coming"):
        print("Its network has no name for it yet.")


def _asked(drive: Path, *, look: bool) -> dict[str, Any] | None:
    """Ask a running supervisor; return None where none runs."""
    from cpcompat.cli import control
    from cpcompat.workflows.web.switch import ORDER

    return control.ask_if_running(str(drive), {"order": ORDER, "look": look})


# What `cpcompat run` needs.


def planned(drive: Path, given: str | None) -> Plan | None:
    """Return how the web workflow of a drive is to run, or None when nobody wants it.

    Args:
        drive: The drive.
        given: ``--web`` of the command line.

    Raises:
        CpcompatError: See `cpcompat.workflows.web.plan.plan`; or it is not installed.
    """
    return _planned(drive, given, new_password)


def _planned(drive: Path, given: str | None, make: Callable[[], str]) -> Plan | None:
    from importlib.util import find_spec

    from cpcompat.supervisor.process import configuration
    from cpcompat.workflows.web import service
    from cpcompat.workflows.web.plan import plan

    found = plan(_read(_settings(drive)), configuration.read(drive).web, given, make)
    if found is not None and find_spec(service.NEEDED) is None:
        raise CpcompatError("the web workflow is not installed", service.MISSING)
    return found


def new_password() -> str:
    """Return a password that nobody guesses, of letters that no client stumbles over."""
    from cpcompat.workflows.web.plan import LETTERS

    return "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))


@asynccontextmanager
async def beside(
    supervisor: Supervisor, plan: Plan | None, given: str | None
) -> AsyncIterator[None]:
    """Run the web workflow beside a supervisor, where it is wanted.

    Args:
        supervisor: The supervisor.
        plan: How it is to run at first, or None.
        given: ``--web`` of the command line.

    Raises:
        CpcompatError: It cannot listen there.
    """
    from cpcompat.workflows.web.plan import CLEAR_TEXT
    from cpcompat.workflows.web.switch import Switch

    def again(before: Plan | None) -> Plan | None:
        made = before.password if before is not None and before.made else ""
        return _planned(supervisor.options.drive, given, lambda: made or new_password())

    def told(url: str) -> None:
        print(f"cpcompat: its network finds the web workflow at {url}", file=sys.stderr)

    switch = Switch(supervisor, plan, again, told)
    if plan is not None and switch.service is not None:
        password = f" with the password {plan.password}" if plan.made else ""
        address = switch.service.address
        print(f"cpcompat: the web workflow is at {address}{password}", file=sys.stderr)
        if not plan.is_local and not plan.certificate:
            print(f"  {CLEAR_TEXT}", file=sys.stderr)
    try:
        yield
    finally:
        await switch.close()
