"""Validation: the checks give each generated conversation its verdict, and its item the state that follows."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from brightrun.catalog import Catalog
from brightrun.items import Item
from brightrun.quality.checks import check_conversation
from brightrun.quality.verdicts import Judgement, Verdict
from brightrun.store.conversations import KeptVerdict, StoredConversation, conversations_in, keep_verdicts
from brightrun.store.database import Database
from brightrun.store.items import Transition
from brightrun.store.states import ItemState, Reason

logger = logging.getLogger("brightrun.job")

CHUNK = 200

TOLD_REASONS = 3


@dataclass
class ValidationReport:
    """Verdicts of one round. `owed_again` are rejected conversations whose item has attempts left."""

    accepted: int = 0
    rejected: int = 0
    undecided: int = 0
    owed_again: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def validate_job(
    database: Database,
    job_id: str,
    catalog: Catalog,
    attempts_per_item: int,
    is_assessed: Callable[[Item], bool] = lambda _item: False,
) -> ValidationReport:
    """Check every generated conversation of the job that has no verdict yet.

    One that passes is accepted, or, where `is_assessed` says so, undecided until it is judged and read.
    """
    report = ValidationReport()
    while True:
        with database.reading() as connection:
            waiting = conversations_in(connection, job_id, ItemState.GENERATED, CHUNK)
        if not waiting:
            return report
        kept = [_verdict(stored, catalog, attempts_per_item, is_assessed, report) for stored in waiting]
        with database.writing() as connection:
            keep_verdicts(connection, kept)


def _in_words(judgement: Judgement) -> str:
    """Why it is rejected, a sentence and a quote for each reason: for people, and for the next attempt."""
    firsts = {finding.code: finding for finding in reversed(judgement.findings) if finding.code in judgement.reasons}
    told = [firsts[code] for code in judgement.reasons[:TOLD_REASONS]]
    return " ".join(
        f"{finding.code.meaning} {f'Message {finding.turn}: ' if finding.turn else ''}“{finding.quote}”."
        for finding in told
    )


def _verdict(
    stored: StoredConversation,
    catalog: Catalog,
    attempts_per_item: int,
    is_assessed: Callable[[Item], bool],
    report: ValidationReport,
) -> KeptVerdict:
    judgement = check_conversation(stored.content, stored.item, catalog)
    reasons = [code.value for code in judgement.reasons]
    attempt = stored.attempt
    message = None
    code = reasons[0] if reasons else None
    if judgement.verdict is Verdict.ACCEPTED and is_assessed(stored.item):
        becomes, code = ItemState.UNDECIDED, Reason.AWAITING_JUDGEMENT.value
        report.undecided += 1
    elif judgement.verdict is Verdict.ACCEPTED:
        becomes = ItemState.ACCEPTED
        report.accepted += 1
    else:
        message = _in_words(judgement)
        report.reasons.update(reasons)
        logger.warning("%s: attempt %d rejected: %s", stored.item.title, attempt, "; ".join(reasons))
        if attempt < attempts_per_item:
            becomes, attempt = ItemState.PLANNED, attempt + 1
            report.owed_again += 1
        else:
            becomes = ItemState.REJECTED
            report.rejected += 1
    return KeptVerdict(
        conversation_id=stored.id,
        verdict=judgement.verdict.value,
        reasons=reasons,
        findings=[finding.model_dump(mode="json") for finding in judgement.findings],
        checks_version=judgement.checks_version,
        transition=Transition(
            stored.item_id,
            ItemState.GENERATED,
            becomes,
            attempt,
            code,
            message,
        ),
    )
