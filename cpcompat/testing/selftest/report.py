"""What a self-test writes down, for docs/tried-boards.md. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cpcompat.board.definition import BoardDefinition
    from cpcompat.testing.selftest.bench import Check
    from cpcompat.testing.selftest.plan import Plan


def make(
    board: BoardDefinition, plan: Plan, checks: Iterable[Check], system: Mapping[str, str]
) -> dict[str, Any]:
    """Return the report, as JSON says it.

    It has nothing in it that tells one board of a kind from another, nor its user.

    Args:
        board: The board.
        plan: What was used.
        checks: What came of it.
        system: ``cpcompat``, ``day``, ``model``, ``kernel``, ``machine``, ``python``.
    """
    return {
        "board": board.id,
        "name": board.name,
        "backend": board.backend,
        **system,
        "loop": plan.loop and ":".join(pin.label for pin in plan.loop),
        "i2c": plan.i2c and plan.i2c.bus,
        "spi": plan.spi and plan.spi.bus,
        "uart": plan.uart and plan.uart.port,
        "checks": [check._asdict() for check in checks],
    }


def file_name(report: Mapping[str, Any]) -> str:
    """Return the name under which a report goes among the others."""
    words = (report["board"], report["kernel"], report["day"])
    text = "-".join(str(word) for word in words)
    kept = "".join(letter if letter.isalnum() or letter in "-._" else "_" for letter in text)
    return f"{kept}.json"
