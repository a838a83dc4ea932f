"""What a conversation may share too much of with the others of its dataset, or with what a model is evaluated with."""

from __future__ import annotations

from enum import StrEnum

from brightrun.quality.verdicts import Severity, Statement


class NeighbourCode(StrEnum):
    """What a conversation may share too much of. Each is a reason code."""

    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    OVERUSED_OPENING = "overused_opening"
    OVERUSED_PHRASE = "overused_phrase"
    EVALUATION_OVERLAP = "evaluation_overlap"

    @property
    def meaning(self) -> str:
        """The code in a sentence, for people."""
        return MEANINGS[self]


MEANINGS = {
    NeighbourCode.EXACT_DUPLICATE: "The same text is in the dataset already.",
    NeighbourCode.NEAR_DUPLICATE: "Nearly the same text is in the dataset already.",
    NeighbourCode.OVERUSED_OPENING: "Too many conversations of the dataset begin with the same words.",
    NeighbourCode.OVERUSED_PHRASE: "A phrase stands in too many conversations of the dataset.",
    NeighbourCode.EVALUATION_OVERLAP: "It has words in a row in common with a file that models are evaluated with.",
}


class NeighbourFinding(Statement):
    """What one conversation shares with others, or with an evaluation file.

    `turn` counts messages from 1; None is the whole conversation.
    """

    code: NeighbourCode
    severity: Severity
    turn: int | None
    quote: str
