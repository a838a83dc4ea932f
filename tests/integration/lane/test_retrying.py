"""Items are listed by what they are and why they stand where they do, and tried again by the same names."""

from __future__ import annotations

from collections.abc import Callable

import adversary as api
import pytest
from adversary import Adversary
from small_jobs import JobAtHand

from brightrun.errors import JobBusyError, RequestError
from brightrun.items import Item
from brightrun.retrying import give_another_attempt
from brightrun.store.jobs import claim_job
from brightrun.store.listing import ItemFilter, item_json, listed_items

NewJob = Callable[..., JobAtHand]


@pytest.fixture
def ended(new_job: NewJob, adversary: Adversary) -> JobAtHand:
    """Three items: one was too large, one refused until its attempts were used up, one has a conversation."""
    adversary.then([api.refuse(413)])
    adversary.otherwise = api.reply(stop_reason="refusal")
    job = new_job(2, concurrency=1, attempts_per_item=2)
    job.run(adversary.url)
    assert sorted(item["reason_code"] for item in job.items) == ["refusal", "request_too_large"]
    return job


def listed(job: JobAtHand, **wanted: tuple[str, ...]) -> list[str | None]:
    with job.here.database.reading() as connection:
        return [one.reason_code for one in listed_items(connection, job.id, ItemFilter(**wanted))]


def test_filters_are_joined_and_a_value_that_nobody_has_is_refused(ended: JobAtHand) -> None:
    assert len(listed(ended)) == 2
    assert listed(ended, reason=("refusal",), state=("failed",)) == ["refusal"]
    assert listed(ended, reason=("refusal", "request_too_large"), topic=("grandparent_529",)) != []
    for name, value, hint in (
        ("reason", "refusals", "did you mean `refusal`"),
        ("state", "fail", "did you mean `failed`"),
        ("topic", "x", "there are grandparent_529"),
        ("item", "i0", "no item of the job"),
    ):
        with pytest.raises(RequestError, match=hint):
            listed(ended, **{name: (value,)})


def test_the_exact_parameters_of_an_item_are_told(ended: JobAtHand) -> None:
    with ended.here.database.reading() as connection:
        (one,) = listed_items(connection, ended.id, ItemFilter(reason=("refusal",)))
    told = item_json(one)
    assert Item.model_validate(told["plan"]) == one.item
    assert (told["state"], told["reason"], told["attempt"]) == ("failed", "refusal", 2)


def test_only_what_is_meant_is_tried_again_once_more(ended: JobAtHand, adversary: Adversary) -> None:
    calls = len(adversary.received)
    assert give_another_attempt(ended.here, ended.id, ItemFilter(reason=("refusal",))) == 1
    assert sorted(ended.states) == ["failed", "planned"]
    adversary.otherwise = api.reply()
    ended.run(adversary.url)
    assert len(adversary.received) == calls + 1
    assert sorted(ended.states) == ["failed", "generated"]
    ended.assert_books_balance()


def test_another_attempt_is_one_and_no_more(ended: JobAtHand, adversary: Adversary) -> None:
    calls = len(adversary.received)
    assert give_another_attempt(ended.here, ended.id, ItemFilter(reason=("refusal",))) == 1
    ended.run(adversary.url)
    assert len(adversary.received) == calls + 1
    assert ended.states == ["failed"] * 2


def test_what_cannot_be_tried_again_is_refused(ended: JobAtHand) -> None:
    database = ended.here.database
    with pytest.raises(RequestError, match="only what failed or rejected"):
        give_another_attempt(ended.here, ended.id, ItemFilter(state=("accepted",)))
    assert give_another_attempt(ended.here, ended.id) == 2
    with pytest.raises(RequestError, match="has no item that failed"):
        give_another_attempt(ended.here, ended.id)
    with database.writing() as connection:
        assert claim_job(connection, ended.id, "elsewhere:1:1", None)
    with pytest.raises(JobBusyError, match="elsewhere"):
        give_another_attempt(ended.here, ended.id)
