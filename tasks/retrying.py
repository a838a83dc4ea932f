"""When a task is run again: for what is around the calls, never for the calls themselves."""

from __future__ import annotations

from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from brightrun.errors import StoreError, StoreRefusedError

DELAYS_S = [1.0, 4.0, 10.0]


def is_store_away(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a task failed because the store could not be reached or was locked for long.

    One that refuses (its address, its rights, its schema) does so until somebody changes something.
    """
    try:
        state.result(raise_on_failure=True)
    except StoreRefusedError:
        return False
    except StoreError:
        return True
    except Exception:  # noqa: BLE001  (anything else is a failure that a second run repeats)
        return False
    return False
