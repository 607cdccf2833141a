"""What the kernel's error numbers mean, and how to get out of it.

One table a kind of hardware; what it lacks is looked up in `GENERAL`. A cure that depends on the
computer is made when the error happens, from the same facts and words as ``cpcompat doctor``.
"""

from __future__ import annotations

import errno
import os

from cpcompat.hal.errors import Fault, HalError

TYPE_CHECKING = False  # not typing's: that import costs more than this package
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cpcompat.backends.linux.facts import Facts

    Cure = str | Callable[[str], str | None] | None
    Rows = Mapping[int, tuple[Fault, Cure]]


def permission(path: str) -> str | None:
    """Return why this process may not use a node, and the commands that change it."""
    from cpcompat.backends.linux import cures

    facts = this_computer()
    node = facts.nodes.get(path)
    if node is None:
        from cpcompat.backends.linux.facts import ThisComputer

        node = ThisComputer().node(path)
    if node is None:
        return None
    if facts.container and node.usable:
        return f"{path} is here and this container may not use it. {handed_over(path)}"
    why, steps = cures.permission(node, facts)
    return sentences(f"{why[:1].upper()}{why[1:]}.", *steps)


def absent(path: str) -> str | None:
    """Return what to do about a node that is not there."""
    if path.startswith("/dev/") and this_computer().container:
        return f"This is a container, and {path} was not handed to it. {handed_over(path)}"
    return "«cpcompat doctor» tells what is here of this board, and how the rest is switched on."


def handed_over(path: str) -> str:
    """Return how a container gets a node."""
    return f"Start it with the node: «docker run --device {path} …»."


def too_many(path: str) -> str:
    """Return what to do about a process that has too many files open."""
    return "This process has too many files open. Close some, or allow more: «ulimit -n 4096»."


GENERAL: Rows = {
    errno.EACCES: (Fault.DENIED, permission),
    errno.EPERM: (Fault.DENIED, permission),
    errno.ENOENT: (Fault.ABSENT, absent),
    errno.ENXIO: (Fault.ABSENT, absent),
    errno.ENODEV: (Fault.ABSENT, absent),
    errno.EBUSY: (Fault.BUSY, None),
    errno.EINVAL: (Fault.UNSUPPORTED, None),
    errno.ENOTTY: (Fault.UNSUPPORTED, None),
    errno.EOPNOTSUPP: (Fault.UNSUPPORTED, None),
    errno.ETIMEDOUT: (Fault.TIMEOUT, None),
    errno.EMFILE: (Fault.BROKEN, too_many),
}


def hal_error(
    error: OSError, where: str, path: str = "", rows: Rows | None = None, cure: str | None = None
) -> HalError:
    """Return the fault that an error of the kernel is.

    Args:
        error: The error.
        where: Which piece of hardware, as a user would name it: ``"i2c1"``, ``"D17"``.
        path: The node or file, for cures that depend on it.
        rows: What the numbers mean for this kind of hardware, before `GENERAL`.
        cure: The way out, where the caller knows better than the table.

    Returns:
        The fault, with the error as its cause.
    """
    number = error.errno or errno.EIO
    fault, way_out = (
        (rows or {}).get(number) or GENERAL.get(number) or (Fault.BROKEN, unknown(number))
    )
    if cure is None and way_out is not None:
        cure = way_out if isinstance(way_out, str) else way_out(path)
    made = HalError(fault, where, cure)
    made.__cause__ = error
    return made


def unknown(number: int) -> str:
    """Return what there is to say of a number that no table has."""
    return f"The kernel says {errno.errorcode.get(number, number)}: {os.strerror(number)}."


def sentences(*parts: str) -> str:
    """Join remarks and commands into one text; a command is what does not end in a full stop."""
    return " ".join(part if part.endswith(".") else f"«{part}»." for part in parts)


def this_computer() -> Facts:
    """Return what there is to know of this computer; it takes some milliseconds."""
    from cpcompat.backends.linux import facts

    return facts.read(facts.ThisComputer())
