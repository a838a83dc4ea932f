"""Whose trouble it is: the item's, or that of an API that is away."""

from __future__ import annotations

from brightrun.outage import OutageWatch


def test_trouble_that_others_have_too_is_not_the_items_own() -> None:
    watch = OutageWatch()
    watch.failed("a")
    assert watch.is_of_item("a")
    watch.failed("b")
    assert not watch.is_of_item("a")
    watch.left("b")
    assert watch.is_of_item("a")


def test_it_is_the_items_own_when_others_were_answered_meanwhile() -> None:
    watch = OutageWatch()
    watch.failed("a")
    watch.answered("c")
    watch.failed("b")
    assert watch.is_of_item("a")
    assert not watch.is_of_item("b")
    watch.answered("a")
    assert not watch.lasts_too_long


def test_what_lasts_too_long_lasts_since_the_last_answer() -> None:
    watch = OutageWatch(patience_s=0)
    assert not watch.lasts_too_long
    watch.failed("a")
    assert watch.lasts_too_long
    patient = OutageWatch(patience_s=60)
    patient.failed("a")
    assert not patient.lasts_too_long
