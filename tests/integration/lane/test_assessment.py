"""Judge and reader on the lane: they decide, an outage decides nothing, and what was said is not paid for twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import adversary as api
import pytest
from adversary import Adversary, Behaviour
from aiohttp import web
from small_jobs import JobAtHand, generate_all
from sqlalchemy import delete, select

from brightrun.assessment import UNUSABLE_ANSWERS, AssessmentReport
from brightrun.assessors import is_due
from brightrun.generation import Ended
from brightrun.items import Item
from brightrun.quality.judging.rubric import Dimension
from brightrun.runtime import JobRuntime
from brightrun.store.items import Transition, apply_transitions, owed_shards
from brightrun.store.jobs import adopt_spec
from brightrun.store.states import ItemState
from brightrun.store.tables import assessments, verdicts

NewJob = Callable[..., JobAtHand]
QUOTE = "With one account."
ASSESSED = {"judge": {"model": "claude-haiku-5-5"}, "reader": {"model": "claude-haiku-5-5"}}


def judgement(request: dict[str, Any], score: float = 8) -> dict[str, Any]:
    """A judgement of whatever was asked, with all that is required met."""
    elements = request["system"][1]["text"].split("<elements>")[1].split("</elements>")[0]
    keys = re.findall(r"^- (\w+):", elements, re.MULTILINE)
    said = {"reason": f"It says so: {QUOTE}", "quote": QUOTE, "score": score}
    return {
        "elements": [{"key": key, "met": True, "quote": QUOTE} for key in keys],
        "scores": {dimension.value: said for dimension in Dimension},
    }


READING = {"readings": [{"message": 1, "emotion": "relief", "intensity": 0.5}]}


def is_judged(request: dict[str, Any]) -> bool:
    return "scores" in json.dumps(request["output_config"])


def assess(judged: Behaviour | None = None, score: float = 8) -> Behaviour:
    """Answers judge and reader; `judged` instead, for the judge."""

    async def behave(request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())
        if is_judged(asked):
            return await (judged or api.reply(json.dumps(judgement(asked, score))))(request)
        return await api.reply(json.dumps(READING))(request)

    return behave


@pytest.fixture
def undecided(new_job: NewJob, adversary: Adversary) -> Callable[..., JobAtHand]:
    """Makes a job whose items wait for judge and reader."""

    def make(items: int = 1, quality: dict[str, Any] = ASSESSED, **generate: Any) -> JobAtHand:
        job = new_job(items, **generate)
        job.run(adversary.url)
        with job.here.database.writing() as connection:
            adopt_spec(connection, job.id, {**job.job.spec, "quality": quality}, job.job.budget_usd, "somebody")
            waits = [
                Transition(item["id"], ItemState.GENERATED, ItemState.UNDECIDED, item["attempt"]) for item in job.items
            ]
            assert all(apply_transitions(connection, waits))
        adversary.received.clear()
        adversary.otherwise = assess()
        return job

    return make


def assess_all(made: JobRuntime) -> list[AssessmentReport]:
    with made.database.reading() as connection:
        shards = owed_shards(connection, made.job_id, ItemState.UNDECIDED)
    with ThreadPoolExecutor(len(shards) or 1) as pool:
        return list(pool.map(lambda shard: made.assess(shard.number), shards))


@contextmanager
def assessed(job: JobAtHand, adversary: Adversary) -> Iterator[list[AssessmentReport]]:
    with job.runtime(adversary.url) as made:
        yield assess_all(made)


def asked(adversary: Adversary) -> Counter[str]:
    return Counter("judge" if is_judged(request.json) else "reader" for request in adversary.received)


def test_both_are_asked_and_the_item_is_accepted(undecided: Callable[..., JobAtHand], adversary: Adversary) -> None:
    job = undecided(items=5)
    with assessed(job, adversary) as reports:
        assert sum(report.accepted for report in reports) == 5
    assert asked(adversary) == {"judge": 5, "reader": 5}
    assert job.states == ["accepted"] * 5
    purposes = Counter((call["purpose"], call["conversation_id"] is not None) for call in job.calls)
    assert purposes == {("write", False): 5, ("judge", True): 5, ("read", True): 5}
    with job.here.database.reading() as connection:
        said = connection.execute(select(assessments)).mappings().all()
        decided = connection.execute(select(verdicts.c.verdict)).scalars().all()
    assert len(said) == 10
    assert {row["version"].split("/")[0] for row in said} == {"claude-haiku-5-5"}
    assert decided == ["accepted"] * 5
    job.assert_books_balance()


def test_what_the_judge_says_is_told_to_the_next_attempt(
    undecided: Callable[..., JobAtHand], adversary: Adversary
) -> None:
    job = undecided()
    adversary.otherwise = assess(score=4)
    with assessed(job, adversary) as (report,):
        assert (report.owed_again, report.reasons["judge_below_minimum"]) == (1, 1)
    (item,) = job.items
    assert (item["state"], item["attempt"], item["reason_code"]) == ("planned", 2, "judge_below_minimum")
    adversary.otherwise = api.reply()
    job.run(adversary.url)
    written = adversary.received[-1].json["messages"][0]["content"]
    assert "below the minimum" in written
    assert f"It says so: {QUOTE}" in written


def test_law_5_an_outage_of_the_judge_rejects_nothing_and_all_is_decided_in_the_end(
    undecided: Callable[..., JobAtHand], adversary: Adversary
) -> None:
    job = undecided(items=4, concurrency=4)
    failing = iter([api.refuse(529), api.reset, api.refuse(500), api.refuse(429, retry_after="0")] * 2)

    async def half(request: web.Request) -> web.StreamResponse:
        behaviour = next(failing, None) or assess()
        return await behaviour(request)

    adversary.otherwise = half
    with assessed(job, adversary):
        pass
    assert job.states == ["accepted"] * 4
    assert not [row for row in job.transitions if row["to_state"] in ("rejected", "failed")]
    job.assert_books_balance()


def test_an_api_that_refuses_leaves_it_undecided_and_what_was_said_is_not_asked_again(
    undecided: Callable[..., JobAtHand], adversary: Adversary
) -> None:
    job = undecided()
    adversary.otherwise = assess(judged=api.refuse(401))
    with assessed(job, adversary) as (report,):
        assert report.left == 1
    assert (job.states, job.items[0]["reason_code"]) == (["undecided"], "api_stopped")
    before = asked(adversary)["reader"]
    adversary.otherwise = assess()
    with assessed(job, adversary):
        pass
    assert job.states == ["accepted"]
    assert asked(adversary)["reader"] == max(before, 1)
    assert [call["call"] for call in job.calls if call["purpose"] == "judge"] == [1, 2]


def test_an_answer_that_cannot_be_used_is_undecided_and_asked_for_again(
    undecided: Callable[..., JobAtHand], adversary: Adversary
) -> None:
    job = undecided()
    adversary.otherwise = assess(judged=api.reply('{"elements": [], "scores": {}}'))
    with assessed(job, adversary) as (report,):
        assert report.left == 1
    assert asked(adversary) == {"judge": UNUSABLE_ANSWERS, "reader": 1}
    assert (job.states, job.items[0]["reason_code"]) == (["undecided"], "element_missing")
    adversary.otherwise = assess()
    with assessed(job, adversary):
        pass
    assert (job.states, job.items[0]["attempt"]) == (["accepted"], 1)


def test_law_2_a_reply_that_was_kept_and_not_read_is_not_paid_for_again(
    undecided: Callable[..., JobAtHand], adversary: Adversary
) -> None:
    job = undecided()
    adversary.otherwise = assess(score=4)
    with assessed(job, adversary):
        pass
    with job.here.database.writing() as connection:  # as a kill leaves it between the reply and its reading
        connection.execute(delete(assessments))
        connection.exec_driver_sql("update batch_items set state = 'undecided', attempt = 1")
    before = len(adversary.received)
    with assessed(job, adversary) as (report,):
        assert (report.sent, report.owed_again) == (0, 1)
    assert len(adversary.received) == before


def test_law_4_judge_calls_count(undecided: Callable[..., JobAtHand], adversary: Adversary) -> None:
    job = undecided(items=3)
    spent = job.job.spent_usd
    with job.here.database.writing() as connection:
        adopt_spec(connection, job.id, job.job.spec, spent + Decimal("0.0001"), "somebody")
    with assessed(job, adversary) as reports:
        assert sum(report.left for report in reports) == 3
    assert adversary.received == []
    assert job.states == ["undecided"] * 3
    assert {item["reason_code"] for item in job.items} == {"budget_exhausted"}
    job.assert_books_balance()


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_law_4_no_more_is_written_than_the_budget_can_have_judged(
    new_job: NewJob, adversary: Adversary, share: float
) -> None:
    """What is written and cannot be judged is of no use to anybody."""
    judged_or_read = assess()

    async def behave(request: web.Request) -> web.StreamResponse:
        wanted = json.loads(await request.read())["output_config"]["format"]["schema"]["properties"]
        return await (judged_or_read if {"scores", "readings"} & set(wanted) else api.reply())(request)

    adversary.otherwise = behave
    job = new_job(12, concurrency=4, budget_usd=0.2)
    quality = {asked: {**settings, "share": share} for asked, settings in ASSESSED.items()}
    with job.here.database.writing() as connection:
        adopt_spec(connection, job.id, {**job.job.spec, "quality": quality}, job.job.budget_usd, "somebody")
    rounds = []
    with job.runtime(adversary.url) as made:
        for _ in range(20):
            made.run.begin_round()
            if made.ended:
                break
            generate_all(made)
            with job.here.database.writing() as connection:
                written = [item for item in job.items if item["state"] == "generated"]
                states = (ItemState.GENERATED, ItemState.UNDECIDED)
                assert all(apply_transitions(connection, [Transition(one["id"], *states, 1) for one in written]))
            assess_all(made)
            assert set(job.states) <= {"accepted", "planned"}  # all that was written is judged
            rounds.append(len(written))
        assert made.ended is Ended.BUDGET, (rounds, job.spend)
    assert rounds[0] > 0
    assert rounds[-1] == 0
    assert job.states.count("accepted") == sum(rounds) < 12
    assert {item["reason_code"] for item in job.items if item["state"] == "planned"} <= {"budget_exhausted", None}
    job.assert_books_balance()


def test_a_share_is_judged_the_same_one_every_time(undecided: Callable[..., JobAtHand], adversary: Adversary) -> None:
    job = undecided(items=30, quality={"judge": {"share": 0.3}})
    with assessed(job, adversary):
        pass
    judged = {call["item_id"] for call in job.calls if call["purpose"] == "judge"}
    assert 3 <= len(judged) <= 15
    assert job.states == ["accepted"] * 30
    with job.runtime(adversary.url) as made:
        (judge,) = made.assessment.assessors
        due = {row["id"] for row in job.items if is_due(judge, Item.model_validate(row["plan"]), made.spec.grid.seed)}
    assert due == judged


def test_nothing_is_asked_about_what_is_decided(undecided: Callable[..., JobAtHand], adversary: Adversary) -> None:
    job = undecided()
    with job.runtime(adversary.url) as made:
        assess_all(made)
        before = len(adversary.received)
        assert made.assess(0).sent == 0
        assert generate_all(made) == []
    assert len(adversary.received) == before
