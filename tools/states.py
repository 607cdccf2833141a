"""Draws the supervisor's table of decisions as a page: a state diagram, and every rule in words."""

from __future__ import annotations

from pathlib import Path

from cpcompat.supervisor.process.machine import TABLE, State, When

_HEAD = """# What the supervisor decides

Made by `make docs` from the table in `cpcompat/supervisor/process/machine.py`. For one state and
event the first rule whose condition holds is taken.

```mermaid
stateDiagram-v2
"""


def make(root: Path) -> str:
    """Return the page."""
    text = _HEAD
    for state in State:
        text += f'    state "{state.value}" as {state.name}\n'
    for rule in TABLE:
        when = "" if rule.when is When.ALWAYS else f" [{rule.when.value}]"
        event = rule.event.value.replace(":", "")
        text += f"    {rule.state.name} --> {rule.then.name}: {event}{when}\n"
    text += "```\n\n| state | event | if | then | do |\n|---|---|---|---|---|\n"
    for rule in TABLE:
        deeds = ", ".join(action.value for action in rule.actions)
        text += (
            f"| {rule.state.value} | {rule.event.value} | {rule.when.value} "
            f"| {rule.then.value} | {deeds} |\n"
        )
    return text
