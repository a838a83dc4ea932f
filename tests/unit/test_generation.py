"""The request that is made of a prompt, the pages of what is owed, and why a run may end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from small_jobs import small_plan

from brightrun.generation import OWED_PAGE, Ended, GenerationRun, by_page, request_body
from brightrun.prompt_sharing import Breakpoint, PromptSharing
from brightrun.prompts import AuthoringPrompt
from brightrun.store.items import OwedItem
from brightrun.store.states import Reason


def owed(position: int) -> OwedItem:
    item = small_plan().items[0]
    return OwedItem(f"i{position}", "job", position, 1, item)


def all_of(length: int) -> tuple[list[int], list[int]]:
    """What was read of so many, and the positions after which pages were read."""
    pages: list[int] = []

    def read(after: int, limit: int) -> list[OwedItem]:
        pages.append(after)
        return [owed(position) for position in range(after + 1, min(length, after + 1 + limit))]

    async def take_all() -> list[int]:
        return [one.position async for one in by_page(read)]

    return asyncio.run(take_all()), pages


@pytest.mark.parametrize("length", [0, 1, OWED_PAGE - 1, OWED_PAGE, OWED_PAGE + 1, 3 * OWED_PAGE])
def test_what_is_owed_is_read_in_pages_and_taken_once(length: int) -> None:
    taken, pages = all_of(length)
    assert taken == list(range(length))
    assert len(pages) == 1 + length // OWED_PAGE


def test_a_request_asks_for_a_schema_and_marks_what_is_shared() -> None:
    plan = small_plan(max_tokens=1000)
    prompt = AuthoringPrompt(system=("craft", "advisor", "template", "persona"), user="please")
    marks = [Breakpoint(2, "all"), Breakpoint(4, "template/arc/persona")]
    body = request_body(plan.spec, plan.catalog, prompt, marks)
    assert body["model"] == "claude-sonnet-5-5"
    assert body["max_tokens"] == 1000
    assert [block["text"] for block in body["system"]] == list(prompt.system)
    assert ["cache_control" in block for block in body["system"]] == [False, True, False, True]
    assert body["messages"] == [{"role": "user", "content": "please"}]
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert not {"temperature", "top_p", "top_k"} & set(body)


@pytest.mark.parametrize(
    ("ended", "stopped", "reason"),
    [
        (None, False, None),
        (None, True, Reason.INTERRUPTED),
        (Ended.BUDGET, False, Reason.BUDGET),
        (Ended.API, False, Reason.API_STOPPED),
        (Ended.API, True, Reason.INTERRUPTED),
    ],
)
def test_what_is_left_says_why(ended: Ended | None, stopped: bool, reason: Reason | None) -> None:
    plan = small_plan()
    nobody: Any = None
    run = GenerationRun("job", "worker", plan.spec, plan.catalog, nobody, nobody, lambda: stopped, PromptSharing({}))
    run.ended = ended
    assert (run.back_off_s, run.passing_failures) == ((0.5, 60.0), 10)
    assert run.may_send == (reason is None)
    if reason:
        assert run.why_not is reason
