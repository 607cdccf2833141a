"""docs/openapi.yaml says what the server does, and the server does what it says, whatever it is sent."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import pytest

from cpcompat.workflows.web import board, facts, server
from tests.workflows.fuzz import from_openapi
from tests.workflows.fuzz.doubles import FSYNC_IN_LOOP
from tests.workflows.fuzz.prober import probed
from tests.workflows.fuzz.test_stateful import double

if TYPE_CHECKING:
    from tests.workflows.conftest import WebBoard

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
EXAMPLES, SEED = 3, 20261124


def documented() -> dict[str, set[str]]:
    """Return the file's methods, by path; MOVE has a place of its own in it."""
    found: dict[str, set[str]] = {}
    for operation in from_openapi.operations():
        methods = found.setdefault(operation.path, set())
        methods.add(operation.method.upper())
        if "x-move" in operation.schema.raw_schema["paths"][operation.path]:
            methods.add("MOVE")
    return found


def example(path: str) -> str:
    """Return a path of which there is something on every drive."""
    return (
        path.replace("{folder}", "lib").replace("{file}", "code.py").replace("{name}", "index.html")
    )


@pytest.mark.parametrize("path", sorted(documented()))
def test_each_path_has_the_methods_that_the_file_names(shared_board: WebBoard, path: str) -> None:
    """The server tells them to who asks with another one."""
    answer = shared_board.asks("PATCH", example(path))
    assert answer.status == 405
    allowed = {one.strip() for one in answer.headers["Allow"].split(",")}
    # The top folder is there for ever: its other methods are refused with words of their own.
    assert allowed - ({"PUT", "DELETE", "MOVE"} if path == "/fs/" else set()) == documented()[path]


def test_no_path_is_missing_in_the_file() -> None:
    """Of the server's own lists."""
    names = {path.split("/")[1] for path in documented()}
    pages = {path.strip("/") for path in server._PAGES}
    assert names == {*pages, "static", *server._PROTECTED}
    assert below("/cp") == {*(f"/{name}" for name in facts.PAGES), "/serial/"}
    asked = re.findall(r'path == "([^"]+)"', inspect.getsource(board.Board.answer))
    assert below("/cpcompat") == set(asked)


def test_the_file_names_every_command(shared_board: WebBoard) -> None:
    """As the server itself lists them."""
    sent = {"Content-Type": "application/json"}
    listed = shared_board.asks("POST", "/cpcompat/command", sent, b"{}")
    (operation,) = [one for one in from_openapi.operations() if one.method == "post"]
    body = operation.definition.raw["requestBody"]["content"]["application/json"]
    names = body["schema"]["properties"]["command"]["enum"]
    assert listed.body.decode() == f"Commands: {', '.join(names)}.\n"


def below(folder: str) -> set[str]:
    """Return the file's paths below a folder, from there."""
    found = {path.removeprefix(folder) for path in documented() if path.startswith(folder + "/")}
    assert found
    return found


def test_whatever_is_made_of_the_file_is_answered_as_it_says() -> None:
    """With the password and without; what the file forbids is sent, too."""
    with probed(double("none")) as probe:
        from_openapi.run(probe, EXAMPLES, SEED)
        assert probe.asked > 500
        probe.is_well()
        assert FSYNC_IN_LOOP not in probe.board.log.read_text()
