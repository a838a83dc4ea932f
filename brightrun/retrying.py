"""Trying again: items that ended without an accepted conversation get one more attempt each."""

from __future__ import annotations

from dataclasses import replace

from brightrun.actor import actor
from brightrun.errors import JobBusyError, RequestError
from brightrun.joblog import note
from brightrun.store.items import Transition, apply_transitions
from brightrun.store.jobs import get_job, owner_is_alive
from brightrun.store.listing import ItemFilter, listed_items
from brightrun.store.states import ItemState
from brightrun.workplace import Workplace

ENDED = (ItemState.FAILED, ItemState.REJECTED)


def give_another_attempt(here: Workplace, job_id: str, wanted: ItemFilter = ItemFilter()) -> int:
    """Move the items that are meant back to planned, each at its next attempt; how many were.

    Only items that failed or were rejected for good are: what is owed anyway is for `resume`. Raises JobUnknownError,
    JobBusyError, or RequestError where no such item is meant.
    """
    with here.database.writing() as connection:
        job = get_job(connection, job_id)
        if owner_is_alive(job):
            raise JobBusyError(f"The job {job.id} is being run by {job.owner}; try again when it has ended.")
        for state in wanted.state:
            if state not in ENDED:
                raise RequestError(f"--state {state}: only what {' or '.join(ENDED)} is tried again")
        meant = listed_items(connection, job.id, wanted if wanted.state else replace(wanted, state=ENDED))
        if not meant:
            which = "such " if not wanted.is_empty else ""
            raise RequestError(f"The job {job.id} has no {which}item that failed or was rejected for good.")
        asked_by = actor(connection)
        moves = [
            Transition(
                one.id,
                one.state,
                ItemState.PLANNED,
                one.attempt + 1,
                one.reason_code,
                one.reason_message,
                asked_by=asked_by,
            )
            for one in meant
        ]
        moved = sum(apply_transitions(connection, moves))
    note(here.files, job.id, f"{asked_by} asked for another attempt: {moved} items")
    return moved
