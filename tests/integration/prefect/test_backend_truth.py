"""What the server missed is set by force; what it knows stays."""

from __future__ import annotations

import concurrent.futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from prefect import State, runtime, task
from prefect.client.orchestration import get_client
from prefect.futures import PrefectConcurrentFuture, PrefectFuture
from prefect.states import Cancelled, Completed, Crashed, Failed, Running
from prefect_home import Home

from brightrun.errors import InterruptedRunError, PrefectAwayError, StoreError
from flows.backend_truth import Settled, close_flow_run, settle_task_runs
from flows.served_flow import prefect_api, served_flow

unheard: list[PrefectFuture[Any]] = []


@task
def heard() -> str:
    return "heard"


@served_flow()
def forgetful_flow(settle_bound_s: float) -> tuple[str, Settled]:
    """One task run the server hears of, and some it never will."""
    run_id = UUID(str(runtime.flow_run.id))
    names = {future.task_run_id: f"shard {number}" for number, future in enumerate(unheard)}
    settled = settle_task_runs(run_id, [heard.submit(), *unheard], names=names, timeout_s=settle_bound_s)
    return str(run_id), settled


@served_flow()
def cancelled_flow() -> State[Any]:
    return Cancelled(message="by hand")


def future_of(state: State[Any]) -> PrefectFuture[Any]:
    """A future of a task run that is done and whose events got lost."""
    done: concurrent.futures.Future[Any] = concurrent.futures.Future()
    done.set_result(state)
    return PrefectConcurrentFuture(uuid4(), done)


@pytest.fixture(autouse=True)
def _own_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIGHTRUN_HOME", str(home.path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def new_flow_run(home: Home, state: State[Any]) -> str:
    flow_id = home.post("/flows/", {"name": "by-hand"})["id"]
    body = {"flow_id": flow_id, "state": {"type": state.type.value}}
    return str(home.post("/flow_runs/", body)["id"])


def test_task_runs_the_server_never_heard_of_are_made_and_set(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    states = [Completed(), Failed(message="no answer"), Cancelled(message="stopped before it was sent")]
    unheard[:] = map(future_of, states)
    flow_run_id, settled = forgetful_flow(4)
    assert (settled.asked, settled.recorded, settled.forced) == (4, 1, 3)
    assert settled.complete
    made = {run["name"]: run["state"] for run in home.task_runs(flow_run_id)}
    assert {name: state["type"] for name, state in made.items() if name.startswith("shard")} == {
        "shard 0": "COMPLETED",
        "shard 1": "FAILED",
        "shard 2": "CANCELLED",
    }
    assert made["shard 1"]["message"] == "no answer"


def test_a_final_state_stays(home: Home) -> None:
    flow_run_id = new_flow_run(home, Running())
    assert close_flow_run(UUID(flow_run_id), Completed(name="Short"))
    assert close_flow_run(UUID(flow_run_id), Crashed())
    assert home.flow_run(flow_run_id)["state"]["name"] == "Short"


def test_an_open_task_run_is_closed_with_its_flow_run(home: Home) -> None:
    flow_run_id = new_flow_run(home, Running())
    keys = {"task_key": "by-hand", "dynamic_key": "1", "name": "left open"}
    home.post("/task_runs/", {"flow_run_id": flow_run_id, "state": {"type": "RUNNING"}, **keys})
    assert close_flow_run(UUID(flow_run_id), Crashed(message="killed"))
    assert home.task_run_states(flow_run_id) == {"CRASHED": 1}
    assert home.flow_run(flow_run_id)["state"]["message"] == "killed"


def test_a_run_of_another_server_is_left_alone(home: Home) -> None:
    assert not close_flow_run(uuid4(), Crashed())


def test_a_cancelled_run_raises_unless_its_state_is_asked_for(home: Home) -> None:
    with pytest.raises(InterruptedRunError, match="by hand"):
        cancelled_flow()
    assert cancelled_flow(return_state=True).is_cancelled()


class UnwellServer(BaseHTTPRequestHandler):
    """Stands before the home's server; once unwell, it takes no states any more, as one whose disk is full."""

    api = ""
    unwell = False

    def do_GET(self) -> None:
        self.answer(*self.passed_on())

    def do_POST(self) -> None:
        refuses = UnwellServer.unwell and self.path.endswith("/set_state")
        self.answer(*((500, b'{"exception_message": "Internal Server Error"}') if refuses else self.passed_on()))

    def passed_on(self) -> tuple[int, bytes]:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        content = {"content-type": "application/json"}
        answer = httpx.request(self.command, self.api + self.path, content=body, headers=content)
        return answer.status_code, answer.content

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@served_flow()
def unlucky_flow(failure: str) -> None:
    UnwellServer.unwell = True
    if failure:
        raise StoreError(failure)


@pytest.mark.parametrize(
    ("failure", "raised", "said"),
    [("the disk is full", StoreError, "the disk is full"), ("", PrefectAwayError, "could not be told")],
)
def test_a_server_that_takes_no_states_ends_the_call_with_what_went_wrong(
    home: Home, monkeypatch: pytest.MonkeyPatch, failure: str, raised: type[Exception], said: str
) -> None:
    UnwellServer.api, UnwellServer.unwell = home.server.url.removesuffix("/api"), False
    with ThreadingHTTPServer(("127.0.0.1", 0), UnwellServer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{server.server_port}/api")
        with pytest.raises(raised, match=said):
            unlucky_flow(failure)
        server.shutdown()


def test_a_configured_api_is_used_as_it_is(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", home.server.url)
    monkeypatch.setenv("BRIGHTRUN_HOME", "/nowhere")  # nothing may be started there
    with prefect_api() as url:
        assert url == home.server.url
        with get_client(sync_client=True) as client:
            assert str(client.api_url).startswith(url)
