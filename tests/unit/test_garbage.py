"""The collector is left alone where a process has a way of its own, and given back as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from brightrun.garbage import NEW_OBJECTS, rarely_collected


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.enable()
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_the_last_of_several_gives_it_back() -> None:
    before = gc.get_threshold()
    first, second = rarely_collected(), rarely_collected()
    with first:
        assert gc.get_threshold()[0] == NEW_OBJECTS > before[0]
        assert gc.get_freeze_count() > 0
        second.__enter__()
    assert gc.get_threshold()[0] == NEW_OBJECTS
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_process_with_its_own_way_keeps_it() -> None:
    before = gc.get_threshold()
    gc.disable()
    with rarely_collected():
        assert gc.get_threshold() == before
    gc.enable()
    gc.freeze()
    with rarely_collected():
        assert gc.get_threshold() == before
    assert gc.get_freeze_count() > 0
