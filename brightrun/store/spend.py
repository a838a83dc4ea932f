"""What the ledger of a job adds up to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, func, select

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
    """The sums over a job's ledger, made by the database: by state, as the index has them, and then together."""
    g = generations.c
    summed = (g.cost_usd, g.reserved_usd, g.input_tokens, g.output_tokens, g.cache_read_tokens, g.cache_saved_usd)
    sums = [func.sum(column).label(column.name) for column in summed]
    query = select(g.state, func.count().label("calls"), *sums).where(g.job_id == job_id).group_by(g.state)
    rows = connection.execute(query).mappings().all()
    calls = Counter({GenerationState(row["state"]): row["calls"] for row in rows})
    cost, reserved, sent, written, read, saved = (sum(row[each.name] or 0 for row in rows) for each in summed)
    return Spend(
        calls=calls.total(),
        replies=calls[GenerationState.REPLIED],
        possibly_paid=calls[GenerationState.POSSIBLY_PAID],
        open=calls[GenerationState.OPEN],
        cost_usd=Decimal(cost),
        reserved_usd=Decimal(reserved),
        input_tokens=int(sent),
        output_tokens=int(written),
        cache_read_tokens=int(read),
        cache_saved_usd=Decimal(saved),
    )
