"""What a suite said about a dataset."""

from __future__ import annotations

from typing import Any

from brightrun.quality.suite_file import ExpectationSeverity
from brightrun.quality.verdicts import Statement

UNEXPECTED_IDS = 20
"""Most conversations named per expectation; the count is always whole."""


class ExpectationResult(Statement):
    """How one expectation went. Ids and count are of the conversations that were not as expected.

    `observed` is the figure that was measured, for expectations about a whole column; JSON values only.
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


def both(first: SuiteReport, second: SuiteReport) -> SuiteReport:
    """What two suites said about one dataset, as one. Rows and Data Docs are the first's."""
    return SuiteReport(
        suite=f"{first.suite}, {second.suite}",
        file=f"{first.file}, {second.file}",
        rows=first.rows,
        results=(*first.results, *second.results),
        data_docs=first.data_docs,
    )
