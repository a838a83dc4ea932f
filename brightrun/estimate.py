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
from brightrun.spec import JudgeSpec, ReaderSpec

COUNTED_PROMPTS = 12
"""So many prompts, spread over the plan, are counted; the others are taken to be like them."""

LOW_TOKENS = (100, 120)
HIGH_TOKENS = (400, 750)
"""Output tokens of a reply: a fixed part, and so many for each exchange."""

JUDGE_INPUT = ((1_000, 100), (6_000, 900))
JUDGE_OUTPUT = ((200, 0), (2_000, 0))
READER_INPUT = ((300, 100), (1_500, 900))
READER_OUTPUT = ((20, 15), (100, 80))
"""Tokens of one judgement and one reading, low and high: a fixed part, and so many for each exchange."""

HIGH_ATTEMPTS = Decimal("1.35")
"""Generations for one accepted conversation, where many are rejected."""

CENT = Decimal("0.01")

Lengths = tuple[tuple[int, int], tuple[int, int]]
"""Low and high, each a fixed part and so many for each exchange."""


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
    the whole prompt written to the cache, and rejected conversations written again. Judge and reader are in it.
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
    low_said, high_said = _assessments(plan, prices)
    return PriceRange(
        low_usd=(low_input + low_output + low_said).quantize(CENT, ROUND_DOWN),
        high_usd=((high_input + high_output + high_said) * HIGH_ATTEMPTS).quantize(CENT, ROUND_UP),
        prompt_tokens=prompt,
        counted_prompts=len(sampled),
    )


def _assessments(plan: Plan, prices: Prices) -> tuple[Decimal, Decimal]:
    """What judge and reader are expected to cost for every conversation once, low and high."""
    quality, million = plan.spec.quality, Decimal(1_000_000)
    asked: list[tuple[JudgeSpec | ReaderSpec, Lengths, Lengths]] = []
    if quality.judge != "off":
        asked.append((quality.judge, JUDGE_INPUT, JUDGE_OUTPUT))
    if quality.reader != "off":
        asked.append((quality.reader, READER_INPUT, READER_OUTPUT))
    items, exchanges = len(plan.items), sum(item.exchanges for item in plan.items)
    sums = [Decimal(0), Decimal(0)]
    for spec, inputs, outputs in asked:
        input_price, output_price = prices.of(spec.model).at(inputs[1][0])
        cached = (prices.cache.read, prices.cache.write_5m)
        for end in (0, 1):
            sent, written = (items * length[end][0] + exchanges * length[end][1] for length in (inputs, outputs))
            cost = sent * input_price * cached[end] + written * output_price
            sums[end] += cost * Decimal(str(spec.share)) / million
    return sums[0], sums[1]
