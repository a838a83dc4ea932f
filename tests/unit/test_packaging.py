"""A wheel holds what the code reads at run time, not only the code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("brightrun", "flows", "tasks")
BUILD = "-m pip wheel . --no-deps --no-build-isolation --no-index --quiet --disable-pip-version-check --wheel-dir dist"
USE = """
import sys
from pathlib import Path

import brightrun
from brightrun.claude.pricing import load_prices
from brightrun.quality.stock_phrases import BUNDLED
from brightrun.reporting.page import TEMPLATES
from brightrun.store.database import open_database, sqlite_url

assert Path(brightrun.__file__).is_relative_to(sys.argv[1]), brightrun.__file__
load_prices().of("claude-sonnet-5-5")
assert BUNDLED.read_text(encoding="utf-8")
assert (TEMPLATES / "report.html.j2").is_file()
open_database(sqlite_url(Path("brightrun.db"))).close()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, offline, with the setuptools that is installed."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, *BUILD.split()], cwd=copy, check=True)
    (built,) = (copy / "dist").glob("*.whl")
    return built


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        inside = set(opened.namelist())
    files = {
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"brightrun/reporting/templates/report.css", "brightrun/store/migrations/env.py"} < files
    assert files <= inside, sorted(files - inside)


def test_what_is_in_it_works_without_the_clone(wheel: Path, tmp_path: Path) -> None:
    """Prices, phrases, templates and migrations are found where the wheel was unpacked."""
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(unpacked)
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    subprocess.run([sys.executable, "-c", USE, str(unpacked)], cwd=tmp_path, env=environment, check=True)
