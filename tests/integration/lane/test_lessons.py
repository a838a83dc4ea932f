"""What a rejected attempt teaches stands in the next request, as it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable

import adversary as api
from adversary import CONVERSATION, Adversary
from small_jobs import JobAtHand

from brightrun.quality.verdicts import CheckCode
from brightrun.store.requests import stored_request

NewJob = Callable[..., JobAtHand]


def asked(adversary: Adversary) -> list[str]:
    return [request.json["messages"][0]["content"] for request in adversary.received]


def validate(job: JobAtHand, adversary: Adversary) -> None:
    with job.runtime(adversary.url) as made:
        made.validate()


def test_the_next_attempt_is_told_why_the_last_was_rejected(new_job: NewJob, adversary: Adversary) -> None:
    adversary.otherwise = api.reply()
    job = new_job()
    for _ in range(2):
        job.run(adversary.url)
        validate(job, adversary)
    first, second = asked(adversary)
    assert "earlier_attempts" not in first
    assert second.startswith(first)
    assert CheckCode.SPEAKER_NAME_MISMATCH.meaning in second
    assert f"{CONVERSATION['speaker']['name']} instead of" in second
    (item,) = job.items
    assert (item["state"], item["attempt"]) == ("planned", 3)
    with job.here.database.reading() as connection:
        kept = stored_request(connection, job.calls[1]["id"])
    assert kept["messages"][0]["content"] == second


def test_what_was_learnt_outlives_a_stop_and_is_said_once(new_job: NewJob, adversary: Adversary) -> None:
    adversary.then([api.reply(), api.reply(), api.refuse(401)])
    adversary.otherwise = api.reply()
    job = new_job()
    for _ in range(2):
        job.run(adversary.url)
        validate(job, adversary)
    job.run(adversary.url)  # refused: it ends here, and the item is put back
    assert job.items[0]["reason_code"] == "api_stopped"
    job.run(adversary.url)
    assert asked(adversary)[-1] == asked(adversary)[-2]
    assert asked(adversary)[-1].count(CheckCode.SPEAKER_NAME_MISMATCH.meaning) == 1


def test_a_reply_that_was_no_conversation_teaches_within_its_run(new_job: NewJob, adversary: Adversary) -> None:
    adversary.then([api.reply("not JSON"), api.reply(stop_reason="max_tokens"), api.reply(stop_reason="refusal")])
    adversary.otherwise = api.reply()
    job = new_job()
    job.run(adversary.url)
    first, second, third, fourth = asked(adversary)
    assert "was not valid JSON" not in first
    assert "was not valid JSON" in second
    assert "too long" in third
    assert "was not valid JSON" in third
    assert third == fourth, "a refusal teaches nothing"


def test_phrases_to_avoid_are_named_in_another_attempt_only(new_job: NewJob, adversary: Adversary) -> None:
    adversary.then([api.reply("not JSON")])
    adversary.otherwise = api.reply()
    job = new_job()
    with job.runtime(adversary.url) as made:
        made.run.avoid = ("I hear you", "That's completely\nunderstandable")
        made.generate(0)
    first, second = asked(adversary)
    assert "I hear you" not in first
    assert "- I hear you\n- That's completely understandable\n" in second
    assert json.dumps(second)
