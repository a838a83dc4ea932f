"""Where things are, and what must not be shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.configuration import ADDRESS_NAMES, SECRET_NAMES, configuration, redacted, secrets
from brightrun.errors import RequestError


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and a working directory of the test's own."""
    for name in (*SECRET_NAMES, *ADDRESS_NAMES, "BRIGHTRUN_HOME"):
        # Set before it is deleted, so that what a `.env` puts there is taken away again.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_by_default_everything_is_in_one_folder(tmp_path: Path) -> None:
    found = configuration()
    assert found.home == tmp_path / ".brightrun"
    assert found.database_url == f"sqlite:///{tmp_path / '.brightrun' / 'brightrun.db'}"
    assert found.files == tmp_path / ".brightrun" / "files"


def test_the_environment_stands_above_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("BRIGHTRUN_HOME=from_file\nBRIGHTRUN_DATABASE_URL=sqlite:///file.db\n")
    monkeypatch.setenv("BRIGHTRUN_HOME", "from_environment")
    found = configuration()
    assert found.home == tmp_path / "from_environment"
    assert found.database_url == "sqlite:///file.db"


def test_an_address_that_is_none_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIGHTRUN_DATABASE_URL", "me:geheim-1234@nowhere")
    with pytest.raises(RequestError) as caught:
        configuration()
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_secret_is_taken_out_of_a_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "  sk-ant-0123456789\n")
    assert redacted("the key sk-ant-0123456789, twice: sk-ant-0123456789") == "the key [secret], twice: [secret]"


@pytest.mark.parametrize("name", ADDRESS_NAMES)
@pytest.mark.parametrize("rest", ["host:5432/name", "host", "10.0.0.1/a?b=c@d"])
def test_a_password_in_an_address_is_a_secret_however_it_is_written(
    name: str, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"scheme://me:ge%40heim%21@{rest}")
    assert redacted("ge%40heim%21 is ge@heim!") == "[secret] is [secret]"
    monkeypatch.setenv(name, f"scheme://me@{rest.partition('?')[0]}/a?sslmode=require&sslpassword=ge%40heim%21&b=c")
    assert redacted("ge%40heim%21 is ge@heim!") == "[secret] is [secret]"


@given(text=st.text())
def test_without_secrets_a_text_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_what_is_short_or_empty_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    monkeypatch.setenv("BRIGHTRUN_DATABASE_URL", "sqlite:///a.db")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "no address at all :@")
    assert secrets() == ()


def test_of_two_secrets_the_longer_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-0123")
    monkeypatch.setenv("PREFECT_API_KEY", "sk-ant-0123456789")
    assert redacted("sk-ant-0123456789 sk-ant-0123") == "[secret] [secret]"


def test_a_project_of_supabase_needs_its_address_and_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configuration().supabase_url is None
    monkeypatch.setenv("SUPABASE_URL", "https://abc.supabase.co/")
    with pytest.raises(RequestError, match="SUPABASE_SERVICE_ROLE_KEY is not"):
        configuration()
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", "the-service-key")
    found = configuration()
    assert found.supabase_url == "https://abc.supabase.co"
    assert "the-service-key" not in repr(found)


@pytest.mark.parametrize(
    "address", ["abc.supabase.co", "postgresql://a/b", "https://user:secret-word@host", "https://"]
)
def test_an_address_that_is_no_project_s_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("SUPABASE_URL", address)
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", "the-service-key")
    with pytest.raises(RequestError) as refused:
        configuration()
    assert "secret-word" not in str(refused.value)
