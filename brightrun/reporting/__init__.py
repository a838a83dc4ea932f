"""The report of a job: facts gathered once, shown as a page that opens offline and as a short text."""

from brightrun.reporting.attempts import attempt_verdicts
from brightrun.reporting.facts import ReportFacts
from brightrun.reporting.gather import gather
from brightrun.reporting.markdown import as_markdown
from brightrun.reporting.page import render
from brightrun.reporting.sources import AttemptVerdicts, ReportSources
from brightrun.reporting.tally import ReportTally

__all__ = [
    "AttemptVerdicts",
    "ReportFacts",
    "ReportSources",
    "ReportTally",
    "as_markdown",
    "attempt_verdicts",
    "gather",
    "render",
]
