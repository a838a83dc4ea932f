"""Conversations to read, chosen by rule: best, median and worst where they were scored, one of each edge arc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from brightrun.catalog import Register
from brightrun.enrich import EnrichedConversation, RecordTurn
from brightrun.reporting.facts import Sample, SampleScore, SampleTurn

MOST_EDGE_ARCS = 8
SAMPLE_CHARACTERS = 20_000
"""Most text of one sample, so that a page with long conversations can still be opened."""
TURN_CHARACTERS = 4_000
REASON_CHARACTERS = 400
BY_SCORE = (
    "The best, the median and the lowest by the judge's score, and of each edge arc the first by id. "
    "Nobody picked them by hand."
)
BY_ID = (
    "No conversation was scored, so there is no best and no worst: the first, the middle and the last by id, and of "
    "each edge arc the first by id. Ids are drawn by a hash, which is as good as by chance. Nobody picked them by hand."
)


class SampleChoice:
    """Which conversations to show. Every one is offered once; ids and scores are kept, texts fetched afterwards."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._scored: list[tuple[float, str]] = []
        self._edge: dict[str, str] = {}

    def add(self, record: EnrichedConversation, is_edge: bool) -> None:
        """Offer a conversation; they come in ascending order of ids."""
        self._ids.append(record.conversation_id)
        if record.judge:
            self._scored.append((record.judge.mean, record.conversation_id))
        if is_edge and record.register_kind == Register.EMOTIONAL and len(self._edge) < MOST_EDGE_ARCS:
            self._edge.setdefault(record.arc, record.conversation_id)

    @property
    def rule(self) -> str:
        """How the conversations were chosen, for the page."""
        return BY_SCORE if self._scored else BY_ID

    def chosen(self) -> dict[str, str]:
        """The ids to show, in the order to show them, each with the rule that chose it; none is shown twice."""
        named: list[tuple[str, str]] = []
        if self._scored:
            ordered = sorted(self._scored, key=lambda entry: (-entry[0], entry[1]))
            middle = ordered[len(ordered) // 2]
            named = [("Best score", ordered[0][1]), ("Median score", middle[1]), ("Lowest score", ordered[-1][1])]
        elif self._ids:
            middle_id = self._ids[(len(self._ids) - 1) // 2]
            named = [("First by id", self._ids[0]), ("Middle by id", middle_id), ("Last by id", self._ids[-1])]
        named += [("Edge arc", conversation_id) for _, conversation_id in sorted(self._edge.items())]
        chosen: dict[str, str] = {}
        for rule, conversation_id in named:
            chosen[conversation_id] = (
                f"{chosen[conversation_id]}; {rule.lower()}" if conversation_id in chosen else rule
            )
        return chosen


def samples_of(records: Iterable[EnrichedConversation], chosen: Mapping[str, str]) -> tuple[Sample, ...]:
    """The chosen conversations, in the order in which they are to be shown."""
    found = {record.conversation_id: _sample(record, chosen[record.conversation_id]) for record in records}
    return tuple(found[conversation_id] for conversation_id in chosen if conversation_id in found)


def _sample(record: EnrichedConversation, rule: str) -> Sample:
    turns = _turns(record.turns)
    return Sample(
        rule=rule,
        conversation_id=record.conversation_id,
        persona=record.persona_name,
        arc=record.arc_name,
        topic=record.topic_name,
        person=f"{record.person.name}, {record.person.age}",
        score=record.judge.mean if record.judge else None,
        scores=tuple(
            SampleScore(dimension=one.dimension, score=one.score, reason=one.reason[:REASON_CHARACTERS])
            for one in (record.judge.scores if record.judge else ())
        ),
        intended_outcome=record.intended_outcome,
        labelled_outcome=record.labelled_outcome,
        turns=turns,
        turns_left_out=len(record.turns) - len(turns),
    )


def _turns(turns: Sequence[RecordTurn]) -> tuple[SampleTurn, ...]:
    shown: list[SampleTurn] = []
    room = SAMPLE_CHARACTERS
    for turn in turns:
        if room <= 0:
            break
        text = turn.content[: min(TURN_CHARACTERS, room)]
        room -= len(text)
        emotion = turn.labelled_emotion.replace("_", " ") if turn.labelled_emotion else None
        shown.append(
            SampleTurn(
                role=turn.role,
                text=text,
                cut_characters=len(turn.content) - len(text),
                labelled_emotion=emotion,
                labelled_intensity=turn.labelled_intensity,
                measured_emotion=turn.measured_emotion.replace("_", " ") if turn.measured_emotion else None,
                measured_intensity=turn.measured_intensity,
            )
        )
    return tuple(shown)
