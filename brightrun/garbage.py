"""The garbage collector, kept from looking through what stays anyway.

A process that works at a job holds some hundred thousand objects for as long as it does, most of them modules. The
collector looks through them again and again and finds next to nothing: a conversation leaves no cycles behind.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 20_000
"""So many new objects, and the collector looks through them; Python's own default is 700."""

_guard = threading.Lock()
_inside: list[tuple[int, int, int]] = []
"""The thresholds to go back to, once for each who is inside."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Collect garbage rarely while inside, and not among what is there already; as before at the end.

    Several may be inside at once; the last to leave ends it. A process that switched its collector off, or froze what
    it has, keeps its own way.
    """
    with _guard:
        has_own_way = not gc.isenabled() or (not _inside and gc.get_freeze_count() > 0)
        if not has_own_way:
            if not _inside:
                gc.collect()
                gc.freeze()
            _inside.append(_inside[0] if _inside else gc.get_threshold())
            gc.set_threshold(NEW_OBJECTS)
    if has_own_way:
        yield
        return
    try:
        yield
    finally:
        with _guard:
            threshold = _inside.pop()
            if not _inside:
                gc.unfreeze()
                gc.set_threshold(*threshold)
