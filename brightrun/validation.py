"""Validation: the checks give each generated conversation its verdict, and its item the state that follows."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from brightrun.catalog import Catalog
from brightrun.deciding import AnyFinding, after_rejection, in_words
from brightrun.evaluating import EvaluationGuard, guard_of
from brightrun.items import Item
from brightrun.neighbours import Neighbours, neighbours_of
from brightrun.quality.checks import check_conversation
from brightrun.quality.verdict_rule import VerdictRule
from brightrun.quality.verdicts import Severity, Verdict, as_rows
from brightrun.spec import DatasetSpec
from brightrun.store.conversations import KeptVerdict, StoredConversation, conversations_in, keep_verdicts
from brightrun.store.database import Database
from brightrun.store.items import Transition
from brightrun.store.jobs import Job
from brightrun.store.states import ItemState, Reason

logger = logging.getLogger("brightrun.job")

CHUNK = 200


@dataclass
class ValidationReport:
    """Verdicts of one round. `owed_again` are rejected conversations whose item has attempts left."""

    accepted: int = 0
    rejected: int = 0
    undecided: int = 0
    owed_again: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """Items about which a check broke off."""


@dataclass(frozen=True)
class Validator:
    """What conversations of a job are held against. `is_assessed`: whether judge or reader have a say as well."""

    catalog: Catalog
    attempts_per_item: int
    neighbours: Neighbours
    rule: VerdictRule = field(default_factory=VerdictRule)
    is_assessed: Callable[[Item], bool] = lambda _item: False
    evaluation: EvaluationGuard | None = None


def validator_of(
    database: Database, job: Job, spec: DatasetSpec, catalog: Catalog, is_assessed: Callable[[Item], bool]
) -> Validator:
    """What the job's conversations are held against, its dataset as it stands in the store included."""
    near = spec.quality.near_duplicate
    return Validator(
        catalog,
        spec.generate.attempts_per_item,
        neighbours_of(database, job, None if near == "off" else near),
        VerdictRule.model_validate(spec.quality.rule),
        is_assessed,
        guard_of(spec, job.spec_origin),
    )


def validate_job(database: Database, job_id: str, validator: Validator) -> ValidationReport:
    """Check every generated conversation of the job that has no verdict yet, in the order of the job.

    One that passes is accepted, or, where it is to be judged or read, undecided until then.
    """
    report = ValidationReport()
    while True:
        with database.reading() as connection:
            waiting = conversations_in(connection, job_id, ItemState.GENERATED, CHUNK)
        if not waiting:
            return report
        kept = [_verdict(stored, validator, report) for stored in waiting]
        with database.writing() as connection:
            keep_verdicts(connection, kept)


def _verdict(stored: StoredConversation, validator: Validator, report: ValidationReport) -> KeptVerdict:
    judgement = check_conversation(stored.content, stored.item, validator.catalog, validator.rule)
    findings: list[AnyFinding] = list(judgement.findings)
    verdict, reasons = judgement.verdict, [code.value for code in judgement.reasons]
    if verdict is Verdict.ACCEPTED:
        shared = validator.neighbours.findings(stored.content)
        shared += validator.evaluation.findings(stored.content) if validator.evaluation else []
        findings += shared
        reasons = list(dict.fromkeys(one.code.value for one in shared if one.severity is Severity.FAIL))
        verdict = Verdict.REJECTED if reasons else Verdict.ACCEPTED
    follows = _what_follows(stored, verdict, reasons, findings, validator, report)
    return KeptVerdict(
        conversation_id=stored.id,
        verdict=(Verdict.UNDECIDED if follows.becomes is ItemState.UNDECIDED else verdict).value,
        reasons=reasons,
        findings=as_rows(findings),
        checks_version=judgement.checks_version,
        results=as_rows(judgement.results),
        transition=follows,
    )


def _what_follows(
    stored: StoredConversation,
    verdict: Verdict,
    reasons: Sequence[str],
    findings: Sequence[AnyFinding],
    validator: Validator,
    report: ValidationReport,
) -> Transition:
    """The change of the item that a verdict brings."""
    code: str | None = reasons[0] if reasons else None
    message, attempt = None, stored.attempt
    report.reasons.update(reasons)
    if verdict is Verdict.ACCEPTED:
        validator.neighbours.add(stored.id, stored.content)
        becomes = ItemState.ACCEPTED
        if validator.is_assessed(stored.item):
            becomes, code = ItemState.UNDECIDED, Reason.AWAITING_JUDGEMENT.value
            report.undecided += 1
        else:
            report.accepted += 1
    elif verdict is Verdict.UNDECIDED:
        becomes, message = ItemState.UNDECIDED, in_words(reasons, findings)
        report.undecided += 1
        report.broken.append(stored.item_id)
    else:
        message = in_words(reasons, findings)
        logger.warning("%s: attempt %d rejected: %s", stored.item.title, attempt, "; ".join(reasons))
        becomes, attempt = after_rejection(attempt, validator.attempts_per_item)
        report.owed_again += becomes is ItemState.PLANNED
        report.rejected += becomes is ItemState.REJECTED
    return Transition(stored.item_id, ItemState.GENERATED, becomes, attempt, code, message)
