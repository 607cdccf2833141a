"""The messages between processes: what goes in comes out, and nothing else is taken."""

from __future__ import annotations

import json
import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat import protocol
from cpcompat.protocol import Announced, Armed, Begin, Ended, Fact, Link, Message, ProtocolError

pytestmark = [pytest.mark.feature("supervisor"), pytest.mark.simulated]

texts = st.text(max_size=200)
plain = st.none() | st.booleans() | st.integers() | texts
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(Armed, st.booleans()),
    st.builds(Announced, texts, texts),
    st.builds(Fact, texts, plain),
    st.builds(Ended, texts, st.integers(), texts, texts, st.integers(), texts),
    st.builds(
        Begin,
        texts,
        texts,
        texts,
        texts,
        texts,
        st.dictionaries(texts, plain, max_size=5),
        texts,
        st.booleans(),
    ),
)


@given(messages)
def test_a_message_comes_out_as_it_went_in(message: Message) -> None:
    """Encoding and decoding keep every field and its type."""
    assert protocol.decode(protocol.encode(message)) == message


@given(st.binary(max_size=400))
def test_bytes_that_are_no_message_are_refused(data: bytes) -> None:
    """Whatever the bytes, the answer is a message or a ProtocolError."""
    try:
        protocol.decode(data)
    except ProtocolError:
        return


@given(messages, st.integers(0, 6), plain)
def test_a_field_of_the_wrong_type_is_refused(message: Message, index: int, value: object) -> None:
    """A message with one field of another type is refused as a whole."""
    row = json.loads(protocol.encode(message))
    index = index % len(message)
    old = row[index + 1]
    if type(old) is type(value) or isinstance(message, Fact):
        return
    row[index + 1] = value
    with pytest.raises(ProtocolError):
        protocol.decode(json.dumps(row).encode())


def test_a_message_with_a_field_too_many_is_refused() -> None:
    """The number of fields must be right."""
    with pytest.raises(ProtocolError):
        protocol.decode(b'["Armed",true,1]')


def test_a_message_over_the_limit_is_never_sent() -> None:
    """A long text is an error here, not a cut message there."""
    with pytest.raises(ProtocolError, match="over the limit"):
        protocol.encode(Announced("write", "x" * protocol.LIMIT))


def test_a_deeply_nested_message_is_refused() -> None:
    """JSON that would exhaust the stack is no message."""
    with pytest.raises(ProtocolError):
        protocol.decode(b"[" * 50_000)


def test_a_long_text_loses_its_middle() -> None:
    """The ends of a traceback are what people need."""
    short = protocol.shortened("a" * 5_000 + "b" * 5_000)
    assert len(short) <= protocol.TEXT_LIMIT
    assert short.startswith("aaa")
    assert short.endswith("bbb")


def test_a_descriptor_goes_with_a_message() -> None:
    """The receiver gets a descriptor of the same file."""
    ours, theirs = protocol.pair()
    reader, writer = os.pipe()
    Link(ours).send(Armed(True), (writer,))
    arrived = Link(theirs).receive()
    assert arrived is not None
    os.write(arrived[1][0], b"x")
    assert os.read(reader, 1) == b"x"
    for descriptor in (reader, writer, *arrived[1]):
        os.close(descriptor)
    ours.close()
    theirs.close()


def test_the_end_of_a_link_is_told_as_none() -> None:
    """A peer that has gone is no error."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    link = Link(theirs)
    assert link.receive() is None
    link.close()
