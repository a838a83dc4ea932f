"""The facts of a job's report, with everything that is looked up in the store and measured over the records."""

from __future__ import annotations

from collections.abc import Mapping

from brightrun.catalog import Catalog
from brightrun.export.columns import Format
from brightrun.export.context import ReleaseContext
from brightrun.export.manifest import Splits
from brightrun.export.tokens import TokenLengths
from brightrun.quality.suite_report import SuiteReport
from brightrun.quality.variety import Variety
from brightrun.reporting.attempts import attempt_verdicts
from brightrun.reporting.facts import ReportFacts
from brightrun.reporting.gather import Records, gather
from brightrun.reporting.sources import ReportSources
from brightrun.store.database import Database
from brightrun.store.jobs import coverage
from brightrun.summary import summarize


def facts_of_job(
    database: Database,
    records: Records,
    context: ReleaseContext,
    catalog: Catalog,
    suite: SuiteReport | None = None,
    variety: Variety | None = None,
    splits: Splits | None = None,
    lengths: Mapping[Format, TokenLengths] | None = None,
) -> ReportFacts:
    """The facts of the job that `context` is of. `splits` and `lengths` are the release's, where there is one."""
    with database.reading() as connection:
        cells = coverage(connection, context.job_id)
    sources = ReportSources(
        context=context,
        summary=summarize(database, context.job_id),
        coverage=cells,
        catalog=catalog,
        suite=suite,
        attempts=attempt_verdicts(database, context.job_id),
        variety=variety,
        splits=splits,
        lengths=lengths,
    )
    return gather(records, sources)
