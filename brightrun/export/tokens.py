"""How long conversations are in tokens, by an estimate that says it is one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from brightrun.export.context import ReleasePart

CHARACTERS_PER_TOKEN = 3.3
"""English text under the tokenizers of current models; other languages need more tokens."""
TOKENS_PER_MESSAGE = 4
"""What a chat template puts around a message."""
METHOD = (
    f"estimated, not tokenized: characters / {CHARACTERS_PER_TOKEN}, rounded up, "
    f"plus {TOKENS_PER_MESSAGE} per message for the chat template"
)


class TruncationDefault(ReleasePart):
    """What a trainer does with rows longer than its setting allows, when nobody sets it."""

    trainer: str
    version: str
    setting: str
    tokens: int
    then: str


TRUNCATION_DEFAULTS = (
    TruncationDefault(trainer="TRL", version="1.16.0", setting="max_length", tokens=1024, then="cut at the end"),
    TruncationDefault(
        trainer="LLaMA-Factory",
        version="0.9.5",
        setting="cutoff_len",
        tokens=2048,
        then="the turn that passes it cut, later turns left out",
    ),
    TruncationDefault(trainer="Axolotl", version="0.19.0", setting="sequence_len", tokens=512, then="dropped whole"),
)
"""Read in the sources of the versions named."""


class Longer(ReleasePart):
    """How many rows are longer than a trainer's default."""

    trainer: str
    setting: str
    tokens: int
    rows: int


class TokenLengths(ReleasePart):
    """Lengths of the rows of a format."""

    p50: int
    p95: int
    max: int
    longer: tuple[Longer, ...]


def estimated_tokens(messages: Iterable[dict[str, str]]) -> int:
    """Tokens of a list of messages, by METHOD."""
    return sum(math.ceil(len(message["content"]) / CHARACTERS_PER_TOKEN) + TOKENS_PER_MESSAGE for message in messages)


def token_lengths(lengths: Sequence[int]) -> TokenLengths:
    """Percentiles by nearest rank, the longest, and how many rows the trainers' defaults would touch."""
    ordered = sorted(lengths)
    return TokenLengths(
        p50=ordered[math.ceil(0.5 * len(ordered)) - 1],
        p95=ordered[math.ceil(0.95 * len(ordered)) - 1],
        max=ordered[-1],
        longer=tuple(
            Longer(
                trainer=default.trainer,
                setting=default.setting,
                tokens=default.tokens,
                rows=sum(length > default.tokens for length in ordered),
            )
            for default in TRUNCATION_DEFAULTS
        ),
    )
