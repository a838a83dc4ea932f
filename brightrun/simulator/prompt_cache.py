"""Prompt caching: which part of a prompt was read from the cache, written to it, or neither."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

MINIMUM_TOKENS = 1024
"""A shorter prefix is not cached, silently, as with the API."""
LIFETIME_S = {"5m": 300.0, "1h": 3600.0}
ENTRIES_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a prompt, in the order in which the API caches: tools, system, messages."""

    text: str
    tokens: int
    cache_for: str | None = None
    """`5m` or `1h` where a breakpoint stands after this segment."""


@dataclass(frozen=True, slots=True)
class CacheUse:
    """How the tokens of a prompt divide."""

    uncached: int
    read: int
    written_5m: int
    written_1h: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the cache held for a prompt when it came, and what its answer will leave there."""

    use: CacheUse
    written: tuple[tuple[bytes, str], ...] = ()
    """Prefixes and their lifetimes."""


class PromptCache:
    """The prefixes seen lately. A read renews what it read.

    What a request writes can be read once its answer has begun: requests in flight together all write.
    """

    def __init__(self) -> None:
        self._expiry: dict[bytes, tuple[float, str]] = {}

    def look_up(self, model: str, segments: Sequence[Segment]) -> Lookup:
        """Read the longest cached prefix; the rest up to the last breakpoint is to be written."""
        total = sum(segment.tokens for segment in segments)
        last = max((i for i, s in enumerate(segments) if s.cache_for), default=-1)
        prefixes = self._prefixes(model, segments[: last + 1])
        if not prefixes or prefixes[-1][1] < MINIMUM_TOKENS:
            return Lookup(CacheUse(total, 0, 0, 0))
        now = time.monotonic()
        read, tokens_written = 0, {"5m": 0, "1h": 0}
        for digest, tokens, _ in reversed(prefixes):
            expiry, lifetime = self._expiry.get(digest, (0.0, "5m"))
            if expiry > now and tokens >= MINIMUM_TOKENS:
                read = tokens
                self._keep(digest, lifetime, now)
                break
        covered = read
        written = []
        for digest, tokens, cache_for in prefixes:
            if cache_for and tokens > covered and tokens >= MINIMUM_TOKENS:
                tokens_written[cache_for] += tokens - covered
                covered = tokens
                written.append((digest, cache_for))
        return Lookup(CacheUse(total - covered, read, tokens_written["5m"], tokens_written["1h"]), tuple(written))

    def begin_answer(self, lookup: Lookup) -> None:
        """From here on others can read what the request has written."""
        now = time.monotonic()
        for digest, lifetime in lookup.written:
            self._keep(digest, lifetime, now)

    def _prefixes(self, model: str, segments: Sequence[Segment]) -> list[tuple[bytes, int, str | None]]:
        state, tokens = blake2b(model.encode(), digest_size=16), 0
        prefixes = []
        for segment in segments:
            text = segment.text.encode("utf-8", "surrogatepass")
            state.update(len(text).to_bytes(8, "big"))
            state.update(text)
            tokens += segment.tokens
            prefixes.append((state.digest(), tokens, segment.cache_for))
        return prefixes

    def _keep(self, digest: bytes, lifetime: str, now: float) -> None:
        if len(self._expiry) >= ENTRIES_KEPT and digest not in self._expiry:
            self._expiry = {key: entry for key, entry in self._expiry.items() if entry[0] > now}
            while len(self._expiry) >= ENTRIES_KEPT:
                del self._expiry[next(iter(self._expiry))]
        self._expiry[digest] = (now + LIFETIME_S[lifetime], lifetime)
