"""One call puts a prefix into the cache, the others wait for it and read."""

from __future__ import annotations

from brightrun.claude.warm_prefixes import LEAD_PATIENCE_S, LIFETIME_S, WarmPrefixes

ALL, ONE, OTHER = "all", "one", "other"


def test_the_first_leads_and_the_others_wait_until_it_has_landed() -> None:
    warm = WarmPrefixes()
    assert warm.awaited((ALL, ONE), 0.0) is None
    led = warm.lead((ALL, ONE), 0.0)
    assert led == (ALL, ONE)
    assert warm.awaited((ALL, OTHER), 1.0) == ALL
    warm.landed(led, (ALL, ONE), sent_at=0.0, replied=True)
    assert warm.awaited((ALL, ONE), 30.0) is None
    assert warm.lead((ALL, ONE), 30.0) == ()


def test_a_further_prefix_is_led_by_itself() -> None:
    warm = WarmPrefixes()
    warm.landed(warm.lead((ALL, ONE), 0.0), (ALL, ONE), 0.0, replied=True)
    assert warm.awaited((ALL, OTHER), 1.0) is None
    assert warm.lead((ALL, OTHER), 1.0) == (OTHER,)
    assert warm.awaited((ALL, OTHER), 1.0) == OTHER
    assert warm.awaited((ALL, ONE), 1.0) is None


def test_a_leader_without_a_reply_leaves_the_lead_to_the_next() -> None:
    warm = WarmPrefixes()
    led = warm.lead((ALL,), 0.0)
    warm.landed(led, (ALL,), 0.0, replied=False)
    assert warm.awaited((ALL,), 1.0) is None
    assert warm.lead((ALL,), 1.0) == (ALL,)


def test_the_cache_forgets_and_a_use_renews_it() -> None:
    warm = WarmPrefixes()
    warm.landed(warm.lead((ALL,), 0.0), (ALL,), sent_at=0.0, replied=True)
    warm.landed((), (ALL,), sent_at=200.0, replied=True)
    assert warm.lead((ALL,), LIFETIME_S + 100) == ()
    assert warm.lead((ALL,), LIFETIME_S + 201) == (ALL,)


def test_nobody_waits_for_ever() -> None:
    warm = WarmPrefixes()
    warm.lead((ALL,), 0.0)
    assert warm.patience_ends_at() == LEAD_PATIENCE_S
    assert warm.awaited((ALL,), LEAD_PATIENCE_S - 1) == ALL
    assert warm.awaited((ALL,), LEAD_PATIENCE_S) is None
