"""Breaks the product on purpose, one promise at a time, and sees whether the named test notices.

``tests/sabotage.toml`` has one ``[[break]]`` per promise: ``promise``, ``file``, ``text`` (stands
exactly once in the file), ``replacement`` and ``test`` (a pytest node id). Each is applied to a copy
of the tree. Exit status 1 when a break went unnoticed or an entry cannot be used.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PARTS = ("cpcompat", "tests", "tools", "bench", "examples", "docs", "native")
FILES = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "CHANGELOG.md", "Makefile")
TEST_LIMIT_S = 180
_EACH_MORE_S = 20
KEYS = frozenset({"promise", "file", "text", "replacement", "test"})


class EntryError(Exception):
    """An entry that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Break:
    """One way to break the product.

    Attributes:
        promise: What then no longer holds.
        file: The file to change, from the root of the tree.
        text: What stands there, exactly once.
        replacement: What takes its place.
        test: The pytest node id that must fail.
    """

    promise: str
    file: str
    text: str
    replacement: str
    test: str

    @classmethod
    def from_table(cls, table: dict[str, Any]) -> Break:
        """Make one from an entry of the file.

        Raises:
            EntryError: A key is missing or not known, or the replacement changes nothing.
        """
        if table.keys() != KEYS:
            raise EntryError(f"{table.get('promise', table)!r}: keys must be {sorted(KEYS)}")
        if table["text"] == table["replacement"]:
            raise EntryError(f"{table['promise']!r}: the replacement changes nothing")
        return cls(**table)

    def broken(self, text: str) -> str:
        """Return the text of the file with the break in it.

        Raises:
            EntryError: What is to be replaced does not stand there exactly once.
        """
        count = text.count(self.text)
        if count != 1:
            raise EntryError(f"{self.promise!r}: its text stands {count} times in {self.file}")
        return text.replace(self.text, self.replacement)


def read_entries(path: Path, root: Path) -> list[Break]:
    """Return the entries of a file, each checked against the tree.

    Raises:
        EntryError: One of them cannot be used.
    """
    entries = [Break.from_table(table) for table in tomllib.loads(path.read_text("utf-8"))["break"]]
    for entry in entries:
        if not (root / entry.file).is_file():
            raise EntryError(f"{entry.promise!r}: no file {entry.file}")
        entry.broken((root / entry.file).read_text("utf-8"))
    return entries


def copy_tree(root: Path, to: Path) -> None:
    """Copy what tests need of the tree."""
    skipped = shutil.ignore_patterns("__pycache__", "boot_out.txt", "*.pyc")
    for part in PARTS:
        if (root / part).is_dir():
            shutil.copytree(root / part, to / part, ignore=skipped)
    for name in FILES:
        if (root / name).is_file():
            shutil.copy(root / name, to / name)


def run(arguments: list[str], tree: Path, limit_s: float | None = None) -> tuple[int | None, str]:
    """Run Python in a copy of the tree, whose ``cpcompat`` comes before the installed one.

    Args:
        arguments: What follows ``python``.
        tree: The copy.
        limit_s: When to end it; `TEST_LIMIT_S` by default.

    Returns:
        The exit status, None for one that took too long, and the output.
    """
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=limit_s or TEST_LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, ""
    return process.returncode, output


def run_tests(tests: list[str], tree: Path) -> tuple[int | None, str]:
    """Run some tests in a copy of the tree; see `run`. Each of many may take a while."""
    limit_s = TEST_LIMIT_S + _EACH_MORE_S * (len(tests) - 1)
    return run(["-m", "pytest", "-q", "-p", "no:cacheprovider", *tests], tree, limit_s)


def failure_unbroken(tests: list[str], root: Path) -> str | None:
    """Run tests in a fresh copy of the tree as it is; return what is wrong, or None."""
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        copy_tree(root, Path(folder))
        status, output = run_tests(tests, Path(folder))
    if status == 0:
        return None
    return f"the named tests do not pass unbroken (status {status}):\n{output[-3000:]}"


def verdict(entry: Break, root: Path) -> str | None:
    """Apply one break to a fresh copy and run its test.

    Returns:
        What is wrong, or None when the test noticed (failed, or never came to an end).
    """
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        tree = Path(folder)
        copy_tree(root, tree)
        broken = entry.broken((tree / entry.file).read_text("utf-8"))
        (tree / entry.file).write_text(broken, "utf-8")
        if entry.file.endswith(".toml") or entry.file == "hatch_build.py":
            run(["-c", "import hatch_build; hatch_build.write_table('.')"], tree)
        status, output = run_tests([entry.test], tree)
    if status in {1, None}:
        return None
    if status == 0:
        return f"UNNOTICED: {entry.promise} ({entry.file}): {entry.test} passed"
    return f"CANNOT RUN: {entry.promise}: {entry.test}: exit status {status}\n{output[-1500:]}"


def sabotage(path: Path, root: Path, workers: int) -> list[str]:
    """Try every entry of a file and return what is wrong, in the file's order.

    Args:
        path: The file of entries.
        root: The tree to break copies of.
        workers: How many to try at a time.

    Raises:
        EntryError: An entry cannot be used.
    """
    entries = read_entries(path, root)
    tests = sorted({entry.test for entry in entries})
    with ThreadPoolExecutor(workers) as pool:
        shares = [share for first in range(workers) if (share := tests[first::workers])]
        failures = [*filter(None, pool.map(lambda share: failure_unbroken(share, root), shares))]
        if failures:
            return failures
        print(f"{len(tests)} tests pass unbroken; breaking {len(entries)} promises", flush=True)
        found = pool.map(lambda entry: verdict(entry, root), entries)
        return [line for line in found if line]


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "tests" / "sabotage.toml")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to break copies of")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    try:
        wrong = sabotage(options.file, options.root, options.workers)
    except EntryError as error:
        wrong = [f"UNUSABLE: {error}"]
    print("\n".join(wrong) if wrong else "every break was noticed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
