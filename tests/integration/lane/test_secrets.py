"""A key that a server repeats is found nowhere: not in the ledger, the items, the log, the reports."""

from __future__ import annotations

import json
from collections.abc import Callable

import adversary as api
import pytest
from adversary import Adversary, Behaviour
from small_jobs import SHORT_BACK_OFF_S, JobAtHand, generate_all

from brightrun.claude.client import Endpoint
from brightrun.joblog import job_log, log_path
from brightrun.runtime import JobRuntime

KEY = "sk-ant-api03-geheim-0123456789"
ECHOES = [
    api.refuse(401, f"invalid x-api-key: {KEY}"),
    api.refuse(413, f"{'x' * 490}{KEY}"),
    api.answer(f"<html>{KEY}</html>".encode(), 500, "text/html"),
    api.answer(f"<html>{'x' * 480} {KEY}</html>".encode(), 200, "text/html"),
    api.reply(f"{KEY} is no JSON"),
]


@pytest.mark.parametrize("behaviour", ECHOES, ids=["401", "413", "500 HTML", "200 HTML", "in a reply"])
def test_a_key_that_comes_back_is_shown_nowhere(
    new_job: Callable[..., JobAtHand],
    adversary: Adversary,
    behaviour: Behaviour,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    adversary.otherwise = behaviour
    job = new_job(attempts_per_item=2)
    with job_log(job.here.files, job.id):
        made = JobRuntime(job.here, job.id, Endpoint(adversary.url, KEY), lambda: False)
        made.run.back_off_s = SHORT_BACK_OFF_S
        reports = generate_all(made)
        api_error = made.run.api_error
        made.close()
    assert all(KEY in received.headers["Authorization"] for received in adversary.received)
    replies = [call["raw_reply"] for call in job.calls if call["state"] == "replied"]
    shown = [
        str([{key: value for key, value in call.items() if key != "raw_reply"} for call in job.calls]),
        str([call["raw_reply"] for call in job.calls if call["state"] != "replied"]),
        str([(item["reason_code"], item["reason_message"]) for item in job.items]),
        str([entry["reason_message"] for entry in job.transitions]),
        str((reports, api_error, made.run.api_error)),
        log_path(job.here.files, job.id).read_text(),
    ]
    assert all(KEY[:20] not in text for text in shown)
    assert all(json.loads(reply)["type"] == "message" for reply in replies)  # what was paid for stays as it came
