"""The first thing a person wants to know: is it all there, what did it cost, can it be trained on."""

from __future__ import annotations

from collections.abc import Sequence

from brightrun.quality.suite_report import ExpectationResult
from brightrun.reporting.facts import Answer, Coverage, Fitness, ScoreFacts, TokenFact
from brightrun.reporting.reasons import UNFINISHED, reason_counts
from brightrun.reporting.sources import ReportSources
from brightrun.reporting.wording import counted

SIMULATED = "It is simulated: no model wrote it, and it teaches nothing."
NOT_SCORED = (
    "What the advisor says was not judged by anyone. The automatic checks looked at form and at agreement with the "
    "plan, not at whether the advice is good or true."
)


def answer_of(
    sources: ReportSources,
    coverage: Coverage,
    scores: ScoreFacts | None,
    tokens: Sequence[TokenFact],
) -> Answer:
    """The answer, with every sentence that speaks against training on the dataset."""
    context, summary = sources.context, sources.summary
    missing = context.planned - context.accepted
    reasons = dict(context.reasons)
    unexplained = missing - sum(reasons.values())
    if unexplained > 0:
        reasons[UNFINISHED] = unexplained
    forbidding = _forbidding(sources)
    exceptions = forbidding + _exceptions(sources, coverage, scores, tokens)
    settled = context.accepted + context.rejected + context.undecided + context.failed
    return Answer(
        asked=context.planned,
        ready=context.accepted,
        rejected=context.rejected,
        undecided=context.undecided,
        failed=context.failed - summary.cancelled,
        cancelled=summary.cancelled,
        unfinished=context.planned - settled,
        missing=missing,
        missing_because=reason_counts(reasons),
        spent_usd=context.spent_usd,
        budget_usd=context.budget_usd,
        simulated=context.simulated,
        fitness=Fitness.NO if forbidding else Fitness.YES_EXCEPT if exceptions else Fitness.YES,
        exceptions=tuple(exceptions),
    )


def _forbidding(sources: ReportSources) -> list[str]:
    """What forbids training on it at all."""
    found = [SIMULATED] if sources.context.simulated else []
    if not sources.context.accepted:
        found.append("There is nothing in it: no conversation is ready.")
    if sources.suite:
        found += [f"A condition that must hold does not: {expected(r)}." for r in sources.suite.critical_failures]
    return found


def _exceptions(
    sources: ReportSources,
    coverage: Coverage,
    scores: ScoreFacts | None,
    tokens: Sequence[TokenFact],
) -> list[str]:
    found = []
    if scores is None:
        found.append(NOT_SCORED)
    elif scores.scored < scores.of:
        found.append(f"Only {scores.scored:,} of {counted(scores.of, 'conversation')} were judged.")
    if coverage.short_total:
        short = counted(coverage.short_total, "combination")
        found.append(f"{short} of {coverage.combinations:,} have fewer conversations than they were to have.")
    if sources.suite:
        found += [f"A condition that should hold does not: {expected(r)}." for r in sources.suite.warnings]
    found += _over_length(tokens)
    found += [f"The part “{name}” was not written: {why}." for name, why in _unwritten(sources).items()]
    return found


def _over_length(tokens: Sequence[TokenFact]) -> list[str]:
    """Trainers cut long rows without a word. The first format is told of: whole conversations where it can be."""
    if not tokens:
        return []
    program, rows = max(tokens[0].longer, key=lambda longer: longer[1], default=("", 0))
    if not rows:
        return []
    unit = "row" if tokens[0].format == "pairs" else "conversation"
    return [
        f"Training programs cut off or drop what is longer than their limit: {counted(rows, unit)} with {program}, "
        "unless it is set as the table of lengths below says."
    ]


def _unwritten(sources: ReportSources) -> dict[str, str]:
    return {str(name): reason for name, reason in sources.splits.unwritten.items()} if sources.splits else {}


def expected(result: ExpectationResult) -> str:
    """An expectation for people: the suite's own reason for it, or its type in words."""
    words = result.type.removeprefix("expect_").replace("_", " ")
    subject = f"{', '.join(result.columns)}: {words}" if result.columns else words
    text = result.why.strip().rstrip(".") if result.why else subject
    return (
        f"{text} ({counted(result.unexpected_count, 'conversation')} against it)" if result.unexpected_count else text
    )
