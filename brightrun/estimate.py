"""The price of a plan, as a range: counted prompt tokens, expected lengths of replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Any

from brightrun.claude.pricing import Prices
from brightrun.generation import request_body
from brightrun.items import Item
from brightrun.planning import Plan
from brightrun.prompts import PromptWriter

COUNTED_PROMPTS = 12
"""So many prompts, spread over the plan, are counted; the others are taken to be like them."""

LOW_TOKENS = (100, 120)
HIGH_TOKENS = (400, 750)
"""Output tokens of a reply: a fixed part, and so many for each exchange."""

HIGH_ATTEMPTS = Decimal("1.35")
"""Generations for one accepted conversation, where many are rejected."""

CENT = Decimal("0.01")


@dataclass(frozen=True)
class PriceRange:
    """What a plan is expected to cost, in US dollars, and what that rests on."""

    low_usd: Decimal
    high_usd: Decimal
    prompt_tokens: int
    counted_prompts: int


def spread_items(items: Sequence[Item], count: int = COUNTED_PROMPTS) -> list[Item]:
    """Items evenly spread over the plan."""
    number = min(count, len(items))
    return [items[index * len(items) // number] for index in range(number)]


def price_range(plan: Plan, prices: Prices, count_tokens: Callable[[dict[str, Any]], int]) -> PriceRange:
    """The expected cost. `count_tokens` counts the prompt tokens of a request body.

    Low: short replies, and all of the prompt but a tenth read from the cache. High: long replies,
    the whole prompt written to the cache, and rejected conversations written again.
    """
    writer = PromptWriter(plan.catalog)
    sampled = spread_items(plan.items)
    counts = [count_tokens(request_body(plan.spec, plan.catalog, writer.write(item))) for item in sampled]
    prompt = sum(counts) // len(counts)
    price = prices.of(plan.spec.generate.model)
    input_price, output_price = price.at(prompt)
    exchanges = sum(item.exchanges for item in plan.items)
    items = len(plan.items)
    million = Decimal(1_000_000)
    low_input = items * prompt * input_price * prices.cache.read / million
    high_input = items * prompt * input_price * prices.cache.write_5m / million
    low_output = (items * LOW_TOKENS[0] + exchanges * LOW_TOKENS[1]) * output_price / million
    high_output = (items * HIGH_TOKENS[0] + exchanges * HIGH_TOKENS[1]) * output_price / million
    return PriceRange(
        low_usd=(low_input + low_output).quantize(CENT, ROUND_DOWN),
        high_usd=((high_input + high_output) * HIGH_ATTEMPTS).quantize(CENT, ROUND_UP),
        prompt_tokens=prompt,
        counted_prompts=len(sampled),
    )
