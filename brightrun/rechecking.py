"""Checking again: the checks of this program, or another rule, over conversations that were checked before.

Nothing is generated. A conversation that passed and does not any more, or was rejected by a check and passes now, gets
its verdict anew; what else was decided about it (by a judge, by a twin) stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from pydantic import BaseModel, ConfigDict, ValidationError

from brightrun.actor import actor
from brightrun.adopting import adopt
from brightrun.assessors import assessors, due
from brightrun.catalog import Catalog
from brightrun.errors import JobBusyError, RequestError
from brightrun.joblog import note
from brightrun.quality.checks import CHECKS_VERSION, check_conversation
from brightrun.quality.verdict_rule import Ruling, VerdictRule
from brightrun.quality.verdicts import CheckCode, Judgement, Verdict, as_rows
from brightrun.runtime import beating
from brightrun.spec import DatasetSpec, parse_spec
from brightrun.store.conversations import CheckedConversation, KeptVerdict, checked_conversations, keep_verdicts
from brightrun.store.database import Database
from brightrun.store.items import Transition
from brightrun.store.jobs import (
    Job,
    catalog_json,
    claim_job,
    finish_job,
    get_job,
    heartbeat,
    owner_is_alive,
    state_counts,
    this_process,
)
from brightrun.store.outbox import queue_log
from brightrun.store.states import ItemState, JobStatus, Reason
from brightrun.validation import Validator, validate_job, validator_of
from brightrun.workplace import Workplace

PAGE = 200

IN_DATASET = frozenset({ItemState.ACCEPTED, ItemState.UNDECIDED})
OUT_OF_DATASET = frozenset({ItemState.PLANNED, ItemState.REJECTED, ItemState.FAILED, ItemState.CANCELLED})
CHECK_CODES = frozenset(code.value for code in CheckCode)
MEANT_COMPLETE = frozenset({JobStatus.DONE, JobStatus.SHORT})
"""Statuses that say only whether everything planned is there."""


class NowIs(StrEnum):
    """How a conversation fares that is decided about anew."""

    REJECTED = "rejected"
    PASSING = "passing"


class Change(BaseModel):
    """A conversation about which the checks say otherwise now. `reasons` are those that reject it, or did."""

    model_config = ConfigDict(frozen=True)

    conversation_id: str
    title: str
    now: NowIs
    reasons: tuple[str, ...]
    evidence: tuple[str, ...]


class RecheckReport(BaseModel):
    """What checking again came to. `accepted` counts the job's accepted conversations afterwards."""

    job_id: str
    checks_version: str
    checked: int
    undecided: int
    changes: tuple[Change, ...]
    applied: bool
    planned: int
    accepted: int

    @property
    def no_longer_pass(self) -> int:
        return sum(change.now is NowIs.REJECTED for change in self.changes)


def recheck(
    here: Workplace, job_id: str, rulings: Mapping[str, str] | None = None, apply: bool = False
) -> RecheckReport:
    """Check the job's conversations again, under its rule and what `rulings` change of it.

    With `apply` the results are kept and what changes is decided anew: a conversation that does not pass leaves the
    dataset, and its item is owed again if it has attempts left; the rule becomes the job's. Without it nothing is
    written. Raises JobUnknownError, JobBusyError, or RequestError for a code that no rule can change.
    """
    database = here.database
    with database.reading() as connection:
        job = get_job(connection, job_id)
        catalog = Catalog.model_validate(catalog_json(connection, job.id))
    spec = _ruled(parse_spec(job.spec, job.id), rulings or {})
    if owner_is_alive(job):
        raise JobBusyError(f"The job {job.id} is being run by {job.owner}; check it again when it has ended.")
    rule = VerdictRule.model_validate(spec.quality.rule)
    tally = _Tally()
    if apply:
        tally = _decide_anew(here, job, spec, catalog, rule)
    else:
        for page in _rechecked(database, job.id, catalog, rule):
            for one in page:
                tally.add(one)
    with database.reading() as connection:
        counts = state_counts(connection, job.id)
    return RecheckReport(
        job_id=job.id,
        checks_version=CHECKS_VERSION,
        checked=tally.checked,
        undecided=tally.undecided,
        changes=tuple(tally.changes),
        applied=apply,
        planned=sum(counts.values()),
        accepted=counts[ItemState.ACCEPTED],
    )


def _ruled(spec: DatasetSpec, rulings: Mapping[str, str]) -> DatasetSpec:
    """The spec with its rule changed. Raises RequestError naming what is allowed."""
    for code, ruling in rulings.items():
        if ruling not in list(Ruling):
            raise RequestError(f"--rule {code}={ruling}: a code counts as one of {', '.join(Ruling)}")
    try:
        rule = VerdictRule.model_validate({**spec.quality.rule, **rulings})
    except ValidationError as error:
        raise RequestError(f"--rule: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    quality = spec.quality.model_copy(update={"rule": {code: one.value for code, one in rule.root.items()}})
    return spec.model_copy(update={"quality": quality})


@dataclass(frozen=True)
class _Rechecked:
    """One conversation with what the checks say of it now."""

    stored: CheckedConversation
    judgement: Judgement
    asked_by: str | None
    """Who has the conversations decided anew; None where they are only looked at."""

    @cached_property
    def change(self) -> Change | None:
        """What becomes otherwise, if anything."""
        stored, judgement = self.stored, self.judgement
        reasons: tuple[str, ...]
        if judgement.verdict is Verdict.REJECTED and stored.state in IN_DATASET:
            now, reasons, findings = NowIs.REJECTED, judgement.reasons, as_rows(judgement.findings)
        elif judgement.verdict is Verdict.ACCEPTED and stored.state in OUT_OF_DATASET and _failed_checks(stored):
            now, reasons, findings = NowIs.PASSING, stored.reasons, stored.findings
        else:
            return None
        evidence = tuple(f"{one['code']}: “{one['quote']}”" for one in findings if one["code"] in reasons)
        return Change(conversation_id=stored.id, title=stored.item.title, now=now, reasons=reasons, evidence=evidence)

    @property
    def kept(self) -> KeptVerdict | None:
        """What is appended: the verdict that stood, with what the checks found now, and the move to a new one.

        None where they found what they found before, in the same versions.
        """
        stored, judgement = self.stored, self.judgement
        others = [one for one in stored.findings if one["code"] not in CHECK_CODES]
        findings, results = [*as_rows(judgement.findings), *others], as_rows(judgement.results)
        before = (stored.checks_version, stored.findings, stored.results)
        if self.change is None and before == (judgement.checks_version, findings, results):
            return None
        move = Transition(
            stored.item_id,
            stored.state,
            ItemState.GENERATED,
            stored.attempt,
            Reason.RECHECKED.value,
            asked_by=self.asked_by,
        )
        return KeptVerdict(
            conversation_id=stored.id,
            verdict=stored.verdict,
            reasons=stored.reasons,
            findings=findings,
            checks_version=judgement.checks_version,
            results=results,
            transition=move if self.change else None,
        )


def _failed_checks(stored: CheckedConversation) -> bool:
    """Whether a check, and not a judge or a twin, was what rejected it."""
    return stored.verdict == Verdict.REJECTED.value and bool(CHECK_CODES.intersection(stored.reasons))


@dataclass
class _Tally:
    """What the conversations so far came to. It keeps no texts."""

    checked: int = 0
    undecided: int = 0
    changes: list[Change] = field(default_factory=list)

    def add(self, one: _Rechecked) -> None:
        self.checked += 1
        self.undecided += one.judgement.verdict is Verdict.UNDECIDED
        if one.change:
            self.changes.append(one.change)


def _rechecked(
    database: Database, job_id: str, catalog: Catalog, rule: VerdictRule, asked_by: str | None = None
) -> Iterator[list[_Rechecked]]:
    """The job's conversations with what the checks say now, page by page."""
    after = ""
    while True:
        with database.reading() as connection:
            page = checked_conversations(connection, job_id, (*IN_DATASET, *OUT_OF_DATASET), after, PAGE)
        if not page:
            return
        yield [_Rechecked(one, check_conversation(one.content, one.item, catalog, rule), asked_by) for one in page]
        after = page[-1].id


def _decide_anew(here: Workplace, job: Job, spec: DatasetSpec, catalog: Catalog, rule: VerdictRule) -> _Tally:
    """Keep what is found, and give what changes its verdict. Killed in between, `resume` gives it."""
    owner, tally, database = this_process(), _Tally(), here.database
    with database.writing() as connection:
        asked_by = actor(connection)
        if not claim_job(connection, job.id, owner, None):
            raise JobBusyError(f"The job {job.id} has just been taken by another process.")
        changed = adopt(connection, job, spec.model_dump(mode="json"))
    note(here.files, job.id, changed)
    status = job.status
    try:
        with beating(database, lambda connection: heartbeat(connection, job.id, owner)):
            for page in _rechecked(database, job.id, catalog, rule, asked_by):
                kept = [one.kept for one in page]
                with database.writing() as connection:
                    keep_verdicts(connection, [one for one in kept if one])
                for one in page:
                    tally.add(one)
            validate_job(database, job.id, _validator(database, job, spec, catalog))
        with database.reading() as connection:
            counts = state_counts(connection, job.id)
        if status in MEANT_COMPLETE:
            status = JobStatus.DONE if counts[ItemState.ACCEPTED] == sum(counts.values()) else JobStatus.SHORT
    finally:
        decided = f"{tally.checked} checked again, {len(tally.changes)} decided anew"
        note(here.files, job.id, f"{asked_by} had the conversations checked again: {decided}")
        with database.writing() as connection:
            finish_job(connection, job.id, owner, status, job.message)
            queue_log(connection, here.files, job.id)
    return tally


def _validator(database: Database, job: Job, spec: DatasetSpec, catalog: Catalog) -> Validator:
    asked = assessors(spec, catalog)
    return validator_of(database, job, spec, catalog, lambda item: bool(due(asked, item, spec.grid.seed)))
