"""Report: what the Prefect pages show of a job, in few artifacts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any
from uuid import UUID

from prefect import task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from brightrun.exporting import ExportReport, facts_so_far
from brightrun.reporting import ReportFacts, as_markdown
from brightrun.reporting.facts import ExpectationFact
from brightrun.runtime import runtime
from brightrun.store.jobs import coverage, state_counts
from brightrun.store.states import ItemState
from brightrun.summary import BuildSummary, located, summarize
from tasks.job_ref import JobRef

PROGRESS_S = 2.0
MOST_ROWS = 200
SETTLED = (ItemState.ACCEPTED, ItemState.REJECTED, ItemState.FAILED)  # a cancelled one is owed again by `resume`


@task(name="report", task_run_name="report")
def report(job: JobRef, exported: ExportReport | None, message: str | None) -> None:
    """Artifacts at the end: summary, coverage, reasons, quality. The numbers are those of the release's report."""
    here = runtime(job.id)
    summary = located(summarize(here.database, job.id), here.files, None)
    facts = exported.facts if exported else None
    facts = facts or facts_so_far(here.database, job.id, here.catalog, here.spec)
    create_markdown_artifact(_summary_text(facts, summary, message), key="summary", description="What the job came to")
    with here.database.reading() as connection:
        cells = coverage(connection, job.id)
    short_first = sorted(cells, key=lambda cell: cell.accepted - cell.owed)
    rows = [
        {
            "persona": cell.persona,
            "arc": cell.arc,
            "topic": cell.topic,
            "ready": f"{cell.accepted} of {cell.owed}",
            "why not more": ", ".join(cell.reasons),
        }
        for cell in short_first[:MOST_ROWS]
    ]
    more = f"; the first {MOST_ROWS} of {len(cells)}" if len(cells) > MOST_ROWS else ""
    create_table_artifact(rows, key="coverage", description=f"Combinations, those that fell short first{more}")
    if facts.answer.missing_because:
        reasons = [
            {"reason": one.code, "meaning": one.meaning, "conversations": one.count}
            for one in facts.answer.missing_because
        ]
        create_table_artifact(reasons, key="reasons", description="Why conversations are missing")
    if facts.expectations:
        text = "The conditions on the dataset, result by result, with what was found"
        create_table_artifact(_quality_rows(facts.expectations), key="quality", description=text)


def _summary_text(facts: ReportFacts, summary: BuildSummary, message: str | None) -> str:
    """The report's short version, and what only the run knows: its message, and where the release is."""
    release = summary.release
    place = f"`{release.path}` ({len(release.files)} files)" if release else "none"
    lines = [
        as_markdown(facts),
        *([message, ""] if message else []),
        "| | |",
        "|---|---|",
        f"| job | `{summary.job_id}` |",
        f"| release | {place} |",
        f"| calls | {summary.calls} ({summary.possibly_paid_calls} possibly paid) |",
        f"| tokens | {summary.input_tokens:,} in, {summary.output_tokens:,} out |",
        f"| prompt cache | {summary.cache_read_tokens:,} tokens read, ${summary.cache_saved_usd} saved |",
    ]
    return "\n".join(lines)


def _quality_rows(expectations: Sequence[ExpectationFact]) -> list[dict[str, Any]]:
    not_met_first = sorted(expectations, key=lambda one: one.met)
    return [
        {
            "result": "met" if one.met else "not met",
            "condition": one.text,
            "kind": "must hold" if one.critical else "should hold",
            "found": one.found,
        }
        for one in not_met_first[:MOST_ROWS]
    ]


@contextmanager
def progress(job: JobRef) -> Iterator[None]:
    """One progress artifact for the job, brought up to date every two seconds by one thread while inside."""
    ended = threading.Event()
    made = create_progress_artifact(0.0, key="progress", description="Conversations that are settled")
    artifact_id = made if isinstance(made, UUID) else UUID(str(made))

    def follow() -> None:
        last = 0.0
        while not ended.wait(PROGRESS_S):
            with contextlib.suppress(Exception):  # a page that lags is no reason to fail
                now = _settled_share(job)
                if now != last:
                    update_progress_artifact(artifact_id, now)
                    last = now

    thread = threading.Thread(target=copy_context().run, args=(follow,), name="brightrun-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with contextlib.suppress(Exception):
            update_progress_artifact(artifact_id, _settled_share(job))


def _settled_share(job: JobRef) -> float:
    """How much of the job is settled, in percent."""
    with runtime(job.id).database.reading() as connection:
        counts = state_counts(connection, job.id)
    total = sum(counts.values())
    return round(100 * sum(counts[state] for state in SETTLED) / total, 1) if total else 100.0
