"""report.html: the facts as one page that needs nothing but itself."""

from __future__ import annotations

from pathlib import Path

import jinja2

from brightrun.reporting import charts
from brightrun.reporting.facts import ReportFacts
from brightrun.reporting.wording import counted, dollars, percent, share_of

TEMPLATES = Path(__file__).parent / "templates"


def render(facts: ReportFacts) -> str:
    """The page. The same facts give the same bytes; catalog texts and conversations are escaped as data."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(dollars=dollars, percent=percent, number=lambda value: f"{value:,g}")
    environment.globals.update(
        counted=counted,
        share_of=share_of,
        histogram=charts.histogram,
        feeling_chart=charts.feeling_chart,
        shares=charts.shares,
    )
    return environment.get_template("report.html.j2").render(facts=facts, answer=facts.answer)
