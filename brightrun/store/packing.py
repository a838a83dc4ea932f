"""Raw replies are packed once they are decided: on the way of a call, packing would cost more than writing them."""

from __future__ import annotations

from sqlalchemy import LargeBinary, bindparam, func, select, type_coerce, update

from brightrun.store.database import Database
from brightrun.store.states import GenerationState, ItemState
from brightrun.store.tables import PACKED, batch_items, generations, packed

PAGE = 200
"""So many replies are written in one transaction: some milliseconds in which nobody else writes."""

SHORTEST_BYTES = 1_000
"""What is shorter stays as it is."""

MOST_LEFT = 0.8
"""A reply that packing leaves longer than this share of it stays as it is."""

DECIDED = (ItemState.ACCEPTED, ItemState.REJECTED, ItemState.FAILED, ItemState.CANCELLED)

_PACK = (
    update(generations)
    .where(generations.c.id == bindparam("reply"))
    .values(raw_reply=bindparam("packed", type_=LargeBinary))
)


def pack_replies(database: Database, job_id: str, page: int = PAGE) -> int:
    """Pack the replies of the job's decided items where it pays; how many were. A second time finds nothing to do.

    Only what was replied: such a reply does not change any more. So many as a `page` are packed in one transaction.
    """
    g, i = generations.c, batch_items.c
    begins = type_coerce(func.substr(g.raw_reply, 1, len(PACKED)), LargeBinary)
    query = (
        select(g.id, g.raw_reply)
        .join(batch_items, i.id == g.item_id)
        .where(
            g.job_id == job_id,
            g.state == GenerationState.REPLIED.value,
            i.state.in_([state.value for state in DECIDED]),
            func.length(g.raw_reply) >= SHORTEST_BYTES,
            begins != PACKED,
        )
        .order_by(g.id)
        .limit(page)
    )
    after, done = "", 0
    while True:
        with database.reading() as connection:
            rows = connection.execute(query.where(g.id > after)).all()
        if not rows:
            return done
        after = rows[-1].id
        smaller = [
            {"reply": row.id, "packed": small}
            for row in rows
            if len(small := packed(row.raw_reply)) <= MOST_LEFT * len(row.raw_reply)
        ]
        if smaller:
            with database.writing() as connection:
                connection.execute(_PACK, smaller)
        done += len(smaller)
