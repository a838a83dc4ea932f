"""Conversations are held against the others of their dataset: a twin is rejected, and written again with the reason."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from small_jobs import JobAtHand, generate_all, small_plan
from sqlalchemy import select

from brightrun.conversation import AssistantTurn, Conversation, Speaker, UserTurn
from brightrun.neighbours import COMMONEST_TOLD, Neighbours, commonest
from brightrun.planning import Plan, open_job
from brightrun.quality.neighbour_codes import NeighbourCode
from brightrun.quality.phrases import Overuse, PhraseKind
from brightrun.simulator.pytest_fixture import SimulatorUnderTest
from brightrun.spec import NearDuplicateSpec
from brightrun.store.jobs import adopt_spec
from brightrun.store.requests import stored_request
from brightrun.store.tables import conversations, verdicts

NewJob = Callable[..., JobAtHand]


def carried_out(job: JobAtHand, url: str, rounds: int = 1) -> list[list[str]]:
    """The reasons of each verdict of the job, in order."""
    with job.runtime(url) as made:
        for _ in range(rounds):
            generate_all(made)
            made.validate()
    mine = select(conversations.c.id).where(conversations.c.job_id == job.id)
    query = select(verdicts.c.reasons).where(verdicts.c.conversation_id.in_(mine)).order_by(verdicts.c.id)
    with job.here.database.reading() as connection:
        return list(connection.execute(query).scalars())


def named(plan: Plan, name: str) -> Plan:
    spec = plan.spec.model_copy(update={"name": name})
    return replace(plan, loaded=plan.loaded.model_copy(update={"spec": spec}))


def test_kf_56_what_an_earlier_job_has_is_written_again_with_the_reason(
    new_job: NewJob, simulator: SimulatorUnderTest
) -> None:
    """The simulator answers the same request with the same text, so a second job begins with nothing but twins."""
    assert carried_out(new_job(items=4), simulator.url) == [[]] * 4
    again = new_job(items=4)
    assert carried_out(again, simulator.url, rounds=3)[:4] == [["exact_duplicate"]] * 4
    assert again.states == ["accepted"] * 4
    assert min(item["attempt"] for item in again.items) > 1
    with again.here.database.reading() as connection:
        requests: list[Any] = [stored_request(connection, call["id"]) for call in again.calls]
    asked = [request["messages"][0]["content"] for request in requests]
    assert ["The same text is in the dataset already." in text for text in asked[:8]] == [False] * 4 + [True] * 4


def test_another_dataset_is_no_neighbour(new_job: NewJob, simulator: SimulatorUnderTest) -> None:
    first = new_job(items=3)
    carried_out(first, simulator.url)
    other = open_job(first.here.database, named(small_plan(3), "another-dataset"), simulated=True)
    assert carried_out(JobAtHand(first.here, other.job.id), simulator.url) == [[]] * 3


def test_off_is_off(new_job: NewJob, simulator: SimulatorUnderTest) -> None:
    carried_out(new_job(items=2), simulator.url)
    again = new_job(items=2)
    with again.here.database.writing() as connection:
        adopt_spec(
            connection,
            again.id,
            {**again.job.spec, "quality": {"near_duplicate": "off"}},
            again.job.budget_usd,
            "somebody",
        )
    assert carried_out(again, simulator.url) == [[]] * 2


def test_what_was_asked_about_last_is_not_read_again_to_be_added() -> None:
    neighbours, other = Neighbours(NearDuplicateSpec()), Neighbours(NearDuplicateSpec())
    said = [spoken(number) for number in range(3)]
    assert reads(lambda: (neighbours.findings(said[0]), neighbours.add("c-0", said[0]))) == 1
    assert reads(lambda: (neighbours.findings(said[1]), neighbours.add("c-2", said[2]))) == 2
    for number in (0, 2):
        other.add(f"c-{number}", said[number])
    for one in said:
        assert neighbours.findings(one) == other.findings(one)
    (twin,) = neighbours.findings(said[2].model_copy(update={"turns": said[2].turns[:2]}))
    assert twin.code is NeighbourCode.EXACT_DUPLICATE
    assert twin.quote.startswith("first_user, 100% as c-2: ")
    assert "word 2 0" in twin.quote


def test_of_many_overused_phrases_the_commonest_are_told_and_the_opening_that_rejects() -> None:
    learnt = [Overuse(PhraseKind.LEARNT, f"phrase {number}", number, 10 + number % 7, 50) for number in range(2, 130)]
    opening = Overuse(PhraseKind.FIRST_OPENING, "i did not know what", 1, 3, 50)
    told = commonest([opening, *learnt])
    assert told[0] == opening
    assert len(told) == COMMONEST_TOLD
    assert {each.conversations for each in told[1:]} == {16}
    assert [each.turn for each in told] == sorted(each.turn for each in told)
    assert commonest(learnt[:COMMONEST_TOLD]) == learnt[:COMMONEST_TOLD]


def test_a_long_conversation_has_a_few_overused_phrases_told() -> None:
    neighbours = Neighbours(None)
    turns = tuple(turn for seed in range(8) for turn in spoken(seed).turns)
    long = spoken(0).model_copy(update={"turns": turns})
    for number in range(12):
        neighbours.add(f"c-{number}", long)
    assert len(neighbours.findings(long)) == COMMONEST_TOLD


def spoken(seed: int) -> Conversation:
    """Two exchanges that share nothing with those of another seed."""
    texts = [" ".join(f"word {seed} {turn} {number}" for number in range(30)) for turn in range(4)]
    turns = [
        AssistantTurn(role="assistant", content=text, technique="asking", teaches="One thing.")
        if number % 2
        else UserTurn(role="user", content=text, emotion="worry", intensity=0.5)
        for number, text in enumerate(texts)
    ]
    return Conversation(speaker=Speaker(name="Dana", age=41), topic="bills", outcome="resolved", turns=tuple(turns))


def reads(work: Callable[[], object]) -> int:
    """How many fingerprints were taken."""
    counted: Counter[str] = Counter()
    sys.setprofile(lambda frame, event, _: counted.update([frame.f_code.co_name] if event == "call" else []))
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted["fingerprint_of"]
