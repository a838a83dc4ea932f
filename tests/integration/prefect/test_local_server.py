"""The server of one's own: started once, adopted, replaced when it is dead or dumb, ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from prefect_home import Home

from brightrun import local_server
from brightrun.errors import ServerStartError
from brightrun.local_server import answers, ensure_server, find_server, stop_server


def test_two_cold_starts_at_once_make_one_server(home: Home) -> None:
    (first_url, first_pid, first_started), (second_url, second_pid, second_started) = home.cold_starts
    assert (first_url, first_pid) == (second_url, second_pid)
    assert {first_started, second_started} == {True, False}


def test_a_running_server_is_adopted_at_once(home: Home) -> None:
    began = time.monotonic()
    adopted = ensure_server(home.path)
    assert not adopted.started
    assert answers(adopted)
    assert time.monotonic() - began < 5


def test_a_terminals_signals_do_not_reach_it(home: Home) -> None:
    assert os.getsid(home.server.pid) != os.getsid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_knows_no_secret_and_nothing_of_the_users_prefect(home: Home) -> None:
    raw = Path(f"/proc/{home.server.pid}/environ").read_bytes().decode()
    environment = dict(entry.split("=", 1) for entry in raw.split("\0") if entry)
    assert not [name for name in environment if name.startswith(("ANTHROPIC", "SUPABASE"))]
    assert "PREFECT_API_URL" not in environment
    assert environment["PREFECT_HOME"] == str(home.path / "prefect")
    assert environment["DO_NOT_TRACK"] == "1"


def test_the_pages_know_their_own_address(home: Home) -> None:
    with local_server._open_directly(f"{home.server.ui_url}/ui-settings", timeout=10) as answer:
        settings = json.load(answer)
    assert settings["api_url"] == home.server.url


@pytest.mark.parametrize("content", ['{"pid": 0}', "", "[]", '{"pid": 1, "process_start": "", "port": 1}'])
def test_a_record_that_says_nothing_is_no_server(tmp_path: Path, content: str) -> None:
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect" / "server.json").write_text(content)
    assert find_server(tmp_path) is None
    assert not stop_server(tmp_path)


def test_a_process_that_took_the_number_of_a_dead_server_is_let_live(tmp_path: Path, home: Home) -> None:
    (tmp_path / "prefect").mkdir()
    record = {"pid": home.server.pid, "process_start": "long ago", "port": 1}
    (tmp_path / "prefect" / "server.json").write_text(json.dumps(record))
    assert find_server(tmp_path) is None
    assert not stop_server(tmp_path)
    assert answers(home.server)


def test_a_server_that_cannot_start_is_told_with_its_log(tmp_path: Path) -> None:
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect" / "prefect.db").write_text("no database, whatever it is called " * 100)
    with pytest.raises(ServerStartError, match="file is not a database") as raised:
        ensure_server(tmp_path)
    assert str(tmp_path / "prefect" / "server.log") in str(raised.value)
    assert find_server(tmp_path) is None


@pytest.mark.slow
def test_a_dumb_server_is_replaced_and_a_taken_port_avoided(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "ANSWER_BOUND_S", 1.0)
    monkeypatch.setattr(local_server, "STOP_BOUND_S", 0.5)  # a stopped process does not heed SIGTERM
    dumb = home.server
    os.kill(dumb.pid, signal.SIGSTOP)
    replacing = ensure_server(home.path)
    assert replacing.started
    assert replacing.pid != dumb.pid
    assert replacing.url == dumb.url  # so that bookmarks, and runs that wait for it, find it

    assert stop_server(home.path)
    assert find_server(home.path) is None
    port = int(replacing.ui_url.rpartition(":")[2])
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        elsewhere = ensure_server(home.path)
    assert elsewhere.started
    assert elsewhere.url != replacing.url
