"""The progress bar of a build: what the store says, twice a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from brightrun.errors import StoreError
from brightrun.runtime import last_job
from brightrun.store.jobs import get_job, state_counts
from brightrun.store.states import ItemState
from brightrun.workplace import workplace

POLL_S = 0.5


@contextmanager
def progress_bar(title: str) -> Iterator[None]:
    """A bar on stderr while inside: accepted conversations of the job this process works at, and their cost."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    ended = threading.Event()
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        bar = progress.add_task(title, total=None, detail="starting")

        def follow() -> None:
            while not ended.wait(POLL_S):
                _update(progress, bar)

        thread = threading.Thread(target=follow, name="brightrun-bar", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            _update(progress, bar)


def _update(progress: Progress, bar: object) -> None:
    job_id = last_job()
    if job_id is None:
        return
    try:
        with workplace().database.reading() as connection:
            counts = state_counts(connection, job_id)
            spent = get_job(connection, job_id).spent_usd
    except StoreError:
        return  # the build itself says what is wrong with the store
    generated = counts[ItemState.GENERATED]
    detail = f"{generated} to check  " if generated else ""
    for state in (ItemState.REJECTED, ItemState.FAILED, ItemState.CANCELLED):
        if counts[state]:
            detail += f"{counts[state]} {state.value}  "
    done = sum(counts[state] for state in (ItemState.ACCEPTED, ItemState.GENERATED))
    progress.update(bar, total=sum(counts.values()), completed=done, detail=f"{detail}${spent:.2f}")  # type: ignore[arg-type]
