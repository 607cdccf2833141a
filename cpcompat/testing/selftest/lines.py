"""Checks of lines: two pins that are wired together, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cpcompat.hal import Fault, HalError
from cpcompat.hal.gpio import Drive, Pull
from cpcompat.testing.selftest.bench import Bench, Refuted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpcompat.hal.pin import Pin


def _both_ways(bench: Bench) -> Iterator[tuple[Pin, Pin]]:
    one, other = bench.loop()
    yield one, other
    yield other, one


def the_two_pins_are_wired_together_and_follow_their_pulls(bench: Bench) -> str:
    """Up and down, either pin's pull, seen at both: nothing is driven for it."""
    fault = bench.fault_of_loop()
    if fault:
        raise Refuted(f"{fault}; nothing was driven")
    one, other = bench.loop()
    return f"{one.label} and {other.label}"


def an_output_drives_the_wire(bench: Bench) -> str:
    """Both levels, both ways, several times; read back at the output too."""
    for here, there in _both_ways(bench):
        with bench.line(here) as output, bench.line(there) as reading:
            bench.as_input(reading)
            bench.as_output(output, False)
            for value in (True, False, False, True, False):
                output.write(value)
                level = "high" if value else "low"
                bench.expect(reading, value, f"{here.label} drives {level}, {there.label}")
                bench.expect(output, value, f"{here.label} drives {level} and, read back,")
    return "both levels, both ways"


def an_output_wins_over_a_pull(bench: Bench) -> str:
    """A resistor gives way."""
    for here, there in _both_ways(bench):
        with bench.line(here) as output, bench.line(there) as reading:
            bench.as_output(output, False)
            for pull, value in ((Pull.UP, False), (Pull.DOWN, True)):
                bench.as_input(reading, pull)
                output.write(value)
                bench.expect(reading, value, f"{there.label} with a pull {pull.value}")
    return "pull up and pull down"


def an_output_with_an_open_drain_lets_go(bench: Bench) -> str:
    """Low is driven, high is the pull's."""
    for here, there in _both_ways(bench):
        with bench.line(here) as output, bench.line(there) as reading:
            bench.as_input(reading, Pull.UP)
            bench.as_output(output, True, Drive.OPEN_DRAIN)
            bench.expect(reading, True, f"{here.label} lets go, {there.label}")
            output.write(False)
            bench.expect(reading, False, f"{here.label} pulls low, {there.label}")
            output.write(True)
            bench.as_input(reading, Pull.DOWN)
            bench.expect(reading, False, f"{here.label} lets go of a wire that is pulled down, it")
    return "low is driven, high is let go"


def an_input_refuses_to_be_written(bench: Bench) -> str:
    """By the fault that programs know."""
    here, _ = bench.loop()
    with bench.line(here) as line:
        bench.as_input(line)
        try:
            line.write(True)
        except HalError as error:
            if error.fault is Fault.WRONG_DIRECTION:
                return "refused"
            raise
    raise Refuted("it took the value")


def a_closed_output_no_longer_drives(bench: Bench) -> str:
    """The wire follows the other pin's pull."""
    for here, there in _both_ways(bench):
        with bench.line(there) as reading:
            for value, pull in ((True, Pull.DOWN), (False, Pull.UP)):
                bench.as_input(reading, pull)
                with bench.line(here) as output:
                    bench.as_output(output, value)
                    bench.expect(reading, value, f"{here.label} drives, {there.label}")
                bench.expect(reading, not value, f"{here.label} is closed, {there.label}")
    return "both levels"


CHECKS = tuple(
    ("lines", check)
    for check in (
        the_two_pins_are_wired_together_and_follow_their_pulls,
        an_output_drives_the_wire,
        an_output_wins_over_a_pull,
        an_output_with_an_open_drain_lets_go,
        an_input_refuses_to_be_written,
        a_closed_output_no_longer_drives,
    )
)
