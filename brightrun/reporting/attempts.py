"""What became of every attempt of a job, also of those that were made again, as the store has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select

from brightrun.quality.verdicts import Severity, Verdict
from brightrun.reporting.sources import AttemptVerdicts
from brightrun.store.database import Database
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, conversations, item_transitions, verdicts


def attempt_verdicts(database: Database, job_id: str) -> AttemptVerdicts:
    """Counts over all verdicts of a job and all attempts that brought no conversation. Reads rows as a stream."""
    with database.reading() as connection:
        counts, reasons, warnings = _conversations(connection, job_id)
        lost = _lost(connection, job_id)
    return AttemptVerdicts(
        ready=counts[Verdict.ACCEPTED],
        rejected=counts[Verdict.REJECTED],
        undecided=counts[Verdict.UNDECIDED],
        reasons=reasons,
        warnings=warnings,
        lost=lost,
    )


def _conversations(connection: Connection, job_id: str) -> tuple[Counter[Verdict], Counter[str], Counter[str]]:
    """Conversations by verdict, then by reason of rejection, then by warning."""
    c, v, i = conversations.c, verdicts.c, batch_items.c
    query = (
        select(c.id, i.state, v.verdict, v.reasons, v.findings, v.results)
        .join(verdicts, v.conversation_id == c.id)
        .outerjoin(batch_items, i.conversation_id == c.id)
        .where(c.job_id == job_id)
        .order_by(c.id, v.id)
        .execution_options(yield_per=200)
    )
    counts: Counter[Verdict] = Counter()
    reasons: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
    for _, group in groupby(connection.execute(query), key=lambda row: row.id):
        rows = list(group)
        last = rows[-1]
        # An item that waits for its judge has passed the checks, and is not ready for all that.
        verdict = Verdict.ACCEPTED if last.state == ItemState.ACCEPTED.value else Verdict(last.verdict)
        if verdict is Verdict.ACCEPTED and last.state != ItemState.ACCEPTED.value:
            verdict = Verdict.UNDECIDED
        counts[verdict] += 1
        if verdict is Verdict.REJECTED:
            reasons.update(set(last.reasons))
        checked = [row for row in rows if row.results is not None]
        said = [row for row in rows if row.results is None]
        warnings.update(_warned(row.findings for row in (*checked[-1:], *said)))
    return counts, reasons, warnings


def _warned(findings: Iterable[list[dict[str, Any]]]) -> set[str]:
    return {one["code"] for found in findings for one in found if one["severity"] == Severity.WARN.value}


def _lost(connection: Connection, job_id: str) -> dict[str, int]:
    """Attempts that ended without a conversation, by reason code."""
    t = item_transitions.c
    query = (
        select(t.reason_code, func.count())
        .join(batch_items, batch_items.c.id == t.item_id)
        .where(
            batch_items.c.job_id == job_id,
            t.from_state == ItemState.GENERATING.value,
            t.to_state != ItemState.GENERATED.value,
            t.reason_code.is_not(None),
        )
        .group_by(t.reason_code)
    )
    return {str(code): int(count) for code, count in connection.execute(query)}
