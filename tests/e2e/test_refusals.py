"""Bad input, a refusing API, a full disk: a clear message, the right exit code, nothing lost or half-written."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from brightrun.simulator.process import start_simulator
from brightrun.simulator.settings import SimulatorSettings
from tests.e2e.conftest import BOUND_S, ROOT, Home

SPEC = """\
name: refused
catalog: catalogs/financial_planning
grid:
  personas: [anxious_planner]
  arcs: [fear_to_confidence]
  topics: [market_crash_fears]
generate:
  budget_usd: 2
"""


def changed(old: str, new: str) -> str:
    assert old in SPEC
    return SPEC.replace(old, new)


BAD_SPECS = {
    "not YAML": (changed("[anxious_planner]", "[anxious_planner"), ["spec.yaml:5", "not valid YAML"]),
    "unknown key": (changed("budget_usd", "budgt_usd"), ["spec.yaml:8", "budget_usd"]),
    "unknown persona": (changed("anxious_planner", "anxious_planer"), ["spec.yaml:4", "anxious_planner"]),
    "empty grid": (changed("market_crash_fears", "hsa_vs_fsa"), ["spec.yaml:3", "none of the 1 combinations"]),
    "contradictory grid": (
        changed("topics: [market_crash_fears]", "topics: [market_crash_fears]\n  sample: {method: random, size: 9}"),
        ["spec.yaml:7", "the grid has 1 combination"],
    ),
    "negative budget": (changed("budget_usd: 2", "budget_usd: -2"), ["spec.yaml:8", "budget_usd"]),
    "splits": (SPEC + "export:\n  splits: {train: 0.9, validation: 0.2}\n", ["spec.yaml:10", "add up to 1"]),
    "model without a price": (changed("generate:", "generate:\n  model: claude-sonet-5-5"), ["claude-sonnet-5-5"]),
}


BUILD_EACH = """
import sys
from brightrun.cli import main
for path in sys.argv[1:]:
    sys.argv = ["brightrun", "build", path, "--json"]
    try:
        main()
    except SystemExit as end:
        print(end.code)
"""


def test_a_bad_spec_is_refused(home: Home, tmp_path: Path) -> None:
    """The command, run by one process for one spec after the other."""
    paths = []
    for kind, (text, _) in BAD_SPECS.items():
        paths.append(tmp_path / kind / "spec.yaml")
        paths[-1].parent.mkdir()
        paths[-1].write_text(text)
    ran = subprocess.run(
        [sys.executable, "-c", BUILD_EACH, *map(str, paths)],
        cwd=ROOT,
        env=home.environment(),
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=True,
    )
    assert "Traceback" not in ran.stderr
    lines = ran.stdout.splitlines()
    assert len(lines) == 2 * len(BAD_SPECS), ran.stdout + ran.stderr
    for kind, (_, said), answer, code in zip(BAD_SPECS, BAD_SPECS.values(), lines[::2], lines[1::2], strict=True):
        assert code == "2", kind
        assert all(part in json.loads(answer)["error"] for part in said), (kind, answer)


def test_a_missing_spec_is_refused(home: Home) -> None:
    ran = home.run("build", "datasets/dmeo.yaml", "--json")
    assert ran.code == 2
    assert "demo.yaml" in ran.json["error"]


def test_kf_55_a_token_that_does_not_hold_is_refused_and_not_shown(home: Home, make_spec: Callable[..., Path]) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl"
    where = {"BRIGHTRUN_ACTOR_TOKEN": token, "BRIGHTRUN_JWT_SECRET": "of-the-project-0123456789-0123456789"}
    ran = home.run("build", str(make_spec("forged")), "--json", **where)
    assert ran.code == 2, ran.err
    assert "BRIGHTRUN_ACTOR_TOKEN was not signed by this project" in ran.json["error"]
    assert not home.job_of("forged")
    for part in (*token.split("."), where["BRIGHTRUN_JWT_SECRET"]):
        assert part not in ran.out + ran.err


def test_a_misspelt_expectation_stops_the_run_before_it_costs(
    home: Home, make_spec: Callable[..., Path], tmp_path: Path
) -> None:
    suite = json.loads((ROOT / "expectations/conversations.json").read_text())
    suite["expectations"][0]["type"] = "expect_colum_values_to_be_unique"
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(suite))
    ran = home.run("build", str(make_spec("misspelt", quality={"suite": str(path)})), "--json")
    assert ran.code == 2
    assert "expect_column_values_to_be_unique" in ran.json["error"]
    assert home.job_of("misspelt") == ""


def test_a_critical_expectation_gates_the_release(home: Home, make_spec: Callable[..., Path], tmp_path: Path) -> None:
    """KF-50 in part: what the suite demands gates the export; what was generated is kept."""
    suite = {
        "name": "strict",
        "expectations": [
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "exchanges", "min_value": 50},
                "severity": "critical",
            }
        ],
    }
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(suite))
    ran = home.run("build", str(make_spec("gated", quality={"suite": str(path)})), "--json")
    assert ran.code == 1, ran.err
    assert ran.json["status"] == "gated"
    assert ran.json["release"] is None
    assert "exchanges" in ran.json["message"]
    assert ran.json["accepted"] == ran.json["planned"]


KEY = "sk-ant-not-the-right-key-4711"


def test_a_wrong_key_ends_with_4_and_is_told_nowhere(
    home: Home, make_spec: Callable[..., Path], tmp_path: Path
) -> None:
    """A key that fails is an error, never a fall-back to the simulator; it stands in no log, row or message."""
    claude = start_simulator(SimulatorSettings(api_key="the-right-one"), tmp_path / "simulator.log")
    try:
        ran = home.run(
            "build", str(make_spec("wrong-key")), "--json", ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=claude.url
        )
    finally:
        claude.stop()
    assert ran.code == 4, ran.err
    assert ran.json["status"] == "api_stopped"
    assert ran.json["reasons"] == {"api_stopped": ran.json["planned"]}
    assert home.unfinished_runs(ran.json["flow_run_id"]) == []
    assert KEY not in ran.out + ran.err
    for path in home.path.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_the_budget_holds_and_another_one_goes_on(home: Home, make_spec: Callable[..., Path]) -> None:
    ran = home.run("build", str(make_spec("budget", generate={"budget_usd": 0.2})), "--json")
    assert ran.code == 3, ran.err
    assert ran.json["status"] == "budget"
    assert 0 < ran.json["accepted"] < ran.json["planned"]
    assert float(ran.json["spent_usd"]) <= 0.2
    refused = home.run("resume", ran.json["job_id"], "--budget", "0.01", "--json")
    assert refused.code == 2
    resumed = home.run("resume", ran.json["job_id"], "--budget", "20", "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.json["accepted"] == resumed.json["planned"]
    assert home.generations(resumed.json["job_id"])["replied"] == resumed.json["planned"]  # none is asked for twice


@pytest.fixture
def small_disk(home: Home) -> Iterator[Path]:
    """The bucket of releases on a disk of its own that is nearly full."""
    if os.geteuid() != 0:
        if os.environ.get("CI"):
            pytest.fail("CI runs this as root")
        pytest.skip("a full disk takes a mount, and a mount takes root")
    folder = home.path / "files/datasets/full-disk"
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        if os.environ.get("CI"):
            pytest.fail("CI can mount a tmpfs")
        pytest.skip("no tmpfs can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_while_exporting_leaves_nothing_half_written(
    home: Home, make_spec: Callable[..., Path], small_disk: Path
) -> None:
    """KF-52: a release appears whole or not at all, and nothing is paid for again."""
    ran = home.run("build", str(make_spec("full-disk")), "--json")
    assert ran.code == 1, ran.err
    assert "No space left" in ran.json["message"]
    assert [path for path in small_disk.rglob("*.parquet") if path.is_file()] == []
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    again = home.run("build", str(make_spec("full-disk")), "--json")
    assert again.code == 0, again.err
    assert again.json["calls_of_this_run"] == 0
    assert Path(again.json["release"]["path"]).is_dir()


def test_an_output_folder_that_cannot_be_written(home: Home, make_spec: Callable[..., Path]) -> None:
    blocked = home.path / "files/datasets/blocked"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file where a folder is needed")
    ran = home.run("build", str(make_spec("blocked")), "--json")
    assert ran.code == 1, ran.err
    assert str(blocked) in ran.json["message"]
    blocked.unlink()
    exported = home.run("export", ran.json["job_id"], "--json")
    assert exported.code == 0, exported.err


def test_a_port_in_use_is_said(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = home.run("simulate", "--port", str(taken.getsockname()[1]))
    assert ran.code == 2
    assert "in use" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status", "no-such-job"], "no-such-job"),
        (["resume", "no-such-job"], "no-such-job"),
        (["cancel", "no-such-job"], "no-such-job"),
        (["delete", "no-such-job", "job"], "no-such-job"),
        (["delete", "no-such-job", "everything"], "releases"),
        (["resume", "no-such-job", "--budget", "much"], "--budget"),
        (["biuld"], "biuld"),
        (["preview", "datasets/demo.yaml", "-n", "0"], "-n"),
    ],
)
def test_bad_arguments_are_refused(home: Home, arguments: list[str], said: str) -> None:
    ran = home.run(*arguments)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_database_that_cannot_be_opened(home: Home, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database" * 100)
    ran = home.run("jobs", BRIGHTRUN_DATABASE_URL=f"sqlite:///{broken}")
    assert ran.code == 1
    assert str(broken) in ran.err
    assert "Traceback" not in ran.err
