"""KF-25: every option of `generate` does what it says, seen at the other end; what does not work is refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from decimal import Decimal

import adversary as api
import pytest
from adversary import Adversary
from aiohttp import web
from pydantic import ValidationError
from small_jobs import JobAtHand, generate_all, small_plan

from brightrun.generation import Ended
from brightrun.spec import GenerateSpec

NewJob = Callable[..., JobAtHand]


def model(new_job: NewJob, adversary: Adversary) -> None:
    new_job(model="claude-haiku-5-5").run(adversary.url)
    assert adversary.received[0].json["model"] == "claude-haiku-5-5"


def max_tokens(new_job: NewJob, adversary: Adversary) -> None:
    new_job(max_tokens=1234).run(adversary.url)
    assert adversary.received[0].json["max_tokens"] == 1234


def concurrency(new_job: NewJob, adversary: Adversary) -> None:
    for cap in (1, 3, 12):
        at_once: list[int] = [0]
        full = asyncio.Event()

        async def hold(
            request: web.Request, cap: int = cap, at_once: list[int] = at_once, full: asyncio.Event = full
        ) -> web.StreamResponse:
            """Answer when as many are there as may be, or nobody comes any more."""
            at_once.append(at_once[-1] + 1)
            if at_once[-1] >= cap:
                full.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(full.wait(), 1.0)
            at_once.append(at_once[-1] - 1)
            return await api.reply()(request)

        adversary.otherwise = hold
        new_job(items=5 * cap, concurrency=cap).run(adversary.url)
        assert max(at_once) == cap


def attempts_per_item(new_job: NewJob, adversary: Adversary) -> None:
    adversary.otherwise = api.reply("no JSON")
    new_job(attempts_per_item=4).run(adversary.url)
    assert len(adversary.received) == 4


def timeout_s(new_job: NewJob, adversary: Adversary) -> None:
    adversary.otherwise = api.stall()
    job = new_job(timeout_s=1, attempts_per_item=1)
    job.run(adversary.url)
    (call,) = job.calls
    assert 0.9 < (call["ended_at"] - call["sent_at"]).total_seconds() < 5


def budget_usd(new_job: NewJob, adversary: Adversary) -> None:
    job = new_job(items=2, budget_usd=Decimal("0.001"))
    with job.runtime(adversary.url) as made:
        generate_all(made)
        assert made.ended is Ended.BUDGET
    assert adversary.received == []


def lane(new_job: NewJob, adversary: Adversary) -> None:
    new_job(lane="online").run(adversary.url)
    assert len(adversary.received) == 1
    with pytest.raises(ValidationError, match="online"):
        small_plan(lane="batch")


OPTIONS: dict[str, Callable[[NewJob, Adversary], None]] = {
    option.__name__: option
    for option in (model, max_tokens, concurrency, attempts_per_item, timeout_s, budget_usd, lane)
}


def test_kf_25_no_option_is_accepted_and_untested() -> None:
    """KF-25."""
    assert set(OPTIONS) == set(GenerateSpec.model_fields)


@pytest.mark.parametrize("option", OPTIONS)
def test_kf_25_every_option_does_what_it_says(new_job: NewJob, adversary: Adversary, option: str) -> None:
    """KF-25."""
    OPTIONS[option](new_job, adversary)


@pytest.mark.parametrize("name", ["priority", "on_error", "pause", "temperature"])
def test_kf_25_options_that_do_not_exist_are_refused(name: str) -> None:
    """KF-25."""
    with pytest.raises(ValidationError, match=name):
        small_plan(**{name: 1})
