"""What a report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from brightrun.catalog import Catalog
from brightrun.export.columns import Format
from brightrun.export.context import ReleaseContext
from brightrun.export.manifest import Splits
from brightrun.export.tokens import TokenLengths
from brightrun.quality.suite_report import SuiteReport
from brightrun.quality.variety import Variety
from brightrun.store.jobs import CellCoverage
from brightrun.summary import BuildSummary


@dataclass(frozen=True)
class AttemptVerdicts:
    """Verdicts on all conversations of a job that were ever written, by verdict and by reason code.

    `reasons` are of the rejected ones, `warnings` codes that were found and rejected nothing; each counts a
    conversation once. `lost` are attempts that brought no conversation.
    """

    ready: int
    rejected: int
    undecided: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportSources:
    """Everything about a job but its conversations. What was not measured is None, and the report says so.

    `splits` and `lengths` are the release's, where there is one.
    """

    context: ReleaseContext
    summary: BuildSummary
    coverage: Sequence[CellCoverage]
    catalog: Catalog
    suite: SuiteReport | None = None
    attempts: AttemptVerdicts | None = None
    variety: Variety | None = None
    splits: Splits | None = None
    lengths: Mapping[Format, TokenLengths] | None = None
