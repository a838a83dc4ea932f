"""The task runs of one flow run: waited for, and settled with the backend as the flow's last act.

Its first act is to close the runs of processes that were killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from prefect.context import get_run_context
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run as current_flow_run

from flows.backend_truth import close_runs_of_dead_processes, settle_task_runs
from flows.dead_processes import unmarked_task_runs

R = TypeVar("R")


class TaskRuns:
    """Every future the flow has made, with the name each task run was given."""

    def __init__(self) -> None:
        self.flow_run_id = UUID(str(current_flow_run.id))
        self._futures: list[PrefectFuture[Any]] = []
        self._names: dict[UUID, str] = {}

    def result(self, future: PrefectFuture[R], name: str) -> R:
        """Wait for one task run and take its result; its exception is raised here."""
        self._note(future, name)
        return future.result()

    def wait(self, futures: Iterable[PrefectFuture[Any]], names: Iterable[str]) -> None:
        """Wait for all; the first exception among them is raised once all have ended. Cancelled is no exception."""
        mapped = list(futures)
        for future, name in zip(mapped, names, strict=True):
            self._note(future, name)
        for future in mapped:
            future.wait()
        for future in mapped:
            if future.state.is_failed() or future.state.is_crashed():
                future.result()

    def settle(self) -> None:
        """Wait until the backend has every one of them in its final state."""
        settle_task_runs(self.flow_run_id, self._futures, names=self._names)

    def _note(self, future: PrefectFuture[Any], name: str) -> None:
        self._futures.append(future)
        self._names[future.task_run_id] = name


@contextmanager
def task_runs() -> Iterator[TaskRuns]:
    """The task runs of the flow run one is in; settled at the end, however it ends."""
    get_run_context()  # outside a run there is nothing to settle, and this says so
    runs = TaskRuns()
    close_runs_of_dead_processes()
    try:
        with unmarked_task_runs():
            yield runs
    finally:
        runs.settle()
