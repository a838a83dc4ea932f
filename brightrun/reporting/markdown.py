"""The short version of a report, as Markdown: for a page of Prefect's, or a message."""

from __future__ import annotations

from brightrun.reporting.facts import ReportFacts
from brightrun.reporting.wording import counted, dollars

SHORT_SHOWN = 20


def as_markdown(facts: ReportFacts) -> str:
    """The answer, what fell short and why, in a page of text. The numbers are the report's."""
    answer = facts.answer
    lines = [
        f"# {answer.ready:,} of {counted(answer.asked, 'conversation')} are ready",
        "",
        *(["**SIMULATED: not fit to train on.**", ""] if answer.simulated else []),
        "| | |",
        "|---|---|",
        f"| cost | {dollars(answer.spent_usd)} of {dollars(answer.budget_usd)} |",
        f"| combinations filled | {facts.coverage.filled:,} of {facts.coverage.combinations:,} |",
        f"| simulated | {'yes' if answer.simulated else 'no'} |",
        f"| safe to train on | {answer.fitness.value} |",
        *([f"| judge's score | {_score(facts)} |"] if facts.looked_at else []),
        *([f"| overlap with evaluation files | {_overlap(facts)} |"] if facts.evaluation else []),
        "",
    ]
    if answer.exceptions:
        lines += [*(f"- {_text(sentence)}" for sentence in answer.exceptions), ""]
    if answer.missing:
        lines += [f"## {counted(answer.missing, 'conversation')} missing", ""]
        lines += [f"- {reason.count:,}: {_text(reason.meaning)} (`{reason.code}`)" for reason in answer.missing_because]
        lines += ["", "| persona | arc | topic | ready | why not more |", "|---|---|---|---|---|"]
        lines += [
            f"| {_text(short.persona)} | {_text(short.arc)} | {_text(short.topic)} | {short.ready} of {short.owed} "
            f"| {_text(' '.join(short.reasons))} |"
            for short in facts.coverage.short[:SHORT_SHOWN]
        ]
        if facts.coverage.short_total > SHORT_SHOWN:
            lines += ["", f"and {facts.coverage.short_total - SHORT_SHOWN:,} more combinations"]
    return "\n".join(lines).rstrip() + "\n"


def _score(facts: ReportFacts) -> str:
    if facts.scores is None:
        return "not measured"
    overall = facts.scores.overall
    return (
        f"median {overall.median:g}, lowest {overall.least:g} ({facts.scores.scored:,} of {facts.scores.of:,} judged)"
    )


def _overlap(facts: ReportFacts) -> str:
    assert facts.evaluation is not None
    return counted(facts.evaluation.overlapping, "conversation") if facts.evaluation.overlapping else "none"


def _text(text: str) -> str:
    """Text of a catalog or a suite in a line or a cell of Markdown, as text and nothing else."""
    plain = " ".join(text.split())
    for mark in "\\`*_{}[]<>#|!":
        plain = plain.replace(mark, f"\\{mark}")
    return plain
