"""What is kept of a conversation to tell whether another is like it: digests and signatures of fixed size, no text.

Two parts are compared apart, since either alone makes a twin: what the advisor says, and how the user begins.
A signature (MinHash) has `SLOTS` numbers; the share of equal ones estimates the Jaccard similarity of two
parts' word n-grams, with a standard deviation of at most 0.031.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from brightrun.conversation import Conversation
from brightrun.quality.words import Hashes, distinct, message_ngrams, words_of

SLOTS = 256
SEED = 20_261
SAMPLED = 32
"""So many of a part's n-grams are kept by number, the smallest ones: enough to find words that two twins share."""


class Part(StrEnum):
    """What two conversations can have alike."""

    CONVERSATION = "conversation"
    ADVISOR = "advisor"
    FIRST_USER = "first_user"


COMPARED = (Part.ADVISOR, Part.FIRST_USER)


@dataclass(frozen=True, slots=True)
class PartPrint:
    """One part: a digest of its words, its signature (16 bits a slot), and a sample of its n-grams' numbers."""

    digest: bytes
    signature: NDArray[np.uint16]
    sample: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """All that is kept of a conversation. A part too short to be compared is absent."""

    digest: bytes
    parts: Mapping[Part, PartPrint]


def shortest_words(ngram_words: int) -> int:
    """Words that a part must have to be compared: "Hi, can I ask you something?" makes no twins."""
    return 2 * ngram_words


def fingerprint(conversation: Conversation, ngram_words: int = 5) -> Fingerprint:
    """The fingerprint of a conversation by n-grams of so many words. The same on every machine."""
    return fingerprint_of([(turn.role, turn.content) for turn in conversation.turns], ngram_words)


def fingerprint_of(messages: Sequence[tuple[str, str]], ngram_words: int = 5) -> Fingerprint:
    """The same from roles and texts."""
    turns = [(role, words_of(text)) for role, text in messages]
    shortest = shortest_words(ngram_words)
    spoken = {part: words for part, words in part_words(turns).items() if sum(map(len, words)) >= shortest}
    grams = {part: message_ngrams(words, ngram_words) for part, words in spoken.items()}
    compared = [part for part in COMPARED if part in grams and len(grams[part])]
    signatures = _signatures([grams[part] for part in compared])
    return Fingerprint(
        _digest("".join([f"{role}:{' '.join(words)}\n" for role, words in turns])),
        {
            part: PartPrint(_digest("\n".join(map(" ".join, spoken[part]))), signature, sample_of(grams[part]))
            for part, signature in zip(compared, signatures, strict=True)
        },
    )


def part_words(turns: Sequence[tuple[str, tuple[str, ...]]]) -> dict[Part, list[tuple[str, ...]]]:
    """The words of each compared part, message by message, from the turns' roles and words."""
    users = [words for role, words in turns if role == "user"]
    return {Part.ADVISOR: [words for role, words in turns if role == "assistant"], Part.FIRST_USER: users[:1]}


def sample_of(grams: Hashes) -> NDArray[np.uint32]:
    """The smallest numbers among the n-grams', which two parts that share n-grams are likely to share."""
    return distinct(short_numbers(grams))[:SAMPLED]


def short_numbers(grams: Hashes) -> NDArray[np.uint32]:
    return (grams >> np.uint64(32)).astype(np.uint32)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _signatures(grams: list[Hashes]) -> NDArray[np.uint16]:
    """A row for each part. Sixteen bits of a slot tell two values apart but for one pair in 65,536."""
    if not grams:
        return np.empty((0, SLOTS), dtype=np.uint16)
    offsets = [0, *np.cumsum([len(each) for each in grams]).tolist()]
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(grams), offsets, SLOTS, SEED)
    return np.array(matrix.to_rows(), dtype=np.uint32).astype(np.uint16)


def estimated_similarity(one: NDArray[np.uint16], others: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Estimated Jaccard similarity of one signature with each row of others, 0 to 1."""
    equal: NDArray[np.float64] = np.count_nonzero(others == one, axis=1) / SLOTS
    return equal
