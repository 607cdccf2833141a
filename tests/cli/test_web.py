"""``cpcompat web``: turning the web workflow on and off."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpcompat import settings
from cpcompat.errors import CpcompatError
from cpcompat.workflows.web import turning
from cpcompat.workflows.web.plan import LETTERS, PASSWORD_KEY
from tests.workflows.conftest import LOOP, make_board

pytestmark = [pytest.mark.feature("web workflow"), pytest.mark.simulated]
COMMAND = str(Path(sys.executable).with_name("cpcompat"))
MADE = "Abcdefgh12345678"


def make() -> str:
    """Make a password."""
    return MADE


def web(
    verb: str, drive: Path, *words: str, status: int = 0, env: dict[str, str] | None = None
) -> str:
    """Run the command; return what it printed."""
    done = subprocess.run(
        [COMMAND, "web", verb, str(drive), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_on_makes_a_password_once_and_listens_on_the_network(tmp_path: Path) -> None:
    """It is shown once, the address and the warning each time; the rest of the files stays."""
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "settings.toml").write_text('# mine\nCITY = "Bern"\n[later]\nx = 1\n')
    (drive / "settings.toml").chmod(0o640)
    (drive / "cpcompat.toml").write_text("[supervisor]\nrestart = 3\n")
    said = web("on", drive)
    text = (drive / "settings.toml").read_bytes()
    password = str(settings.lookup(text, PASSWORD_KEY))
    assert len(password) == 16
    assert set(password) <= set(LETTERS)
    assert f"The password is {password}," in said
    assert ":8080/" in said
    assert ".local" not in said  # nobody announces such a name
    assert "not encrypted" in said
    assert text.decode().replace(f'{PASSWORD_KEY} = "{password}"\n', "") == (
        '# mine\nCITY = "Bern"\n[later]\nx = 1\n'
    )
    assert stat.S_IMODE((drive / "settings.toml").stat().st_mode) == 0o640
    rows = (drive / "cpcompat.toml").read_text()
    assert rows == '[supervisor]\nrestart = 3\n\n[web]\nlisten = "0.0.0.0:8080"\n'
    assert password not in web("on", drive)
    assert "on:" in web("status", drive)


def test_off_undoes_it_and_on_has_the_same_password_again(tmp_path: Path) -> None:
    """Nobody who noted it has to note another."""
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "settings.toml").write_text(f'{PASSWORD_KEY} = "my own words"\n')
    assert "my own words" not in web("on", drive, "--listen", "9090")
    assert (drive / "cpcompat.toml").read_text() == '[web]\nlisten = "0.0.0.0:9090"\n'
    web("off", drive)
    assert settings.lookup((drive / "settings.toml").read_bytes(), PASSWORD_KEY) is None
    assert (drive / "cpcompat.toml").read_text() == "[web]\n"
    assert "off." in web("status", drive)
    web("on", drive)
    assert (drive / "settings.toml").read_text() == f'{PASSWORD_KEY} = "my own words"\n'


def test_on_refuses_a_password_that_is_too_easy_and_changes_nothing(tmp_path: Path) -> None:
    """The network is not the desk."""
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "settings.toml").write_text(f'{PASSWORD_KEY} = "short"\n')
    assert "too easy" in web("on", drive, status=2)
    assert [path.name for path in drive.iterdir()] == ["settings.toml"]


# Tests say nothing on the computer's own network: this board has no library to be announced by.
UNANNOUNCED = (
    *(sys.executable, "-P", "-c"),
    "import sys; sys.modules |= {'zeroconf': None, 'jeepney': None}\n"
    "from cpcompat.cli import main; sys.exit(main())",
)


def test_a_running_supervisor_takes_it_up_at_once(tmp_path: Path) -> None:
    """From loopback to the network, off, and on again, while the program runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = f'{PASSWORD_KEY} = "Secret8080"\nCIRCUITPY_WEB_API_PORT = {port}\n'
    board = make_board(tmp_path, LOOP, "--no-reload", settings=text, command=UNANNOUNCED)
    env = {key: board.environment[key] for key in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME")}
    try:
        assert not answers("127.0.0.2", port)
        assert f"listens at http://0.0.0.0:{port}/ now" in web("on", board.drive, env=env)
        assert answers("127.0.0.2", port)
        assert board.asks("GET", "/fs/").status == 200
        assert f"http://0.0.0.0:{port}/" in web("status", board.drive, env=env)
        assert "listens no more" in web("off", board.drive, env=env)
        assert not answers("127.0.0.1", port)
        assert "does not listen" in web("status", board.drive, env=env)
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("0.0.0.0", port))
            taken.listen()
            assert "cannot listen" in web("on", board.drive, status=1, env=env)
        web("on", board.drive, env=env)
        assert board.asks("GET", "/fs/").status == 200
        assert board.process.poll() is None
    finally:
        board.close()


def answers(host: str, port: int) -> bool:
    """Tell whether somebody listens there."""
    try:
        socket.create_connection((host, port), 5).close()
    except ConnectionRefusedError:
        return False
    return True


LINES = st.sampled_from(
    [
        b"",
        b"# a comment",
        b'A = "1"',
        b"\tB = 2 # two",
        b"[table]",
        b'X = "\xff"',
        PASSWORD_KEY.encode() + b' = ""',
        b" " + PASSWORD_KEY.encode() + b'="Secret8080" # note',
        b"#off " + PASSWORD_KEY.encode() + b' = "Before8080"',
        b"# " + PASSWORD_KEY.encode() + b' = "Never8080"',
        PASSWORD_KEY.encode() + b'X = "other"',
        b"C = 3\r",
    ]
)


@given(st.lists(LINES, max_size=6).map(b"\n".join))
def test_no_setting_is_lost_by_turning_it_on_and_off(text: bytes) -> None:
    """All others say what they said, and the password is there or not."""
    others = [key for key in settings.keys(text) if key != PASSWORD_KEY]
    said = [settings.lookup(text, key) for key in others]
    turned = turning.turned_on(text, make)
    assert settings.lookup(turned.text, PASSWORD_KEY) == turned.password
    assert turned.made == (turned.password == MADE)
    off = turning.turned_off(turned.text)
    assert settings.lookup(off, PASSWORD_KEY) is None
    assert turning.turned_on(off, make).password == turned.password
    for made in (turned.text, off):
        assert [settings.lookup(made, key) for key in others] == said
        assert [key for key in settings.keys(made) if key != PASSWORD_KEY] == others
        assert made.partition(b"[table]")[1:] == text.partition(b"[table]")[1:]


@pytest.mark.parametrize(
    ("before", "made"),
    [
        ("", '[web]\nlisten = "a:1"\n'),
        ("[web]", '[web]\nlisten = "a:1"'),
        ('[web]\nlisten = "b:2"\nhosts = []\n', '[web]\nlisten = "a:1"\nhosts = []\n'),
        ("[web] # mine\n[pins.D5]\n", '[web] # mine\nlisten = "a:1"\n[pins.D5]\n'),
        ("x = 1", 'x = 1\n\n[web]\nlisten = "a:1"\n'),
    ],
)
def test_the_address_finds_its_place(before: str, made: str) -> None:
    """In the table that is there, or in a new one."""
    assert turning.listening(before, "a:1") == made


@pytest.mark.parametrize("text", ["web = {hosts = []}\n", "web.listen = 'b:2'\n", "[web\n"])
def test_a_file_that_is_written_otherwise_is_left_alone(text: str) -> None:
    """Whoever wrote it so is told what to write."""
    with pytest.raises(CpcompatError, match="not changed here"):
        turning.listening(text, "a:1")
