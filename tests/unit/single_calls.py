"""One call at a time, where the ledger takes many: what most tests of it want."""

from __future__ import annotations

from sqlalchemy import Connection

from brightrun.store.ledger import (
    CallFailure,
    Intent,
    KeptReply,
    Reservation,
    keep_failures,
    keep_replies,
    reserve,
)


def intend(connection: Connection, intent: Intent) -> bool:
    """Reserve the worst case and write the intent; false, and nothing written, if the budget does not allow it."""
    return reserve(connection, [intent])[0] is Reservation.MADE


def keep_reply(connection: Connection, reply: KeptReply) -> None:
    keep_replies(connection, [reply])


def keep_failure(connection: Connection, failure: CallFailure) -> None:
    keep_failures(connection, [failure])
