"""What the ledger of a job adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, case, func, select

from brightrun.store.states import GenerationState
from brightrun.store.tables import generations


@dataclass(frozen=True)
class Spend:
    """What the ledger of a job adds up to."""

    calls: int
    replies: int
    possibly_paid: int
    open: int
    cost_usd: Decimal
    reserved_usd: Decimal
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_saved_usd: Decimal


def spend(connection: Connection, job_id: str) -> Spend:
    """The sums over a job's ledger, made by the database."""
    g = generations.c

    def count(state: GenerationState) -> Any:
        return func.coalesce(func.sum(case((g.state == state.value, 1), else_=0)), 0)

    def total(column: Any) -> Any:
        return func.coalesce(func.sum(column), 0)

    calls, replies, possibly_paid, open_, cost, reserved, sent, written, read, saved = connection.execute(
        select(
            func.count(),
            count(GenerationState.REPLIED),
            count(GenerationState.POSSIBLY_PAID),
            count(GenerationState.OPEN),
            func.sum(g.cost_usd),
            func.sum(g.reserved_usd),
            total(g.input_tokens),
            total(g.output_tokens),
            total(g.cache_read_tokens),
            func.sum(g.cache_saved_usd),
        ).where(g.job_id == job_id)
    ).one()
    return Spend(
        calls=calls,
        replies=int(replies),
        possibly_paid=int(possibly_paid),
        open=int(open_),
        cost_usd=cost or Decimal(0),
        reserved_usd=reserved or Decimal(0),
        input_tokens=int(sent),
        output_tokens=int(written),
        cache_read_tokens=int(read),
        cache_saved_usd=saved or Decimal(0),
    )
