"""`brightrun doctor` says whether a project's Storage can be worked with."""

from __future__ import annotations

from pathlib import Path

import pytest
from storage_server import RESTRICTED_KEY, SERVICE_KEY, Storage, dropped

from brightrun.doctor import Health, Observation, examine
from brightrun.store.files import BUCKETS


@pytest.fixture(autouse=True)
def project(tmp_path: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "BRIGHTRUN_DATABASE_URL", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIGHTRUN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SUPABASE_URL", storage.url)
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)


def storage_as_seen() -> Observation:
    (found,) = (one for one in examine() if one.about == "Storage")
    assert not any(key in str(found) for key in (SERVICE_KEY, RESTRICTED_KEY))
    return found


def test_missing_buckets_are_made(storage: Storage) -> None:
    assert storage_as_seen().health is Health.GOOD
    assert set(storage.buckets) >= set(BUCKETS)


def test_a_key_without_rights_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", RESTRICTED_KEY)
    assert storage_as_seen().health is Health.BAD


def test_a_storage_that_is_away_keeps_no_build_from_running(storage: Storage) -> None:
    storage.otherwise = dropped
    assert storage_as_seen().health is Health.NOTE


def test_a_project_without_its_key_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPABASE_SERVICE_ROLE_KEY")
    assert any("set both, or neither" in one.said for one in examine())
