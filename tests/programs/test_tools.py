"""Tools that people have for boards, as they come from PyPI, against the console of a running drive."""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpcompat import identity

from .conftest import COMMAND, PATIENCE_S, PROMPT
from .test_console import read_link, wait_for

pytestmark = [pytest.mark.feature("tools"), pytest.mark.simulated, pytest.mark.slow]

SCRIPTS = Path(sys.executable).parent
WIPE = """
import os
def wipe(folder):
    for name in os.listdir(folder):
        path = folder.rstrip("/") + "/" + name
        try:
            os.remove(path)
        except OSError:
            wipe(path)
            os.rmdir(path)
wipe("/")
"""


class Served:
    """A drive whose console is a PTY, and a folder of the computer to run tools in.

    Args:
        folder: Where drive, console and the computer's own files are.
    """

    def __init__(self, folder: Path) -> None:
        self.drive = folder / "drive"
        self.desk = folder / "desk"
        self.port = folder / "console"
        self.drive.mkdir()
        self.desk.mkdir()
        (self.drive / "code.py").write_text("print('ran')\n")
        self._process = subprocess.Popen(
            [COMMAND, "run", str(self.drive), "--console", f"pty:{self.port}"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.port.is_symlink)
        read_link(self.port, PROMPT)

    def tool(self, name: str, *words: str, status: int = 0) -> str:
        """Run a tool; return what it printed, without the ends of lines that terminals need."""
        done = subprocess.run(
            [str(SCRIPTS / name), *words],
            cwd=self.desk,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=90,
            check=False,
            env={**os.environ, "HOME": str(self.desk), "COLUMNS": "200"},
        )
        out = done.stdout.decode().replace("\r", "")
        assert done.returncode == status, out
        return out

    def mpremote(self, *words: str, status: int = 0) -> str:
        """Run mpremote."""
        return self.tool("mpremote", "connect", str(self.port), *words, status=status)

    def ampy(self, *words: str, status: int = 0) -> str:
        """Run ampy."""
        return self.tool("ampy", "-p", str(self.port), *words, status=status)

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A drive that is being served."""
    one = Served(tmp_path)
    yield one
    one.close()


def test_mpremote_runs_code(served: Served) -> None:
    """exec, eval and run, each in a fresh VM; resume keeps the names of the last one."""
    assert served.mpremote("exec", "print(1); x = 5") == "1\n"
    assert served.mpremote("exec", "print('x' in globals()); x = 7") == "False\n"
    assert served.mpremote("exec", "y = 8", "resume", "eval", "y + 1") == "9\n"
    assert served.mpremote("eval", "1+2") == "3\n"
    (served.desk / "script.py").write_text("import board\nprint(board.D5)\n")
    assert served.mpremote("run", "script.py") == "board.D5\n"
    assert "ZeroDivisionError" in served.mpremote("exec", "1/0", status=1)
    served.mpremote("soft-reset")


def test_mpremote_copies_folders_both_ways(served: Served) -> None:
    """Its fs cp, ls, cat, mkdir, rm, and the sum of a file; a missing file is one."""
    tree = served.desk / "tree"
    (tree / "sub" / "deep").mkdir(parents=True)
    (tree / "a.txt").write_text("a\n")
    (tree / "sub" / "deep" / "b.bin").write_bytes(bytes(range(256)) * 20)
    served.mpremote("fs", "cp", "-r", "tree", ":")
    (served.desk / "back").mkdir()
    served.mpremote("fs", "cp", "-r", ":tree", "back/")
    same = filecmp.dircmp(served.desk / "tree", served.desk / "back" / "tree")
    assert same.left_list == same.common == ["a.txt", "sub"]
    deep = served.desk / "back" / "tree" / "sub" / "deep" / "b.bin"
    assert deep.read_bytes() == (served.drive / "tree" / "sub" / "deep" / "b.bin").read_bytes()
    listed = served.mpremote("fs", "ls", ":tree")
    assert sorted(listed.splitlines()[1:3]) == ["           0 sub/", "           2 a.txt"]
    assert served.mpremote("fs", "cat", ":tree/a.txt") == "a\n"
    digest = hashlib.sha256(deep.read_bytes()).hexdigest()
    assert digest in served.mpremote("fs", "sha256sum", ":tree/sub/deep/b.bin")
    served.mpremote("fs", "rm", "-r", ":tree")
    served.mpremote("fs", "mkdir", "new")
    assert not (served.drive / "tree").exists()
    assert (served.drive / "new").is_dir()
    assert "No such file" in served.mpremote("fs", "cat", "nope", status=1)


def test_ampy_moves_files_and_runs_a_program(served: Served) -> None:
    """ls, put, get, mkdir, rm, run; it knows a missing file and a folder that is there."""
    (served.desk / "h.txt").write_text("hello\n")
    served.ampy("put", "h.txt", "/h.txt")
    assert served.ampy("ls").split() == ["/boot_out.txt", "/code.py", "/h.txt"]
    assert served.ampy("get", "/h.txt") == "hello\n\n"
    served.ampy("mkdir", "d")
    assert "Directory already exists" in served.ampy("mkdir", "d", status=1)
    served.ampy("rm", "/h.txt")
    assert "No such file/directory" in served.ampy("rm", "/h.txt", status=1)
    (served.desk / "r.py").write_text("print('from ampy', 6 * 7)\n")
    assert served.ampy("run", "r.py") == "from ampy 42\n"


def test_mpytool_lists_and_copies(served: Served) -> None:
    """ls, tree, cp and rm."""
    (served.desk / "x.txt").write_text("hello\n")
    port = str(served.port)
    served.tool("mpytool", "-p", port, "cp", "x.txt", ":/x.txt")
    assert (served.drive / "x.txt").read_text() == "hello\n"
    assert "6B x.txt" in served.tool("mpytool", "-p", port, "ls")
    assert "x.txt" in served.tool("mpytool", "-p", port, "tree")
    served.tool("mpytool", "-p", port, "rm", ":/x.txt")
    assert not (served.drive / "x.txt").exists()


def test_chumicro_probes_and_runs_from_memory(served: Served) -> None:
    """It knows the board for what it is, and what it deploys runs."""
    board = ("--transport", "circuitpython", "--address", str(served.port))
    probed = json.loads(served.tool("chumicro-deploy", "probe", *board, "--json"))
    assert (probed["runtime"], probed["version"]) == ("circuitpython", identity.RELEASE)
    assert (served.drive / "boot_out.txt").read_text().splitlines()[2] == f"UID:{probed['uid']}"
    (served.desk / "proj").mkdir()
    (served.desk / "proj" / "code.py").write_text("print('deployed', 6 * 7)\n")
    ram = ("--deploy-mode", "ram", "--directory", "proj", "--entrypoint", "/code.py")
    out = served.tool("chumicro-deploy", "deploy", *board, *ram, "--non-interactive")
    assert "deployed 42" in out


def test_a_tool_that_wipes_the_board_wipes_the_drive_and_nothing_else(served: Served) -> None:
    """Not what its links lead to, not what is beside it, and not the repository in it."""
    outside = served.drive.parent / "outside"
    outside.mkdir()
    (outside / "canary").write_text("alive")
    (served.drive / "link").symlink_to(outside)
    (served.drive / "lib" / "pkg").mkdir(parents=True)
    (served.drive / "lib" / "pkg" / "x.py").write_text("")
    (served.drive / ".git").mkdir()
    (served.drive / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (served.desk / "wipe.py").write_text(WIPE)
    served.mpremote("run", "wipe.py")
    assert [path.name for path in served.drive.iterdir()] == [".git"]
    assert (served.drive / ".git" / "HEAD").read_text() == "ref: refs/heads/main\n"
    assert (outside / "canary").read_text() == "alive"


def test_circuitpython_tool_uploads_into_the_drive(served: Served) -> None:
    """It works on the folder; the save reloads the program."""
    (served.desk / "src").mkdir()
    (served.desk / "src" / "code.py").write_text("print('uploaded')\n")
    rows = {
        "vendor": "v",
        "model": "m",
        "serial": "s",
        "partition_path": "/dev/null",
        "serial_path": str(served.port),
        "mountpoint": str(served.drive),
    }
    lines = ["[[devices]]", *(f'{name} = "{value}"' for name, value in rows.items())]
    (served.desk / "fake.toml").write_text("\n".join(lines))
    words = ("upload", "--dir", "src", "--mode", "single-shot", "--no-circup", "::")
    served.tool("circuitpython-tool", "-f", "fake.toml", *words)
    assert b"uploaded\r\n" in read_link(served.port, b"uploaded\r\n", keys=b"\x04")


def test_thonny_s_back_end_connects_runs_and_moves_files(served: Served) -> None:
    """The process that Thonny has for such boards, without its windows; it sets the clock first."""
    served.mpremote("exec", "import rtc; rtc.RTC().datetime = (2031, 4, 5, 6, 7, 8, 0, 0, -1)")
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("thonny_session.py")), str(served.port)],
        capture_output=True,
        timeout=90,
        check=False,
        env={**os.environ, "HOME": str(served.desk), "THONNY_USER_DIR": str(served.desk)},
    )
    out = done.stdout.decode()
    assert done.returncode == 0, out + done.stderr.decode()
    assert "CircuitPython-compatible" in out
    for text in ("xxx\\r\\n", "'/th.txt'", "b'from thonny\\n'", "total=", "ZeroDivisionError"):
        assert text in out
    assert (served.drive / "th.txt").read_text() == "from thonny\n"
    assert "WARNING" not in out  # it compares the board's clock with the computer's
    year = time.localtime().tm_year
    assert served.mpremote("exec", "import time; print(time.localtime()[0])") == f"{year}\n"
