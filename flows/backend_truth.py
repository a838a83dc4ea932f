"""Prefect's backend tells the truth: when a command returns, every run of it is recorded in its final state.

Task runs report themselves by events, which the server writes down some seconds later and loses when it is
killed. So a flow's last act is `settle_task_runs`. Each of these functions finds its API as a served flow does
(`prefect_api`), and waits for a server that is away, within bounds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import httpx
from prefect import State
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import TERMINAL_STATES, StateType, TaskRun
from prefect.exceptions import ObjectNotFound
from prefect.futures import PrefectFuture
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Crashed

from flows.dead_processes import runs_of_dead_processes
from flows.served_flow import keep_own_server, prefect_api

T = TypeVar("T")
TaskRunStates = Mapping[UUID, State[Any]]

SETTLE_BOUND_S = 60.0
STALL_BOUND_S = 10.0  # a server that records nothing for so long has lost what is missing
AWAY_BOUND_S = 60.0
REQUEST_BOUND_S = 10.0
FIRST_PAUSE_S = 0.05
LAST_PAUSE_S = 0.5
LATE_RECORD_S = 2.5  # the server writes down what was reported with a delay, in batches of a second
PAGE_ROWS = 200  # what the server gives, and takes, at once

UNREPORTED = "The end of this task run was not reported."
KILLED = "The process of this run ended without a word."

FINAL_TYPES = [kind.value for kind in TERMINAL_STATES]
OPEN_TYPES = [kind.value for kind in StateType if kind not in TERMINAL_STATES]


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a flow run's task runs: how many it made, how many the server had recorded in their final
    state, how many had to be set by force. The two fall short of the first if the server stayed away."""

    asked: int
    recorded: int
    forced: int
    seconds: float

    @property
    def complete(self) -> bool:
        return self.recorded + self.forced >= self.asked


def settle_task_runs(
    flow_run_id: UUID,
    futures: Iterable[PrefectFuture[Any]],
    *,
    names: Mapping[UUID, str] | None = None,
    timeout_s: float = SETTLE_BOUND_S,
) -> Settled:
    """A flow's last act: wait until the backend has every task run in its final state, and see to the rest.

    `futures` are all the flow made; they are waited for. `names` gives task runs their names, by id, should the server
    never have heard of them. Waits `timeout_s` at most, less if the server stops recording, then sets by
    force what is missing. A task run that is open for the server and in none of the futures becomes Crashed.
    """
    began = time.monotonic()
    states = {future.task_run_id: _final_state(future) for future in futures}
    with prefect_api(), _backend() as backend:
        if _recorded_in_time(backend, flow_run_id, list(states), timeout_s):
            return Settled(len(states), len(states), 0, time.monotonic() - began)
        logging.getLogger(__name__).warning("Prefect's server missed states of task runs; setting them by force.")
        recorded, forced = _see_to_the_rest(backend, flow_run_id, states, names or {})
    return Settled(len(states), recorded, forced, time.monotonic() - began)


def close_flow_run(flow_run_id: UUID, state: State[Any], *, timeout_s: float = AWAY_BOUND_S) -> bool:
    """Give a flow run that nobody runs any more, and its open task runs, this state; a final one stays.

    False if the server stayed away for `timeout_s`, or does not know the run.
    """
    deadline = time.monotonic() + timeout_s

    def close() -> bool:
        # The flow run comes last: who is killed in here leaves it open, and so to be found again.
        for run in _task_runs(backend, flow_run_id):
            if not _is_final(run):
                backend.set_task_run_state(run.id, _fresh(state), force=True)
        is_open = _is_open(backend, flow_run_id)
        if is_open:
            backend.set_flow_run_state(flow_run_id, _fresh(state), force=True)
        return is_open is not None

    with prefect_api(), _backend() as backend:
        return bool(_patiently(deadline, close))


def close_crashed_runs(flow_run_ids: Iterable[UUID], *, timeout_s: float = AWAY_BOUND_S) -> list[UUID]:
    """Close the runs whose process is known to be gone as Crashed, task runs included.

    Returns those that are closed now, or were before; the others are unknown to this server, or it stayed
    away for `timeout_s`. What their processes reported last is written down first, once for all of them.
    """
    runs, deadline = list(flow_run_ids), time.monotonic() + timeout_s
    with prefect_api(), _backend() as backend:
        if any(_patiently(deadline, partial(_is_open, backend, run)) for run in runs):
            time.sleep(LATE_RECORD_S)
    return [run for run in runs if close_flow_run(run, Crashed(message=KILLED), timeout_s=timeout_s)]


def close_runs_of_dead_processes(*, timeout_s: float = AWAY_BOUND_S) -> list[UUID]:
    """Close as Crashed what killed processes of this machine left open; those that are closed now."""
    deadline = time.monotonic() + timeout_s
    with prefect_api(), _backend() as backend:
        dead = _patiently(deadline, lambda: runs_of_dead_processes(backend)) or []
    return close_crashed_runs([run.id for run in dead], timeout_s=timeout_s)


@contextmanager
def _backend() -> Iterator[SyncPrefectClient]:
    """A client of our own with short bounds: Prefect's tries again by itself for a minute and more."""
    with (
        temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
        get_client(httpx_settings={"timeout": REQUEST_BOUND_S}, sync_client=True) as backend,
    ):
        yield backend


def _patiently(deadline: float, ask: Callable[[], T]) -> T | None:
    """The answer, asked for again while the server is away or in trouble; None when time is up."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return ask()
        except httpx.HTTPStatusError as error:
            if error.response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                raise
        except httpx.TransportError:
            keep_own_server()
        if time.monotonic() + pause_s > deadline:
            return None
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LAST_PAUSE_S)


def _recorded_in_time(
    backend: SyncPrefectClient, flow_run_id: UUID, task_run_ids: list[UUID], timeout_s: float
) -> bool:
    """Whether all are final before the time is up or the server stops recording, and no other run is open."""
    deadline = time.monotonic() + timeout_s
    most, stalled_at = -1, time.monotonic() + STALL_BOUND_S
    pause_s = FIRST_PAUSE_S
    while True:
        final = _patiently(deadline, lambda: _count_final(backend, flow_run_id, task_run_ids))
        if final == len(task_run_ids) and not _patiently(deadline, lambda: _count_open(backend, flow_run_id)):
            return True
        now = time.monotonic()
        if final is not None and final > most:
            most, stalled_at = final, now + STALL_BOUND_S
        if final is None or now > min(deadline, stalled_at):
            return False
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LAST_PAUSE_S)


def _see_to_the_rest(
    backend: SyncPrefectClient, flow_run_id: UUID, states: TaskRunStates, names: Mapping[UUID, str]
) -> tuple[int, int]:
    """Set by force what the server missed: how many it had recorded, and how many were set."""
    # A server that was away all the while it was waited for gets no second term.
    listed = _patiently(
        time.monotonic() + STALL_BOUND_S,
        lambda: {run.id: run for run in _task_runs(backend, flow_run_id)},
    )
    if listed is None:
        return 0, 0
    deadline = time.monotonic() + AWAY_BOUND_S
    final = {run_id for run_id, run in listed.items() if _is_final(run)}
    forced = 0
    for run_id in states.keys() - listed.keys():
        create = partial(_create_task_run, backend, flow_run_id, run_id, names.get(run_id, "unnamed"))
        _patiently(deadline, create)
    for run_id in (states.keys() | listed.keys()) - final:
        state = states.get(run_id, Crashed(message=UNREPORTED))
        set_state = partial(backend.set_task_run_state, run_id, _fresh(state), force=True)
        forced += _patiently(deadline, set_state) is not None and run_id in states
    return len(final & states.keys()), forced


def _final_state(future: PrefectFuture[Any]) -> State[Any]:
    future.wait()  # a future only knows its state once it was waited for; before that it would ask the server
    return future.state


def _fresh(state: State[Any]) -> State[Any]:
    """The state as it is set by force: its own id and time, and nothing of the run it was taken from."""
    if not state.is_final():
        return Crashed(message=UNREPORTED)
    return State(type=state.type, name=state.name, message=state.message)


def _is_open(backend: SyncPrefectClient, flow_run_id: UUID) -> bool | None:
    """Whether the flow run has no final state; None where the server does not know it."""
    try:
        run = backend.read_flow_run(flow_run_id)
    except ObjectNotFound:
        return None
    return run.state is None or not run.state.is_final()


def _create_task_run(backend: SyncPrefectClient, flow_run_id: UUID, task_run_id: UUID, name: str) -> None:
    """A task run the server never heard of. Its keys only have to be unlike any other's of the flow run."""
    body = {
        "id": str(task_run_id),
        "flow_run_id": str(flow_run_id),
        "name": name,
        "task_key": "unreported",
        "dynamic_key": str(task_run_id),
        "empirical_policy": {},
    }
    backend.request("POST", "/task_runs/", json=body)


def _is_final(run: TaskRun) -> bool:
    return run.state_type in TERMINAL_STATES


def _task_runs(backend: SyncPrefectClient, flow_run_id: UUID) -> list[TaskRun]:
    runs: list[TaskRun] = []
    while True:
        page = backend.read_task_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id])),
            limit=PAGE_ROWS,
            offset=len(runs),
        )
        runs += page
        if len(page) < PAGE_ROWS:
            return runs


def _count_final(backend: SyncPrefectClient, flow_run_id: UUID, task_run_ids: list[UUID]) -> int:
    pages = [task_run_ids[start : start + PAGE_ROWS] for start in range(0, len(task_run_ids), PAGE_ROWS)]
    return sum(
        _count(backend, flow_run_id, {"id": {"any_": [str(run) for run in page]}, **_of_type(FINAL_TYPES)})
        for page in pages
    )


def _count_open(backend: SyncPrefectClient, flow_run_id: UUID) -> int:
    return _count(backend, flow_run_id, _of_type(OPEN_TYPES))


def _of_type(types: list[str]) -> dict[str, Any]:
    return {"state": {"type": {"any_": types}}}


def _count(backend: SyncPrefectClient, flow_run_id: UUID, task_runs: dict[str, Any]) -> int:
    body = {"flow_runs": {"id": {"any_": [str(flow_run_id)]}}, "task_runs": task_runs}
    return int(backend.request("POST", "/task_runs/count", json=body).json())
