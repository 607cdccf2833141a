"""Whether something is refused with exactly upstream's words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def refuses(kind: type[BaseException], text: str) -> Iterator[pytest.ExceptionInfo[BaseException]]:
    """Pass if the block raises that exception with that text; its notes may say what they like."""
    with pytest.raises(kind) as caught:
        yield caught
    assert str(caught.value) == text
