"""What schemathesis makes of docs/openapi.yaml, sent to a board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import requests
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.openapi import from_path
from schemathesis.specs.openapi import checks

from tests.workflows.conftest import basic
from tests.workflows.fuzz.prober import ESCAPED, HANG_S, HUNG, SECRET, UNASKED, Prober

Operation = APIOperation[Any, Any, Any, Any]
SPECIFICATION = Path(__file__).parents[3] / "docs" / "openapi.yaml"
_CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
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
    """Send what the file allows, and what it does not, with the password and without.

    Args:
        probe: Whom to ask.
        examples: How many requests for each operation, mode and password.
        seed: Draws them.

    Raises:
        AssertionError: A promise is broken, or an answer is not one that the file names.
    """
    with requests.Session() as session:
        # Strangers first: what friends make the board do goes on while others ask.
        for knows in (False, True):
            for operation in operations():
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    _send(probe, session, operation, mode, knows, examples, seed)


def _send(
    probe: Prober,
    session: requests.Session,
    operation: Operation,
    mode: GenerationMode,
    knows: bool,
    examples: int,
    seed: int,
) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case[Any]) -> None:
        _one(probe, session, case, knows)

    try:
        send()
    except Unsatisfiable:
        # Where nothing can be given, nothing can be given wrongly.
        assert mode is GenerationMode.NEGATIVE, operation.path


def _one(probe: Prober, session: requests.Session, case: Case[Any], knows: bool) -> None:
    case.headers.pop("Authorization", None)
    before = None if knows else probe.tree()
    probe.asked += 1
    answer = case.call(
        base_url=probe.board.url,
        session=session,
        headers={"Authorization": basic(probe.board.password)} if knows else {},
        timeout=2 * HANG_S,
        allow_redirects=False,
    )
    told = case.as_curl_command()
    probe.must(answer.elapsed <= HANG_S, f"{HUNG}: {told}")
    probe.must(SECRET.encode() not in answer.content, f"{ESCAPED}: {told}")
    if before is not None:
        probe.must(probe.tree() == before, f"{UNASKED}: {told}")
        if answer.request.path_url.startswith("/fs/") and case.method != "OPTIONS":
            refused = answer.status_code in (400, 401, 405)
            probe.must(refused, f"{UNASKED}: {answer.status_code}: {told}")
    case.validate_response(answer, checks=_CHECKS)
