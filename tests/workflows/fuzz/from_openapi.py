"""What schemathesis makes of docs/openapi.yaml, sent to a board by its owner and by strangers.

A schema knows what a path looks like, not what is on the drive: names that are, and ways out, are
given to it as a dictionary. It knows that a password is needed, not what is nearly one, nor that
there are other hosts and pages: these are ways to come, and each request is sent in each of them.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import hypothesis
import requests
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from requests.adapters import HTTPAdapter
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.openapi import from_path
from schemathesis.specs.openapi import checks

from tests.workflows.conftest import basic
from tests.workflows.fuzz.prober import (
    BASE,
    ESCAPED,
    GUESSED,
    HANG_S,
    HUNG,
    SECRET,
    UNASKED,
    Prober,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Operation = APIOperation[Any, Any, Any, Any]
Response = Any
SPECIFICATION = Path(__file__).parents[3] / "docs" / "openapi.yaml"
KNOWN = (
    *("code.py", "lib", "leak", "out", "out/outside.txt", "pipe", "lib/a.py"),
    *("../outside.txt", "lib/../../outside.txt", ".."),
)
"""What there is on a drive, and ways out of it; each takes the place of a path that was made up."""
_CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
_PLACE = "a-known-name"
_FREE = 5
"""Wrong passwords of one address that are answered at once."""
_addresses = itertools.count(1)


class Way(NamedTuple):
    """A way in which somebody comes who must not be let in.

    Attributes:
        password: What is said to be the password, None for nothing.
        headers: What is sent besides.
        refused: The statuses with which everything is refused; none if only what needs the password is.
        times: How often the same is sent, one after the other.
    """

    password: str | None
    headers: dict[str, str]
    refused: tuple[int, ...] = ()
    times: int = 1


def ways(password: str) -> list[Way]:
    """Return the ways in which strangers come, who may know the password or nearly."""
    evil = {"Origin": "https://evil.example"}
    return [
        Way(None, {}),
        *(Way(wrong, {}) for wrong in (password[:-1], password[:4], password + "x", "")),
        Way("a guess", {}, times=_FREE + 1),
        Way(password, {"Host": "evil.example"}, (400, 421)),
        Way(password, evil, (400, 403)),
        Way(password, {**evil, "Upgrade": "websocket", "Connection": "Upgrade"}, (400, 403)),
    ]


def operations() -> list[Operation]:
    """Return what the file has, each a method of a path.

    Raises:
        ValueError: It is no OpenAPI.
    """
    found = []
    for one in from_path(SPECIFICATION).get_all_operations():
        if not isinstance(one, Ok):
            raise ValueError(str(one))
        found.append(one.ok())
    return found


def run(probe: Prober, examples: int, seed: int) -> None:
    """Send what the file allows, and what it does not, as the owner and as strangers do.

    Args:
        probe: Whom to ask.
        examples: How many requests for each operation and mode; the dictionary and the ways besides.
        seed: Draws them.

    Raises:
        AssertionError: A promise is broken, or an answer is not one that the file names.
    """
    probe.reset(BASE)
    # Strangers first: what friends make the board do goes on while others ask.
    for operation in operations():
        _strangers(probe, operation, examples, seed)
    with requests.Session() as session:
        for operation in operations():
            _friend(probe, session, operation, examples, seed)


def _strangers(probe: Prober, operation: Operation, examples: int, seed: int) -> None:
    all_ways = ways(probe.board.password)

    def send(case: Case[Any], way: Way) -> None:
        _comes(probe, case, way)

    def send_each(case: Case[Any], _: None) -> None:
        for way in all_ways:
            _comes(probe, case, way)

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        _drawn(send, operation, mode, st.sampled_from(all_ways), examples, seed)
    _drawn(send_each, operation, GenerationMode.POSITIVE, st.none(), 1, seed)


def _friend(
    probe: Prober, session: requests.Session, operation: Operation, examples: int, seed: int
) -> None:
    probe.reset(BASE)

    def send(case: Case[Any], _: None) -> None:
        _asks(probe, session, case)

    def send_each(case: Case[Any], _: None) -> None:
        for name in KNOWN:
            probe.reset(BASE)
            _asks(probe, session, case, name)

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        _drawn(send, operation, mode, st.none(), examples, seed)
    if "{" in operation.path:
        _drawn(send_each, operation, GenerationMode.POSITIVE, st.none(), 1, seed)


def _drawn(
    send: Callable[[Case[Any], Any], None],
    operation: Operation,
    mode: GenerationMode,
    more: st.SearchStrategy[Any],
    examples: int,
    seed: int,
) -> None:
    test = hypothesis.given(operation.as_strategy(generation_mode=mode), more)(send)
    settings = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        hypothesis.seed(seed)(settings(test))()
    except Unsatisfiable:
        # Where nothing can be given, nothing can be given wrongly.
        assert mode is GenerationMode.NEGATIVE, operation.path


def _comes(probe: Prober, case: Case[Any], way: Way) -> None:
    before = probe.tree()
    with requests.Session() as session:
        number = next(_addresses)
        source = f"127.{201 + number // 62500 % 50}.{number // 250 % 250}.{1 + number % 250}"
        session.mount("http://", _From(source))
        for _ in range(way.times):
            answer, told = _sent(probe, session, case, way.password, way.headers)
            probe.must(probe.tree() == before, f"{UNASKED}: {told}")
            if way.refused:
                probe.must(answer.status_code in way.refused, f"{UNASKED}: {told}")
            elif _needs_password(case):
                refused = answer.status_code in (400, 401, 405, 429)
                probe.must(refused, f"{UNASKED}: {answer.status_code}: {told}")
    if way.times > _FREE and _needs_password(case):
        slowed = answer.status_code in (400, 405, 429)
        probe.must(slowed, f"{GUESSED}: {answer.status_code}: {told}")


def _asks(probe: Prober, session: requests.Session, case: Case[Any], name: str = "") -> None:
    for key in case.path_parameters if name else ():
        case.path_parameters[key] = _PLACE
    _sent(probe, session, case, probe.board.password, {}, name)
    probe.is_jailed()


def _sent(
    probe: Prober,
    session: requests.Session,
    case: Case[Any],
    password: str | None,
    headers: dict[str, str],
    name: str = "",
) -> tuple[Response, str]:
    case.headers.pop("Authorization", None)
    login = {} if password is None else {"Authorization": basic(password)}
    who = f"{case.method} {case.operation.path} {name} by {headers or password!r}"
    told = f"{who}: {case.as_curl_command()}"
    probe.asked += 1
    try:
        answer = case.call(
            base_url=probe.board.url,
            session=session,
            timeout=1.2 * HANG_S,
            allow_redirects=False,
            auth=_AsIs({**login, **headers}, name),
        )
    except requests.Timeout as error:
        raise probe.breach(f"{HUNG}: {told}") from error
    probe.must(answer.elapsed <= HANG_S, f"{HUNG}: {told}")
    probe.must(SECRET.encode() not in answer.content, f"{ESCAPED}: {told}")
    case.validate_response(answer, checks=_CHECKS)
    return answer, told


def _needs_password(case: Case[Any]) -> bool:
    return bool(case.operation.definition.raw.get("security", True))


class _AsIs(requests.auth.AuthBase):
    """Has the last word on a request.

    schemathesis takes headers out that it thinks should be missing; it, requests and urllib3 make
    paths with dots in them shorter.

    Args:
        headers: What the request must have.
        name: What takes the place of `_PLACE` in the path, its dots as escapes.
    """

    def __init__(self, headers: dict[str, str], name: str) -> None:
        self._headers = headers
        self._name = quote(name).replace("..", "%2E%2E")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request as it is to be sent."""
        for key, value in self._headers.items():
            request.headers[key] = value
        request.url = (request.url or "").replace(_PLACE, self._name)
        return request


class _From(HTTPAdapter):
    """Connects from an address of the network 127, so that nobody else's guesses count."""

    def __init__(self, source: str) -> None:
        self._source = source
        super().__init__()

    def init_poolmanager(self, *words: Any, **named: Any) -> None:
        """See `HTTPAdapter`."""
        super().init_poolmanager(*words, source_address=(self._source, 0), **named)
