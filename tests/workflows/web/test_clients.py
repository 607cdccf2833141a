"""Programs that people have for boards on the network, as they come from PyPI and Debian."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.workflows.conftest import LOOP, PASSWORD, WebBoard, seen
from tests.workflows.web import bundle

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.feature("web clients"), pytest.mark.simulated, pytest.mark.slow]

SCRIPTS = Path(sys.executable).parent
TIMEOUT_S = 60
BAR = bundle.PACKAGE
USES = f"import {BAR}\nprint('bar', {BAR}.__version__)\n{LOOP}"


class Desk:
    """A folder of the computer where people run their programs.

    Args:
        folder: Where it is to be.
        board: The board.
    """

    def __init__(self, folder: Path, board: WebBoard) -> None:
        self.folder = folder / "desk"
        self.folder.mkdir()
        self.board = board

    def runs(self, *words: str, status: int = 0, keys: bytes = b"") -> str:
        """Run a program; return what it printed."""
        nowhere = "http://127.0.0.1:9"  # none of them asks the internet whether it is up to date
        done = subprocess.run(
            words,
            cwd=self.folder,
            input=keys,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_S,
            check=False,
            env={
                **{key: value for key, value in os.environ.items() if key != "XDG_DATA_HOME"},
                "HOME": str(self.folder),
                "COLUMNS": "200",
                "HTTPS_PROXY": nowhere,
                "https_proxy": nowhere,
                "NO_PROXY": "127.0.0.1,localhost",
                "no_proxy": "127.0.0.1,localhost",
            },
        )
        out = done.stdout.decode()
        assert done.returncode == status, out
        return out

    def circup(self, *words: str, status: int = 0, password: str = PASSWORD) -> str:
        """Run circup against the board's web workflow."""
        place = ("--host", "127.0.0.1", "--port", str(self.board.port), "--password", password)
        return self.runs(str(SCRIPTS / "circup"), "--offline", *place, *words, status=status)

    def on_drive(self, *words: str) -> str:
        """Run circup on the drive's folder."""
        place = ("--path", str(self.board.drive))
        return self.runs(str(SCRIPTS / "circup"), "--offline", *place, *words)

    def wwshell(self, *words: str, status: int = 0) -> str:
        """Run wwshell."""
        place = ("--host", "127.0.0.1", "--port", str(self.board.port), "--password", PASSWORD)
        return self.runs(str(SCRIPTS / "wwshell"), *place, *words, status=status)

    def curl(self, path: str, *words: str, password: str = PASSWORD) -> str:
        """Run curl; return the body and, on a line of its own, the status."""
        asks = ("-sS", "-u", f":{password}", "-w", "\n%{http_code}")
        return self.runs("curl", *asks, *words, self.board.url + path)


@pytest.fixture
def desk(tmp_path: Path, web_board: Callable[..., WebBoard]) -> Desk:
    """A desk, a bundle on it, and a board whose program uses a library that it has not yet."""
    one = Desk(tmp_path, web_board(USES))
    bundle.make(one.folder, "2.0.0")
    return one


def install_old(desk: Desk) -> Path:
    """Put an old version of both libraries onto the drive; return the package's folder."""
    package = desk.board.drive / "lib" / BAR
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(bundle.source("1.0.0"))
    (package.parent / f"{bundle.SINGLE}.py").write_text(bundle.source("1.0.0"))
    return package


def test_circup_installs_what_the_program_imports(desk: Desk) -> None:
    """With what it needs, as source; the program runs, and freeze, list and uninstall see it."""
    with desk.board.socket("/cp/serial/?past=1") as console:
        seen(console, f"ImportError: no module named '{BAR}'")
        desk.circup("install", "--py", BAR)
        seen(console, "bar 2.0.0")
        lib = desk.board.drive / "lib"
        assert sorted(path.name for path in lib.iterdir()) == [BAR, f"{bundle.SINGLE}.py"]
        assert (lib / BAR / "more.py").read_text() == bundle.source("2.0.0")
        frozen = desk.circup("freeze").splitlines()
        assert {f"{BAR}==2.0.0", f"{bundle.SINGLE}==2.0.0"} <= set(frozen)
        assert "All modules found on the device are up to date" in desk.circup("list")
        desk.circup("uninstall", BAR)
        desk.circup("uninstall", bundle.SINGLE)
        seen(console, f"ImportError: no module named '{BAR}'")
    assert list(lib.iterdir()) == []


def test_circup_updates_what_is_old(desk: Desk) -> None:
    """List tells both versions; update replaces the old one, and the program starts again."""
    package = install_old(desk)
    with desk.board.socket("/cp/serial/?past=1") as console:
        seen(console, "bar 1.0.0")
        row = next(line for line in desk.circup("list").splitlines() if line.startswith(BAR))
        assert re.findall(r"[0-9.]{5}", row) == ["1.0.0", "2.0.0"]
        desk.circup("--board-id", "sim", "--cpy-version", "10.3.1", "update", "--all")
        seen(console, "bar 2.0.0")
    assert "2.0.0" in next(package.glob("__init__.*")).read_bytes().decode("latin-1")


def test_bytecode_is_stored_and_the_console_names_a_cure_that_works(desk: Desk) -> None:
    """As people type it: «circup install NAME», and then what the console says."""
    with desk.board.socket("/cp/serial/?past=1") as console:
        desk.circup("install", BAR)
        assert (desk.board.drive / "lib" / BAR / "__init__.mpy").is_file()
        text = seen(console, "»")
        assert "ImportError: incompatible .mpy file" in text
        cure = text.rpartition("«circup ")[2].partition("»")[0]
        assert cure.startswith(f"install --py {BAR}")
        desk.circup(*cure.split())
        seen(console, "bar 2.0.0")


def test_circup_is_told_of_a_wrong_password(desk: Desk) -> None:
    """It ends with a failure, and nothing has changed."""
    assert "401" in desk.circup("freeze", status=1, password="wrong")
    assert not (desk.board.drive / "lib").exists()


def test_circup_works_on_the_drive_s_folder(desk: Desk) -> None:
    """It takes it for a board by boot_out.txt, and what it installs runs."""
    with desk.board.socket("/cp/serial/?past=1") as console:
        seen(console, "ImportError")
        assert "10.3.1" in desk.on_drive("install", "--py", BAR)
        seen(console, "bar 2.0.0")
        assert f"{BAR}==2.0.0" in desk.on_drive("freeze")
        desk.on_drive("uninstall", BAR)
        seen(console, "ImportError")


def test_wwshell_moves_files(desk: Desk) -> None:
    """ls, put, get, mv, rm and mkdir."""
    drive = desk.board.drive
    (desk.folder / "h.txt").write_text("hello\n")
    desk.wwshell("put", "h.txt")
    assert (drive / "h.txt").read_text() == "hello\n"
    assert re.search(r"^6\th\.txt$", desk.wwshell("ls", "/"), re.MULTILINE)
    (desk.folder / "h.txt").write_text("again\n")
    assert "already exists" in desk.wwshell("put", "h.txt")
    desk.wwshell("put", "h.txt", "--overwrite")
    desk.wwshell("mv", "h.txt", "i.txt")
    assert (drive / "i.txt").read_text() == "again\n"
    assert not (drive / "h.txt").exists()
    desk.wwshell("get", "code.py")
    assert (desk.folder / "code.py").read_text() == USES
    desk.wwshell("mkdir", "a/b/")
    assert (drive / "a/b").is_dir()
    desk.wwshell("rm", "i.txt")
    assert not (drive / "i.txt").exists()
    assert re.search("^0\ta/$", desk.wwshell("ls"), re.MULTILINE)


def test_curl_moves_files(desk: Desk) -> None:
    """Listing, upload with and without waiting for leave, rename, delete."""
    drive = desk.board.drive
    big = os.urandom(3_000_000)
    (desk.folder / "big.bin").write_bytes(big)
    body, status = desk.curl("/fs/", "-H", "Accept: application/json").rsplit("\n", 1)
    assert status == "200"
    assert "code.py" in [file["name"] for file in json.loads(body)["files"]]
    assert desk.curl("/fs/big.bin", "-T", "big.bin", "-H", "Expect: 100-continue") == "\n201"
    assert desk.curl("/fs/", "-T", "big.bin") == "\n204"  # the name is that of the file
    assert (drive / "big.bin").read_bytes() == big
    chunks = ("-T", "-", "-H", "Transfer-Encoding: chunked")
    words = (*chunks, f"{desk.board.url}/fs/typed.txt", "-sS", "-u", f":{PASSWORD}")
    desk.runs("curl", *words, keys=b"typed")
    assert (drive / "typed.txt").read_text() == "typed"
    assert desk.curl("/fs/big.bin", "-X", "MOVE", "-H", "X-Destination: /fs/b") == "\n201"
    desk.curl("/fs/b", "-o", "back.bin", "--compressed")
    assert (desk.folder / "back.bin").read_bytes() == big
    assert desk.curl("/fs/b", "-X", "DELETE") == "\n204"
    assert not (drive / "b").exists()


def test_curl_is_refused_what_nobody_may(desk: Desk) -> None:
    """A wrong password, ways out of the drive, other names and other pages."""
    assert desk.curl("/fs/", password="wrong") == "\n401"
    for path in ("/fs/../etc/passwd", "/fs/%2e%2e/%2e%2e/etc/passwd", "/fs/..%2fx"):
        assert desk.curl(path, "--path-as-is").rsplit("\n", 1)[1] in ("400", "404"), path
    assert desk.curl("/cp/version.json", "-H", "Host: evil").endswith("\n421")
    assert desk.curl("/cp/serial/", "-H", "Origin: https://evil") == "\n403"
    assert desk.curl("/cp/version.json", "-0").endswith("\n501")
    assert desk.curl("/cp/version.json", "-X", "POST").endswith("\n405")


def test_python_m_websockets_is_a_console(web_board: Callable[..., WebBoard]) -> None:
    """It shows what is printed, and what is typed interrupts and restarts the program."""
    board = web_board("print('ready')\n" + LOOP)
    address = f"ws://:{PASSWORD}@127.0.0.1:{board.port}/cp/serial/?past=1"
    with subprocess.Popen(
        [sys.executable, "-m", "websockets", address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
    ) as client:
        assert client.stdin is not None
        try:
            for wanted, key in (
                (b"ready", b"\x03\n"),
                (b"KeyboardInterrupt", b""),
                (b"Press any key", b"\x04\n"),
                (b"soft reboot", b""),
                (b"ready", b""),
            ):
                shown(client, wanted)
                client.stdin.write(key)
                client.stdin.flush()
        finally:
            client.kill()


def shown(client: subprocess.Popen[bytes], wanted: bytes) -> None:
    """Read what a program prints until a text has appeared."""
    assert client.stdout is not None
    text = b""
    while wanted not in text:
        piece = os.read(client.stdout.fileno(), 4096)
        assert piece, text
        text += piece
