"""Export of a job: the gate of the expectation suite, then the release."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brightrun.catalog import Catalog
from brightrun.enrich import EnrichedConversation
from brightrun.errors import ExportError
from brightrun.export import Release, ReleaseContext, Shortfall, write_release
from brightrun.export.columns import Format
from brightrun.export.manifest import Splits
from brightrun.export.tokens import TokenLengths
from brightrun.quality.judging.reading import MeasuredFeeling
from brightrun.quality.release_table import RELEASE_COLUMNS, example_release, release_row, release_table
from brightrun.quality.suite_file import Suite, load_suite
from brightrun.quality.suite_report import SuiteReport, both
from brightrun.quality.suite_run import prove_suite, run_suite
from brightrun.quality.table import ConversationRow, conversation_row
from brightrun.quality.variety import Variety, VarietyMeter
from brightrun.reporting import ReportSources, attempt_verdicts, gather, render
from brightrun.spec import DatasetSpec, LoadedSpec
from brightrun.store.conversations import enriched_records
from brightrun.store.database import Database
from brightrun.store.files import DATASETS, LocalFiles
from brightrun.store.jobs import Job, coverage, get_job, record_release
from brightrun.summary import shortfalls, summarize
from brightrun.yaml_source import YamlSource

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ExportReport:
    """What the gate said, and the release if it let one pass."""

    suite: SuiteReport | None
    release: Release | None


@dataclass(frozen=True)
class Suites:
    """The expectation suites of a spec: over its conversations, and over its dataset as a whole."""

    conversations: Suite
    release: Suite

    def prove(self) -> None:
        """Run them over made-up rows. Raises SuiteError for one that cannot run."""
        prove_suite(self.conversations)
        prove_suite(self.release, example_release())


def load_suites(spec: DatasetSpec, spec_origin: str) -> Suites:
    """The suites that a spec names. Raises SuiteError with everything that is wrong in one."""
    loaded = LoadedSpec(spec=spec, source=YamlSource(name=spec_origin))
    return Suites(
        load_suite(loaded.resolve(spec.quality.suite)),
        load_suite(loaded.resolve(spec.quality.release_suite), RELEASE_COLUMNS),
    )


def records_of(database: Database, job_id: str) -> Iterator[EnrichedConversation]:
    """The records of a job's accepted conversations, by id, streamed."""
    with database.reading() as connection:
        for record in enriched_records(connection, job_id):
            yield EnrichedConversation.model_validate(record)


def check_dataset(database: Database, files: LocalFiles, job: Job, suites: Suites) -> SuiteReport | None:
    """Run the suites over one row per accepted conversation, and over the dataset in one row: what both say.

    None where there is nothing to run them over. Their Data Docs replace those of the job's last run, beside the
    releases.
    """
    rows = [conversation_row(record) for record in records_of(database, job.id)]
    if not rows:
        return None
    docs = files.path(DATASETS, f"{job.name}/data-docs/{job.id}")
    try:
        shutil.rmtree(docs, ignore_errors=True)
        of_conversations = run_suite(suites.conversations, rows, docs)
        of_release = run_suite(suites.release, _release_table(database, job, rows), docs / "release")
    except OSError as error:
        raise ExportError(
            f"The Data Docs could not be written to {docs}: {error.strerror or error}. Make room there or free the "
            f"path; `brightrun export {job.id}` then goes on, and nothing is paid for again."
        ) from error
    return both(of_conversations, of_release)


def _release_table(database: Database, job: Job, rows: Sequence[ConversationRow]) -> pd.DataFrame:
    with database.reading() as connection:
        cells = coverage(connection, job.id)
    quotas = {f"{cell.persona}.{cell.arc}.{cell.topic}": (cell.owed, cell.accepted) for cell in cells}
    return release_table(release_row(variety_of(database, job.id), rows, quotas))


def failed_expectations(suite: SuiteReport) -> str:
    """The critical expectations that failed, each with how many conversations failed it."""
    return "; ".join(
        f"{result.type} on {', '.join(result.columns) or 'the table'}"
        + (
            f" ({result.unexpected_count} conversations, as {result.unexpected_ids[0]})"
            if result.unexpected_ids
            else ""
        )
        for result in suite.critical_failures
    )


def variety_of(database: Database, job_id: str) -> Variety:
    """How varied the accepted conversations of a job are."""
    meter = VarietyMeter()
    for record in records_of(database, job_id):
        meter.add(record, _reading(record))
    return meter.result()


def _reading(record: EnrichedConversation) -> list[MeasuredFeeling] | None:
    """What the blind reader measured, or None where none has read it."""
    return [
        MeasuredFeeling(turn=number, measured_emotion=turn.measured_emotion, measured_intensity=turn.measured_intensity)
        for number, turn in enumerate(record.turns, 1)
        if turn.measured_emotion is not None and turn.measured_intensity is not None
    ] or None


def export_job(
    database: Database,
    files: LocalFiles,
    job_id: str,
    catalog: Catalog,
    spec: DatasetSpec,
    suite: SuiteReport | None = None,
) -> Release:
    """Write the release of everything accepted, and record it. `suite`: what the gate said, for the report."""
    with database.reading() as connection:
        job = get_job(connection, job_id)
        cells = coverage(connection, job_id)
    summary = summarize(database, job_id)
    context = ReleaseContext(
        dataset=job.name,
        job_id=job.id,
        simulated=job.simulated,
        model=spec.generate.model,
        spec=spec.model_dump(mode="json"),
        catalog=catalog.info.key,
        catalog_name=catalog.info.name,
        catalog_hash=job.catalog_hash,
        language=catalog.info.language,
        jurisdiction=catalog.info.jurisdiction,
        prompt_version=job.prompt_version,
        code_version=job.code_version,
        system_prompts=catalog.advisor.system_prompts,
        planned=summary.planned,
        accepted=summary.accepted,
        rejected=summary.rejected,
        undecided=summary.undecided,
        failed=summary.failed + summary.cancelled,
        reasons=summary.reasons,
        shortfalls=tuple(
            Shortfall(
                cell=f"{cell.persona} × {cell.arc} × {cell.topic}",
                owed=cell.owed,
                accepted=cell.accepted,
                reason=", ".join(cell.reasons),
            )
            for cell in shortfalls(database, job)
        ),
        spent_usd=format(job.spent_usd.normalize(), "f"),
        budget_usd=format(job.budget_usd.normalize(), "f"),
    )
    attempts, variety = attempt_verdicts(database, job_id), variety_of(database, job_id)

    def page(splits: Splits, lengths: Mapping[Format, TokenLengths]) -> str:
        def records() -> Iterator[EnrichedConversation]:
            return records_of(database, job_id)

        sources = ReportSources(context, summary, cells, catalog, suite, attempts, variety, splits, lengths)
        return render(gather(records, sources))

    root = files.path(DATASETS, "")
    release = write_release(lambda: records_of(database, job_id), spec.export, context, root, report=page)
    with database.writing() as connection:
        record_release(
            connection,
            job_id,
            release.version,
            str(release.path.relative_to(root)),
            [file.model_dump(mode="json") for file in release.files],
        )
    return release
