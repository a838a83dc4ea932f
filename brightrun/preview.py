"""A preview: a few conversations of a spec, built under ledger and budget like any others, without Prefect."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal

from brightrun.claude.client import Endpoint
from brightrun.conversation import Conversation
from brightrun.errors import ApiStoppedError, BrightRunError, JobBusyError
from brightrun.estimate import spread_items
from brightrun.generation import Ended
from brightrun.items import Item
from brightrun.joblog import job_log
from brightrun.planning import Plan, open_job
from brightrun.runtime import JobRuntime, beating, opened
from brightrun.spec import LoadedSpec
from brightrun.store.conversations import current_conversations
from brightrun.store.items import owed_shards
from brightrun.store.jobs import claim_job, finish_job, get_job, this_process
from brightrun.store.outbox import queue_log
from brightrun.store.states import ItemState, JobStatus
from brightrun.workplace import Workplace

NAME_ROOM = 46


@dataclass(frozen=True)
class Previewed:
    """A conversation to look at, with what the checks say; `conversation` is None where none came of it."""

    item: Item
    conversation: Conversation | None
    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    conversations: tuple[Previewed, ...]
    spent_usd: Decimal
    simulated: bool
    job_id: str


def preview(here: Workplace, plan: Plan, endpoint: Endpoint, count: int) -> Preview:
    """Build `count` conversations spread over the plan. Seen before and unchanged, they cost nothing again.

    Raises ApiStoppedError where the API refuses, JobBusyError where another preview of the same is at work.
    """
    small = preview_plan(plan, count)
    job = open_job(here.database, small, endpoint.simulated).job
    owner = this_process()
    with here.database.writing() as connection:
        if not claim_job(connection, job.id, owner, None):
            raise JobBusyError(f"The preview {job.id} is being built by another process.")
    status = JobStatus.CRASHED
    try:
        made = JobRuntime(here, job.id, endpoint, stopped=lambda: False)
        with job_log(here.files, job.id), opened(made), beating(here.database, made.lead):
            _fill(made)
        if made.ended is Ended.API and made.run.api_error is not None:
            status = JobStatus.API_STOPPED
            raise ApiStoppedError(made.run.api_error.message)
        status = JobStatus.BUDGET if made.ended is Ended.BUDGET else JobStatus.DONE
    finally:
        with here.database.writing() as connection:
            finish_job(connection, job.id, owner, status, None)
            queue_log(connection, here.files, job.id)
    with here.database.reading() as connection:
        shown = current_conversations(connection, job.id)
        spent = get_job(connection, job.id).spent_usd
    if status is JobStatus.BUDGET and not any(entry.content for entry in shown):
        raise BrightRunError(f"The budget of {plan.spec.generate.budget_usd} USD does not allow a single call.")
    return Preview(
        tuple(Previewed(entry.item, entry.content, entry.state, entry.reasons) for entry in shown),
        spent,
        endpoint.simulated,
        job.id,
    )


def preview_plan(plan: Plan, count: int) -> Plan:
    """The plan of `count` conversations spread over another plan, as a job of its own."""
    name = f"{plan.spec.name[:NAME_ROOM].rstrip('-')}-preview-{count}"
    spec = plan.spec.model_copy(update={"name": name})
    loaded = LoadedSpec(spec=spec, source=plan.loaded.source)
    return replace(plan, loaded=loaded, items=tuple(spread_items(plan.items, count)))


def _fill(made: JobRuntime) -> None:
    made.take_over()
    for _ in range(made.spec.generate.attempts_per_item):
        made.run.begin_round()
        with made.database.reading() as connection:
            owed = owed_shards(connection, made.job_id)
        if not owed or made.ended:
            return
        with ThreadPoolExecutor(len(owed)) as pool:
            list(pool.map(lambda shard: made.generate(shard.number), owed))
        made.validate()
        with made.database.reading() as connection:
            undecided = owed_shards(connection, made.job_id, ItemState.UNDECIDED)
        if undecided and not made.ended:
            with ThreadPoolExecutor(len(undecided)) as pool:
                list(pool.map(lambda shard: made.assess(shard.number), undecided))


def preview_json(made: Preview) -> dict[str, object]:
    """The preview as one JSON object."""
    return {
        "job_id": made.job_id,
        "simulated": made.simulated,
        "spent_usd": str(made.spent_usd),
        "conversations": [
            {
                "item": entry.item.model_dump(mode="json"),
                "conversation": entry.conversation.model_dump(mode="json") if entry.conversation else None,
                "verdict": entry.verdict,
                "reasons": list(entry.reasons),
            }
            for entry in made.conversations
        ],
    }
