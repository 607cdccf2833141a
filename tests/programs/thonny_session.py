"""Drives Thonny's back end for CircuitPython: ``python thonny_session.py PORT``; prints its answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import thonny
from thonny.common import InlineCommand, ToplevelCommand, serialize_message

BACK_END = Path(thonny.__file__).parent / "plugins" / "circuitpython" / "cirpy_back.py"
SWITCHES = {
    "clean": False,
    "interrupt_on_connect": True,
    "cwd": None,
    "sync_time": True,
    "validate_time": True,
    "local_rtc": True,
    "submit_mode": None,
    "write_block_size": None,
    "write_block_delay": None,
    "read_block_size": None,
    "dtr": True,
    "rts": True,
}
COMMANDS = [
    (ToplevelCommand("execute_source", source="6*7\nprint('x'*3)\n"), "ToplevelResponse"),
    (
        InlineCommand(
            "write_file",
            path="/th.txt",
            content_bytes=b"from thonny\n",
            editor_id=1,
            id=1,
            make_shebang_scripts_executable=False,
            blocking=False,
            description="",
        ),
        "InlineResponse",
    ),
    (
        InlineCommand("read_file", path="/th.txt", id=2, blocking=False, description=""),
        "InlineResponse",
    ),
    (
        InlineCommand(
            "get_dirs_children_info", paths=["/"], include_hidden=False, node_id="/", id=3
        ),
        "InlineResponse",
    ),
    (InlineCommand("get_fs_info", path="/", id=4), "InlineResponse"),
    (ToplevelCommand("Run", source="print('run')\n1/0\n", args=[]), "ToplevelResponse"),
]


def main() -> None:
    """Send the commands, each when the one before has been answered."""
    back_end = subprocess.Popen(
        [sys.executable, str(BACK_END), repr({"port": sys.argv[1], **SWITCHES})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert back_end.stdin and back_end.stdout

    def until(kind: str) -> None:
        for line in back_end.stdout or ():
            print(line, end="")
            if kind in line:
                return
        raise SystemExit(f"the back end ended before {kind}")

    until("ToplevelResponse")
    for command, answer in COMMANDS:
        back_end.stdin.write(serialize_message(command) + "\n")
        back_end.stdin.flush()
        until(answer)
    back_end.kill()


if __name__ == "__main__":
    main()
