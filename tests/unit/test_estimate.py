"""The price range of a plan: from counted prompts, ordered, and growing with what is asked for."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from planning_cases import CATALOGS

from brightrun.claude.pricing import load_prices
from brightrun.estimate import COUNTED_PROMPTS, price_range, spread_items
from brightrun.planning import Plan, make_plan
from brightrun.spec import DatasetSpec

PRICES = load_prices()


def plan(per_cell: int = 1, model: str = "claude-sonnet-5-5") -> Plan:
    generate = {"budget_usd": 1, "model": model}
    catalog = str(CATALOGS / "technical_support")
    grid = {"per_cell": per_cell, "arcs": ["stuck_to_working"]}
    return make_plan(DatasetSpec.model_validate({"name": "a", "catalog": catalog, "grid": grid, "generate": generate}))


def count(body: dict[str, Any]) -> int:
    return len(str(body["system"])) // 4


def test_the_range_is_ordered_and_rests_on_counted_prompts() -> None:
    planned = plan(per_cell=3)
    asked: list[dict[str, Any]] = []
    found = price_range(planned, PRICES, lambda body: asked.append(body) or 5_000)
    assert Decimal(0) < found.low_usd < found.high_usd
    assert found.prompt_tokens == 5_000
    assert found.counted_prompts == len(asked) == COUNTED_PROMPTS


def test_one_conversation_is_counted_once() -> None:
    planned = plan()
    one = Plan(planned.loaded, planned.catalog, "", "", planned.grid, planned.items[:1])
    assert price_range(one, PRICES, count).counted_prompts == 1


def test_twice_the_conversations_cost_about_twice_as_much() -> None:
    one, two = (price_range(plan(per_cell=n), PRICES, lambda _: 5_000) for n in (10, 20))
    assert Decimal("1.9") < two.high_usd / one.high_usd < Decimal("2.1")


def test_a_plan_costs_what_its_tokens_cost() -> None:
    """By hand: 6 conversations; the highest price is a full cache write, long replies, and 1.35 attempts."""
    planned = plan()
    items, exchanges = len(planned.items), sum(item.exchanges for item in planned.items)
    price = PRICES.models["claude-sonnet-5-5"]
    high = items * 1_000 * price.input * PRICES.cache.write_5m + (items * 400 + exchanges * 750) * price.output
    found = price_range(planned, PRICES, lambda _: 1_000)
    assert abs(found.high_usd - high * Decimal("1.35") / 1_000_000) <= Decimal("0.01")


@pytest.mark.parametrize("items", [1, 5, 12, 13, 500])
def test_counted_prompts_are_spread_over_the_plan(items: int) -> None:
    planned = list(plan(per_cell=100).items)[:items]
    chosen = spread_items(planned)
    assert len(chosen) == min(items, COUNTED_PROMPTS)
    positions = [planned.index(item) for item in chosen]
    assert positions[0] == 0
    gaps = [b - a for a, b in pairwise(positions)]
    assert not gaps or max(gaps) - min(gaps) <= 1
