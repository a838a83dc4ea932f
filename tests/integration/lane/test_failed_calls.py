"""Whatever a call comes to has a category, a reason and a price in the ledger, and the item ends in a state."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import adversary as api
import pytest
from adversary import Adversary, Behaviour
from aiohttp import web
from small_jobs import JobAtHand, generate_all

from brightrun.outage import OutageWatch

NewJob = Callable[..., JobAtHand]
HTML = b"<html><head><title>500</title></head><body>" + b"Internal error. " * 60 + b"</body></html>"

PASSING: list[tuple[str, Behaviour, str, str]] = [
    ("429 without retry-after", api.refuse(429), "rate_limited", "HTTP 429: no"),
    ("429 with retry-after", api.refuse(429, retry_after="0.01"), "rate_limited", "HTTP 429: no"),
    ("429 with a date in retry-after", api.refuse(429, retry_after="soon"), "rate_limited", "HTTP 429: no"),
    ("529", api.refuse(529), "overloaded", "HTTP 529: no"),
    ("529 empty", api.answer(b"", 529), "overloaded", "HTTP 529: Error code: 529"),
    ("500 HTML", api.answer(HTML, 500, "text/html"), "server_error", f"HTTP 500: {HTML[:500].decode()}"),
    ("502 empty", api.answer(b"", 502), "server_error", "HTTP 502: Error code: 502"),
    ("503", api.refuse(503, "try later"), "server_error", "HTTP 503: try later"),
    ("500 not UTF-8", api.answer(b"\xff\xfe oops \x00", 500, "text/plain"), "server_error", "HTTP 500: "),
    ("500 cut JSON", api.answer(b'{"type": "error", "err', 500), "server_error", 'HTTP 500: {"type": "error", "err'),
    ("500 JSON of another kind", api.answer(b'["no"]', 500), "server_error", "HTTP 500: Error code: 500 - ['no']"),
]
"""Name, behaviour, category, beginning of the message."""


@pytest.mark.parametrize(("behaviour", "category", "text"), [case[1:] for case in PASSING], ids=[c[0] for c in PASSING])
def test_kf_09_kf_11_passing_errors_are_named_cost_nothing_and_are_retried(
    new_job: NewJob, adversary: Adversary, behaviour: Behaviour, category: str, text: str
) -> None:
    """KF-09."""
    adversary.then([behaviour])
    job = new_job()
    (report,) = job.run(adversary.url)
    failed, replied = job.calls
    assert (failed["state"], failed["error_category"], failed["cost_usd"]) == ("failed", category, 0)
    assert failed["error_message"].startswith(text)
    assert len(failed["error_message"]) <= 520
    assert failed["request_id"] == "req_1"
    assert (replied["state"], replied["attempt"], replied["call"]) == ("replied", 1, 2)
    assert job.states == ["generated"]
    assert (report.generated, report.sent) == (1, 2)
    job.assert_books_balance()


BROKEN: list[tuple[str, Behaviour, str]] = [
    ("reset before headers", api.reset, "connection_broken"),
    ("reset in the body", api.reset_in_the_body, "connection_broken"),
    ("cut JSON with 200", api.answer(b'{"type": "message", "id": "msg'), "unreadable_reply"),
    ("HTML with 200", api.answer(HTML, 200, "text/html"), "unreadable_reply"),
    ("not UTF-8 with 200", api.answer(b"\xff\xfe\x00\xd8"), "unreadable_reply"),
    ("a list with 200", api.answer(b"[]"), "unreadable_reply"),
    ("NaN with 200", api.answer(b'{"type": "message", "usage": {"input_tokens": NaN}}'), "unreadable_reply"),
    ("504", api.refuse(504, kind="timeout_error"), "gateway_timeout"),
    ("broken compression", api.answer(b"no gzip", content_encoding="gzip"), "connection_broken"),
]


@pytest.mark.parametrize(("behaviour", "category"), [case[1:] for case in BROKEN], ids=[c[0] for c in BROKEN])
def test_kf_28_what_broke_off_counts_at_its_worst_case_and_goes_on_with_the_next_attempt(
    new_job: NewJob, adversary: Adversary, behaviour: Behaviour, category: str
) -> None:
    """KF-28."""
    adversary.then([behaviour])
    job = new_job()
    job.run(adversary.url)
    broken, replied = job.calls
    assert (broken["state"], broken["error_category"]) == ("possibly_paid", category)
    assert broken["cost_usd"] > replied["cost_usd"]
    assert broken["error_message"]
    assert (replied["state"], replied["attempt"], replied["call"]) == ("replied", 2, 1)
    assert job.states == ["generated"]
    job.assert_books_balance()


def test_kf_09_an_unreadable_body_is_kept_as_it_came(new_job: NewJob, adversary: Adversary) -> None:
    """KF-09."""
    adversary.then([api.answer(HTML, 200, "text/html")])
    job = new_job()
    job.run(adversary.url)
    unreadable = job.calls[0]
    assert unreadable["raw_reply"] == HTML
    assert HTML[:400].decode() in unreadable["error_message"]
    assert unreadable["http_status"] == 200


def test_what_was_never_sent_costs_nothing(new_job: NewJob) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    job = new_job()
    (report,) = job.run(f"http://127.0.0.1:{port}")
    assert {call["error_category"] for call in job.calls} == {"connection_refused"}
    assert {call["state"] for call in job.calls} == {"failed"}
    assert job.job.spent_usd == 0
    assert (job.states, report.failed) == (["failed"], 1)


STOPPING: list[tuple[str, Behaviour, str]] = [
    ("401", api.refuse(401), "credentials"),
    ("402", api.refuse(402), "payment_required"),
    ("403", api.refuse(403), "permission"),
    ("404", api.refuse(404), "model_unknown"),
    ("429 spend limit", api.refuse(429, code="enforced_spend_limit_reached"), "spend_limit"),
    ("429 contract limit", api.refuse(429, code="contract_spend_limit_reached"), "spend_limit"),
    ("400 own limit", api.refuse(400, kind="billing_error"), "spend_limit"),
]


@pytest.mark.parametrize(("behaviour", "category"), [case[1:] for case in STOPPING], ids=[c[0] for c in STOPPING])
def test_a_refusal_of_the_whole_job_is_asked_for_once_for_each_call_in_flight(
    new_job: NewJob, adversary: Adversary, behaviour: Behaviour, category: str
) -> None:
    adversary.otherwise = behaviour
    job = new_job(items=12, concurrency=2)
    with job.runtime(adversary.url) as made:
        reports = [made.generate(shard) for shard in range(2)]
        assert made.ended == "api"
        assert made.run.api_error is not None
        assert made.run.api_error.category == category
    assert len(adversary.received) == 1
    assert job.states == ["planned"] * 12
    assert [dict(report.reasons) for report in reports] == [{"api_stopped": 1}] * 2
    assert job.items[0]["reason_code"] == "api_stopped"
    assert job.job.spent_usd == 0


def test_those_who_wait_for_a_place_do_not_send_once_the_api_has_refused(new_job: NewJob, adversary: Adversary) -> None:
    adversary.otherwise = api.refuse(401)
    job = new_job(items=30, concurrency=3)
    job.run(adversary.url)
    assert len(adversary.received) <= 3
    assert job.states == ["planned"] * 30


@pytest.mark.parametrize(("status", "category"), [(413, "request_too_large"), (400, "invalid_request")])
def test_kf_23_a_request_that_cannot_work_fails_its_item_alone(
    new_job: NewJob, adversary: Adversary, status: int, category: str
) -> None:
    """KF-23."""
    adversary.then([api.refuse(status, "prompt is too long: 500 tokens over")])
    job = new_job(items=2, concurrency=1)
    job.run(adversary.url)
    assert sorted(job.states) == ["failed", "generated"]
    (failed,) = [item for item in job.items if item["state"] == "failed"]
    assert failed["reason_code"] == category  # KF-11: not "server_error", for all that 500 in the text
    assert failed["reason_message"] == f"HTTP {status}: prompt is too long: 500 tokens over"
    call = job.calls[0]
    assert (call["attempt"], call["call"], call["request_id"]) == (1, 1, "req_1")


def test_kf_12_a_call_that_takes_too_long_is_possibly_paid(new_job: NewJob, adversary: Adversary) -> None:
    """KF-12."""
    adversary.then([api.stall()])
    job = new_job(timeout_s=1)
    job.run(adversary.url)
    late, replied = job.calls
    assert (late["state"], late["error_category"]) == ("possibly_paid", "timed_out")
    assert late["cost_usd"] > 0
    assert (late["ended_at"] - late["sent_at"]).total_seconds() < 5
    assert (replied["attempt"], replied["state"]) == (2, "replied")
    job.assert_books_balance()


def test_kf_12_a_reply_that_comes_in_drops_is_bounded_as_well(new_job: NewJob, adversary: Adversary) -> None:
    """KF-12."""
    adversary.then([api.trickle])
    job = new_job(timeout_s=1)
    job.run(adversary.url)
    assert [call["error_category"] for call in job.calls] == ["timed_out", None]


@pytest.mark.parametrize("status", [529, 429, 500])
def test_kf_26_an_api_that_never_answers_an_item_ends_it(new_job: NewJob, adversary: Adversary, status: int) -> None:
    """KF-26: ten failures that pass with time; a 429 counts a tenth of one, since it is about the key."""
    adversary.otherwise = api.refuse(status, retry_after="0")
    job = new_job()
    job.run(adversary.url)
    assert job.states == ["failed"]
    assert len(adversary.received) == (100 if status == 429 else 10)
    assert job.items[0]["reason_code"] in {"overloaded", "rate_limited", "server_error"}
    assert job.job.spent_usd == 0


def test_an_item_that_the_api_cannot_answer_fails_alone_while_others_are_answered(
    new_job: NewJob, adversary: Adversary
) -> None:
    job = new_job(items=12, concurrency=2)
    poison = job.items[3]["plan"]["identity"]["name"]

    async def all_but_one(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return await (api.refuse(500) if poison in (await request.text()) else api.reply())(request)

    adversary.otherwise = all_but_one
    job.run(adversary.url)
    poisoned = [item for item in job.items if item["plan"]["identity"]["name"] == poison]
    assert {(item["state"], item["reason_code"]) for item in poisoned} == {("failed", "server_error")}
    assert job.states.count("generated") == 12 - len(poisoned)


def test_an_outage_fails_no_item_and_is_waited_out(new_job: NewJob, adversary: Adversary) -> None:
    """Two hundred and more refused calls, ten failures an item long past: then the API is back."""
    job = new_job(items=8, concurrency=4)
    adversary.then([api.refuse(529)] * 200)
    job.run(adversary.url)
    assert job.states == ["generated"] * 8
    assert job.job.spent_usd > 0
    assert [call["state"] for call in job.calls].count("failed") == 200


@pytest.mark.parametrize("status", [529, 429])
def test_kf_26_an_outage_that_lasts_ends_the_job_and_its_items_stay_owed(
    new_job: NewJob, adversary: Adversary, status: int
) -> None:
    """KF-26."""
    adversary.otherwise = api.refuse(status, retry_after="0")
    job = new_job(items=6, concurrency=3)
    with job.runtime(adversary.url) as made:
        made.run.outage = OutageWatch(patience_s=0.3)
        generate_all(made)
        assert made.ended == "api"
        assert made.run.api_error is not None
        assert f"Nothing was answered for 0 s; last: HTTP {status}" in made.run.api_error.message
    assert job.states == ["planned"] * 6
    assert "api_stopped" in {item["reason_code"] for item in job.items}


@pytest.mark.parametrize("behaviour", [api.reset, api.reply("no JSON")], ids=["reset", "no conversation"])
def test_kf_26_kf_27_attempts_are_bounded_and_the_item_ends(
    new_job: NewJob, adversary: Adversary, behaviour: Behaviour
) -> None:
    """KF-26."""
    adversary.otherwise = behaviour
    job = new_job(attempts_per_item=3)
    (report,) = job.run(adversary.url)
    assert [call["attempt"] for call in job.calls] == [1, 2, 3]
    assert (job.states, job.items[0]["attempt"], report.failed) == (["failed"], 3, 1)
    assert job.items[0]["reason_code"] in ("connection_broken", "not_json")
    job.assert_books_balance()
