"""What a suite said about a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from brightrun.quality.suite_file import ExpectationSeverity
from brightrun.quality.verdicts import Statement

UNEXPECTED_IDS = 20
"""Most conversations named per expectation; the count is always whole."""
NAMED_IN_TEXT = 3


class ExpectationResult(Statement):
    """How one expectation went. Ids and count are of the conversations that were not as expected.

    `observed` is the figure that was measured, for expectations about a whole column or the whole dataset; JSON values
    only. `behind` names what a figure of the dataset comes from, worst first.
    """

    type: str
    columns: tuple[str, ...]
    severity: ExpectationSeverity
    success: bool
    why: str | None
    unexpected_ids: tuple[str, ...]
    unexpected_count: int
    observed: Any
    line: int
    behind: tuple[str, ...] = ()

    @property
    def measure(self) -> str:
        """What was found, in a few words: how many conversations are against it, or the figure."""
        if self.unexpected_count:
            noun = "conversation" if self.unexpected_count == 1 else "conversations"
            return f"{self.unexpected_count:,} {noun} against it"
        return f"measured {self.observed:g}" if isinstance(self.observed, (int, float)) else ""

    @property
    def found(self) -> str:
        """The measure, with the first names of what is against it."""
        names = self.unexpected_ids or self.behind
        if not names or not self.measure:
            return self.measure
        more = ", …" if max(self.unexpected_count, len(names)) > NAMED_IN_TEXT else ""
        return f"{self.measure}: {', '.join(names[:NAMED_IN_TEXT])}{more}"


class SuiteReport(Statement):
    """All results of a suite, in the order of its file. Without rows there are none, and nothing has passed."""

    suite: str
    file: str
    rows: int
    results: tuple[ExpectationResult, ...]
    data_docs: str | None
    """Path of the index page of the Data Docs, where they were written."""

    @property
    def critical_failures(self) -> tuple[ExpectationResult, ...]:
        return self._failed(ExpectationSeverity.CRITICAL)

    @property
    def warnings(self) -> tuple[ExpectationResult, ...]:
        return self._failed(ExpectationSeverity.WARNING)

    @property
    def passed(self) -> bool:
        """Whether the dataset may be released: it has rows, and nothing critical failed."""
        return self.rows > 0 and not self.critical_failures

    def _failed(self, severity: ExpectationSeverity) -> tuple[ExpectationResult, ...]:
        return tuple(r for r in self.results if not r.success and r.severity is severity)


def about_dataset(
    report: SuiteReport, row: Mapping[str, float | None], behind: Mapping[str, Sequence[str]]
) -> SuiteReport:
    """The report of the suite over the dataset's one row: each result with the figure it is about and, where it
    failed, with what the figure comes from, both by column."""
    results = []
    for result in report.results:
        column = result.columns[0] if result.columns else ""
        found: dict[str, Any] = {"unexpected_ids": (), "unexpected_count": 0}
        if column in row:
            found["observed"] = row[column]
        if not result.success:
            found["behind"] = tuple(behind.get(column, ()))[:UNEXPECTED_IDS]
        results.append(result.model_copy(update=found))
    return report.model_copy(update={"results": tuple(results)})


def both(first: SuiteReport, second: SuiteReport) -> SuiteReport:
    """What two suites said about one dataset, as one. Rows and Data Docs are the first's."""
    return SuiteReport(
        suite=f"{first.suite}, {second.suite}",
        file=f"{first.file}, {second.file}",
        rows=first.rows,
        results=(*first.results, *second.results),
        data_docs=first.data_docs,
    )
