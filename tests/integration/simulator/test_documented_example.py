"""The guide's example of tests is a test that passes, and its fault plan is one that is read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

from brightrun.simulator.fault_plan import load_fault_plan

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "simulator.md").read_text(encoding="utf-8")


def fences(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def test_the_example_passes_in_a_project_of_its_own(tmp_path: Path) -> None:
    examples = [body for body in fences("python") if "def test_" in body]
    assert len(examples) == 1
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["brightrun.simulator.pytest_fixture"]\n')
    (tmp_path / "test_example.py").write_text(examples[0])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_plan_in_the_guide_is_read(tmp_path: Path) -> None:
    plans = [body for body in fences("yaml") if "faults" in yaml.safe_load(body)]
    assert plans
    for number, body in enumerate(plans):
        (tmp_path / f"{number}.yaml").write_text(body)
        assert load_fault_plan(tmp_path / f"{number}.yaml").faults
