"""Assessment: conversations that passed the checks are judged and read until they are decided, or left undecided.

An API that does not answer and an answer that cannot be used say nothing of a conversation (law 5): it stays
undecided, and is asked about again. What was said is kept, and is not paid for twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from brightrun.assessors import AssessedFinding, Assessor, due, question_body
from brightrun.claude.calls import BudgetReached, CallReply, CallRequest, StopRequested
from brightrun.claude.errors import CallError
from brightrun.configuration import redacted
from brightrun.deciding import after_rejection, in_words
from brightrun.errors import LeaseLostError
from brightrun.generation import Ended, GenerationRun
from brightrun.items import Item
from brightrun.patience import Fate
from brightrun.prompt_sharing import SHARED_FROM
from brightrun.quality.judging.malformed import MalformedAnswerError
from brightrun.quality.verdicts import Severity, Verdict, as_rows
from brightrun.store.assessments import (
    Assessment,
    StillUndecided,
    UndecidedItem,
    keep_assessments,
    note_undecided,
)
from brightrun.store.conversations import KeptVerdict, keep_verdicts, raw_reply
from brightrun.store.database import Database
from brightrun.store.items import Transition
from brightrun.store.states import ItemState, Purpose, Reason

logger = logging.getLogger("brightrun.job")

UNUSABLE_ANSWERS = 4
"""So many answers that cannot be used, to one question in one run, and its conversation is left undecided."""

LETTERS = {Purpose.JUDGE: "j", Purpose.READ: "r"}


class _StaysUndecidedError(Exception):
    """The item cannot be decided now; the reason code says why."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass
class AssessmentReport:
    """What became of a shard's undecided items. `sent` counts calls."""

    shard: int
    accepted: int = 0
    rejected: int = 0
    owed_again: int = 0
    left: int = 0
    sent: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def count(self, becomes: ItemState) -> None:
        """Count a decision by the state it brings its item to."""
        self.accepted += becomes is ItemState.ACCEPTED
        self.rejected += becomes is ItemState.REJECTED
        self.owed_again += becomes is ItemState.PLANNED


@dataclass
class AssessmentRun:
    """What all shards of a process share while they assess. `run` has the lane, and says why it may end."""

    run: GenerationRun
    database: Database
    assessors: Sequence[Assessor]
    items: int
    leaves_dataset: Callable[[str], None]
    """Told of each conversation that is rejected: it does not belong to the dataset after all."""
    given_up: set[str] = field(default_factory=set)
    """Items that stay undecided in this run."""

    def due(self, item: Item) -> list[Assessor]:
        """Who is to say something of a conversation that was written for the item."""
        return due(self.assessors, item, self.run.spec.grid.seed)


async def assess_shard(
    assessment: AssessmentRun, shard: int, undecided: AsyncIterator[UndecidedItem]
) -> AssessmentReport:
    """Decide about every undecided item of the shard, as there is room on the run's desk.

    What fails one item in an unforeseen way is raised when those that are under way have come to their end.
    """
    report = AssessmentReport(shard)
    await assessment.run.desk.serve(shard, undecided, lambda one: _Assessing(assessment, one, report).run())
    return report


class _Assessing:
    """One undecided item: asked about, and decided."""

    def __init__(self, assessment: AssessmentRun, item: UndecidedItem, report: AssessmentReport) -> None:
        self._assessment = assessment
        self._run = assessment.run
        self._item = item
        self._report = report

    async def run(self) -> None:
        if self._item.id in self._assessment.given_up:
            return
        try:
            await self._decide(await self._findings())
        except _StaysUndecidedError as why:
            message = redacted(str(why))
            note = StillUndecided(self._item.id, self._item.attempt, why.code, message, self._run.worker)
            await self._run.writer.write_together(note_undecided, note, note.item_id)
            self._assessment.given_up.add(self._item.id)
            self._report.left += 1
            self._report.reasons[why.code] += 1
        except LeaseLostError as error:
            logger.warning("%s: %s", self._item.item.title, error)
        finally:
            self._run.outage.left(self._item.id)

    async def _findings(self) -> list[AssessedFinding]:
        """What all who are asked say against the conversation; they are asked at once."""
        asked = self._assessment.due(self._item.item)
        said = await asyncio.gather(*(self._said_by(assessor) for assessor in asked), return_exceptions=True)
        findings: list[AssessedFinding] = []
        for assessor, content in zip(asked, said, strict=True):
            if isinstance(content, BaseException):
                raise content
            findings += assessor.findings(content, self._item.item)
        return findings

    async def _said_by(self, assessor: Assessor) -> dict[str, Any]:
        """What the assessor says: kept already, in a reply that nobody read yet, or asked for now."""
        for kept in reversed(self._item.assessments):
            if kept.purpose is assessor.purpose and kept.version == assessor.version:
                return kept.content
        replied = [call for call in self._item.calls if call.purpose is assessor.purpose and call.is_replied]
        for call in reversed(replied):
            content = await self._kept_reply(assessor, call.id)
            if content is not None:
                return content
        return await self._asked(assessor)

    async def _kept_reply(self, assessor: Assessor, generation_id: str) -> dict[str, Any] | None:
        """What a reply says that an earlier run kept and did not come to read; None where it cannot be used."""
        if any(kept.generation_id == generation_id for kept in self._item.assessments):
            return None  # of another version
        raw = await asyncio.to_thread(self._raw, generation_id)
        try:
            return await self._keep(assessor, generation_id, json.loads(raw))
        except MalformedAnswerError:
            return None

    def _raw(self, generation_id: str) -> bytes:
        with self._assessment.database.reading() as connection:
            return raw_reply(connection, generation_id)

    async def _asked(self, assessor: Assessor) -> dict[str, Any]:
        item, run = self._item, self._run
        patience = run.patience(item.id, item.item.title)
        unusable = 0
        call = max((past.number for past in item.calls if past.purpose is assessor.purpose), default=0)
        while True:
            if not run.may_send:
                raise _StaysUndecidedError(run.why_not.value, "The run ended before it was decided.")
            call += 1
            outcome = await self._send(assessor, call)
            if isinstance(outcome, CallReply):
                patience.answered()
                try:
                    return await self._keep(assessor, outcome.generation_id, outcome.message)
                except MalformedAnswerError as error:
                    unusable += 1
                    logger.warning("%s: %s: %s: %s", item.item.title, assessor.purpose, error.code, error)
                    if unusable >= UNUSABLE_ANSWERS:
                        raise _StaysUndecidedError(error.code.value, str(error)) from error
                continue
            fate = patience.fate(outcome)
            logger.warning("%s: %s: %s: %s", item.item.title, assessor.purpose, outcome.category, outcome.message)
            why = patience.why_no_longer(outcome)
            if fate is Fate.END_RUN or (fate is Fate.AGAIN and why):
                run.end_for(outcome, why or outcome.message)
                raise _StaysUndecidedError(Reason.API_STOPPED.value, why or outcome.message)
            if fate is Fate.GIVE_UP:
                raise _StaysUndecidedError(outcome.category.value, outcome.message)
            await patience.back_off(outcome, lambda: run.may_send)

    async def _send(self, assessor: Assessor, call: int) -> CallReply | CallError:
        item = self._item
        is_shared = self._assessment.items >= SHARED_FROM
        request = CallRequest(
            generation_id=f"g{item.id[1:]}-{item.attempt:02d}-{LETTERS[assessor.purpose]}{call:02d}",
            job_id=self._run.job_id,
            item_id=item.id,
            attempt=item.attempt,
            call=call,
            model=assessor.spec.model,
            write_body=lambda: question_body(assessor.ask(item.content, item.item), assessor.spec, is_shared),
            purpose=assessor.purpose,
            conversation_id=item.conversation_id,
            holder=self._run.worker,
            position=item.position,
            prefixes=(f"{assessor.purpose}/{assessor.version}",) if is_shared else (),
        )
        try:
            outcome = await self._run.lane.send(request)
        except StopRequested:
            raise _StaysUndecidedError(self._run.why_not.value, "The run ended before it was decided.") from None
        except BudgetReached:
            self._run.ended = self._run.ended or Ended.BUDGET
            raise _StaysUndecidedError(Reason.BUDGET.value, "The budget does not allow another call.") from None
        self._report.sent += 1
        self._run.sent += 1
        return outcome

    async def _keep(self, assessor: Assessor, generation_id: str, message: dict[str, Any]) -> dict[str, Any]:
        content = assessor.read(message, self._item.content, self._item.item)
        said = Assessment(self._item.conversation_id, assessor.purpose, generation_id, assessor.version, content)
        await self._run.writer.write_together(keep_assessments, said, generation_id)
        return content

    async def _decide(self, findings: Sequence[AssessedFinding]) -> None:
        item, most = self._item, self._run.spec.generate.attempts_per_item
        failed = [finding for finding in findings if finding.severity is Severity.FAIL]
        reasons = list(dict.fromkeys(finding.code.value for finding in failed))
        becomes, attempt = after_rejection(item.attempt, most) if failed else (ItemState.ACCEPTED, item.attempt)
        self._report.count(becomes)
        if failed:
            self._assessment.leaves_dataset(item.conversation_id)
        self._report.reasons.update(reasons)
        verdict = KeptVerdict(
            conversation_id=item.conversation_id,
            verdict=(Verdict.REJECTED if failed else Verdict.ACCEPTED).value,
            reasons=reasons,
            findings=as_rows(findings),
            checks_version="+".join(assessor.purpose.value for assessor in self._assessment.due(item.item)) or "none",
            transition=Transition(
                item.id,
                ItemState.UNDECIDED,
                becomes,
                attempt,
                reasons[0] if reasons else None,
                in_words(reasons, failed) if reasons else None,
                of_attempt=item.attempt,
                holder=self._run.worker,
            ),
        )
        await self._run.writer.write_together(keep_verdicts, verdict, item.conversation_id)
