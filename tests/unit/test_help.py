"""What a command loads: help costs next to nothing, and nobody waits for Prefect who does not run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAVY = frozenset(
    {"prefect", "anthropic", "great_expectations", "pandas", "pyarrow", "sqlalchemy", "alembic", "rich", "supabase"}
)

STORE = {"sqlalchemy", "alembic"}
"""What opening the store takes; Alembic is loaded the first time."""

MAY_LOAD: list[tuple[set[str], list[str]]] = [
    (set(), ["--help", "--version", "build --help", "server --help", "db --help"]),
    ({"rich"}, ["init mine"]),
    ({"sqlalchemy"}, ["server status", "server stop", "db status"]),
    (STORE, ["db upgrade"]),
    ({"sqlalchemy", "anthropic"}, ["plan missing.yaml", "plan datasets/demo.yaml --json"]),
    ({"sqlalchemy", "anthropic", "rich"}, ["plan datasets/demo.yaml"]),
    (
        {*STORE, "anthropic"},
        [
            "status missing",
            "items missing",
            "logs missing",
            "files missing",
            "delete missing job",
            "retry missing",
            "cancel missing",
            "recheck missing",
            "resume missing",
            "build missing.yaml",
        ],
    ),
    ({*STORE, "anthropic", "rich"}, ["jobs", "doctor", "preview datasets/demo.yaml -n 1"]),
    ({*STORE, "anthropic", "pandas", "pyarrow"}, ["explain missing"]),
    ({*HEAVY} - {"prefect"}, ["export missing"]),
]
"""What commands may load; those that may load the same are run by one process, one after the other."""

RUN = """
import json, sys
from brightrun.cli import main
for command in sys.argv[1:]:
    sys.argv = ["brightrun", *command.split()]
    try:
        main()
    except SystemExit:
        pass
    loaded = sorted({name.partition(".")[0] for name in sys.modules})
    print("loaded", json.dumps([command, loaded]), file=sys.stderr)
"""


@pytest.mark.parametrize(("allowed", "commands"), MAY_LOAD, ids=[entry[1][-1] for entry in MAY_LOAD])
def test_loads_no_more_than_it_needs(allowed: set[str], commands: list[str], tmp_path: Path) -> None:
    for folder in ("catalogs", "datasets", "expectations"):
        (tmp_path / folder).mkdir()
        for entry in (ROOT / folder).iterdir():
            (tmp_path / folder / entry.name).symlink_to(entry)
    unset = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "BRIGHTRUN_DATABASE_URL")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    ran = subprocess.run(
        [sys.executable, "-c", RUN, *commands],
        cwd=tmp_path,
        env={**environment, "BRIGHTRUN_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = [json.loads(line.removeprefix("loaded ")) for line in ran.stderr.splitlines() if line.startswith("loaded ")]
    assert [command for command, _ in told] == commands
    for command, loaded in told:
        assert HEAVY & set(loaded) <= allowed, command
