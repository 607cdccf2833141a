"""Memory that outlives programs, as programs see it."""

from __future__ import annotations

import array
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat import nvm
from tests.fakes.cells import ListCells
from tests.fakes.refusing import refuses

pytestmark = [pytest.mark.feature("nvm"), pytest.mark.simulated]


def made(size: int = 8) -> Any:
    """Return an array over memory of a list."""
    return cast("Any", nvm.ByteArray.over(ListCells(size)))


def test_fresh_memory_is_all_ones_and_true() -> None:
    """As erased flash is."""
    cells = made()
    assert len(cells) == 8
    assert cells
    assert not made(0)
    assert cells[0:8] == b"\xff" * 8
    assert isinstance(cells[0:2], bytearray)


@given(st.integers(-8, 7), st.integers(0, 255))
def test_a_byte_is_kept_at_its_index(index: int, value: int) -> None:
    """Negative ones count from the end; nothing else changes."""
    cells = made()
    cells[index] = value
    assert cells[index] == value
    assert sum(byte != 0xFF for byte in cells[0:8]) == (value != 0xFF)


@given(st.integers(-10, 10), st.integers(-10, 10), st.binary(min_size=8, max_size=8))
def test_slices_are_those_of_a_bytearray(start: int, stop: int, content: bytes) -> None:
    """Read and written."""
    cells, model = made(), bytearray(content)
    cells[0:8] = content
    assert cells[start:stop] == model[start:stop]
    data = bytes(len(model[start:stop]))
    cells[start:stop] = data
    model[start:stop] = data
    assert cells[0:8] == model


def test_each_mistake_is_told_in_upstream_s_words() -> None:
    """Index, step, length, kind and range."""
    cells = made()
    with refuses(IndexError, "index out of range"):
        _ = cells[8]
    with refuses(TypeError, "ByteArray indices must be integers, not str"):
        cells["a"] = 1
    with refuses(NotImplementedError, "only slices with step=1 (aka None) are supported"):
        _ = cells[0:8:2]
    with refuses(ValueError, "Slice and value different lengths."):
        cells[0:2] = b"abc"
    with refuses(NotImplementedError, "array/bytes required on right side"):
        cells[0:2] = [1, 2]
    with refuses(ValueError, "Array values should be single bytes."):
        cells[0:2] = array.array("H", [1, 2])
    with refuses(ValueError, "bytes must be 0-255"):
        cells[0] = 256
    with pytest.raises(TypeError, match="doesn't support item deletion"):
        del cells[0]
    with pytest.raises(TypeError, match="cannot create"):
        nvm.ByteArray()


def test_what_cannot_be_kept_is_said() -> None:
    """The disk is full, for one."""
    cells = made()
    cells._cells.full = True
    with refuses(RuntimeError, "Unable to write to nvm."):
        cells[0] = 1
