"""`prefect deploy --all`, a process worker, `prefect deployment run`: to the end, cancelled, refused."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from brightrun.reporting.wording import dollars
from brightrun.store.tables import PICO
from tests.e2e.conftest import ROOT, wait_until
from tests.e2e.deployments.conftest import Deployed

# A worker sends SIGTERM and kills after 30 s; by then all is written down.
CANCEL_BOUND_S = 45

PLANNED = 30
SPEC: dict[str, Any] = {
    "name": "cancelled-in-prefect",
    "catalog": "catalogs/financial_planning",
    "grid": {"edge_share": 0, "sample": {"method": "random", "size": PLANNED, "seed": 3}},
    "generate": {"concurrency": 4, "budget_usd": 20},
}


def account(claude: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{claude['ANTHROPIC_BASE_URL']}/_simulator/account").json()
    return answer


def changed(part: str, **changes: Any) -> dict[str, Any]:
    return {**SPEC, part: {**SPEC[part], **changes}}


def test_deployments_name_spec_files_and_no_machines_path(deployed: Deployed) -> None:
    configured = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert {each["name"] for each in configured} == {"financial-planning", "ad-hoc", "upkeep"}
    for each in configured:
        flow = "upkeep" if each["name"] == "upkeep" else "build-dataset"
        made = deployed.deployment(each["name"], flow)
        assert made["parameters"] == each.get("parameters", {})
        assert all((ROOT / spec).is_file() for spec in made["parameters"].values())
        assert str(ROOT) not in json.dumps(made)
        assert made["enforce_parameter_schema"] is True


def test_a_deployed_run_builds_its_spec(deployed: Deployed, demo_run: str) -> None:
    home = deployed.home
    run = home.flow_run(demo_run)
    assert (run["state"]["type"], run["state"]["name"]) == ("COMPLETED", "Completed"), run["state"]
    assert run["state"]["message"] == "8 of 8 conversations accepted"
    assert home.unfinished_runs(demo_run) == []
    names = [task["name"] for task in home.task_runs(demo_run)]
    assert {"plan", "validate", "enrich", "export", "report"} < set(names)
    assessed = {name.removeprefix("assess ") for name in names if name.startswith("assess ")}
    assert {name for name in names if name.count(" × ") == 2 and not name.startswith("assess ")} == assessed
    assert len(assessed) == 8
    assert {each["key"] for each in deployed.artifacts(demo_run)} == {"progress", "summary", "coverage", "quality"}

    summary = next(each["data"] for each in deployed.artifacts(demo_run) if each["key"] == "summary")
    named = re.search(r"\| release \| `(.+)` \(", summary)
    assert named, summary
    release = Path(named[1])
    assert release.is_relative_to(home.path)
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    page = (release / "report.html").read_text(encoding="utf-8")
    assert summary.startswith("# 8 of 8 conversations are ready")
    assert f"| cost | {dollars(manifest['spent_usd'])} of {dollars(manifest['budget_usd'])} |" in summary
    median = re.search(r"\| judge's score \| median ([\d.]+), .* \(8 of 8 judged\) \|", summary)
    assert median, summary
    assert f"<dd>{median[1]}<small>median, of 10</small></dd>" in page


def test_a_cancel_lets_land_what_is_in_flight_and_resume_goes_on(
    deployed: Deployed, slow_claude: dict[str, str]
) -> None:
    """Its spec is an object, as the run form sends it, and its folders are those of the worker's clone."""
    home = deployed.home
    answer = deployed.create_run({"spec": SPEC}, env=slow_claude)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    flow_run_id = answer.json()["id"]
    wait_until(lambda: account(slow_claude)["replies_delivered"] >= 8)
    cancel = deployed.post(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "CANCELLING"}})
    assert cancel.json()["status"] == "ACCEPT"
    assert deployed.wait_for_end(flow_run_id, CANCEL_BOUND_S)["state_type"] == "CANCELLED"
    wait_until(lambda: home.unfinished_runs(flow_run_id) == [], CANCEL_BOUND_S)

    job = home.job_of(SPEC["name"])
    sent = account(slow_claude)
    states = home.states(job)
    assert sent["in_flight"] == 0
    assert sent["requests_received"] == sent["replies_delivered"] == home.generations(job)["replied"] < PLANNED
    assert set(states) == {"accepted", "cancelled"}
    assert states.total() == PLANNED
    reasons = home.rows("SELECT DISTINCT reason_code FROM batch_items WHERE job_id = ? AND state = 'cancelled'", job)
    assert reasons == [("interrupted",)]
    ((status, spent),) = home.rows("SELECT status, spent_usd FROM batch_jobs WHERE id = ?", job)
    assert (status, spent) == ("cancelled", Decimal(sent["delivered_cost_usd"]) * PICO)

    resumed = home.run("resume", job, "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.json["accepted"] == PLANNED
    assert home.generations(job)["replied"] == PLANNED
    assert home.unfinished_runs(resumed.json["flow_run_id"]) == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"spec": {**SPEC, "catalogue": "catalogs/financial_planning"}},
        {"spec": changed("generate", budgt_usd=2)},
        {"spec": changed("grid", unsuitable="ignore")},
        {"spec": {"name": "without-a-catalog-and-a-budget"}},
    ],
    ids=["unknown key", "unknown key in a part", "unknown choice", "missing fields"],
)
def test_a_spec_that_cannot_be_right_is_refused_at_creation(deployed: Deployed, parameters: dict[str, Any]) -> None:
    """By the server, from the schema, before there is a run."""
    before = deployed.post("/flow_runs/count", {}).json()
    answer = deployed.create_run(parameters)
    assert answer.status_code == httpx.codes.CONFLICT, answer.text
    assert deployed.post("/flow_runs/count", {}).json() == before


def test_the_schedule_makes_runs(deployed: Deployed) -> None:
    """The server's scheduler has put them down for Mondays, and the ad hoc deployment has none."""
    scheduled = deployed.deployment("financial-planning")
    assert [(each["active"], each["schedule"]["cron"]) for each in scheduled["schedules"]] == [(True, "0 3 * * 1")]
    body = {"deployments": {"id": {"any_": [scheduled["id"]]}}}
    wait_until(lambda: any(run["auto_scheduled"] for run in deployed.post("/flow_runs/filter", body).json()))
    assert deployed.deployment("ad-hoc")["schedules"] == []
    hourly = deployed.deployment("upkeep", "upkeep")["schedules"]
    assert [(each["active"], each["schedule"]["cron"]) for each in hourly] == [(True, "17 * * * *")]
