"""Reads the conversations of ``tests/vectors/console`` and holds a board against them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

FOLDER = Path(__file__).parent.parent / "vectors" / "console"
_SNAKE = "\U0001f40d".encode()
_NAME = re.compile(rb"\[(LC|BANNER|ID|UID|WAY OUT|SB:[^\]]*)\]")


class Step(NamedTuple):
    """One step: ``"H"``, ``"D"``, ``"until"`` or ``"save"``, its text, and the name of what is saved."""

    kind: str
    text: str
    name: str = ""


class Conversation(NamedTuple):
    """One file.

    Attributes:
        files: The drive, name to text.
        steps: What is said.
        transcripts: The letters of upstream's transcripts that are in it.
    """

    files: dict[str, str]
    steps: list[Step]
    transcripts: frozenset[str]


class Board(Protocol):
    """A board at whose console somebody sits."""

    def send(self, data: bytes) -> None:
        """Type."""
        ...

    def read(self, count: int) -> bytes:
        """Wait for so many bytes; fewer if no more come in time."""
        ...

    def skip(self, text: bytes) -> None:
        """Wait until a text has come."""
        ...

    def save(self, name: str, text: str) -> None:
        """Save a file of its drive from another computer."""
        ...


class Names(NamedTuple):
    """What stands for the names in brackets on this board."""

    banner: str
    board_id: str
    uid: str
    release: str
    way_out: str


def read(path: Path) -> Conversation:
    """Read a file."""
    files: dict[str, str] = {}
    steps: list[Step] = []
    transcripts: set[str] = set()
    name = ""
    for line in path.read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "file":
            name = rest
            files[name] = ""
        elif word == "save":
            name = ""
            steps.append(Step(word, "", rest))
        elif word == "|" and name:
            files[name] += rest + "\n"
        elif word == "|":
            steps[-1] = steps[-1]._replace(text=steps[-1].text + rest + "\n")
        elif line.startswith("# transcripts: "):
            transcripts.update(line.split()[2:])
        elif word in {"H", "D", "until"}:
            steps.append(Step(word, rest))
        else:
            assert word in {"power", "#", ""}, line
    return Conversation(files, list(_joined(steps)), frozenset(transcripts))


def _joined(steps: list[Step]) -> Iterator[Step]:
    """Make one step of what a board sends in lines that follow each other."""
    text = ""
    for step in [*steps, Step("end", "")]:
        if step.kind == "D":
            text += step.text
            continue
        if text:
            yield Step("D", text)
            text = ""
        if step.kind != "end":
            yield step


def in_bytes(text: str, names: Names) -> bytes:
    """Return the bytes that a text of such a file stands for."""
    plain = text.encode("ascii").decode("unicode_escape").encode("latin-1")

    def meant(match: re.Match[bytes]) -> bytes:
        name = match.group(1)
        if name.startswith(b"SB:"):
            tail = b" | " + names.release.encode() + b"\x1b\\"
            return b"\x1b]0;" + _SNAKE + name[3:] + tail
        return {
            b"LC": b"\x1b[2K\x1b[0G",
            b"BANNER": names.banner.encode(),
            b"ID": names.board_id.encode(),
            b"UID": names.uid.encode(),
            b"WAY OUT": names.way_out.encode(),
        }[name]

    return _NAME.sub(meant, plain)


def hold(board: Board, conversation: Conversation, names: Names) -> None:
    """Have the conversation with a board; each byte that it sends must be the expected one."""
    for number, step in enumerate(conversation.steps):
        if step.kind == "save":
            board.save(step.name, step.text)
            continue
        text = in_bytes(step.text, names)
        if step.kind == "H":
            board.send(text)
        elif step.kind == "until":
            board.skip(text)
        else:
            assert board.read(len(text)) == text, f"step {number}: {step}"
