"""What calls cost. Prices stand in one dated data file that a user can add to; sums are exact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_UP, Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from brightrun.errors import Problem, ProblemsError
from brightrun.yaml_source import nearest, read_yaml, validated

MILLION = Decimal(1_000_000)
SMALLEST = Decimal(10) ** -12
BUNDLED = Path(__file__).with_name("prices.yaml")
SCHEMA_OVERHEAD_TOKENS = 1_000
"""Allowed for what the API adds to a prompt by itself, for structured output among others."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LongPrompt(_Part):
    """Prices that hold for the whole call once its prompt is above this many tokens."""

    above: int
    input: Decimal
    output: Decimal


class ModelPrice(_Part):
    """US dollars per million tokens."""

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    long_prompt: LongPrompt | None = None

    def at(self, prompt_tokens: int) -> tuple[Decimal, Decimal]:
        """Input and output price for a prompt of this length."""
        long = self.long_prompt
        return (long.input, long.output) if long and prompt_tokens > long.above else (self.input, self.output)


class CacheFactors(_Part):
    """Factors on the input price for what is written to and read from the prompt cache."""

    write_5m: Decimal
    write_1h: Decimal
    read: Decimal


class Prices(_Part):
    """The price list."""

    as_of: date
    source: str
    cache: CacheFactors
    models: dict[str, ModelPrice]

    def of(self, model: str) -> ModelPrice:
        """The price of a model. Raises ProblemsError for one the list does not know."""
        if model not in self.models:
            message = (
                f"there is no price for the model `{model}`{nearest(model, self.models)}; a budget cannot hold "
                f"without one. Known: {', '.join(sorted(self.models))}. Add others to prices.yaml in BRIGHTRUN_HOME"
            )
            raise ProblemsError("The model cannot be used", [Problem("generate.model", 0, message)])
        return self.models[model]

    def cost(self, model: str, usage: Mapping[str, Any]) -> Decimal:
        """Exact US dollars of a reply, from its `usage` (thinking tokens are output tokens)."""
        plain, output = _count(usage, "input_tokens"), _count(usage, "output_tokens")
        written, read = _count(usage, "cache_creation_input_tokens"), _count(usage, "cache_read_input_tokens")
        by_ttl = usage.get("cache_creation")
        written_1h = min(written, _count(by_ttl, "ephemeral_1h_input_tokens")) if isinstance(by_ttl, Mapping) else 0
        input_price, output_price = self.of(model).at(plain + written + read)
        weighted_input = (
            plain
            + (written - written_1h) * self.cache.write_5m
            + written_1h * self.cache.write_1h
            + read * self.cache.read
        )
        return _exact((weighted_input * input_price + output * output_price) / MILLION)

    def cost_without_cache(self, model: str, usage: Mapping[str, Any]) -> Decimal:
        """What the reply would have cost had its prompt been neither written to the cache nor read from it."""
        return self.cost(model, _without_cache(usage))

    def worst_case(self, model: str, prompt_bytes: int, max_tokens: int) -> Decimal:
        """The most a call can cost: no token is shorter than a byte, all of it is of the dearest kind, all of
        `max_tokens` is used, and the prompt counts as long where that costs more."""
        tokens = prompt_bytes + SCHEMA_OVERHEAD_TOKENS
        price = self.of(model)
        dearest = max(Decimal(1), self.cache.write_5m, self.cache.read)
        return _exact(
            max(
                (tokens * input_price * dearest + max_tokens * output_price) / MILLION
                for input_price, output_price in (price.at(0), price.at(tokens))
            )
        )


def load_prices(home: Path | None = None) -> Prices:
    """The bundled list, with what the user's own `prices.yaml` in `home` adds or replaces."""
    problems: list[Problem] = []
    bundled = validated(Prices, read_yaml(BUNDLED), problems)
    assert bundled is not None, problems  # the bundled file is tested
    own = home / "prices.yaml" if home else None
    if own is None or not own.is_file():
        return bundled
    source = read_yaml(own)
    problems += source.problems
    if isinstance(source.data, dict):
        source.data = {**bundled.model_dump(mode="json"), **source.data}
    added = validated(Prices, source, problems) if not problems else None
    if added is None:
        raise ProblemsError("The price list cannot be used", problems)
    return added.model_copy(update={"models": {**bundled.models, **added.models}})


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def _without_cache(usage: Mapping[str, Any]) -> dict[str, int]:
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return {
        "input_tokens": sum(_count(usage, name) for name in names),
        "output_tokens": _count(usage, "output_tokens"),
    }


def _exact(amount: Decimal) -> Decimal:
    return amount.quantize(SMALLEST, rounding=ROUND_UP)
