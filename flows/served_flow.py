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
from asyncio import iscoroutine
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypedDict, TypeVar, Unpack

os.environ.setdefault("DO_NOT_TRACK", "1")  # Prefect's client reports its own import unless told not to

import httpx
from prefect import Flow
from prefect.context import FlowRunContext
from prefect.events.worker import EventsWorker
from prefect.exceptions import CancelledRun
from prefect.logging.handlers import PrefectConsoleHandler as ConsoleHandler
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    get_current_settings,
    temporary_settings,
)
from prefect.task_runners import TaskRunner

from brightrun.errors import BrightRunError, InterruptedRunError, PrefectAwayError
from brightrun.local_server import ensure_server, find_server
from flows.dead_processes import marked_runs

P = ParamSpec("P")
R = TypeVar("R")

HOME_VARIABLE = "BRIGHTRUN_HOME"
DEFAULT_HOME = ".brightrun"
LOOPBACK = ("127.0.0.1", "localhost")

DRAIN_BOUND_S = 5.0

QUIET_LOGGERS = ("prefect", "prefect.client", "prefect.infrastructure")

# The home whose server is the API of this context; unset where the API is somebody else's.
_served_home: ContextVar[Path | None] = ContextVar("served_home", default=None)


class FlowOptions(TypedDict, total=False):
    """What `served_flow` takes; the meaning is `prefect.flow`'s."""

    name: str
    version: str
    description: str
    flow_run_name: Callable[[], str] | str
    task_runner: TaskRunner[Any]
    retries: int
    retry_delay_seconds: float
    timeout_seconds: float
    validate_parameters: bool
    persist_result: bool
    log_prints: bool


class ServedFlow(Flow[P, R]):
    """A synchronous flow whose plain call finds its Prefect API or brings one along.

    A run that ends Cancelled makes the call raise InterruptedRunError, with the state's message. A server that
    cannot be told how the run ended makes it raise what ended the run, else PrefectAwayError.
    """

    # For a type checker the call stays Prefect's own, with the parameters and the result of the function.
    if not TYPE_CHECKING:

        def __call__(self, *args, **kwargs):
            with prefect_api(), marked_runs(), _quiet_loggers():
                try:
                    return super().__call__(*args, **kwargs)
                except CancelledRun as cancelled:
                    raise InterruptedRunError(str(cancelled)) from cancelled
                except httpx.HTTPError as error:
                    raise _explained(error) from error

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
    inside itself, it changes nothing. Raises ServerStartError.
    """
    configured = get_current_settings().api.url
    if configured is not None or FlowRunContext.get() is not None:
        yield str(configured)
        return
    # A variable set after Prefect was imported is not in its settings yet.
    if url := os.environ.get("PREFECT_API_URL"):
        with temporary_settings({PREFECT_API_URL: url}):
            yield url
        return
    home = brightrun_home()
    url = ensure_server(home, _say).url
    _reach_loopback_directly()
    # Heartbeats tell a server's automations of dead runs; here `resume` and upkeep close those, and the
    # heartbeat's thread would keep every call waiting for a second at its end.
    ours = {PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
    served = _served_home.set(home)
    try:
        with temporary_settings(ours):
            yield url
    finally:
        _end_events()
        _served_home.reset(served)


def keep_own_server() -> bool:
    """Start our own server again if it has died, at the address it had; whether the API is our own at all.

    What Prefect's client could not deliver meanwhile it delivers then. Raises ServerStartError.
    """
    home = _served_home.get()
    if home is not None and find_server(home) is None:
        ensure_server(home, _say)
    return home is not None


def brightrun_home() -> Path:
    """Where the state of this project lies: BRIGHTRUN_HOME, else `.brightrun` in the working directory."""
    return Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).resolve()


def _explained(error: httpx.HTTPError) -> BrightRunError:
    """Prefect's API failed, mostly in the face of another failure; the first one is the one to tell."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BrightRunError):
            return cause
        cause = cause.__cause__ or cause.__context__
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return PrefectAwayError(
        f"Prefect's server could not be told how the run ended: {said}. What was done is in the store all the same; "
        "the next build or resume closes the run."
    )


def _end_events() -> None:
    """End what reports task runs: it keeps the address it began with, and the next call may have another."""
    waiting = EventsWorker.drain_all(timeout=DRAIN_BOUND_S, at_exit=False)
    if iscoroutine(waiting):  # in a notebook, whose thread runs a loop, it ends by itself
        waiting.close()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _reach_loopback_directly() -> None:
    """Prefect's client would take a proxy named in the environment even to our own machine."""
    for name in ("no_proxy", "NO_PROXY"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join([*hosts, *(host for host in LOOPBACK if host not in hosts)])


@contextmanager
def _quiet_loggers() -> Iterator[None]:
    """Prefect's loggers from WARNING on and in single lines, while inside, so that a progress bar stays readable.

    A task run that was cancelled is otherwise announced as an error, which makes two hundred lines of a Ctrl-C;
    the pages show these states. The traceback of a task that failed is in the task run's log there.
    Whoever configures a logging level for Prefect gets what they asked for.
    """
    if FlowRunContext.get() is not None or "level" in get_current_settings().logging.model_fields_set:
        yield
        return
    loggers = [logging.getLogger(name) for name in QUIET_LOGGERS]
    levels = [logger.level for logger in loggers]
    consoles = [handler for handler in logging.getLogger().handlers if isinstance(handler, ConsoleHandler)]
    filters: list[tuple[logging.Filterer, Callable[[logging.LogRecord], bool]]] = [
        (logging.getLogger("prefect.task_runs"), _says_more_than_an_end),
        *((console, _without_traceback) for console in consoles),
        *((handler, _is_critical) for handler in logging.getLogger("prefect._internal").handlers),
    ]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    for filtered, keep in filters:
        filtered.addFilter(keep)
    try:
        yield
    finally:
        for filtered, keep in filters:
            filtered.removeFilter(keep)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _says_more_than_an_end(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Finished in state ")


def _without_traceback(record: logging.LogRecord) -> bool:
    """Passes everything. The handler that sends a run's log to the API comes before, and has it in full."""
    if record.name.startswith("prefect."):
        record.exc_info = record.exc_text = None
    return True


def _is_critical(record: logging.LogRecord) -> bool:
    """Prefect's machinery prints every event it could not deliver, in full; the flow's end settles those."""
    return record.levelno >= logging.CRITICAL
