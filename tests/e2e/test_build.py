"""`brightrun build`, from a spec to a release."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.e2e.conftest import BOUND_S, ROOT, Home

DEMO = "datasets/demo.yaml"


def rows_of(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    return len(path.read_text().splitlines())


def test_demo_builds_all_and_a_second_time_pays_nothing(home: Home) -> None:
    """KF-27, KF-51: the job looks finished, and the manifest's counts equal the files' rows."""
    first = home.run_cold("build", DEMO, "--json")
    assert first.code == 0, first.err
    made = first.json
    assert (made["planned"], made["accepted"], made["status"]) == (8, 8, "done")
    assert made["simulated"] is True
    assert "SIMULATED" in first.err
    assert made["calls"] >= 8
    folder = Path(made["release"]["path"])
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["files"]:
        if entry["rows"] is not None and Path(entry["path"]).suffix in (".parquet", ".jsonl"):
            assert rows_of(folder / entry["path"]) == entry["rows"], entry["path"]
    formats = {path.parent.name for path in folder.rglob("*.parquet")}
    assert {"messages", "pairs"} <= formats
    assert sum(rows_of(p) for p in (folder / "messages").glob("*.parquet")) == 8

    expected = home.run("plan", DEMO, "--json").json["price_usd"]  # KF-30: the range contains the cost
    assert Decimal(expected["low"]) <= Decimal(made["spent_usd"]) <= Decimal(expected["high"])

    second = home.run_cold("build", DEMO, "--json")
    assert second.code == 0, second.err
    again = second.json
    assert again["adopted"] is True
    assert again["calls_of_this_run"] == 0
    assert again["spent_usd"] == made["spent_usd"]
    assert again["release"] == made["release"]


def test_every_task_run_is_final_when_the_command_returns(home: Home, make_spec: Callable[..., Path]) -> None:
    """Law 9, on a job with two hundred task runs, each named persona × arc × topic."""
    spec = make_spec(
        "two-hundred", grid={"sample": {"method": "random", "size": 200, "seed": 2}}, generate={"concurrency": 64}
    )
    ran = home.run("build", str(spec), "--json")
    assert ran.code == 0, ran.err
    assert home.unfinished_runs(ran.json["flow_run_id"]) == []
    runs = home.task_runs(ran.json["flow_run_id"])
    names = {run["name"] for run in runs}
    cells = {
        f"{p} × {a} × {t}"
        for p, a, t in home.rows("SELECT persona, arc, topic FROM batch_items WHERE job_id = ?", ran.json["job_id"])
    }
    assert len(cells) == 200
    assert cells <= names
    assert len(runs) == 200 + len({"plan", "validate", "enrich", "export", "report"})


AD_HOC = """
from flows.build_dataset import build_dataset
if __name__ == "__main__":
    summary = build_dataset({spec!r})
    print(summary.accepted, summary.flow_run_id)
"""


def test_an_ad_hoc_call_from_python_leaves_nothing_running(home: Home, make_spec: Callable[..., Path]) -> None:
    """Law 9, for a plain call of the flow where no PREFECT_API_URL is set; no traceback at exit."""
    spec = make_spec(
        "ad-hoc", grid={"sample": {"method": "random", "size": 30, "seed": 3}}, generate={"concurrency": 64}
    )
    ran = subprocess.run(
        [sys.executable, "-c", AD_HOC.format(spec=str(spec))],
        cwd=ROOT,
        env=home.environment(),
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    accepted, flow_run_id = ran.stdout.split()[-2:]
    assert accepted == "30"
    assert home.unfinished_runs(flow_run_id) == []
    assert len(home.task_runs(flow_run_id)) >= 30


def test_the_combination_that_failed_builds_when_asked_for(home: Home, make_spec: Callable[..., Path]) -> None:
    """KF-13: David Chen × Couple Conflict → Alignment × Essential Estate Planning."""
    grid: dict[str, Any] = {
        "personas": ["pragmatic_optimist"],
        "arcs": ["couple_conflict_to_alignment"],
        "topics": ["estate_planning_basics"],
        "sample": None,
    }
    refused = home.run("build", str(make_spec("estate", grid=grid)), "--json")
    assert refused.code == 2
    assert "unsuitable: warn" in refused.json["error"]
    ran = home.run("build", str(make_spec("estate", grid={**grid, "unsuitable": "warn"})), "--json")
    assert ran.code == 0, ran.err
    assert ran.json["accepted"] == 1


def test_a_job_has_a_release_for_each_choice_of_formats_and_each_is_the_same_when_made_again(
    home: Home, make_spec: Callable[..., Path]
) -> None:
    """Law 6. Another format is another release of the same job, and pays nothing."""
    first = home.run("build", str(make_spec("formats", export={"formats": ["messages"]})), "--json").json
    assert not (Path(first["release"]["path"]) / "pairs").exists()
    second = home.run("build", str(make_spec("formats", export={"formats": ["messages", "pairs"]})), "--json").json
    assert second["job_id"] == first["job_id"]
    assert second["calls_of_this_run"] == 0
    folder = Path(second["release"]["path"])
    assert (folder / "pairs").is_dir()

    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    folder.rename(folder.parent / "moved")
    again = home.run("export", second["job_id"], "--json")
    assert again.code == 0, again.err
    assert again.json["version"] == second["release"]["version"]
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before

    refused = home.run("delete", second["job_id"], "job")
    assert refused.code == 2
    assert "12 items" in refused.out
    assert "Nothing was deleted" in refused.err
    assert folder.is_dir()
    assert home.run("delete", second["job_id"], "job", "--yes", "--json").json["rows"]["batch_items"] == 12
    assert not folder.exists()
    assert home.job_of("formats") == ""
