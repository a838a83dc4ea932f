"""An event loop in a thread of its own: each process has one, and all that is sent is sent from it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

CLOSE_BOUND_S = 10.0


class EventLoopThread:
    """An event loop in a daemon thread. Whoever has work hands a coroutine to it and waits."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def call(self, function: Callable[[], object]) -> None:
        """Have a function called on the loop."""
        self.loop.call_soon_threadsafe(function)

    def close(self) -> None:
        """Cancel what still runs, so that nobody waits for it in vain, and end."""
        with contextlib.suppress(TimeoutError):
            self.submit(_cancel_the_others()).result(timeout=CLOSE_BOUND_S)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=CLOSE_BOUND_S)
        if not self.loop.is_running():
            self.loop.close()


async def _cancel_the_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=CLOSE_BOUND_S / 2)
    await asyncio.get_running_loop().shutdown_default_executor()
