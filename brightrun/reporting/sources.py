"""What a report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from brightrun.catalog import Catalog
from brightrun.export.columns import Format
from brightrun.export.context import ReleaseContext
from brightrun.export.manifest import Splits
from brightrun.export.tokens import TokenLengths
from brightrun.items import FeelingPoint
from brightrun.quality.suite_report import SuiteReport
from brightrun.reporting.facts import VarietyFacts
from brightrun.store.jobs import CellCoverage
from brightrun.summary import BuildSummary


@dataclass(frozen=True)
class ConversationScore:
    """What the judge gave a conversation, 0 to 10: the mean over the rubric and each of its dimensions."""

    mean: Decimal
    dimensions: Mapping[str, Decimal]


@dataclass(frozen=True)
class AttemptVerdicts:
    """Verdicts on all conversations of a job that were ever written, by verdict and by reason code.

    `reasons` are of the rejected ones, `warnings` codes that were found and rejected nothing; each counts a
    conversation once.
    """

    ready: int
    rejected: int
    undecided: int
    reasons: Mapping[str, int]
    warnings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportSources:
    """Everything about a job but its conversations. What was not measured is None and stays out of the report.

    `scores` and `readings` are by conversation id; a reading has a feeling for each message of the user.
    `splits` and `lengths` are the release's, where there is one.
    """

    context: ReleaseContext
    summary: BuildSummary
    coverage: Sequence[CellCoverage]
    catalog: Catalog
    suite: SuiteReport | None = None
    attempts: AttemptVerdicts | None = None
    scores: Mapping[str, ConversationScore] | None = None
    readings: Mapping[str, Sequence[FeelingPoint]] | None = None
    variety: VarietyFacts | None = None
    splits: Splits | None = None
    lengths: Mapping[Format, TokenLengths] | None = None
