"""The price of a plan: prompts counted by whatever Claude would answer, real or simulated; counting is free."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anthropic

from brightrun.claude.client import DEFAULT_BASE_URL
from brightrun.claude.errors import Decision, explain
from brightrun.claude.pricing import load_prices
from brightrun.endpoint import claude_endpoint
from brightrun.errors import ApiStoppedError, BrightRunError
from brightrun.estimate import PriceRange, price_range
from brightrun.planning import Plan

COUNT_TIMEOUT_S = 30.0


def _quietly(_line: str) -> None:
    """A plan spends nothing and trains nothing: who counts its tokens needs no announcement."""


def priced(plan: Plan, home: Path) -> PriceRange:
    """The price range of a plan. Raises ApiStoppedError where the API refuses to count."""
    with claude_endpoint(home, announce=_quietly) as endpoint:
        client = anthropic.Anthropic(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url or DEFAULT_BASE_URL,
            max_retries=2,
            timeout=COUNT_TIMEOUT_S,
        )

        def count(body: dict[str, Any]) -> int:
            counted = {key: value for key, value in body.items() if key != "max_tokens"}
            try:
                return client.messages.count_tokens(**counted).input_tokens
            except anthropic.APIError as error:
                explained = explain(error)
                kind = ApiStoppedError if explained.decision is Decision.STOP_JOB else BrightRunError
                raise kind(f"The prompt tokens could not be counted: {explained.message}") from error

        with client:
            return price_range(plan, load_prices(home), count)


def plan_json(plan: Plan, price: PriceRange) -> dict[str, Any]:
    """The plan as one JSON object."""
    templates: dict[str, set[str]] = {}
    for item in plan.items:
        templates.setdefault(str(item.cell), set()).add(item.template)
    return {
        "name": plan.spec.name,
        "considered": plan.grid.considered,
        "items": len(plan.items),
        "cells": [
            {**cell.model_dump(), "quota": quota, "templates": sorted(templates[str(cell)])}
            for cell, quota in plan.grid.quotas.items()
        ],
        "unsuitable": [{**entry.cell.model_dump(), "reason": entry.reason} for entry in plan.grid.unsuitable],
        "model": plan.spec.generate.model,
        "budget_usd": str(plan.spec.generate.budget_usd),
        "price_usd": {"low": str(price.low_usd), "high": str(price.high_usd)},
        "prompt_tokens": price.prompt_tokens,
    }
