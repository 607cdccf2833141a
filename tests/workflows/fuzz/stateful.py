"""Files and consoles, asked for in any order by friends and strangers, against a model of the drive."""

from __future__ import annotations

import itertools
import json
import socket
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.workflows.conftest import Answer, basic, seen
from tests.workflows.fuzz.model import SPECIAL, Model, Said, split
from tests.workflows.fuzz.prober import (
    BASE,
    GUESSED,
    HANG_S,
    HUNG,
    OTHER,
    STATUS,
    TORN,
    UNASKED,
    WATCHED,
    Prober,
)

if TYPE_CHECKING:
    from typing import Any

_JSON = {"Accept": "application/json"}
_NAMES = st.sampled_from(
    [
        *("a", "b.txt", "lib", "a.py", "é", "a b", "code.py", "leak", "out", "pipe", "outside.txt"),
        *("..", ".", "...", "%2e%2e", "a\\b", "x" * 256, "C:", "~", "a\0", "\n", "drive"),
    ]
)
_USUAL = st.sampled_from(["a", "b.txt", "lib", "a.py", "é"])
_WAYS = st.sampled_from(["plain", "quoted", "all", "capitals", "slashes too"])
_DATA = st.one_of(st.binary(max_size=40), st.just(b"y" * 70_000))


def _spelt(name: str, way: str) -> str:
    """Return one name as a client may write it."""
    if way == "plain":
        return "".join(
            one if one not in '%?# "' and "!" <= one <= "~" else quote(one) for one in name
        )
    if way == "quoted":
        return quote(name, safe="")
    escapes = "".join(f"%{byte:02x}" for byte in name.encode())
    return escapes if way == "all" else escapes.upper()


@st.composite
def _paths(draw: st.DrawFn, names: st.SearchStrategy[str] = _NAMES) -> str:
    """Paths behind ``/fs``, as clients write them."""
    way = draw(_WAYS)
    between = "%2F" if way == "slashes too" else "/"
    parts = draw(st.lists(names, min_size=1, max_size=3))
    end = draw(st.sampled_from(["", "", "/"]))
    return "/" + between.join(_spelt(one, way) for one in parts) + end


WAYS_OUT = (
    *("/leak", "/out/", "/out/outside.txt", "/out/drive/code.py", "/pipe", "/../outside.txt"),
    *("/%2e%2e/outside.txt", "/..%2Foutside.txt", "/lib/%2e%2e/%2e%2e/outside.txt", "/%2e%2e/"),
    *("/%252e%252e/outside.txt", "//outside.txt", "/%2Fetc%2Fpasswd", "/%5c..%5coutside.txt"),
)
_WAYS_OUT = st.sampled_from(WAYS_OUT)
PATHS = st.one_of(_paths(_USUAL), _paths(), _WAYS_OUT)
_SOCKETS = st.sampled_from(["/cp/serial/", "/cpcompat/live"])
_METHODS = st.sampled_from(["GET", "PUT", "DELETE", "MOVE"])


def _wrong(password: str) -> list[str | None]:
    """Return headers that let nobody in."""
    others = (password[:-1], password[:4], password + "x", "", password.lower(), " " + password)
    named = basic(password).replace("Basic ", "Basic eDo")
    return [
        None,
        *map(basic, others),
        named,
        basic(password).replace("Basic", "Bearer"),
        "Basic",
        ":",
    ]


class Web(RuleBasedStateMachine):
    """The web workflow of the board that `board` probes."""

    probe: ClassVar[Prober]
    _addresses: ClassVar = itertools.count(1)
    _words: ClassVar = itertools.count(1)

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(BASE)
        self.consoles: list[ClientConnection] = []
        self.told: set[ClientConnection] = set()

    @initialize()
    def begins(self) -> None:
        """Every time with the same drive, and with a look at each way out of it: none is left to chance."""
        self.probe.reset(BASE)
        for path in WAYS_OUT:
            self._reads(path)

    def teardown(self) -> None:
        """Let the consoles go."""
        for console in self.consoles:
            console.close()
        self.probe.is_well()

    def _expect(self, answer: Answer, said: Said, what: str) -> None:
        same = answer.status == said.status
        self.probe.must(same, f"{STATUS}: {answer.status}, not {said.status}: {what}")
        if said.body is not None:
            self.probe.must(answer.body == said.body, f"{OTHER}: {what}")
        if said.names is not None:
            names = sorted(file["name"] for file in answer.json()["files"])
            self.probe.must(names == said.names, f"{OTHER}: {what}")

    # Friends.

    @rule(path=PATHS)
    def reads(self, path: str) -> None:
        """A file's bytes, or a folder's names."""
        self._reads(path)

    def _reads(self, path: str) -> None:
        found = split(path)
        said = Said(400) if found is None else self.model.get(*found)
        self._expect(self.probe.ask("GET", "/fs" + path, _JSON), said, f"GET {path}")

    @rule(path=PATHS, data=_DATA, how=st.sampled_from(["length", "chunks", "asks first"]))
    def writes(self, path: str, data: bytes, how: str) -> None:
        """A file, or a folder; the body may come in chunks, and after a question."""
        found = split(path)
        said = Said(400) if found is None else self.model.put(*found, data)
        headers = {
            "chunks": {"Transfer-Encoding": "chunked"},
            "asks first": {"Expect": "100-continue"},
        }
        answer = self.probe.ask("PUT", "/fs" + path, headers.get(how), data)
        self._expect(answer, said, f"PUT {path}")

    @rule(path=PATHS)
    def deletes(self, path: str) -> None:
        """Whatever it is."""
        found = split(path)
        said = Said(400) if found is None else self.model.delete(found[0])
        self._expect(self.probe.ask("DELETE", "/fs" + path), said, f"DELETE {path}")

    @rule(path=PATHS, to=PATHS, root=st.sampled_from(["/fs", "/fs", "/fs", "", "http://e/fs"]))
    def moves(self, path: str, to: str, root: str) -> None:
        """From anywhere to anywhere."""
        found, there = split(path), split(to) if root == "/fs" else None
        said = Said(400) if found is None or there is None else self.model.move(found[0], there[0])
        answer = self.probe.ask("MOVE", "/fs" + path, {"X-Destination": root + to})
        self._expect(answer, said, f"MOVE {path} {root + to}")

    @rule(path=_WAYS_OUT)
    def reads_a_way_out(self, path: str) -> None:
        """A link, a pipe, or up from the drive: nothing is there, and that is said at once."""
        self._reads(path)

    @rule(path=_paths(_USUAL), data=st.binary(min_size=2, max_size=2000), ends=st.booleans())
    def writes_slowly(self, path: str, data: bytes, ends: bool) -> None:
        """Half of a file is nowhere; without the other half it was never there."""
        found = split(path)
        assert found is not None
        before = self.model.get(*found)
        said = Model(self.model.tree).put(*found, data)
        if found[1] or said.status not in (201, 204):
            return
        with socket.create_connection(("127.0.0.1", self.probe.board.port), 2 * HANG_S) as link:
            head = f"PUT /fs{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(data)}\r\n"
            login = f"Authorization: {basic(self.probe.board.password)}\r\n\r\n"
            link.sendall((head + login).encode() + data[: len(data) // 2])
            for _ in range(3):  # by the third answer the half has been taken
                answer = self.probe.ask("GET", "/fs" + path, _JSON)
                same = answer.status == before.status and answer.body == (
                    before.body or answer.body
                )
                same = same and self.probe.tree(parts=False) == self.model.tree
                self.probe.must(same, f"{TORN}: {path}")
            if ends:
                link.sendall(data[len(data) // 2 :])
                answered = link.recv(100).split()
                self.probe.must(int(answered[1]) == said.status, f"{STATUS}: {answered!r}")
                self.model.put(*found, data)
        self.probe.settles()

    # Strangers.

    def _stranger(self) -> str:
        number = next(self._addresses)
        return f"127.{1 + number // 62500 % 200}.{number // 250 % 250}.{1 + number % 250}"

    @rule(method=_METHODS, path=PATHS, which=st.integers(0, 10), to=_paths(_USUAL))
    def comes_without_the_password(self, method: str, path: str, which: int, to: str) -> None:
        """Or with one that is nearly right."""
        wrong = _wrong(self.probe.board.password)
        answer = self.probe.ask(
            method,
            "/fs" + path,
            {"X-Destination": "/fs" + to, **_JSON},
            b"owned" if method == "PUT" else None,
            authorization=wrong[which % len(wrong)],
            source=self._stranger(),
        )
        self.probe.holds(self.model.tree, UNASKED)
        self.probe.must(answer.status == 401, f"{UNASKED}: {answer.status}: {method} {path}")

    @rule(
        command=st.sampled_from(["run", "stop", "reload", "reset", "safe-mode", "identify"]),
        which=st.integers(0, 10),
    )
    def presses_a_button_without_the_password(self, command: str, which: int) -> None:
        """Nobody resets a board that is not theirs."""
        wrong = _wrong(self.probe.board.password)
        answer = self.probe.ask(
            "POST",
            "/cpcompat/command",
            {"Content-Type": "application/json"},
            json.dumps({"command": command}).encode(),
            authorization=wrong[which % len(wrong)],
            source=self._stranger(),
        )
        self.probe.must(answer.status == 401, f"{UNASKED}: {answer.status}: {command}")

    @rule(
        method=_METHODS,
        path=_paths(_USUAL),
        headers=st.sampled_from(
            [
                {"Origin": "https://evil.example"},
                {"Origin": "null"},
                {"Origin": "http://localhost:1"},
                {"Host": "evil.example"},
                {"Host": "evil.example", "Origin": "http://evil.example"},
            ]
        ),
    )
    def comes_from_another_page(self, method: str, path: str, headers: dict[str, str]) -> None:
        """With the right password, as a browser would send it along."""
        more = {"X-Destination": "/fs/b.txt", **headers}
        body = b"owned" if method == "PUT" else None
        answer = self.probe.ask(method, "/fs" + path, more, body)
        self.probe.holds(self.model.tree, UNASKED)
        wanted = 421 if "Host" in headers else 403
        told = f"{UNASKED}: {answer.status}: {method} {headers}"
        self.probe.must(answer.status == wanted, told)

    @rule(knows=st.booleans())
    def guesses(self, knows: bool) -> None:
        """Five are free; after that not even the right one is heard for a while."""
        who = self._stranger()
        for _ in range(5):
            answer = self.probe.ask("GET", "/fs/", authorization=basic("guess"), source=who)
            self.probe.must(answer.status == 401, f"{STATUS}: {answer.status} for a guess")
        last = "" if knows else basic("guess")
        answer = self.probe.ask("GET", "/fs/", authorization=last, source=who)
        self.probe.must(answer.status == 429, f"{GUESSED}: {answer.status}")

    # Consoles.

    def _opened(self, path: str = "/cp/serial/", **more: Any) -> ClientConnection:
        self.probe.asked += 1
        address = f"ws://127.0.0.1:{self.probe.board.port}{path}"
        opened = connect(address, compression=None, proxy=None, open_timeout=2 * HANG_S, **more)
        entered: ClientConnection = opened.__enter__()  # it stays open longer than a block
        return entered

    @precondition(lambda self: len(self.consoles) < 3)
    @rule()
    def looks(self) -> None:
        """The one that comes last has the keyboard."""
        login = {"Authorization": basic(self.probe.board.password)}
        self.consoles.append(self._opened(additional_headers=login))
        seen(self.consoles[-1], "| 10.")

    @precondition(lambda self: self.consoles)
    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        """And the one before has it again."""
        which = data.draw(st.integers(0, len(self.consoles) - 1))
        self.consoles.pop(which).close()

    @precondition(lambda self: self.consoles)
    @rule(data=st.data(), text=st.text(st.characters(min_codepoint=97, max_codepoint=122)))
    def types(self, data: st.DataObject, text: str) -> None:
        """All see what the program answers; to one without the keyboard it is said, once."""
        which = self.consoles[data.draw(st.integers(0, len(self.consoles) - 1))]
        word = f"{text}{next(self._words)}."
        which.send(word + "\r")
        if which is self.consoles[-1]:
            for console in self.consoles:
                self._shows(console, f"got {word}")
        elif which not in self.told:
            self.told.add(which)
            self._shows(which, "Somebody else has the keyboard")

    def _shows(self, console: ClientConnection, text: str) -> None:
        try:
            seen(console, text, 2 * HANG_S)
        except TimeoutError as error:
            raise self.probe.breach(f"{HUNG}: a console that waits for {text!r}") from error

    @rule(
        path=_SOCKETS,
        origin=st.sampled_from(["https://evil.example", "null", "http://127.0.0.1:1", None]),
    )
    def looks_from_another_page(self, path: str, origin: str | None) -> None:
        """With the right password; or from nowhere, without it."""
        login = {"Authorization": basic(self.probe.board.password)} if origin else {}
        page = None if origin is None else Origin(origin)
        try:
            self._opened(path, additional_headers=login, origin=page).close()
        except InvalidStatus as refused:
            status = refused.response.status_code
            self.probe.must(status == (403 if origin else 401), f"{STATUS}: {status} for {origin}")
        else:
            raise self.probe.breach(f"{WATCHED}: {origin}")

    @rule(
        path=_SOCKETS,
        first=st.sampled_from([0x83, 0x8F, 0xC1, 0xFF, 0x09, 0xF1]),
        rest=st.binary(max_size=200),
    )
    def talks_nonsense(self, path: str, first: int, rest: bytes) -> None:
        """Over a WebSocket; it ends, and nobody else notices."""
        with socket.create_connection(("127.0.0.1", self.probe.board.port), 2 * HANG_S) as link:
            link.sendall(
                f"GET {path} HTTP/1.1\r\n".encode() + b"Host: 127.0.0.1\r\nConnection: Upgrade\r\n"
                b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                + f"Authorization: {basic(self.probe.board.password)}\r\n\r\n".encode()
            )
            link.sendall(bytes([first]) + rest)
            link.shutdown(socket.SHUT_WR)
            try:
                while link.recv(65536):
                    pass
            except ConnectionError:
                pass
            except TimeoutError as error:
                raise self.probe.breach(f"{HUNG}: a WebSocket of nonsense") from error

    # Always.

    @invariant()
    def the_drive_is_as_the_model_says(self) -> None:
        """And nothing around it has changed."""
        self.probe.holds(self.model.tree)

    @invariant()
    def the_server_answers(self) -> None:
        """Within a second, whatever was before."""
        status = self.probe.ask("GET", "/cp/version.json", authorization=None).status
        self.probe.must(status == 200, f"{STATUS}: {status} for version.json")


def run(probe: Prober, examples: int, steps: int, seed: int, *, shrink: bool = True) -> None:
    """Try sequences of requests.

    Args:
        probe: Whom to ask.
        examples: How many sequences.
        steps: The most requests in one, roughly.
        seed: Draws them.
        shrink: Look for the shortest sequence that fails.

    Raises:
        AssertionError: A promise is broken.
    """
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=phases,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    machine = type("Web", (Web,), {"probe": probe})
    run_state_machine_as_test(hypothesis.seed(seed)(machine), settings=settings)


__all__ = ["PATHS", "SPECIAL", "Web", "run"]
