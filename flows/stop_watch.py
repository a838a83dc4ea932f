"""Sees that a run was cancelled somewhere else: in Prefect's UI, or by `brightrun cancel` in the store."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from brightrun.errors import ServerStartError
from brightrun.stopping import StopReason, StopSignal
from flows.served_flow import keep_own_server

POLL_S = 2.0
REQUEST_BOUND_S = 5.0
END_BOUND_S = 2 * REQUEST_BOUND_S

log = logging.getLogger(__name__)


@contextmanager
def stop_watch(
    flow_run_id: UUID,
    stop: StopSignal,
    is_cancelled_in_store: Callable[[], bool],
    *,
    poll_s: float = POLL_S,
) -> Iterator[None]:
    """While inside, a thread asks both every `poll_s`, and passes a cancel on to `stop`.

    Neither a server nor a store that is away ends it or is spoken of more than once; a server of our own that
    has died is started again, since the run's states are recorded there. `is_cancelled_in_store` is called in
    that thread.
    """
    watch = _Watch(flow_run_id, stop, is_cancelled_in_store, poll_s)
    # The thread needs this one's settings: they say where the API is.
    thread = threading.Thread(target=copy_context().run, args=(watch.run,), name="brightrun-stop-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        watch.ended.set()
        thread.join(END_BOUND_S)


class _Watch:
    def __init__(
        self,
        flow_run_id: UUID,
        stop: StopSignal,
        is_cancelled_in_store: Callable[[], bool],
        poll_s: float,
    ) -> None:
        self.ended = threading.Event()
        self._flow_run_id = flow_run_id
        self._stop = stop
        self._is_cancelled_in_store = is_cancelled_in_store
        self._poll_s = poll_s
        self._spoken_of: set[str] = set()

    def run(self) -> None:
        with (
            temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
            get_client(httpx_settings={"timeout": REQUEST_BOUND_S}, sync_client=True) as backend,
        ):
            while not self.ended.wait(self._poll_s):
                self._ask_store()
                self._ask_prefect(backend)

    def _ask_prefect(self, backend: SyncPrefectClient) -> None:
        try:
            state = backend.read_flow_run(self._flow_run_id).state
        except (httpx.HTTPError, PrefectException) as error:
            self._server_is_away(error)
            return
        if state is not None and (state.is_cancelling() or state.is_cancelled()):
            self._stop.request(StopReason.CANCELLED_IN_PREFECT)

    def _server_is_away(self, error: Exception) -> None:
        try:
            if keep_own_server():
                return
        except ServerStartError as start_error:
            error = start_error
        self._speak_of("Prefect's server", error)

    def _ask_store(self) -> None:
        try:
            cancelled = self._is_cancelled_in_store()
        except Exception as error:  # noqa: BLE001 (whatever it is, the run goes on and it is asked again)
            self._speak_of("the store", error)
            return
        if cancelled:
            self._stop.request(StopReason.CANCELLED_IN_STORE)

    def _speak_of(self, what: str, error: Exception) -> None:
        if what not in self._spoken_of:
            self._spoken_of.add(what)
            log.warning("A cancel may go unseen for a while: %s: %r", what, error)
