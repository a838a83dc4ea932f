"""Export of a job: the gate of the expectation suites, then the release."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from brightrun.catalog import Catalog
from brightrun.errors import ExportError
from brightrun.export import Release, ReleasePlan, plan_release, write_release
from brightrun.export.columns import Format
from brightrun.export.manifest import Splits
from brightrun.export.tokens import TokenLengths
from brightrun.measuring import MeasuredDataset, measure, records_of
from brightrun.quality.figure_rows import behind_figures
from brightrun.quality.release_table import (
    RELEASE_COLUMNS,
    DatasetAsPlanned,
    example_release,
    release_row,
    release_table,
)
from brightrun.quality.suite_file import Suite, load_suite
from brightrun.quality.suite_report import SuiteReport, about_dataset, both
from brightrun.quality.suite_run import prove_suite, run_suite
from brightrun.release_context import release_context
from brightrun.reporting import ReportFacts, ReportSources, ReportTally, attempt_verdicts, gather, render
from brightrun.spec import DatasetSpec, LoadedSpec
from brightrun.store.database import Database
from brightrun.store.files import DATA_DOCS, DATASETS, LocalFiles, data_docs_folder
from brightrun.store.jobs import Job, coverage, get_job, record_release
from brightrun.store.outbox import queue_release
from brightrun.summary import summarize
from brightrun.yaml_source import YamlSource


@dataclass(frozen=True)
class ExportReport:
    """What the gate said, the release if it let one pass, and the report's facts without conversations.

    Without an accepted conversation there is neither.
    """

    suite: SuiteReport | None
    release: Release | None
    facts: ReportFacts | None = None


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


def export_job(database: Database, files: LocalFiles, job_id: str, catalog: Catalog, spec: DatasetSpec) -> ExportReport:
    """Measure the accepted conversations, let the suites decide, then write the release and record it.

    Raises SuiteError for a suite that cannot be used, ProblemsError for an evaluation file, and ExportError.
    """
    with database.reading() as connection:
        job = get_job(connection, job_id)
    suites = load_suites(spec, job.spec_origin)
    dataset = measure(database, job, catalog, spec)
    if not dataset.rows:
        return ExportReport(None, None)
    plan = plan_release(dataset.rows, spec.export, catalog.advisor.system_prompts, job.simulated)
    suite = check_dataset(files, job, suites, dataset, plan, spec)
    export = _Export(database, job, catalog, spec, dataset, suite)
    if not suite.passed:
        return ExportReport(suite, None, _without_conversations(export.facts()))
    return ExportReport(suite, export.write(files, plan), _without_conversations(export.shown[-1]))


def check_dataset(
    files: LocalFiles, job: Job, suites: Suites, dataset: MeasuredDataset, plan: ReleasePlan, spec: DatasetSpec
) -> SuiteReport:
    """Run the suites over one row per accepted conversation, and over the dataset in one row: what both say.

    Their Data Docs replace those of the job's last run, beside the releases.
    """
    overlaps = dataset.evaluation
    planned = DatasetAsPlanned(
        dataset.cells,
        plan.groups,
        plan.splits,
        {str(name): share for name, share in spec.export.splits.items()},
        overlaps.overlapping if overlaps else None,
    )
    row = release_row(dataset.variety, dataset.rows, planned)
    overlapping = [overlap.conversation_id for overlap in overlaps.overlaps] if overlaps else []
    behind = behind_figures(dataset.variety, dataset.rows, planned, overlapping)
    docs = files.path(DATASETS, data_docs_folder(job.name, job.id))
    try:
        shutil.rmtree(docs, ignore_errors=True)
        of_conversations = run_suite(suites.conversations, dataset.rows, docs)
        of_release = run_suite(suites.release, release_table(row), docs / "release")
    except OSError as error:
        raise ExportError(
            f"The Data Docs could not be written to {docs}: {error.strerror or error}. Make room there or free the "
            f"path; `brightrun export {job.id}` then goes on, and nothing is paid for again."
        ) from error
    return both(of_conversations, about_dataset(of_release, row, behind))


def failed_expectations(suite: SuiteReport) -> str:
    """The critical expectations that failed, each with what was found."""
    return "; ".join(
        f"{result.type} on {', '.join(result.columns) or 'the table'}" + (f" ({result.found})" if result.found else "")
        for result in suite.critical_failures
    )


def facts_so_far(database: Database, job_id: str, catalog: Catalog, spec: DatasetSpec) -> ReportFacts:
    """The report's facts about a job that was not exported: what the store knows of it, without its conversations."""
    with database.reading() as connection:
        job = get_job(connection, job_id)
        cells = coverage(connection, job_id)
    summary = summarize(database, job_id)
    context = release_context(job, summary, catalog, spec, cells, None)
    sources = ReportSources(context, summary, cells, catalog, attempts=attempt_verdicts(database, job_id))
    return gather(ReportTally(catalog), lambda _ids: (), sources)


@dataclass
class _Export:
    """One export of a measured dataset. `shown` are the facts that pages were made of."""

    database: Database
    job: Job
    catalog: Catalog
    spec: DatasetSpec
    dataset: MeasuredDataset
    suite: SuiteReport
    shown: list[ReportFacts] = field(default_factory=list)

    def __post_init__(self) -> None:
        summary, dataset = summarize(self.database, self.job.id), self.dataset
        self.context = release_context(
            self.job,
            summary,
            self.catalog,
            self.spec,
            dataset.cells,
            dataset.evaluation,
            f"../{DATA_DOCS}/{self.job.id}",
        )
        self._sources = ReportSources(
            self.context,
            summary,
            dataset.cells,
            self.catalog,
            self.suite,
            attempt_verdicts(self.database, self.job.id),
            dataset.variety,
        )

    def facts(self, splits: Splits | None = None, lengths: Mapping[Format, TokenLengths] | None = None) -> ReportFacts:
        sources = replace(self._sources, splits=splits, lengths=lengths)
        return gather(self.dataset.tally, lambda ids: records_of(self.database, self.job.id, ids), sources)

    def write(self, files: LocalFiles, plan: ReleasePlan) -> Release:
        """The release, recorded in the store."""
        root = files.path(DATASETS, "")
        records = records_of(self.database, self.job.id)
        release = write_release(records, plan, self.spec.export, self.context, root, report=self._page)
        with self.database.writing() as connection:
            path = str(release.path.relative_to(root))
            listed = [file.model_dump(mode="json") for file in release.files]
            record_release(connection, self.job.id, release.version, path, listed)
            queue_release(connection, files, self.job.id, path, [file.path for file in release.files])
        return release

    def _page(self, splits: Splits, lengths: Mapping[Format, TokenLengths]) -> str:
        self.shown.append(self.facts(splits, lengths))
        return render(self.shown[-1])


def _without_conversations(facts: ReportFacts) -> ReportFacts:
    """What travels between tasks is small."""
    return facts.model_copy(update={"samples": ()})
