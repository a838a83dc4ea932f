"""The first thing a person wants to know: is it all there, what did it cost, can it be trained on."""

from __future__ import annotations

from collections.abc import Sequence

from brightrun.quality.suite_report import ExpectationResult
from brightrun.reporting.facts import Answer, Coverage, Fitness, ScoreFacts, TokenFact
from brightrun.reporting.reasons import UNFINISHED, reason_counts
from brightrun.reporting.sources import ReportSources
from brightrun.reporting.wording import counted

SIMULATED = "It is simulated: no model wrote it, and it teaches nothing."
SAID = frozenset({"short_combinations", "unwritten_splits", "evaluation_overlaps"})
"""Columns of the release suite on which the answer has a sentence of its own."""
NOT_RELEASED = "There is no release of it yet: the run ended before that, and its conversations were not looked at."
NOT_SCORED = (
    "What the advisor says was not judged by anyone. The automatic checks looked at form and at agreement with the "
    "plan, not at whether the advice is good or true."
)


def answer_of(
    sources: ReportSources,
    coverage: Coverage,
    scores: ScoreFacts | None,
    tokens: Sequence[TokenFact],
    looked_at: int,
) -> Answer:
    """The answer, with every sentence that speaks against training on the dataset.

    `looked_at`: how many of the ready conversations the facts come from.
    """
    context, summary = sources.context, sources.summary
    missing = context.planned - context.accepted
    reasons = dict(context.reasons)
    unexplained = missing - sum(reasons.values())
    if unexplained > 0:
        reasons[UNFINISHED] = unexplained
    forbidding = _forbidding(sources, looked_at)
    exceptions = forbidding + _exceptions(sources, coverage, scores, tokens, looked_at)
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


def _forbidding(sources: ReportSources, looked_at: int) -> list[str]:
    """What forbids training on it at all."""
    found = [SIMULATED] if sources.context.simulated else []
    if not sources.context.accepted:
        found.append("There is nothing in it: no conversation is ready.")
    elif not looked_at:
        found.append(NOT_RELEASED)
    if sources.suite:
        found += [_broken("A condition that must hold", r) for r in sources.suite.critical_failures]
    return found


def _exceptions(
    sources: ReportSources,
    coverage: Coverage,
    scores: ScoreFacts | None,
    tokens: Sequence[TokenFact],
    looked_at: int,
) -> list[str]:
    found = []
    if scores is None and looked_at:
        found.append(NOT_SCORED)
    elif scores is not None and scores.scored < scores.of:
        found.append(f"Only {scores.scored:,} of {counted(scores.of, 'conversation')} were judged.")
    if coverage.short_total:
        short = counted(coverage.short_total, "combination")
        found.append(f"{short} of {coverage.combinations:,} have fewer conversations than they were to have.")
    if sources.suite:
        told = [result for result in sources.suite.warnings if not SAID.intersection(result.columns)]
        found += [_broken("A condition that should hold", result) for result in told]
    found += _shared(sources)
    found += _over_length(tokens)
    found += [f"The part “{name}” was not written: {why}." for name, why in _unwritten(sources).items()]
    return found


def _shared(sources: ReportSources) -> list[str]:
    """What is trained on cannot be evaluated with."""
    evaluation = sources.context.evaluation
    if evaluation is None or not evaluation.overlapping:
        return []
    share = "shares" if evaluation.overlapping == 1 else "share"
    return [
        f"{counted(evaluation.overlapping, 'conversation')} {share} {evaluation.words} words in a row with files that "
        "models are to be evaluated with; what such an evaluation finds is too good."
    ]


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
    if result.why:
        return result.why.strip().rstrip(".")
    words = result.type.removeprefix("expect_").replace("_", " ")
    return f"{', '.join(result.columns)}: {words}" if result.columns else words


def _broken(condition: str, result: ExpectationResult) -> str:
    measure = f" ({result.measure})" if result.measure else ""
    return f"{condition} does not: {expected(result)}{measure}."
