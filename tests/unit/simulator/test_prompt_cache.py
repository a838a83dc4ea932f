"""Which tokens of a prompt are read from the cache, written to it, or neither."""

from __future__ import annotations

from brightrun.simulator.prompt_cache import CacheUse, PromptCache, Segment

SHARED = Segment("shared " * 900, 2000, "5m")
TEMPLATE = Segment("template", 500, "5m")
ITEM = Segment("item", 300)


def use(cache: PromptCache, model: str, segments: tuple[Segment, ...]) -> CacheUse:
    """A request whose answer begins at once."""
    found = cache.look_up(model, segments)
    cache.begin_answer(found)
    return found.use


def test_requests_in_flight_together_all_write() -> None:
    cache = PromptCache()
    first, second = (cache.look_up("m", (SHARED, ITEM)) for _ in range(2))
    assert first.use == second.use == CacheUse(uncached=300, read=0, written_5m=2000, written_1h=0)
    cache.begin_answer(second)
    assert cache.look_up("m", (SHARED, ITEM)).use == CacheUse(uncached=300, read=2000, written_5m=0, written_1h=0)


def test_the_first_request_writes_and_the_second_reads() -> None:
    cache = PromptCache()
    assert use(cache, "m", (SHARED, ITEM)) == CacheUse(uncached=300, read=0, written_5m=2000, written_1h=0)
    assert use(cache, "m", (SHARED, ITEM)) == CacheUse(uncached=300, read=2000, written_5m=0, written_1h=0)


def test_the_longest_known_prefix_is_read_and_only_the_rest_written() -> None:
    cache = PromptCache()
    use(cache, "m", (SHARED, ITEM))
    assert use(cache, "m", (SHARED, TEMPLATE, ITEM)) == CacheUse(300, 2000, 500, 0)


def test_another_model_has_another_cache() -> None:
    cache = PromptCache()
    use(cache, "m", (SHARED, ITEM))
    assert use(cache, "n", (SHARED, ITEM)).read == 0


def test_what_is_too_short_is_not_cached() -> None:
    cache = PromptCache()
    for _ in range(2):
        assert use(cache, "m", (TEMPLATE, ITEM)) == CacheUse(800, 0, 0, 0)


def test_without_a_breakpoint_nothing_is_cached() -> None:
    assert use(PromptCache(), "m", (Segment("x", 5000), ITEM)) == CacheUse(5300, 0, 0, 0)


def test_an_hour_is_counted_apart() -> None:
    cache = PromptCache()
    assert use(cache, "m", (Segment("long", 3000, "1h"), ITEM)) == CacheUse(300, 0, 0, 3000)
