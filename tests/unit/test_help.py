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

MAY_LOAD: list[tuple[list[str], set[str]]] = [
    (["--help"], set()),
    (["--version"], set()),
    (["build", "--help"], set()),
    (["server", "--help"], set()),
    (["server", "status"], {"sqlalchemy"}),
    (["server", "stop"], {"sqlalchemy"}),
    (["db", "--help"], set()),
    (["db", "status"], {"sqlalchemy"}),
    (["db", "upgrade"], STORE),
    (["init", "mine"], {"rich"}),
    (["plan", "datasets/demo.yaml"], {"sqlalchemy", "anthropic", "rich"}),
    (["plan", "datasets/demo.yaml", "--json"], {"sqlalchemy", "anthropic"}),
    (["plan", "missing.yaml"], {"sqlalchemy", "anthropic"}),
    (["preview", "datasets/demo.yaml", "-n", "1"], {*STORE, "anthropic", "rich"}),
    (["jobs"], {*STORE, "anthropic", "rich"}),
    (["status", "missing"], {*STORE, "anthropic"}),
    (["items", "missing"], {*STORE, "anthropic"}),
    (["logs", "missing"], {*STORE, "anthropic"}),
    (["retry", "missing"], {*STORE, "anthropic"}),
    (["doctor"], {*STORE, "anthropic", "rich"}),
    (["cancel", "missing"], {*STORE, "anthropic"}),
    (["explain", "missing"], {*STORE, "anthropic", "pandas", "pyarrow"}),
    (["recheck", "missing"], {*STORE, "anthropic"}),
    (["resume", "missing"], {*STORE, "anthropic"}),
    (["export", "missing"], {*HEAVY} - {"prefect"}),
    (["build", "missing.yaml"], {*STORE, "anthropic"}),
]

RUN = """
import json, sys
sys.argv = ["brightrun", *sys.argv[1:]]
from brightrun.cli import main
try:
    main()
except SystemExit:
    pass
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


@pytest.mark.parametrize(("arguments", "allowed"), MAY_LOAD, ids=[" ".join(entry[0]) for entry in MAY_LOAD])
def test_loads_no_more_than_it_needs(arguments: list[str], allowed: set[str], tmp_path: Path) -> None:
    for folder in ("catalogs", "datasets", "expectations"):
        (tmp_path / folder).mkdir()
        for entry in (ROOT / folder).iterdir():
            (tmp_path / folder / entry.name).symlink_to(entry)
    unset = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "BRIGHTRUN_DATABASE_URL")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    ran = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=tmp_path,
        env={**environment, "BRIGHTRUN_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    loaded = HEAVY & set(json.loads(ran.stderr.splitlines()[-1]))
    assert loaded <= allowed, ran.stderr
