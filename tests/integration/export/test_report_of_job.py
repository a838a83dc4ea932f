"""The report of a job that lost replies on its way: the same numbers in store, manifest and page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from small_jobs import JobAtHand, generate_all
from sqlalchemy import select

from brightrun.catalog import Catalog
from brightrun.enrichment import enrich_job
from brightrun.export import Release
from brightrun.export.release import REPORT_FILE
from brightrun.exporting import export_job
from brightrun.measuring import records_of
from brightrun.reporting import ReportFacts, render
from brightrun.simulator.fault_plan import plan_of
from brightrun.simulator.faults import Fault, FaultKind
from brightrun.simulator.pytest_fixture import StartSimulator
from brightrun.spec import parse_spec
from brightrun.store.files import LocalFiles
from brightrun.store.jobs import catalog_json
from brightrun.store.tables import verdicts

ATTEMPTS = 2
SPOILT = 0.6
HARMLESS = {Fault.THINKING_FIRST}


@pytest.fixture
def job(new_job: Callable[..., JobAtHand], run_simulator: StartSimulator) -> JobAtHand:
    spoiling = [fault for fault in Fault if fault.facts.kind is FaultKind.REPLY and fault not in HARMLESS]
    faults = plan_of(*(f"{fault.value}:{SPOILT / len(spoiling)}" for fault in spoiling), seed=5)
    made = new_job(items=30, attempts_per_item=ATTEMPTS)
    with made.runtime(run_simulator(seed=5, faults=faults).url) as running:
        for _ in range(ATTEMPTS):
            generate_all(running)
            running.validate()
        enrich_job(running.database, running.files, made.job, running.catalog)
    return made


def released(job: JobAtHand, folder: Path) -> tuple[Release, ReportFacts]:
    """Exported into a folder of its own."""
    with job.here.database.reading() as connection:
        catalog = Catalog.model_validate(catalog_json(connection, job.id))
    exported = export_job(job.here.database, LocalFiles(folder), job.id, catalog, parse_spec(job.job.spec, job.id))
    assert exported.release
    assert exported.facts
    return exported.release, exported.facts


def test_kf33_kf51_store_manifest_and_page_have_the_same_numbers(job, tmp_path):
    release, facts = released(job, tmp_path / "first")
    states = Counter(job.states)
    assert facts.answer.ready == states["accepted"] == len(list(records_of(job.here.database, job.id)))
    assert 0 < facts.answer.missing == 30 - states["accepted"]
    assert sum(reason.count for reason in facts.answer.missing_because) == facts.answer.missing
    with job.here.database.reading() as connection:
        kept = connection.execute(select(verdicts.c.verdict, verdicts.c.reasons)).all()
    assert facts.attempts.written == len(kept)
    assert facts.attempts.rejected == sum(row.verdict == "rejected" for row in kept)
    assert facts.attempts.ready == states["accepted"]
    counted = Counter(code for row in kept if row.verdict == "rejected" for code in row.reasons)
    assert {reason.code: reason.count for reason in facts.attempts.reasons} == counted
    lost = [move for move in job.transitions if move["from_state"] == "generating" and move["to_state"] != "generated"]
    assert sum(reason.count for reason in facts.attempts.lost) == len(lost) > 0

    manifest = json.loads((release.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["counts"]["planned"] == facts.answer.asked
    assert manifest["counts"]["exported"] == facts.answer.ready
    written = manifest["splits"]["written"]
    assert {split.name: split.conversations for split in facts.splits} == {
        name: split["conversations"] for name, split in written.items()
    }
    lengths = manifest["token_lengths"]["formats"]
    assert {token.format: token.most for token in facts.tokens} == {name: own["max"] for name, own in lengths.items()}
    page = (release.path / REPORT_FILE).read_text(encoding="utf-8")
    assert f"{facts.answer.ready} are ready" in page
    assert page.count("<details") > 1
    assert render(facts).partition('<section id="read"')[0] == page.partition('<section id="read"')[0]


def test_the_report_is_a_file_of_the_release_with_the_same_bytes_each_time(job, tmp_path):
    release, _ = released(job, tmp_path / "first")
    again, _ = released(job, tmp_path / "second")
    assert REPORT_FILE in {file.path for file in release.files}
    assert (again.version, again.files) == (release.version, release.files)
