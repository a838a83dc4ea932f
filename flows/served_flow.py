"""A flow that brings its own server when called from Python and no Prefect API is configured.

    @served_flow(flow_run_name=name_of_run)
    def build_dataset(spec: DatasetSpec | str) -> Summary: ...

    build_dataset("datasets/demo.yaml")     # starts or adopts the server of BRIGHTRUN_HOME, then runs

Where `PREFECT_API_URL` is set (environment, `.env`, prefect.toml, active profile) that API is used as it is.
A worker loads the flow by its entry point and hands it to Prefect's engine, never through `__call__`.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypedDict, TypeVar, Unpack

os.environ.setdefault("DO_NOT_TRACK", "1")  # Prefect's client reports its own import unless told not to

from prefect import Flow
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    get_current_settings,
    temporary_settings,
)
from prefect.task_runners import TaskRunner

from brightrun.local_server import ensure_server

P = ParamSpec("P")
R = TypeVar("R")

HOME_VARIABLE = "BRIGHTRUN_HOME"
DEFAULT_HOME = ".brightrun"
LOOPBACK = ("127.0.0.1", "localhost")


class FlowOptions(TypedDict, total=False):
    """What `served_flow` takes; the meaning is `prefect.flow`'s."""

    name: str
    version: str
    description: str
    flow_run_name: Callable[[], str] | str
    task_runner: TaskRunner[PrefectFuture[Any]]
    retries: int
    retry_delay_seconds: float
    timeout_seconds: float
    validate_parameters: bool
    persist_result: bool
    log_prints: bool


class ServedFlow(Flow[P, R]):
    """A synchronous flow whose plain call finds its Prefect API or brings one along."""

    # For a type checker the call stays Prefect's own, with the parameters and the result of the function.
    if not TYPE_CHECKING:

        def __call__(self, *args, **kwargs):
            with prefect_api():
                return super().__call__(*args, **kwargs)

    def with_options(self, **options: Any) -> ServedFlow[P, R]:
        """A copy with other options. Prefect's own would be a plain Flow, without a server to bring."""
        plain = super().with_options(**options)
        served: ServedFlow[P, R] = ServedFlow.__new__(ServedFlow)
        vars(served).update(vars(plain))
        return served


def served_flow(**options: Unpack[FlowOptions]) -> Callable[[Callable[P, R]], ServedFlow[P, R]]:
    """Decorator: the function as a `ServedFlow`. Only for functions that are not `async`."""

    def decorate(function: Callable[P, R]) -> ServedFlow[P, R]:
        served = ServedFlow(function, **options)
        if served.isasync or served.isgenerator:
            raise TypeError(f"{function.__name__}: a served flow is a plain function")
        return served

    return decorate


@contextmanager
def prefect_api() -> Iterator[str]:
    """An API to talk to while inside: the configured one as it is, else our own server's. Yields its URL.

    For whatever talks to Prefect outside a flow too (closing crashed runs, links). Inside a flow run, and
    inside itself, it changes nothing. With our own server, Prefect's loggers speak from WARNING on, so that
    a progress bar stays readable, unless a logging level is configured.
    Raises ServerStartError.
    """
    settings = get_current_settings()
    configured = settings.api.url
    if configured is not None or FlowRunContext.get() is not None:
        yield str(configured)
        return
    # A variable set after Prefect was imported is not in its settings yet.
    url = os.environ.get("PREFECT_API_URL") or _own_server_url()
    # Heartbeats tell a server's automations of dead runs; here `resume` and upkeep close those, and the
    # heartbeat's thread would keep every call waiting for a second at its end.
    ours = {PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
    with temporary_settings(ours), _quiet_loggers():
        yield url


def brightrun_home() -> Path:
    """Where the state of this project lies: BRIGHTRUN_HOME, else `.brightrun` in the working directory."""
    return Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).resolve()


def _own_server_url() -> str:
    url = ensure_server(brightrun_home(), lambda line: print(line, file=sys.stderr, flush=True)).url
    # Prefect's client would take a proxy named in the environment even to our own machine.
    for name in ("no_proxy", "NO_PROXY"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join([*hosts, *(host for host in LOOPBACK if host not in hosts)])
    return url


@contextmanager
def _quiet_loggers() -> Iterator[None]:
    """Prefect's loggers from WARNING on, while inside."""
    if "level" in get_current_settings().logging.model_fields_set:
        yield
        return
    loggers = [logging.getLogger(name) for name in ("prefect", "prefect.client", "prefect.infrastructure")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
