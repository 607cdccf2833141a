"""The faces have upstream's names and parameters, and a test uses each name that counts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools import parity

TESTS = Path(__file__).parent

pytestmark = pytest.mark.feature("parity")


@pytest.mark.parametrize("module", parity.REQUIRED)
def test_the_face_has_every_name_and_parameter_of_its_stub(module: str) -> None:
    """Same names, kinds, order and defaults."""
    result = parity.score(module)
    assert result.missing == []
    assert len(result.found) == result.names > 4


def test_the_table_in_the_docs_is_the_one_that_was_measured() -> None:
    """`python -m tools.parity` writes it anew."""
    assert (TESTS.parent / "docs" / "parity.md").read_text("utf-8") == parity.table()


def names_used(module: str) -> set[str]:
    """Return the attributes, the keywords and the statements' protocols in the face's own tests."""
    used = {module}
    for path in (TESTS / module).glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.add(node.value)
            elif isinstance(node, ast.With):
                used.update(("__enter__", "__exit__"))
    return used


@pytest.mark.parametrize("module", parity.REQUIRED)
def test_a_test_of_the_face_uses_each_name_that_counts(module: str) -> None:
    """A name that nobody calls is no parity."""
    used = names_used(module)
    unused = [name for name in parity.score(module).found if name.rpartition(".")[2] not in used]
    assert unused == []


def test_a_missing_name_and_a_changed_default_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The score sees what it is there to see."""
    from cpcompat import digitalio, pwmio

    monkeypatch.delattr(digitalio, "Pull")
    assert "digitalio.Pull" in parity.score("digitalio").missing

    def changed(self: object, pin: object, *, duty_cycle: int = 0, frequency: int = 501) -> None:
        """Another default, and a parameter too few."""

    monkeypatch.setattr(pwmio.PWMOut, "__init__", changed)
    assert parity.score("pwmio").missing == [
        "pwmio.PWMOut.__init__ parameter frequency",
        "pwmio.PWMOut.__init__ parameter variable_frequency",
    ]
