"""Prefect's backend tells the truth: when a command returns, every run of it is recorded in its final state.

Task runs report themselves by events, which the server writes down some seconds later and loses when it is
killed. So a flow's last act is `settle_task_runs`; what concerns the flow run itself comes after it returned.
Each of these functions finds its API as a served flow does (`prefect_api`), and waits for a server that is
away, within bounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched, count
from typing import Any, TypeVar
from uuid import UUID

import httpx
from prefect import State
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import TERMINAL_STATES, TaskRun
from prefect.exceptions import ObjectNotFound
from prefect.futures import PrefectFuture
from prefect.logging import get_logger
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Crashed

from flows.served_flow import keep_own_server, prefect_api

T = TypeVar("T")

SETTLE_BOUND_S = 60.0
STALL_BOUND_S = 10.0  # a server that records nothing for so long has lost what is missing
FORCE_BOUND_S = 60.0
REQUEST_BOUND_S = 10.0
FIRST_PAUSE_S = 0.05
LAST_PAUSE_S = 0.5
PAGE_ROWS = 200  # what the server gives at once

UNREPORTED = "The end of this run was not reported."
KILLED = "The process of this run ended without a word."
FINAL = {"type": {"any_": sorted(kind.value for kind in TERMINAL_STATES)}}
OPEN = {"type": {"not_any_": FINAL["type"]["any_"]}}
