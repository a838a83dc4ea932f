"""Generation: every item that is owed is sent until it has a conversation, or a reason why not."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, TypeVar

import jinja2
from sqlalchemy import Connection, select

from brightrun.catalog import Catalog
from brightrun.claude.bodies import structured_request
from brightrun.claude.calls import BudgetReached, CallReply, CallRequest, Lane, StopRequested
from brightrun.claude.errors import CallError
from brightrun.configuration import redacted
from brightrun.conversation import ReplyError, parse_reply, reply_schema
from brightrun.desk import Desk
from brightrun.errors import LeaseLostError
from brightrun.lessons import LESSON_CODES, Lesson, lessons_text
from brightrun.outage import OutageWatch
from brightrun.patience import Fate, Patience
from brightrun.prompt_sharing import Breakpoint, PromptSharing
from brightrun.prompts import AuthoringPrompt, PromptWriter
from brightrun.spec import DatasetSpec
from brightrun.store.conversations import NewConversation, keep_conversations
from brightrun.store.database import Database
from brightrun.store.items import OwedItem, Transition, apply_transitions
from brightrun.store.ledger import next_attempt
from brightrun.store.states import ItemState, Reason
from brightrun.store.tables import generations
from brightrun.store.writer import LedgerWriter

logger = logging.getLogger("brightrun.job")

BACK_OFF_S = (0.5, 60.0)
"""First and longest wait after a passing failure; it doubles in between, with jitter."""

PASSING_FAILURES = 10
"""So many passing failures in a row that others did not meet, and the conversation fails with the last one's reason."""

OWED_PAGE = 12
"""So many items of a shard are read at once; a planned item takes about 20 kB."""

OPEN_ITEMS = (64, 4)
"""So many items are open at a time, and so many more for each call that may be in flight: enough for the lane to choose
from those whose prompt is in the cache."""


class HasPosition(Protocol):
    """Something that stands at a position of the job."""

    @property
    def position(self) -> int:
        """Its position."""


Placed = TypeVar("Placed", bound=HasPosition)


class UnwritablePromptError(Exception):
    """The prompt of an item cannot be written, or not be sent as UTF-8."""


class Ended(StrEnum):
    """Why a run ends before everything owed is sent."""

    STOPPED = "stopped"
    BUDGET = "budget"
    API = "api"


@dataclass
class GenerationRun:
    """What all shards of a process share while they generate: the job's prompts, the lane, and why it may end."""

    job_id: str
    worker: str
    """Who holds the items that are worked at."""
    spec: DatasetSpec
    catalog: Catalog
    lane: Lane
    writer: LedgerWriter
    stopped: Callable[[], bool]
    sharing: PromptSharing
    back_off_s: tuple[float, float] = BACK_OFF_S
    passing_failures: int = PASSING_FAILURES
    outage: OutageWatch = field(default_factory=OutageWatch)
    prompts: PromptWriter = field(init=False)
    desk: Desk = field(init=False)
    avoid: tuple[str, ...] = ()
    """Phrases that the dataset has too often; another attempt is asked to do without them."""
    aside_usd: Decimal = Decimal(0)
    """What must stay free of the budget for judging each conversation that is written."""
    is_short_of_money: bool = False
    """The budget allows no more to be written before what is written has been judged."""
    sent: int = 0
    """Calls of this run that came to an end."""
    ended: Ended | None = None
    api_error: CallError | None = None

    def __post_init__(self) -> None:
        self.prompts = PromptWriter(self.catalog)
        self._sent_before = 0
        least, for_each = OPEN_ITEMS
        self.desk = Desk(least + for_each * self.spec.generate.concurrency)

    @property
    def may_send(self) -> bool:
        return self.ended is None and not self.stopped()

    def begin_round(self) -> None:
        """What judging left of the budget may be spent on writing; a run ends that sent nothing for want of it."""
        if self.is_short_of_money and self.sent == self._sent_before:
            self.ended = self.ended or Ended.BUDGET
        self.is_short_of_money, self._sent_before = False, self.sent

    def budget_reached(self) -> None:
        """The budget allows no other item to be written now."""
        if self.aside_usd:
            self.is_short_of_money = True
        else:
            self.ended = self.ended or Ended.BUDGET

    def patience(self, item_id: str, title: str) -> Patience:
        """The patience with the calls about one item."""
        return Patience(item_id, title, self.outage, self.passing_failures, self.back_off_s)

    def end_for(self, error: CallError, message: str) -> None:
        """The API does not carry this job any further: nothing more is sent."""
        if self.api_error is None:
            self.ended, self.api_error = Ended.API, replace(error, message=message)

    @property
    def why_not(self) -> Reason:
        """The reason code of what is left because nothing may be sent any more."""
        ends = {Ended.BUDGET: Reason.BUDGET, Ended.API: Reason.API_STOPPED}
        return Reason.INTERRUPTED if self.stopped() or self.ended is None else ends.get(self.ended, Reason.INTERRUPTED)


@dataclass
class ShardReport:
    """What became of a shard's items. `sent` counts calls."""

    shard: int
    generated: int = 0
    failed: int = 0
    left: int = 0
    sent: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def add_reason(self, code: str) -> None:
        self.reasons[code] = self.reasons.get(code, 0) + 1


def request_body(
    spec: DatasetSpec, catalog: Catalog, prompt: AuthoringPrompt, breakpoints: Sequence[Breakpoint] = ()
) -> dict[str, Any]:
    """The request for a prompt, with a cache mark where a shared prefix of it ends."""
    return structured_request(
        spec.generate.model,
        spec.generate.max_tokens,
        prompt.system,
        prompt.user,
        reply_schema(catalog.info.emotions),
        [breakpoint_.blocks - 1 for breakpoint_ in breakpoints],
    )


async def by_page(read: Callable[[int, int], Sequence[Placed]]) -> AsyncIterator[Placed]:
    """The items of a shard, read page by page, so that a long shard takes no more memory than a short one.

    `read` gives at most so many from the one after a position; it is called in a thread.
    """
    after = -1
    while True:
        page = await asyncio.to_thread(read, after, OWED_PAGE)
        for owed in page:
            yield owed
        if len(page) < OWED_PAGE:
            return
        after = page[-1].position


async def generate_shard(run: GenerationRun, shard: int, owed: AsyncIterator[OwedItem]) -> ShardReport:
    """Send every item of the shard that is still owed, as there is room on the run's desk.

    What fails one item in an unforeseen way is raised when those that are under way have come to their end.
    """
    report = ShardReport(shard)
    await run.desk.serve(shard, owed, lambda one: _ItemWork(run, one, report).run())
    return report


class _ItemWork:
    """One item on its way: attempts (paid for) and calls within them."""

    def __init__(self, run: GenerationRun, owed: OwedItem, report: ShardReport) -> None:
        self._run = run
        self._owed = owed
        self._attempt = owed.attempt
        self._call = owed.call
        self._report = report
        self._lessons = list(owed.lessons)
        self._patience = run.patience(owed.id, owed.item.title)
        self._breakpoints = run.sharing.breakpoints(owed.item)

    async def run(self) -> None:
        """Until the item is generated or failed, or the run has ended."""
        try:
            await self._work()
        finally:
            self._run.outage.left(self._owed.id)

    async def _work(self) -> None:
        while True:
            if not self._run.may_send:
                return await self._leave(self._run.why_not)
            if self._run.is_short_of_money:
                return await self._leave(Reason.BUDGET)
            try:
                outcome = await self._send()
            except UnwritablePromptError as error:
                return await self._refuse(error)
            except StopRequested:
                return await self._leave(self._run.why_not)
            except BudgetReached:
                self._run.budget_reached()
                return await self._leave(Reason.BUDGET)
            except LeaseLostError as error:
                return logger.warning("%s: %s", self._owed.item.title, error)
            if isinstance(outcome, CallReply):
                done = await self._parse(outcome)
            else:
                done = await self._recover(outcome)
            if done:
                return None

    def _write_body(self) -> dict[str, Any]:
        """The request's body. Raises UnwritablePromptError."""
        try:
            prompt = self._run.prompts.write(self._owed.item, lessons_text(self._lessons, self._run.avoid))
            for text in (*prompt.system, prompt.user):
                text.encode()
        except (jinja2.TemplateError, LookupError, ValueError) as error:
            raise UnwritablePromptError(f"The prompt cannot be written: {type(error).__name__}: {error}") from error
        return request_body(self._run.spec, self._run.catalog, prompt, self._breakpoints)

    async def _send(self) -> CallReply | CallError:
        request = CallRequest(
            generation_id=f"g{self._owed.id[1:]}-{self._attempt:02d}-{self._call:02d}",
            job_id=self._run.job_id,
            item_id=self._owed.id,
            attempt=self._attempt,
            call=self._call,
            model=self._run.spec.generate.model,
            write_body=self._write_body,
            aside_usd=self._run.aside_usd,
            holder=self._run.worker,
            position=self._owed.position,
            prefixes=tuple(breakpoint_.prefix for breakpoint_ in self._breakpoints),
        )
        self._call += 1
        outcome = await self._run.lane.send(request)
        self._report.sent += 1
        self._run.sent += 1
        return outcome

    async def _parse(self, reply: CallReply) -> bool:
        """Raw is kept; now parse. A reply that is no conversation uses up an attempt."""
        self._patience.answered()
        try:
            content = parse_reply(reply.message)
        except ReplyError as error:
            logger.warning("%s: attempt %d: %s: %s", self._owed.item.title, self._attempt, error.problem, error)
            if error.problem in LESSON_CODES:
                self._lessons.insert(0, Lesson(error.problem.value))
            return await self._used_up(error.problem.value, redacted(str(error)))
        new = NewConversation(
            self._run.job_id, self._owed.id, reply.generation_id, self._attempt, content, self._run.worker
        )
        await self._run.writer.write_together(keep_conversations, new, reply.generation_id)
        self._report.generated += 1
        return True

    async def _recover(self, error: CallError) -> bool:
        """What the policy says about a failed call. True when the item is done with."""
        logger.warning(
            "%s: attempt %d: %s: %s (request %s)",
            self._owed.item.title,
            self._attempt,
            error.category,
            error.message,
            error.request_id or "none",
        )
        fate = self._patience.fate(error)
        if fate is Fate.END_RUN:
            await self._end_run(error, error.message)
            return True
        if fate is Fate.GIVE_UP:
            await self._fail(error.category.value, error.message)
            return True
        if error.possibly_paid and await self._used_up(error.category.value, error.message):
            return True
        if why := self._patience.why_no_longer(error):
            await self._end_run(error, why)
            return True
        await self._patience.back_off(error, lambda: self._run.may_send)
        return False

    async def _end_run(self, error: CallError, message: str) -> None:
        """The API does not carry this job any further: nothing more is sent, and the item stays owed."""
        self._run.end_for(error, message)
        await self._leave(Reason.API_STOPPED, message)

    async def _used_up(self, code: str, message: str) -> bool:
        """Go on with the next attempt; true if there is none left and the item has failed."""
        was_at = self._attempt
        self._attempt += 1
        self._call = 1
        most = self._run.spec.generate.attempts_per_item
        await self._run.writer.write(
            lambda connection: next_attempt(
                connection, self._owed.id, was_at, self._attempt, most, code, message, self._run.worker
            )
        )
        if self._attempt <= most:
            return False
        self._report.failed += 1
        self._report.add_reason(code)
        return True

    async def _refuse(self, error: UnwritablePromptError) -> None:
        """What cannot even be asked for is failed, with what is wrong with it."""
        message = redacted(str(error))
        logger.error("%s: %s", self._owed.item.title, message)
        await self._fail(Reason.NOT_PLANNABLE.value, message, ItemState.PLANNED)

    async def _fail(self, code: str, message: str, was: ItemState = ItemState.GENERATING) -> None:
        transition = self._transition(was, ItemState.FAILED, code, message)
        await self._run.writer.write_together(apply_transitions, transition, transition.item_id)
        self._report.failed += 1
        self._report.add_reason(code)

    async def _leave(self, reason: Reason, message: str | None = None) -> None:
        """Put the item back, so that `resume` goes on with it."""
        transition = self._transition(ItemState.GENERATING, ItemState.PLANNED, reason.value, message)
        await self._run.writer.write_together(apply_transitions, transition, transition.item_id)
        self._report.left += 1
        self._report.add_reason(reason.value)

    def _transition(self, was: ItemState, becomes: ItemState, code: str, message: str | None) -> Transition:
        return Transition(
            self._owed.id,
            was,
            becomes,
            self._attempt,
            code,
            message,
            of_attempt=self._attempt,
            holder=self._run.worker,
        )


async def parse_kept(run: GenerationRun, database: Database, generation_ids: Sequence[str]) -> None:
    """Parse replies that an earlier run kept and did not come to parse; nothing is sent."""
    for generation_id in generation_ids:
        with database.reading() as connection:
            row = connection.execute(
                select(generations.c.item_id, generations.c.attempt, generations.c.raw_reply).where(
                    generations.c.id == generation_id
                )
            ).one()
        item_id, attempt = row.item_id, row.attempt
        try:
            content = parse_reply(json.loads(row.raw_reply))
        except ReplyError as error:
            code, message = error.problem.value, redacted(str(error))
            most = run.spec.generate.attempts_per_item
            await run.writer.write(partial(_give_back, item_id, attempt, most, code, message))
            continue
        new = NewConversation(run.job_id, item_id, generation_id, attempt, content)
        await run.writer.write_together(keep_conversations, new, generation_id)


def _give_back(item_id: str, attempt: int, most: int, code: str, message: str, connection: Connection) -> None:
    next_attempt(connection, item_id, attempt, attempt + 1, most, code, message)
