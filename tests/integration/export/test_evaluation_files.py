"""Evaluation files end to end: what stands in them is written again, and a release says what it was held against."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_jobs import JobAtHand, generate_all, small_plan
from sqlalchemy import select

from brightrun.catalog import Catalog
from brightrun.enrichment import enrich_job
from brightrun.exporting import ExportReport, export_job
from brightrun.planning import open_job
from brightrun.simulator.pytest_fixture import SimulatorUnderTest
from brightrun.spec import EvaluationSpec, parse_spec
from brightrun.store.jobs import adopt_spec, catalog_json
from brightrun.store.requests import stored_request
from brightrun.store.tables import conversations, verdicts
from brightrun.workplace import Workplace

ITEMS = 4


def job_of(here: Workplace, name: str, *files: Path, counts_as: str = "fail") -> JobAtHand:
    """A job of its own dataset, held against the files. The same requests go out for every name."""
    plan = small_plan(ITEMS)
    named = {"files": [str(file) for file in files], "counts_as": counts_as}
    evaluation = EvaluationSpec.model_validate(named) if files else "off"
    quality = plan.spec.quality.model_copy(update={"evaluation": evaluation})
    spec = plan.spec.model_copy(update={"name": name, "quality": quality})
    planned = replace(plan, loaded=plan.loaded.model_copy(update={"spec": spec}))
    return JobAtHand(here, open_job(here.database, planned, simulated=True).job.id)


def built(job: JobAtHand, url: str, rounds: int = 1) -> ExportReport:
    generated(job, url, rounds)
    return exported(job)


def generated(job: JobAtHand, url: str, rounds: int = 1) -> None:
    with job.runtime(url) as made:
        for _ in range(rounds):
            generate_all(made)
            made.validate()
        enrich_job(made.database, made.files, job.job, made.catalog)


def exported(job: JobAtHand) -> ExportReport:
    with job.here.database.reading() as connection:
        catalog = Catalog.model_validate(catalog_json(connection, job.id))
    spec = parse_spec(job.job.spec, job.id)
    return export_job(job.here.database, job.here.files, job.id, catalog, spec)


def manifest(report: ExportReport) -> dict[str, Any]:
    assert report.release
    found: dict[str, Any] = json.loads((report.release.path / "manifest.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def held_out(here: Workplace, simulator: SimulatorUnderTest, tmp_path: Path) -> Path:
    """A file with the end of one sentence and the beginning of the next in an answer that the simulator is going to
    give: it says the same sentences again, but hardly in the same order."""
    generated(job_of(here, "first"), simulator.url)
    with here.database.reading() as connection:
        content = connection.execute(select(conversations.c.content)).scalars().first()
    answer = max((turn["content"] for turn in content["turns"]), key=len)
    words = answer.split()
    end = next(n for n, word in enumerate(words, 1) if word.endswith(".") and 7 <= n <= len(words) - 7)
    seam = " ".join(words[end - 7 : end + 7])
    path = tmp_path / "held-out.jsonl"
    path.write_text(json.dumps({"question": "Short."}) + "\n" + json.dumps({"question": seam}) + "\n")
    return path


def test_what_stands_in_an_evaluation_file_is_rejected_and_written_again(
    here: Workplace, simulator: SimulatorUnderTest, held_out: Path
) -> None:
    job = job_of(here, "second", held_out)
    report = built(job, simulator.url, rounds=5)
    assert job.states == ["accepted"] * ITEMS
    with here.database.reading() as connection:
        query = select(verdicts.c.findings).where(verdicts.c.verdict == "rejected").order_by(verdicts.c.id)
        findings = [one for found in connection.execute(query).scalars() for one in found]
        requests: list[Any] = [stored_request(connection, call["id"]) for call in job.calls]
    overlapping = [one for one in findings if one["code"] == "evaluation_overlap"]
    assert overlapping
    assert overlapping[0]["quote"].endswith(f"({held_out}:2)")
    lessons = "words in a row in common with a file that models are evaluated with"
    assert any(lessons in request["messages"][0]["content"] for request in requests)

    found = manifest(report)["evaluation"]
    assert found["files"] == [
        {
            "path": str(held_out),
            "sha256": hashlib.sha256(held_out.read_bytes()).hexdigest(),
            "texts": 2,
            "too_short": 1,
        }
    ]
    assert (found["words"], found["overlapping"], found["overlaps"]) == (13, 0, [])


def test_as_a_warning_it_stays_and_manifest_card_and_report_say_so(
    here: Workplace, simulator: SimulatorUnderTest, held_out: Path
) -> None:
    job = job_of(here, "third", held_out, counts_as="warn")
    report = built(job, simulator.url)
    assert report.release
    assert report.facts
    overlapping = manifest(report)["evaluation"]["overlapping"]
    assert overlapping >= 1
    assert manifest(report)["evaluation"]["overlaps"][0]["file"] == str(held_out)
    sentence = "13 words in a row with files that models are to be evaluated with"
    assert sentence in " ".join(report.facts.answer.exceptions)
    page = (report.release.path / "report.html").read_text(encoding="utf-8")
    assert sentence in page
    assert f"{held_out}:2" in page
    card = (report.release.path / "README.md").read_text(encoding="utf-8")
    assert f"**{overlapping}** of the conversations" in card


def test_other_files_make_another_release_of_the_same_conversations(
    here: Workplace, simulator: SimulatorUnderTest, held_out: Path
) -> None:
    """A file that is named later, or changes, counts for what was there before."""
    job = job_of(here, "fourth")
    before = built(job, simulator.url)
    assert manifest(before)["evaluation"] is None
    spec = {**job.job.spec, "quality": {**job.job.spec["quality"], "evaluation": {"files": [str(held_out)]}}}
    with here.database.writing() as connection:
        adopt_spec(connection, job.id, spec, job.job.budget_usd, "somebody")
    named = exported(job)
    assert manifest(named)["evaluation"]["overlapping"] >= 1
    held_out.write_text(held_out.read_text() + json.dumps({"question": "Another."}) + "\n")
    changed = exported(job)
    assert manifest(changed)["evaluation"]["overlapping"] == manifest(named)["evaluation"]["overlapping"]
    assert len({manifest(report)["version"] for report in (before, named, changed)}) == 3
