"""KF-55: what a person is answerable for is signed with who it was, on every database."""

from __future__ import annotations

import getpass
import socket
import time
from collections.abc import Callable
from decimal import Decimal

import jwt
import pytest
from database_servers import USER
from small_jobs import JobAtHand, small_plan
from sqlalchemy import select, update

from brightrun.actor import actor
from brightrun.configuration import ACTOR_TOKEN, JWT_SECRET
from brightrun.errors import RequestError
from brightrun.joblog import log_path
from brightrun.planning import open_job
from brightrun.resuming import prepare_resume
from brightrun.retrying import give_another_attempt
from brightrun.store.jobs import claim_job, request_cancel
from brightrun.store.tables import batch_items, batch_jobs
from brightrun.workplace import Workplace

SECRET = "of-the-project-and-nobody-elses-0123456789"
SUBJECT = "5a1f7d8e-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ACTOR_TOKEN, raising=False)
    monkeypatch.setenv(JWT_SECRET, SECRET)


def sign_in(monkeypatch: pytest.MonkeyPatch, exp: float | None = None) -> None:
    said = {"sub": SUBJECT, "aud": "authenticated", "role": "authenticated", "exp": int(exp or time.time() + 3600)}
    monkeypatch.setenv(ACTOR_TOKEN, jwt.encode(said, SECRET, algorithm="HS256"))


def signed(job: JobAtHand) -> tuple[str, str | None, str | None, str | None]:
    """Who made the job, who asked it to stop, who changed its budget, who asked for the last change of an item."""
    j = batch_jobs.c
    with job.here.database.reading() as connection:
        query = select(j.actor, j.cancel_requested_by, j.spec_changed_by)
        made, stopped, paid = connection.execute(query.where(j.id == job.id)).one()
    changes = job.transitions
    return made, stopped, paid, changes[-1]["actor"] if changes else None


def log_of(job: JobAtHand) -> str:
    return log_path(job.here.files, job.id).read_text()


def carry_out(new_job: Callable[..., JobAtHand]) -> JobAtHand:
    """Make a job, give it another budget, have an item of it tried again, and stop it."""
    job = new_job()
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).values(state="failed", reason_code="refusal"))
    prepare_resume(job.here, job.id, simulated=True, budget_usd=Decimal(7))
    give_another_attempt(job.here, job.id)
    with job.here.database.writing() as connection:
        request_cancel(connection, job.id, actor(connection))
    return job


def test_kf_55_without_a_token_it_is_the_role_and_the_system_user(new_job: Callable[..., JobAtHand]) -> None:
    job = carry_out(new_job)
    user = f"{getpass.getuser()}@{socket.gethostname()}"
    url = job.here.database.engine.url
    expected = user if url.get_backend_name() == "sqlite" else f"{USER}@{url.database} ({user})"
    assert signed(job) == (expected,) * 4
    assert f" INFO {expected} changed the spec: generate.budget_usd 5 -> 7\n" in log_of(job)


def test_kf_55_with_a_token_it_is_its_subject(
    new_job: Callable[..., JobAtHand], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(monkeypatch)
    job = carry_out(new_job)
    assert signed(job) == (SUBJECT,) * 4
    assert f" INFO {SUBJECT} asked for another attempt: 1 items\n" in log_of(job)
    with job.here.database.writing() as connection:
        assert claim_job(connection, job.id, "a-host:1", None)
    assert signed(job) == (SUBJECT, None, SUBJECT, SUBJECT)  # whoever goes on with it was asked by nobody to stop


def test_kf_55_a_token_that_does_not_hold_keeps_everything_from_being_written(
    here: Workplace, new_job: Callable[..., JobAtHand], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = new_job()
    before = signed(job)
    sign_in(monkeypatch, exp=time.time() - 60)
    for new in (True, False):  # also where nothing new would be signed
        with pytest.raises(RequestError, match="has expired"):
            open_job(here.database, small_plan(), simulated=True, new=new)
    with job.here.database.writing() as connection:
        connection.execute(update(batch_items).values(state="failed", reason_code="refusal"))
    with pytest.raises(RequestError, match="has expired"):
        give_another_attempt(here, job.id)
    with pytest.raises(RequestError, match="has expired"):
        prepare_resume(here, job.id, simulated=True, budget_usd=Decimal(7))
    assert job.states == ["failed"]
    assert signed(job) == before


def test_a_long_name_has_its_place(new_job: Callable[..., JobAtHand], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "x" * 300)
    made, *_ = signed(new_job())
    assert len(made) == 160
