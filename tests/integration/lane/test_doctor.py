"""What is wrong is named with what to do about it, one thing does not hide another, and no secret is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_jobs import JobAtHand
from sqlalchemy import update

from brightrun.doctor import Health, Observation, examine
from brightrun.simulator.pytest_fixture import StartSimulator
from brightrun.store.database import open_database, sqlite_url
from brightrun.store.tables import batch_jobs

NAMES = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "BRIGHTRUN_DATABASE_URL",
    "BRIGHTRUN_ACTOR_TOKEN",
    "PREFECT_API_URL",
    "SUPABASE_URL",
)
SECRET = "s3cret-of-the-team"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a machine on which nothing is configured; it is not there yet."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIGHTRUN_HOME", str(tmp_path / "fresh"))
    return tmp_path / "fresh"


def seen() -> dict[str, Observation]:
    return {one.about: one for one in examine()}


def test_a_fresh_machine_lacks_nothing_and_is_not_touched(fresh: Path) -> None:
    found = seen()
    assert {one.health for one in found.values()} == {Health.GOOD, Health.NOTE}
    assert "SIMULATED" in found["Claude"].said
    assert not fresh.exists()


@pytest.mark.usefixtures("fresh")
def test_everything_that_is_wrong_is_named_at_once_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", NOWHERE)
    monkeypatch.setenv("BRIGHTRUN_DATABASE_URL", f"postgresql://team:{SECRET}@127.0.0.1:9/brightrun")
    monkeypatch.setenv("PREFECT_API_URL", f"http://team:{SECRET}@127.0.0.1:9/api")
    monkeypatch.setenv("BRIGHTRUN_ACTOR_TOKEN", SECRET)
    found = seen()
    bad = {about for about, one in found.items() if one.health is Health.BAD}
    assert bad == {"actor", "database", "Claude", "Prefect"}
    assert SECRET not in str(found)


@pytest.mark.usefixtures("fresh")
def test_which_claude_answers_is_told(monkeypatch: pytest.MonkeyPatch, run_simulator: StartSimulator) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", run_simulator().url)
    assert "is a simulator" in seen()["Claude"].said
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "ftp://somewhere")
    assert "must begin with http" in seen()["Claude"].said


@pytest.mark.usefixtures("fresh")
def test_a_database_of_a_newer_program_is_bad_and_a_lost_job_is_told(
    monkeypatch: pytest.MonkeyPatch, new_job: Callable[..., JobAtHand]
) -> None:
    job = new_job()
    monkeypatch.setenv("BRIGHTRUN_DATABASE_URL", job.here.config.database_url)
    with job.here.database.writing() as connection:
        connection.execute(update(batch_jobs).values(status="running", owner=None))
    assert job.id in seen()["jobs"].said
    assert f"brightrun resume {job.id}" in (seen()["jobs"].advice or "")
    with job.here.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert seen()["database"].health is Health.BAD


def test_an_older_database_of_its_own_is_no_trouble(fresh: Path) -> None:
    fresh.mkdir()
    database = open_database(sqlite_url(fresh / "brightrun.db"))
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    database.close()
    assert seen()["database"].health is Health.NOTE
