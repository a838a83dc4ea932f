"""The facts of a report, out of a job's conversations and what is known about the job."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal

from brightrun.enrich import EnrichedConversation
from brightrun.export.tokens import METHOD
from brightrun.money import exact_text
from brightrun.reporting.answer import answer_of, expected
from brightrun.reporting.coverage_maps import coverage_of
from brightrun.reporting.distributions import scores as score_distribution
from brightrun.reporting.facts import (
    AttemptFacts,
    EvaluationFileFact,
    EvaluationOverlapFacts,
    ExpectationFact,
    Origin,
    OutcomeCount,
    ReportFacts,
    ScoreFacts,
    SharedFact,
    SpendFacts,
    SplitFact,
    TokenFact,
)
from brightrun.reporting.reasons import reason_counts
from brightrun.reporting.samples import samples_of
from brightrun.reporting.sources import ReportSources
from brightrun.reporting.tally import ReportTally
from brightrun.reporting.varied import variety_facts

SHARED_SHOWN = 20

Fetch = Callable[[Collection[str]], Iterable[EnrichedConversation]]
"""Gives the ready conversations of these ids, in any order."""


def gather(tally: ReportTally, fetch: Fetch, sources: ReportSources) -> ReportFacts:
    """The facts of a report. `fetch` is asked for the conversations to show."""
    coverage = coverage_of(sources.coverage, sources.catalog)
    scores, tokens = _scores(tally), _tokens(sources)
    variety = variety_facts(sources.variety) if sources.variety else None
    chosen = tally.samples.chosen()
    return ReportFacts(
        dataset=sources.context.dataset,
        looked_at=tally.conversations,
        answer=answer_of(sources, coverage, scores, tokens, tally.conversations),
        coverage=coverage,
        attempts=_attempts(sources),
        expectations=_expectations(sources),
        scores=scores,
        paths=tally.feelings.facts(),
        outcomes=tuple(
            OutcomeCount(intended_outcome=intended, labelled_outcome=labelled, count=count)
            for (intended, labelled), count in sorted(tally.outcomes.items())
        ),
        lengths=tally.lengths(),
        tokens=tokens,
        token_method=METHOD if tokens else None,
        variety=variety,
        evaluation=_evaluation(sources),
        spend=_spend(sources, tally),
        sample_rule=tally.samples.rule,
        samples=samples_of(fetch(chosen), chosen),
        splits=_splits(sources),
        unwritten_splits=dict(sources.splits.unwritten) if sources.splits else {},
        origin=_origin(sources, tally),
    )


def _attempts(sources: ReportSources) -> AttemptFacts | None:
    verdicts = sources.attempts
    if verdicts is None:
        return None
    return AttemptFacts(
        written=verdicts.ready + verdicts.rejected + verdicts.undecided,
        ready=verdicts.ready,
        rejected=verdicts.rejected,
        undecided=verdicts.undecided,
        reasons=reason_counts(dict(verdicts.reasons)),
        warnings=reason_counts(dict(verdicts.warnings)),
        lost=reason_counts(dict(verdicts.lost)),
    )


def _expectations(sources: ReportSources) -> tuple[ExpectationFact, ...] | None:
    if sources.suite is None:
        return None
    return tuple(
        ExpectationFact(
            text=expected(result),
            critical=result.severity.value == "critical",
            met=result.success,
            found=result.found,
        )
        for result in sources.suite.results
    )


def _scores(tally: ReportTally) -> ScoreFacts | None:
    overall = score_distribution("Mean over the rubric", tally.scores)
    if overall is None:
        return None
    dimensions = [score_distribution(name, values) for name, values in tally.scores_by_dimension.items()]
    return ScoreFacts(
        scored=len(tally.scores),
        of=tally.conversations,
        overall=overall,
        dimensions=tuple(distribution for distribution in dimensions if distribution),
    )


def _tokens(sources: ReportSources) -> tuple[TokenFact, ...]:
    return tuple(
        TokenFact(
            format=format_,
            p50=length.p50,
            p95=length.p95,
            most=length.max,
            longer=tuple(
                (f"{longer.trainer} ({longer.setting} {longer.tokens})", longer.rows) for longer in length.longer
            ),
        )
        for format_, length in (sources.lengths or {}).items()
    )


def _evaluation(sources: ReportSources) -> EvaluationOverlapFacts | None:
    found = sources.context.evaluation
    if found is None:
        return None
    return EvaluationOverlapFacts(
        words=found.words,
        files=tuple(EvaluationFileFact(**file.model_dump()) for file in found.files),
        overlapping=found.overlapping,
        shared=tuple(
            SharedFact(conversation_id=one.conversation_id, place=f"{one.file}:{one.line}", words=one.words)
            for one in found.overlaps[:SHARED_SHOWN]
        ),
    )


def _spend(sources: ReportSources, tally: ReportTally) -> SpendFacts:
    spent = Decimal(sources.context.spent_usd)
    summary = sources.summary
    per_ready = spent / tally.conversations if tally.conversations else None
    return SpendFacts(
        spent_usd=sources.context.spent_usd,
        budget_usd=sources.context.budget_usd,
        ready_usd=exact_text(tally.ready_usd),
        other_usd=exact_text(spent - tally.ready_usd),
        per_ready_usd=exact_text(round(per_ready, 6)) if per_ready is not None else None,
        calls=summary.calls,
        possibly_paid_calls=summary.possibly_paid_calls,
        input_tokens=summary.input_tokens,
        output_tokens=summary.output_tokens,
        cache_read_tokens=summary.cache_read_tokens,
        cache_saved_usd=exact_text(summary.cache_saved_usd),
    )


def _splits(sources: ReportSources) -> tuple[SplitFact, ...]:
    if sources.splits is None:
        return ()
    return tuple(
        SplitFact(
            name=name,
            conversations=split.conversations,
            answers=split.pairs,
            share=split.share,
            wanted_share=split.wanted_share,
        )
        for name, split in sources.splits.written.items()
    )


def _origin(sources: ReportSources, tally: ReportTally) -> Origin:
    context = sources.context
    return Origin(
        job_id=context.job_id,
        model=context.model,
        catalog=context.catalog,
        catalog_name=context.catalog_name,
        catalog_hash=context.catalog_hash,
        prompt_version=context.prompt_version,
        code_version=context.code_version,
        language=context.language,
        jurisdiction=context.jurisdiction,
        facts_as_of=tuple(sorted(tally.facts_as_of)),
        data_docs=context.data_docs,
    )
