"""A task is run again where the store was away, and only there."""

from __future__ import annotations

import pytest
from prefect import task
from prefect.client.schemas.objects import TaskRun
from prefect.states import Completed, Failed

from brightrun.errors import RequestError, StoreAwayError, StoreConflictError, StoreError, StoreRefusedError
from tasks.retrying import is_store_away


@task
def nothing() -> None:
    """Only its name is looked at."""


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (StoreAwayError("gone"), True),
        (StoreConflictError("in the way"), True),
        (StoreError("locked"), True),
        (StoreRefusedError("at another schema"), False),
        (RequestError("no such job"), False),
        (ValueError("ours"), False),
    ],
)
def test_what_a_second_run_may_mend_is_run_again(error: Exception, again: bool) -> None:
    run = TaskRun(task_key="nothing", dynamic_key="0")
    assert is_store_away(nothing, run, Failed(data=error)) is again
    assert not is_store_away(nothing, run, Completed(data=None))
