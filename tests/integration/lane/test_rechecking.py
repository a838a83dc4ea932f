"""Checks run again over what was generated before: no call is made, what stood is kept, and what changes is decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import adversary as api
import pytest
from adversary import Adversary
from small_jobs import JobAtHand
from sqlalchemy import select, update

from brightrun.actor import actor
from brightrun.errors import JobBusyError, RequestError
from brightrun.explaining import Explanation, explain
from brightrun.joblog import log_path
from brightrun.quality.checks import CHECKS, CHECKS_VERSION
from brightrun.rechecking import NowIs, RecheckReport, recheck
from brightrun.reporting import attempt_verdicts
from brightrun.store.jobs import adopt_spec, claim_job
from brightrun.store.tables import verdicts

NewJob = Callable[..., JobAtHand]


@pytest.fixture
def rejected(new_job: NewJob, adversary: Adversary) -> JobAtHand:
    """A job whose only conversation was rejected by checks, with attempts left."""
    adversary.otherwise = api.reply()
    job = new_job()
    job.run(adversary.url)
    with job.runtime(adversary.url) as made:
        made.validate()
    assert job.states == ["planned"]
    return job


def explained(job: JobAtHand) -> Explanation:
    return explain(job.here, job.items[0]["id"])


def reasons_of(job: JobAtHand) -> tuple[str, ...]:
    return explained(job).attempts[0].verdicts[-1].reasons


def rule_of(job: JobAtHand, ruling: str) -> dict[str, str]:
    return dict.fromkeys(reasons_of(job), ruling)


def check_again(job: JobAtHand, rule: dict[str, str] | None = None, apply: bool = False) -> RecheckReport:
    return recheck(job.here, job.id, rule, apply)


def rows(job: JobAtHand) -> list[Any]:
    with job.here.database.reading() as connection:
        return list(connection.execute(select(verdicts).order_by(verdicts.c.id)).mappings())


def test_without_apply_nothing_is_written(rejected: JobAtHand, adversary: Adversary) -> None:
    before, calls = rows(rejected), len(adversary.received)
    report = check_again(rejected, rule_of(rejected, "off"))
    assert (report.checked, report.applied, report.no_longer_pass) == (1, False, 0)
    (change,) = report.changes
    assert change.now is NowIs.PASSING
    assert set(change.reasons) == set(reasons_of(rejected))
    assert change.evidence
    assert rows(rejected) == before
    assert (rejected.states, len(adversary.received)) == (["planned"], calls)


def test_what_passes_now_is_accepted_without_another_call(rejected: JobAtHand, adversary: Adversary) -> None:
    rule, calls = rule_of(rejected, "warn"), len(adversary.received)
    report = check_again(rejected, rule, apply=True)
    assert (report.accepted, report.planned) == (1, 1)
    assert rejected.states == ["accepted"]
    assert rejected.job.status.value == "planned"  # it was never ended by a run
    assert rejected.job.spec["quality"]["rule"] == rule
    with rejected.runtime(adversary.url) as made:
        made.validate()
    assert len(adversary.received) == calls
    assert "rechecked" in [step["reason_code"] for step in rejected.transitions]
    assert attempt_verdicts(rejected.here.database, rejected.id).ready == 1


def test_what_was_decided_anew_stands_in_the_log_with_who_wanted_it(rejected: JobAtHand) -> None:
    check_again(rejected, rule_of(rejected, "warn"), apply=True)
    (ruled, decided) = log_path(rejected.here.files, rejected.id).read_text().splitlines()[-2:]
    with rejected.here.database.reading() as connection:
        wanted_by = actor(connection)
    for code in rule_of(rejected, "warn"):
        assert f"{wanted_by} changed the spec: quality.rule.{code} nothing -> warn" in ruled
    assert decided.endswith(f"{wanted_by} had the conversations checked again: 1 checked again, 1 decided anew")


def test_what_no_longer_passes_is_owed_again_and_the_old_verdicts_stay(rejected: JobAtHand) -> None:
    rule = rule_of(rejected, "off")
    check_again(rejected, rule, apply=True)
    before = rows(rejected)
    report = check_again(rejected, dict.fromkeys(rule, "fail"), apply=True)
    assert (report.no_longer_pass, report.accepted) == (1, 0)
    (item,) = rejected.items
    assert (item["state"], item["attempt"]) == ("planned", 2)
    assert rows(rejected)[: len(before)] == before
    assert attempt_verdicts(rejected.here.database, rejected.id).rejected == 1


def test_the_same_checks_add_nothing(rejected: JobAtHand) -> None:
    before = rows(rejected)
    report = check_again(rejected, apply=True)
    assert (report.changes, rows(rejected)) == ((), before)


def test_a_result_of_an_older_check_is_kept_beside_the_new_one(rejected: JobAtHand) -> None:
    with rejected.here.database.writing() as connection:
        connection.execute(update(verdicts).values(checks_version="older"))
    check_again(rejected, apply=True)
    assert [row["checks_version"] for row in rows(rejected)] == ["older", CHECKS_VERSION]
    assert rejected.states == ["planned"]


def test_what_a_twin_or_a_judge_rejected_is_not_let_in_by_checks(rejected: JobAtHand) -> None:
    with rejected.here.database.writing() as connection:
        connection.execute(update(verdicts).values(reasons=["near_duplicate"]))
        codes = dict.fromkeys(("speaker_name_mismatch", "speaker_age_mismatch", "topic_mismatch"), "off")
    assert check_again(rejected, codes).changes == ()


def test_a_job_at_work_is_left_alone(rejected: JobAtHand) -> None:
    with rejected.here.database.writing() as connection:
        assert claim_job(connection, rejected.id, "elsewhere:1:1", None)
    with pytest.raises(JobBusyError, match="elsewhere"):
        check_again(rejected, apply=True)


def test_a_wrong_ruling_is_refused_by_name(rejected: JobAtHand) -> None:
    with pytest.raises(RequestError, match="one of fail, warn, off"):
        check_again(rejected, {"user_echo": "never"})
    with pytest.raises(RequestError, match="did you mean `user_echo`"):
        check_again(rejected, {"user_ecko": "off"})


def test_a_record_is_explained_by_any_of_its_ids(rejected: JobAtHand) -> None:
    (item,) = rejected.items
    found = explained(rejected)
    conversation_id = found.conversation_id
    assert conversation_id is not None
    for record in (conversation_id, f"{conversation_id}-01", rejected.calls[0]["id"]):
        assert explain(rejected.here, record) == found
    (attempt,) = found.attempts
    assert [call.purpose for call in attempt.calls] == ["write"]
    assert attempt.calls[0].request["messages"][0]["role"] == "user"
    (verdict,) = attempt.verdicts
    assert verdict.results is not None
    assert {(one["name"], one["version"]) for one in verdict.results} == {(one.name, one.version) for one in CHECKS}
    assert {finding["code"] for finding in verdict.findings} >= set(verdict.reasons)
    assert [step.becomes for step in found.steps] == ["generating", "generated", "planned"]
    assert found.plan.title == rejected_title(item)


def rejected_title(item: Any) -> str:
    return " × ".join(item[axis] for axis in ("persona", "arc", "topic"))


def test_a_record_that_is_not_there_is_named_with_the_nearest(rejected: JobAtHand) -> None:
    known = explained(rejected).conversation_id or ""
    with pytest.raises(RequestError, match=known):
        explain(rejected.here, f"{known[:-4]}x-01")


def test_rechecking_survives_a_rule_kept_in_the_spec(rejected: JobAtHand) -> None:
    spec = rejected.job.spec
    with rejected.here.database.writing() as connection:
        quality = {**spec["quality"], "rule": rule_of(rejected, "off")}
        adopt_spec(connection, rejected.id, {**spec, "quality": quality}, rejected.job.budget_usd, "somebody")
    assert [change.now for change in check_again(rejected).changes] == [NowIs.PASSING]
