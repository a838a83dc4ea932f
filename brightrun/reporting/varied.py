"""The measures of variety in words that need no statistics."""

from __future__ import annotations

from collections.abc import Iterator

from brightrun.quality.fingerprints import Part
from brightrun.quality.neighbours import NearestNeighbours, Within
from brightrun.quality.variety import DistinctShares, Variety
from brightrun.reporting.facts import Figure, RepeatedText, VarietyFacts
from brightrun.reporting.wording import percent

PARTS = {Part.CONVERSATION: "whole conversations", Part.ADVISOR: "answers", Part.FIRST_USER: "first messages"}
WITHIN = {Within.CELL: "its own combination", Within.DATASET: "the whole dataset"}


def variety_facts(variety: Variety) -> VarietyFacts:
    """What of the variety stands on the page; what was not measured is left out."""
    figures = [
        *_distinct("the person’s messages", variety.user),
        *_distinct("the advisor’s answers", variety.advisor),
        *(_nearest(each) for each in variety.nearest),
    ]
    if variety.thanking_share is not None:
        meaning = "of the person’s messages say thank you"
        figures.append(Figure(name="Thanks", value=percent(variety.thanking_share), meaning=meaning))
    return VarietyFacts(figures=tuple(figures), repeated=tuple(_repeated(variety)))


def _distinct(where: str, shares: DistinctShares) -> Iterator[Figure]:
    if shares.distinct_3 is None:
        return
    words = f"; single words {percent(shares.distinct_1)}" if shares.distinct_1 is not None else ""
    yield Figure(
        name=f"Different wording in {where}",
        value=percent(shares.distinct_3),
        meaning=f"of all runs of three words are different ones{words}. Both fall as a dataset grows.",
    )


def _nearest(each: NearestNeighbours) -> Figure:
    return Figure(
        name=f"Likeness of {PARTS[each.part]} within {WITHIN[each.within]}",
        value=percent(each.similarity.p50),
        meaning=(
            "is the typical (median) share of wording in common with the most similar other one; 19 of 20 have at most "
            f"{percent(each.similarity.p95)} in common, the most similar two {percent(each.most_similarity)}"
        ),
    )


def _repeated(variety: Variety) -> Iterator[RepeatedText]:
    kinds = {
        "first message begins": variety.first_opening,
        "answer begins": variety.answer_opening,
        "last answer ends": variety.closing,
    }
    for kind, commonest in kinds.items():
        if commonest is not None and commonest.conversations > 1:
            yield RepeatedText(kind=kind, text=commonest.phrase, count=commonest.conversations, share=commonest.share)
