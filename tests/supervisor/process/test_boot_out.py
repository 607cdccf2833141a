"""What boot_out.txt holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.supervisor.process.boot_out import BootOut

pytestmark = [pytest.mark.feature("boot_out.txt"), pytest.mark.simulated]


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=12))
def test_the_file_never_exceeds_512_bytes(writes: list[bytes]) -> None:
    """Up to 486 bytes are kept as they are; of more, 486 and a remark."""
    out = BootOut()
    for write in writes:
        out.add(write)
    whole = b"".join(writes)
    if len(whole) <= 486:
        assert out.text() == whole
    else:
        assert out.text() == whole[:486] + b"[truncated due to length]\n"
        assert len(out.text()) == 512
