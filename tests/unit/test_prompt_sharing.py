"""A breakpoint stands where enough prompts share what comes before it."""

from __future__ import annotations

from small_jobs import small_plan

from brightrun.prompt_sharing import SHARED_FROM, Breakpoint, PromptKey, PromptSharing

ITEM = small_plan().items[0]
KEY = PromptKey(ITEM.template, ITEM.cell.arc, ITEM.cell.persona)
OTHER = PromptKey("plain", "another_arc", "another_persona")
ALL = Breakpoint(2, "all")
OWN = Breakpoint(4, "/".join(KEY))


def test_where_many_share_it_all_of_the_system_prompt_is_worth_the_cache() -> None:
    assert PromptSharing({KEY: SHARED_FROM}).breakpoints(ITEM) == (ALL, OWN)


def test_what_few_share_is_not() -> None:
    assert PromptSharing({KEY: SHARED_FROM - 1, OTHER: 9}).breakpoints(ITEM) == (ALL,)


def test_a_job_of_a_few_conversations_has_no_use_for_the_cache() -> None:
    assert PromptSharing({KEY: 1, OTHER: SHARED_FROM - 2}).breakpoints(ITEM) == ()
