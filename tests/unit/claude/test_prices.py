"""What calls cost is exact, and the worst case is never less than what a call comes to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.claude.pricing import Prices, load_prices
from brightrun.errors import ProblemsError

PRICES = load_prices()
counts = st.integers(0, 200_000)
numbers = st.integers(-(2**31), 2**31)
"""The lane takes nothing larger for a count of tokens."""


def test_a_reply_costs_what_its_usage_says() -> None:
    usage = {
        "input_tokens": 1000,
        "output_tokens": 500,
        "cache_creation_input_tokens": 2000,
        "cache_read_input_tokens": 4000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1500, "ephemeral_1h_input_tokens": 500},
    }
    expected = (Decimal(1000) + 1500 * Decimal("1.25") + 500 * 2 + 4000 * Decimal("0.1")) * 2 + 500 * 10
    assert PRICES.cost("claude-sonnet-5-5", usage) == expected / 1_000_000


def test_a_long_prompt_costs_more_from_its_first_token() -> None:
    model = "claude-haiku-5-5"
    assert PRICES.cost(model, {"input_tokens": 100_000}) == Decimal("0.01")
    assert PRICES.cost(model, {"input_tokens": 100_001}) == Decimal("0.0500005")
    assert PRICES.cost(model, {"input_tokens": 1, "cache_read_input_tokens": 100_000}) > Decimal("0.005")


@given(
    model=st.sampled_from(sorted(PRICES.models)),
    prompt=st.lists(counts, min_size=3, max_size=3),
    slack=st.integers(0, 10_000),
    output=counts,
    unused=st.integers(0, 5_000),
)
def test_law_4_the_worst_case_covers_every_usage_within_it(
    model: str, prompt: list[int], slack: int, output: int, unused: int
) -> None:
    plain, written, read = prompt
    usage = {
        "input_tokens": plain,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": output,
    }
    worst = PRICES.worst_case(model, sum(prompt) + slack, output + unused)
    cost = PRICES.cost(model, usage)
    assert 0 <= cost <= worst
    assert cost == cost.quantize(Decimal(10) ** -12)


def test_law_4_a_list_whose_long_prompts_are_cheaper_is_covered_as_well() -> None:
    data: dict[str, Any] = PRICES.model_dump(mode="json")
    cheaper = {"above": 1000, "input": "0.1", "output": "0.1"}
    data["models"]["odd"] = {"input": "10", "output": "50", "long_prompt": cheaper}
    data["cache"] = {"write_5m": "0.5", "write_1h": "0.5", "read": "0.1"}
    odd = Prices.model_validate(data)
    usage = {"input_tokens": 900, "output_tokens": 100}
    assert odd.cost("odd", usage) <= odd.worst_case("odd", 2000, 100)


@given(
    usage=st.dictionaries(
        st.sampled_from(["input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_creation"]),
        st.none() | numbers | st.text() | st.dictionaries(st.just("ephemeral_1h_input_tokens"), numbers),
    )
)
def test_odd_usage_costs_something_that_is_no_error(usage: dict[str, Any]) -> None:
    assert PRICES.cost("claude-sonnet-5-5", usage) >= 0


def test_a_model_without_a_price_is_refused_with_the_nearest() -> None:
    with pytest.raises(ProblemsError, match="claude-sonnet-5-5"):
        PRICES.worst_case("claude-sonnet-5", 1, 1)


def test_a_user_adds_models_and_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text('models:\n  my-model: {input: "1", output: "2"}\n')
    prices = load_prices(tmp_path)
    assert prices.cost("my-model", {"output_tokens": 1_000_000}) == 2
    assert set(PRICES.models) < set(prices.models)


def test_a_price_list_that_cannot_be_used_names_the_place(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text('models:\n  my-model: {input: "-1", output: "2"}\n')
    with pytest.raises(ProblemsError, match=r"prices\.yaml:2"):
        load_prices(tmp_path)
