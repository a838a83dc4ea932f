"""One signal that says: stop. Ctrl-C, SIGTERM, a cancel in Prefect and a cancel in the store all set it.

Whoever sends looks at it before each send; whoever waits in an event loop is woken by a callback.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from queue import SimpleQueue
from types import FrameType

# A Prefect worker kills 30 s after its SIGTERM; what has landed by then still has to be written down.
TERMINATE_GRACE_S = 20.0

# A wrapper such as `uv run` passes on the Ctrl-C that the terminal has sent us too.
SAME_INTERRUPT_S = 0.5

STOPPING_LINE = "Stopping: what is in flight will land; Ctrl-C again to kill."
SHOW_CURSOR = b"\x1b[?25h"


class StopReason(StrEnum):
    """Who asked, or that another process has the job now."""

    INTERRUPT = "interrupt"
    TERMINATE = "terminate"
    CANCELLED_IN_PREFECT = "cancelled_in_prefect"
    CANCELLED_IN_STORE = "cancelled_in_store"
    TAKEN_OVER = "taken_over"


class StopSignal:
    """Set once, from any thread, and never unset. The first reason stays; a SIGTERM after it sets the clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._reason: StopReason | None = None
        self._deadline: float | None = None
        self._callbacks: dict[object, Callable[[], None]] = {}

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    @property
    def reason(self) -> StopReason | None:
        """Who asked first; None while nobody has."""
        return self._reason

    @property
    def grace_s(self) -> float | None:
        """How many seconds what is in flight still has to land; None is as long as it takes.

        It counts down from `TERMINATE_GRACE_S` from the first SIGTERM on, and ends at 0.
        """
        deadline = self._deadline
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is set, for at most `timeout_s`; whether it is."""
        return self._event.wait(timeout_s)

    def request(self, reason: StopReason) -> bool:
        """Ask for the stop; whether this changed anything (the first request, or the first SIGTERM)."""
        with self._lock:
            first = self._reason is None
            if first:
                self._reason = reason
            hurried = reason is StopReason.TERMINATE and self._deadline is None
            if hurried:
                self._deadline = time.monotonic() + TERMINATE_GRACE_S
            self._event.set()
            callbacks = list(self._callbacks.values()) if first or hurried else []
        for callback in callbacks:
            callback()
        return first or hurried

    def on_request(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back when the stop is asked for and when its grace changes; at once if it is set already.

        The callback runs in the thread that asks, so it must neither block nor raise:
        `loop.call_soon_threadsafe(wake)` is what it is for. Returns a function that takes it back.
        """
        key = object()
        with self._lock:
            self._callbacks[key] = callback
            already = self._event.is_set()
        if already:
            callback()
        return lambda: self._forget(key)

    def _forget(self, key: object) -> None:
        with self._lock:
            self._callbacks.pop(key, None)


@contextmanager
def signal_handlers(stop: StopSignal, announce: Callable[[str], None] | None = None) -> Iterator[None]:
    """SIGINT and SIGTERM (and the terminal's SIGHUP) ask for the stop while inside; after it, as before.

    Enter it inside the flow's body: Prefect's engine installs a SIGTERM handler around the body, which would
    end the flow at once. Signals only ever reach the main thread; elsewhere this does nothing. What was set
    to be ignored (nohup, a background job of a script) stays ignored.

    The first SIGINT says so, to `announce` or on stderr. The second is a kill: the process dies of SIGINT,
    which is what a shell expects (it reports 130, and a script that called us ends too). What has arrived is
    in the ledger by then; what is on the wire is an open intent there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A handler interrupts the main thread anywhere, so it may take no lock; putting into a SimpleQueue is
    # safe there. A thread takes it from the queue and does the rest.
    received: SimpleQueue[int | None] = SimpleQueue()
    interrupted_at: float | None = None

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (the signature is Python's)
        nonlocal interrupted_at
        if number == signal.SIGINT:
            if interrupted_at is None:
                interrupted_at = time.monotonic()
            elif time.monotonic() - interrupted_at > SAME_INTERRUPT_S:
                _die_of_sigint()
            else:
                return
        received.put(number)

    listener = threading.Thread(
        target=_pass_on, args=(received, stop, announce or _say), name="brightrun-signals", daemon=True
    )
    listener.start()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            # None stands for a handler that was not installed from Python, which cannot be given back.
            if handler is not signal.SIG_IGN and handler is not None:
                signal.signal(number, handler)
        received.put(None)
        listener.join()


def _pass_on(received: SimpleQueue[int | None], stop: StopSignal, announce: Callable[[str], None]) -> None:
    while (number := received.get()) is not None:
        interrupted = number == signal.SIGINT
        stop.request(StopReason.INTERRUPT if interrupted else StopReason.TERMINATE)
        if interrupted:
            announce(STOPPING_LINE)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _die_of_sigint() -> None:
    """Die as the default handler would have it, with the cursor a progress bar hides shown again."""
    if sys.__stderr__ is not None and os.isatty(2):
        os.write(2, SHOW_CURSOR)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
