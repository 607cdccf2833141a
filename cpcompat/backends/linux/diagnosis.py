"""Decides from the facts of a computer what works on a board, what does not, and what cures it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.backends.linux import cures
from cpcompat.backends.linux.pad_registers import NODES
from cpcompat.hal.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cpcompat.backends.linux.facts import Facts, Node
    from cpcompat.backends.linux.line_names import Chip
    from cpcompat.board.definition import BoardDefinition
    from cpcompat.hal.finding import Level

OLDEST_KERNEL = (5, 10)
"""The first with the second version of the GPIO interface."""
_OURS = "cpcompat"


def diagnose(board: BoardDefinition, facts: Facts) -> list[Finding]:
    """Return what there is to say of a board on this computer, GPIO first.

    Args:
        board: The board; its table for this backend says which hardware it means.
        facts: The computer.
    """
    return [
        *_kernel(facts),
        *_lines(board, facts),
        *_i2c(board, facts),
        *_spi(board, facts),
        *_uart(board, facts),
        *_other_buses(board, facts),
        *_pwm(board, facts),
        *_supply(facts),
    ]


def _kernel(facts: Facts) -> Iterator[Finding]:
    if version(facts.kernel) < OLDEST_KERNEL:
        need = ".".join(map(str, OLDEST_KERNEL))
        yield Finding(
            "broken",
            "kernel",
            f"Linux {facts.kernel} lacks the GPIO interface that came with {need}",
            ("sudo apt update && sudo apt full-upgrade", cures.REBOOT),
        )


def version(release: str) -> tuple[int, int]:
    """Return the first two numbers of a kernel's release: ``"6.12.25+rpt"`` is (6, 12)."""
    numbers = [
        int("".join(filter(str.isdigit, part)) or 0)
        for part in release.partition("-")[0].partition("+")[0].split(".")
    ]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else (numbers[0], 0)


def _lines(board: BoardDefinition, facts: Facts) -> Iterator[Finding]:
    labels: Sequence[str] = board.for_backend.get("gpiochips", ())
    chip = next((chip for chip in facts.chips if chip.label in labels), None)
    if chip is None:
        yield _no_chip(labels, facts)
    elif chip.fault:
        yield _faulty(chip)
    else:
        count = len(board.names and {pin.id for pin in board.names.values() if pin.id >= 0})
        yield Finding("ok", "GPIO", f"{count} pins on {chip.label} at {chip.path}")
        yield from _held(board, chip)
        yield from _registers(board, facts)


def _no_chip(labels: Sequence[str], facts: Facts) -> Finding:
    wanted = " or ".join(labels)
    if not facts.chips:
        if facts.container:
            return Finding(
                "broken",
                "GPIO",
                "there is no GPIO chip in this container",
                ("docker run --device /dev/gpiochip0 …",),
            )
        return Finding(
            "broken",
            "GPIO",
            f"the kernel offers no GPIO chip; the board's is {wanted}",
            ("Is it this board? «cpcompat boards» lists the others, which --board takes.",),
        )
    denied = [chip for chip in facts.chips if chip.fault in ("EACCES", "EPERM")]
    if denied:
        said, cure = cures.permission(_node_of(denied[0], facts), facts)
        return Finding("broken", "GPIO", said, cure)
    found = ", ".join(f"{chip.label or chip.fault} at {chip.path}" for chip in facts.chips)
    return Finding(
        "broken",
        "GPIO",
        f"no GPIO chip is called {wanted}; there is {found}",
        ("Is it this board? «cpcompat boards» lists the others, which --board takes.",),
    )


def _node_of(chip: Chip, facts: Facts) -> Node:
    return facts.nodes[chip.path]


def _faulty(chip: Chip) -> Finding:
    return Finding(
        "broken",
        "GPIO",
        f"{chip.path} does not describe its lines ({chip.fault}): the kernel is too old, or built"
        " without the GPIO character device's second version",
        ("sudo apt update && sudo apt full-upgrade", cures.REBOOT),
    )


def _held(board: BoardDefinition, chip: Chip) -> Iterator[Finding]:
    """Tell which of the board's pins somebody holds; the kernel's chip selects are no news."""
    held: dict[str, list[str]] = {}
    selects = {pin.id for bus in board.spi for pin in bus.chip_selects}
    for pin in {id(pin): pin for pin in board.names.values()}.values():
        if not 0 <= pin.id < len(chip.lines) or not chip.lines[pin.id].used:
            continue
        holder = chip.lines[pin.id].holder or "somebody"
        if not (pin.id in selects and holder.startswith("spi")):
            held.setdefault(holder, []).append(pin.label)
    for holder, pins in held.items():
        cure: tuple[str, ...] = (f"sudo fuser -v {chip.path}",)
        if holder.startswith(_OURS):
            cure = ("Another program of cpcompat runs; end it, or use other pins.",)
        yield Finding("note", "GPIO", f"{', '.join(pins)} in use by «{holder}»", cure)


def _registers(board: BoardDefinition, facts: Facts) -> Iterator[Finding]:
    """Say why the web page cannot tell the levels of lines that nobody holds."""
    path = NODES.get(board.for_backend.get("registers", ""))
    node = facts.nodes.get(path) if path else None
    if path is None or (node is not None and node.usable):
        return
    if node is None:
        why, cure = f"this kernel has no {path}", cures.NO_REGISTERS
    else:
        why, cure = cures.permission(node, facts)
    yield Finding("note", "levels", f"the web page has none of unused pins: {why}", cure)


def _i2c(board: BoardDefinition, facts: Facts) -> Iterator[Finding]:
    for bus in board.i2c[:1]:
        node = facts.nodes.get(f"/dev/i2c-{bus.bus}")
        yield _bus("i2c", bus.bus, [node] if node else [], board, facts)


def _spi(board: BoardDefinition, facts: Facts) -> Iterator[Finding]:
    for bus in board.spi[:1]:
        yield _bus("spi", bus.bus, _spi_nodes(bus.bus, facts), board, facts)


def _spi_nodes(bus: int, facts: Facts) -> list[Node]:
    return [node for path, node in facts.nodes.items() if path.startswith(f"/dev/spidev{bus}.")]


def _bus(
    kind: str, number: int, nodes: list[Node], board: BoardDefinition, facts: Facts
) -> Finding:
    topic = f"{kind.upper()} {number}"
    if not nodes:
        return Finding("off", topic, "switched off", cures.bus_off(kind, number, board, facts))
    refused = next((node for node in nodes if not node.usable), None)
    if refused is not None:
        said, cure = cures.permission(refused, facts)
        return Finding("broken", topic, said, cure)
    return Finding("ok", topic, ", ".join(node.path for node in nodes))


def _uart(board: BoardDefinition, facts: Facts) -> Iterator[Finding]:
    for port in board.uart[:1]:
        aliases = board.for_backend.get("uart", {}).get(str(port.port), ())
        known = [facts.ports[alias] for alias in aliases if alias in facts.ports]
        ours = next((found for found in known if not found.bluetooth), None)
        topic = f"UART {port.port}"
        if ours is None and known:
            yield Finding(
                "off",
                topic,
                "the only serial port that is on belongs to Bluetooth",
                cures.bus_off("uart", port.port, board, facts),
            )
            continue
        node = facts.nodes.get(f"/dev/{ours.tty}") if ours and ours.tty else None
        yield _bus("uart", port.port, [node] if node else [], board, facts)
        if ours and node and {ours.tty, *aliases} & set(facts.consoles):
            said = f"the system's console is on it ({ours.tty}): what it prints comes between"
            yield Finding("note", topic, said, cures.console_on(facts))


def _other_buses(board: BoardDefinition, facts: Facts) -> Iterator[Finding]:
    """Tell of the buses besides the usual ones: those that are on, and how to have the others."""
    off = []
    for bus in board.i2c[1:]:
        node = facts.nodes.get(f"/dev/i2c-{bus.bus}")
        if node:
            yield _bus("i2c", bus.bus, [node], board, facts)
        else:
            off.append(("i2c", bus.bus))
    for spi in board.spi[1:]:
        nodes = _spi_nodes(spi.bus, facts)
        if nodes:
            yield _bus("spi", spi.bus, nodes, board, facts)
        else:
            off.append(("spi", spi.bus))
    if off:
        names = ", ".join(f"{kind.upper()} {number}" for kind, number in off)
        kind, number = off[-1]
        cure = cures.bus_off(kind, number, board, facts)
        example = (
            cure if facts.container else (f"For {kind.upper()} {number}: {cure[0]}", *cure[1:])
        )
        yield Finding("off", "more buses", f"{names} are switched off", example)


def _pwm(board: BoardDefinition, facts: Facts) -> Iterator[Finding]:
    rows = board.for_backend.get("pwm", {})
    controllers = sorted({row["controller"] for row in rows.values()})
    for controller in controllers:
        node = facts.pwm.get(controller)
        if node is None:
            cure = cures.modulator_off(board, facts)
            yield Finding("off", "PWM", f"switched off: no controller {controller}", cure)
        elif not node.usable:
            said, cure = cures.permission(node, facts)
            yield Finding("broken", "PWM", said, cure)
        else:
            pins = ", ".join(pin.label for pin in board.pwm)
            yield Finding("ok", "PWM", f"controller {controller}; it can be on {pins}")


def _supply(facts: Facts) -> Iterator[Finding]:
    if facts.supply_low is not None:
        said = "the firmware reports under-voltage" if facts.supply_low else "no under-voltage"
        cure = ("Take a stronger power supply, or a shorter and thicker cable.",)
        level: Level = "broken" if facts.supply_low else "ok"
        yield Finding(level, "power", said, cure if facts.supply_low else ())
