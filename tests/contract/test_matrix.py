"""Every port's contract is shown on every way to hardware, or somebody has said why not."""

from __future__ import annotations

import pytest

from tests.contract import matrix

pytestmark = pytest.mark.feature("developer's house")


@pytest.mark.parametrize("way", matrix.WAYS, ids=lambda way: way.words)
@pytest.mark.parametrize("contract", matrix.contracts())
def test_a_contract_is_shown_or_its_absence_explained(way: matrix.Way, contract: str) -> None:
    """And not both."""
    assert matrix.cell(way, contract) is not None
    if (way.words, contract) in matrix.MISSING:
        assert str(matrix.cell(way, contract)).startswith("not shown: ")


def test_every_backend_is_in_the_table() -> None:
    """A new one cannot be forgotten."""
    assert {way.backend for way in matrix.WAYS} == matrix.backends()


def test_the_table_names_the_ports() -> None:
    """Each has a column, and no cell is a gap."""
    shown = matrix.table()
    assert {"GpioContract", "UartContract"} <= set(matrix.contracts())
    assert all(contract in shown for contract in matrix.contracts())
    assert "GAP" not in shown


def test_what_a_way_cannot_show_is_a_test_of_a_contract() -> None:
    """A test that was renamed cannot hide behind an old reason."""
    ways = {way.words for way in matrix.WAYS}
    names = {name for contract in matrix.contracts() for name in matrix.tests_of(contract)}
    for way, test in matrix.ABSENT:
        assert way in ways
        assert test in names
