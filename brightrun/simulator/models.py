"""The models the simulator serves, with what each costs and holds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

CACHE_WRITE_5M = Decimal("1.25")
CACHE_WRITE_1H = Decimal(2)
CACHE_READ = Decimal("0.1")
TOKENS_PER_PRICE = 1_000_000
OLDER = 4.3
"""Characters per token before the 4.7 models, which make about 30% more tokens of the same text."""
RELEASE_UNKNOWN = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Model:
    """A model. Prices are USD per million tokens, as published in November 2026 (docs/guide/simulator.md)."""

    key: str
    display_name: str
    line: str
    input_usd: Decimal
    output_usd: Decimal
    characters_per_token: float = 3.3
    max_input_tokens: int = 1_000_000
    max_output_tokens: int = 128_000
    long_prompt: tuple[int, Decimal, Decimal] | None = None
    """Above so many prompt tokens, these are the input and the output price."""

    def cost_usd(self, uncached: int, written_5m: int, written_1h: int, read: int, output: int) -> Decimal:
        """What a reply costs that used so many tokens of each kind."""
        input_usd, output_usd = self.input_usd, self.output_usd
        if self.long_prompt and uncached + written_5m + written_1h + read > self.long_prompt[0]:
            _, input_usd, output_usd = self.long_prompt
        weighted = uncached + written_5m * CACHE_WRITE_5M + written_1h * CACHE_WRITE_1H + read * CACHE_READ
        return (weighted * input_usd + output * output_usd) / TOKENS_PER_PRICE

    def as_json(self) -> dict[str, object]:
        """The entry of `/v1/models`."""
        return {
            "type": "model",
            "id": self.key,
            "display_name": self.display_name,
            "created_at": RELEASE_UNKNOWN,
            "lifecycle": "active",
            "line": self.line,
            "max_input_tokens": self.max_input_tokens,
            "max_tokens": self.max_output_tokens,
        }


MODELS: dict[str, Model] = {
    model.key: model
    for model in (
        Model("claude-opus-5-5", "Claude Opus 5.5", "opus", Decimal(4), Decimal(20)),
        Model("claude-sonnet-5-5", "Claude Sonnet 5.5", "sonnet", Decimal(2), Decimal(10)),
        Model(
            "claude-haiku-5-5",
            "Claude Haiku 5.5",
            "haiku",
            Decimal("0.10"),
            Decimal("0.50"),
            long_prompt=(100_000, Decimal("0.50"), Decimal("2.50")),
        ),
        Model("claude-fable-5-1", "Claude Fable 5.1", "fable", Decimal(10), Decimal(50)),
        Model("claude-opus-5", "Claude Opus 5", "opus", Decimal(5), Decimal(25)),
        Model("claude-opus-4-8", "Claude Opus 4.8", "opus", Decimal(5), Decimal(25)),
        Model(
            "claude-sonnet-4-6",
            "Claude Sonnet 4.6",
            "sonnet",
            Decimal(3),
            Decimal(15),
            OLDER,
            1_000_000,
            64_000,
        ),
        Model("claude-haiku-4-5", "Claude Haiku 4.5", "haiku", Decimal(1), Decimal(5), OLDER, 200_000, 64_000),
    )
}
