"""settings.toml is read as CircuitPython reads it."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat.settings import SettingError, keys, lookup, typed

pytestmark = [pytest.mark.feature("settings"), pytest.mark.simulated]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('K = "text"', "text"),
        (r'K = "\u00e9\t\q\""', 'é\tq"'),
        (r'K="\U0001F40D" # snake', "🐍"),
        ("K = 42 # answer", 42),
        ("K = 0x10", 16),
        ("K = 011", 9),
        ("K = 089", 89.0),
        ("K = -3", -3),
        ("K = 3000000000", 3000000000),
        ("K = 1.5", 1.5),
        ("K = true", True),
        ("K = 1\r", 1),
        ("\t K\t=\t7", 7),
        ('K = "a#b"', "a#b"),
        ("KK = 1\nK = 2\nK = 3", 2),
        ("# K = 1\nK = 4", 4),
    ],
)
def test_a_value_has_the_type_it_was_written_with(line: str, value: object) -> None:
    """The first line with the key counts."""
    found = typed(line.encode(), "K")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "line",
    [
        *('K = "open', 'K = "a" b', r'K = "\u12"', r'K = "\U00110000"', "K =", "K = # none"),
        *("K = True", "K = 'single'", "K = 1_000", "K = 1.2abc", "K = +", "K = infoo"),
    ],
)
def test_a_value_that_cannot_be_read_is_an_error(line: str) -> None:
    """For the typed reading."""
    with pytest.raises(SettingError):
        typed(line.encode(), "K")


UPSTREAM = [
    ('K = "hello world"', "hello world"),
    ("K = 7", "7"),
    (r'K= "\n"', "\n"),
    (r'K ="\u00c1x"', "Áx"),
    (r'K = "\U000000c1x"', "Áx"),
    (r'K = "\f\"\\"', '\f"\\'),
    (r'K = "\t\r\b"', "\t\r\b"),
    (f'K = "{"x" * 64}"', "x" * 64),
    (f'K = "{"x" * 5000}"', "x" * 5000),
    ('K = "hello comment"  # comment', "hello comment"),
    ("K = 0x7f # comment", "0x7f"),
    ("K = 0", "0"),
    ('[section]\nK = "hi"', None),
    ('K = "', None),
    ('K = """', None),
    ("K =", None),
    ('K="', None),
    ("K = this is an unquoted string", "this is an unquoted string"),
]
"""What upstream's own test of ``os.getenv`` (``getenv.py``) puts into a file, and what it wants back."""


@pytest.mark.parametrize(("line", "value"), UPSTREAM)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""], ids=["LF", "CRLF", "no end of line"])
def test_a_setting_is_read_as_upstreams_test_wants_it(
    line: str, value: str | None, end: str
) -> None:
    """With a comment before it and another key after it, whatever ends the lines."""
    lines = ["", "# comment", *line.split("\n"), *(["other = 1"] if end else [])]
    text = (end or "\n").join(lines) + end
    assert lookup(text.encode(), "K") == value


UPSTREAM_TYPED = [
    ('"hello"', "hello"),
    *(("42", 42), ("-7", -7), ("0x1f", 31)),
    *(("true", True), ("false", False)),
    *(("3.14", 3.14), ("-1.5", -1.5), ("6.626e-34", 6.626e-34)),
    *(("inf", inf), ("-inf", -inf), ("nan", nan)),
]
"""The values of upstream's test of ``supervisor.get_setting``, and their types."""


@pytest.mark.parametrize(("written", "value"), UPSTREAM_TYPED)
def test_a_typed_setting_is_read_as_upstreams_test_wants_it(written: str, value: object) -> None:
    """Not a number is one of them."""
    found = typed(f"K = {written}\n".encode(), "K")
    assert repr(found) == repr(value)


@pytest.mark.parametrize("text", ["", "k = 1", "[table]\nK = 1", "K 1", "KEY = 1", "\0K = 1"])
def test_a_key_that_is_not_there_has_the_default(text: str) -> None:
    """Everything from the first table on is unseen."""
    assert typed(text.encode(), "K", "default") == "default"
    assert lookup(text.encode(), "K") is None


def test_the_environment_s_reading_is_always_text() -> None:
    """A wrong value is the default, not an error."""
    assert lookup(b"K = 42", "K") == "42"
    assert lookup(b"K = true", "K") == "true"
    assert lookup(b'K = "x"', "K") == "x"
    assert lookup(b'K = "x', "K", "default") == "default"


@given(st.binary())
def test_no_file_at_all_makes_it_fail_otherwise(text: bytes) -> None:
    """Whatever the bytes."""
    assert lookup(b"K = " + text, "K", "d") is not None


@given(st.text(st.characters(exclude_characters='"\\\n\0', exclude_categories=["Cs"])))
def test_a_quoted_text_comes_back(text: str) -> None:
    """Any that needs no escape."""
    assert typed(f'K = "{text}"'.encode(), "K") == text


def test_the_names_are_those_before_the_first_table() -> None:
    """Once each, in the order of the file; comments and lines without a value are none."""
    text = b'B = 1\n# C = 2\n  A="x = y"\nB = 3\nnothing\n = 4\n[table]\nD = 5\n'
    assert keys(text) == ["B", "A"]


@given(st.binary())
def test_the_names_of_any_bytes_can_be_looked_up(text: bytes) -> None:
    """A file that is no TOML at all stops nobody."""
    for key in keys(text):
        lookup(text, key)
