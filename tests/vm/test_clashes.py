"""Whose ``import board`` is in plain programs, as the doctor tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpcompat.vm import clashes, opt_in

pytestmark = [pytest.mark.feature("doctor"), pytest.mark.simulated]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for programs, in an environment where cpcompat is not enabled."""
    monkeypatch.setattr(opt_in, "is_enabled", lambda: False)
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def libraries(tmp_path: Path) -> Path:
    """An empty folder of libraries."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    return folder


def said(project: Path, libraries: Path) -> dict[str, str]:
    """Return what is said, by topic."""
    found = clashes.findings(project, [str(libraries)])
    return {f.topic: " | ".join((f"{f.level}: {f.said}", *f.cure)) for f in found}


def install(libraries: Path, name: str, *files: str) -> None:
    """Put a distribution there."""
    info = libraries / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    for file in files:
        (libraries / file).parent.mkdir(exist_ok=True)
        (libraries / file).touch()
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_with_nothing_else_all_is_well(project: Path, libraries: Path) -> None:
    """And the way for plain programs is told."""
    assert said(project, libraries) == {
        "names": "ok: drives find cpcompat's modules; others by «python -m cpcompat script.py»"
    }


def test_an_enabled_environment_is_said_to_be(
    project: Path, libraries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blinka's modules there do not matter then."""
    monkeypatch.setattr(opt_in, "is_enabled", lambda: True)
    install(libraries, "Adafruit-Blinka", "board.py", "adafruit_blinka/__init__.py")
    assert said(project, libraries) == {
        "names": "ok: every program of this environment finds cpcompat's modules"
    }


def test_blinka_s_modules_are_told_with_both_ways_around_them(
    project: Path, libraries: Path
) -> None:
    """They are not removed: drivers need the distribution."""
    install(libraries, "Adafruit-Blinka", "board.py", "adafruit_blinka/__init__.py")
    text = said(project, libraries)["names"]
    assert text.startswith("note: in plain programs import board means Adafruit Blinka's")
    assert "python -m cpcompat script.py" in text
    assert "cpcompat enable" in text


def test_a_project_s_own_board_is_named(project: Path, libraries: Path) -> None:
    """It may well be meant."""
    (project / "board.py").touch()
    assert said(project, libraries)["board"].startswith(
        f"note: plain programs in {project} find board.py there, not cpcompat's"
    )


def test_another_package_of_that_name_is_broken(project: Path, libraries: Path) -> None:
    """PyPI has a package «board» that has nothing to do with boards of this kind."""
    install(libraries, "board", "board.py")
    text = said(project, libraries)["board"]
    assert text.startswith("broken: the package 'board' has a module board that is something else")
    assert text.endswith("-m pip uninstall board")


def test_two_libraries_in_one_place_are_told(project: Path, libraries: Path) -> None:
    """Both write RPi/GPIO."""
    install(libraries, "RPi.GPIO")
    assert "RPi.GPIO" not in said(project, libraries)
    install(libraries, "rpi-lgpio")
    assert "rpi-gpio and rpi-lgpio both install" in said(project, libraries)["RPi.GPIO"]
