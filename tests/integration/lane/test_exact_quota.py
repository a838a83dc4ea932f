"""Every combination gets exactly the conversations it was to have, though a third of all replies is spoiled."""

from __future__ import annotations

from collections import Counter

import pytest
from small_jobs import PROJECT, JobAtHand, generate_all

from brightrun.planning import make_plan, open_job
from brightrun.simulator.fault_plan import plan_of
from brightrun.simulator.faults import Fault, FaultKind
from brightrun.simulator.pytest_fixture import StartSimulator
from brightrun.spec import DatasetSpec
from brightrun.workplace import Workplace

ATTEMPTS = 8
SPOILT = 0.3
HARMLESS = {Fault.THINKING_FIRST}
SPEC = {
    "name": "exact",
    "catalog": str(PROJECT / "catalogs" / "financial_planning"),
    "grid": {
        "personas": ["pragmatic_optimist", "anxious_planner"],
        "arcs": ["confusion_to_clarity", "couple_conflict_to_alignment", "fear_to_confidence"],
        "topics": ["grandparent_529", "mortgage_payoff_strategy"],
        "per_cell": 5,
        "unsuitable": "keep",
    },
    "generate": {"budget_usd": 50, "concurrency": 16, "attempts_per_item": ATTEMPTS},
}


@pytest.mark.parametrize("seed", range(10))
def test_kf_56_twelve_combinations_of_five_end_with_sixty(
    here: Workplace, run_simulator: StartSimulator, seed: int
) -> None:
    spoiling = [fault for fault in Fault if fault.facts.kind is FaultKind.REPLY and fault not in HARMLESS]
    faults = plan_of(*(f"{fault.value}:{SPOILT / len(spoiling)}" for fault in spoiling), seed=seed)
    simulator = run_simulator(seed=seed, faults=faults)
    plan = make_plan(DatasetSpec.model_validate(SPEC))
    assert len(plan.grid.quotas) == 12
    job = JobAtHand(here, open_job(here.database, plan, simulated=True).job.id)
    with job.runtime(simulator.url) as made:
        for _ in range(ATTEMPTS):
            if not generate_all(made):
                break
            made.validate()
    cells = Counter((item["persona"], item["arc"], item["topic"]) for item in job.items if item["state"] == "accepted")
    assert cells == dict.fromkeys(cells, 5)
    assert len(cells) == 12
    assert max(item["attempt"] for item in job.items) > 1
    job.assert_books_balance()
