"""The shim comes into a test run by itself, and where it cannot, the run says how it could."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.shim import build
from tests.shim.preload import OPT_OUT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.feature("kernel shim")

ONE = "tests/shim/test_paths.py::test_the_device_tree_is_the_worlds"


def run(root: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one test of this folder in a new pytest."""
    environment = {k: v for k, v in os.environ.items() if k != OPT_OUT}
    return subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, ONE],
        cwd=root,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("option", [(), ("-s",), ("--capture=sys",)])
def test_a_plain_run_has_the_shim(
    kernel_shim: None, pytestconfig: pytest.Config, option: tuple[str, ...]
) -> None:
    """However output is captured, nothing is printed twice or lost."""
    done = run(pytestconfig.rootpath, *option)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("1 passed") == 1
    assert done.stderr == ""


def test_without_the_shim_tests_are_skipped_and_say_why(pytestconfig: pytest.Config) -> None:
    """And ``--no-skips`` makes that a failure."""
    done = run(pytestconfig.rootpath, "--no-skips", **{OPT_OUT: "1"})
    assert f"needs the kernel shim: {OPT_OUT} is set" in done.stdout
    assert "1 skipped, and --no-skips was given" in done.stdout
    assert done.returncode == 1


def test_without_gcc_the_reason_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the library is not built yet."""
    monkeypatch.setattr(build, "PLACE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(build.CannotBuild, match="sudo apt install gcc"):
        build.library()


def test_a_library_is_built_once_for_each_state_of_its_sources(
    kernel_shim: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another state has another name."""
    sources = tmp_path / "c"
    sources.mkdir()
    (sources / "one.c").write_text("int one(void) { return 1; }\n")
    monkeypatch.setattr(build, "SOURCES", sources)
    monkeypatch.setattr(build, "PLACE", tmp_path / "built")
    first = build.library()
    stamp = first.stat().st_mtime_ns
    assert build.library() == first
    assert first.stat().st_mtime_ns == stamp
    (sources / "one.c").write_text("int one(void) { return 2; }\n")
    assert build.library() != first
    (sources / "one.c").write_text("int one(void) {\n")
    with pytest.raises(build.CannotBuild, match="gcc cannot build"):
        build.library()
