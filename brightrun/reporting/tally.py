"""What the ready conversations add up to for a report, counted one conversation at a time."""

from __future__ import annotations

from array import array
from collections import Counter
from decimal import Decimal

from brightrun.catalog import Catalog
from brightrun.enrich import EnrichedConversation
from brightrun.reporting.distributions import whole_numbers
from brightrun.reporting.facts import Distribution
from brightrun.reporting.feelings import FeelingTally
from brightrun.reporting.samples import SampleChoice


class ReportTally:
    """What one reading of the ready conversations adds up to. Memory: a few numbers for each, no text."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.conversations = 0
        self.feelings = FeelingTally()
        self.samples = SampleChoice()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.exchanges, self.user_words, self.advisor_words = array("l"), array("l"), array("l")
        self.scores = array("d")
        self.scores_by_dimension: dict[str, array[float]] = {}
        self.ready_usd = Decimal(0)
        self.facts_as_of: set[str] = set()

    def add(self, record: EnrichedConversation) -> None:
        """Count a conversation; they come in ascending order of ids."""
        arc = self._catalog.arcs.get(record.arc)
        self.conversations += 1
        self.feelings.add(record)
        self.samples.add(record, arc is not None and arc.is_edge)
        if record.judge:
            self.scores.append(record.judge.mean)
            for score in record.judge.scores:
                self.scores_by_dimension.setdefault(score.dimension, array("d")).append(score.score)
        self.outcomes[record.intended_outcome, record.labelled_outcome] += 1
        self.exchanges.append(len(record.turns) // 2)
        for turn in record.turns:
            (self.user_words if turn.role == "user" else self.advisor_words).append(len(turn.content.split()))
        self.ready_usd += Decimal(record.provenance.cost_usd)
        if record.facts_as_of:
            self.facts_as_of.add(record.facts_as_of)

    def lengths(self) -> tuple[Distribution, ...]:
        """How long conversations and messages are."""
        found = (
            whole_numbers("Exchanges in a conversation", "exchanges", self.exchanges),
            whole_numbers("Words in a message of the person", "words", self.user_words),
            whole_numbers("Words in an answer of the advisor", "words", self.advisor_words),
        )
        return tuple(distribution for distribution in found if distribution)
