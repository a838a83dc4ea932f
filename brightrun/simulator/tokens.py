"""How many tokens a text has: an estimate, and the same one everywhere.

A model's tokens are its `characters_per_token` UTF-8 bytes long on average (3.3 from the 4.7 models
on, 4.3 before), rounded up per text. `/v1/messages/count_tokens` and `usage` both come from here, so
that a count always equals what the reply then reports.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil

PER_MESSAGE = 4
"""What the frame of one message costs: role and delimiters."""
PER_REQUEST = 7


@lru_cache(maxsize=4096)
def byte_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def count(text: str, characters_per_token: float) -> int:
    """Tokens of a text; 0 for an empty one."""
    return ceil(byte_length(text) / characters_per_token)
