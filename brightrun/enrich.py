"""Enrichment: an accepted conversation, its plan and its provenance become a record with one training pair per answer.

What was intended (the plan), what was labelled (by the writer) and what was measured (by a blind reader) are different
fields with different names. A value that nobody gave is absent.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from brightrun.catalog import Catalog, EmotionalArc, Register
from brightrun.conversation import AssistantTurn, Conversation, UserTurn
from brightrun.items import Item
from brightrun.quality.judging.judgement import RubricJudgement
from brightrun.quality.judging.reading import MeasuredFeeling

RECORD_VERSION = 2
"""Rises when a record's fields change; records of another version are made anew before an export."""


class RecordPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Provenance(RecordPart):
    """Where a conversation comes from. Costs are exact decimal US dollars, as text."""

    job_id: str
    item_id: str
    generation_id: str
    attempt: int
    lane: str
    simulated: bool
    model: str
    message_id: str
    request_id: str | None
    template: str
    template_version: str
    prompt_version: str
    catalog: str
    catalog_hash: str
    input_tokens: int
    output_tokens: int
    cost_usd: str


class RecordTurn(RecordPart):
    """One message, with the feeling as the writer labelled it and as a blind reader measured it (user), or with what it
    does and teaches (assistant)."""

    role: str
    content: str
    labelled_emotion: str | None = None
    labelled_intensity: float | None = None
    measured_emotion: str | None = None
    measured_intensity: float | None = None
    technique: str | None = None
    teaches: str | None = None


class PairContext(RecordPart):
    """What a training pair is about: the answer's place in the arc, the feeling it answers, what it teaches.

    The phase is the plan's, by position. `turn` is the number of the answer, from 1; its prompt is everything
    before it, and no more.
    """

    pair_id: str
    turn: int
    turns: int
    intended_phase: str | None
    arc_position: float
    labelled_emotion: str
    labelled_intensity: float
    next_labelled_emotion: str | None
    next_labelled_intensity: float | None
    technique: str
    teaches: str


class ScoreRecord(RecordPart):
    """A judge's score of one dimension of the rubric, 0 to 10, and why."""

    dimension: str
    score: float
    reason: str
    quote: str


class JudgeRecord(RecordPart):
    """What the judge said. The mean is over the rubric's dimensions, 0 to 10."""

    version: str
    mean: float
    scores: tuple[ScoreRecord, ...]


@dataclass(frozen=True)
class Assessments:
    """What judge and reader said of a conversation, each with its version; None where nobody was asked."""

    judgement: RubricJudgement | None = None
    judge_version: str = ""
    reading: tuple[MeasuredFeeling, ...] = ()
    reader_version: str = ""


class PersonRecord(RecordPart):
    """The planned person, as text."""

    name: str
    age: int
    attributes: dict[str, str]
    on_behalf: str | None


class EnrichedConversation(RecordPart):
    """Everything a release says about one conversation."""

    record_version: int = RECORD_VERSION
    conversation_id: str
    persona: str
    persona_name: str
    arc: str
    arc_name: str
    topic: str
    topic_name: str
    topic_category: str
    complexity: str
    slot: int
    register_kind: str
    person: PersonRecord
    variation: dict[str, str]
    situation: str | None
    life_event: str | None
    mistaken_belief: str | None
    near_miss: str | None
    intended_exchanges: int
    intended_outcome: str
    intended_start_emotion: str
    intended_start_intensity: float
    intended_end_emotion: str
    intended_end_intensity: float
    labelled_outcome: str
    labelled_start_emotion: str
    labelled_start_intensity: float
    labelled_end_emotion: str
    labelled_end_intensity: float
    measured_start_emotion: str | None = None
    measured_start_intensity: float | None = None
    measured_end_emotion: str | None = None
    measured_end_intensity: float | None = None
    reader_version: str | None = None
    judge: JudgeRecord | None = None
    concepts: tuple[str, ...]
    facts_as_of: str | None
    turns: tuple[RecordTurn, ...]
    pairs: tuple[PairContext, ...]
    provenance: Provenance


def enrich(
    conversation_id: str,
    item: Item,
    conversation: Conversation,
    catalog: Catalog,
    provenance: Provenance,
    said: Assessments = Assessments(),
) -> EnrichedConversation:
    """The record of an accepted conversation. Persona, arc and topic come from the plan, never from the reply."""
    persona, arc = catalog.personas[item.cell.persona], catalog.arcs[item.cell.arc]
    topic = catalog.topics[item.cell.topic]
    users = [turn for turn in conversation.turns if isinstance(turn, UserTurn)]
    measured = {feeling.turn: feeling for feeling in said.reading}
    first, last = (said.reading[0], said.reading[-1]) if said.reading else (None, None)
    return EnrichedConversation(
        conversation_id=conversation_id,
        persona=persona.key,
        persona_name=persona.name,
        arc=arc.key,
        arc_name=arc.name,
        topic=topic.key,
        topic_name=topic.name,
        topic_category=topic.category,
        complexity=topic.complexity,
        slot=item.slot,
        register_kind=item.kind.value,
        person=PersonRecord(
            name=item.identity.name,
            age=item.identity.age,
            attributes={attribute.name: attribute.text for attribute in item.identity.attributes},
            on_behalf=item.identity.reason,
        ),
        variation={choice.axis: choice.key for choice in item.variation},
        situation=item.situation,
        life_event=item.life_event,
        mistaken_belief=item.mistaken_belief,
        near_miss=item.near_miss.key if item.near_miss else None,
        intended_exchanges=item.exchanges,
        intended_outcome=item.outcome.value,
        intended_start_emotion=item.start.emotion,
        intended_start_intensity=item.start.intensity,
        intended_end_emotion=item.end.emotion,
        intended_end_intensity=item.end.intensity,
        labelled_outcome=conversation.outcome,
        labelled_start_emotion=users[0].emotion,
        labelled_start_intensity=users[0].intensity,
        labelled_end_emotion=users[-1].emotion,
        labelled_end_intensity=users[-1].intensity,
        measured_start_emotion=first.measured_emotion if first else None,
        measured_start_intensity=first.measured_intensity if first else None,
        measured_end_emotion=last.measured_emotion if last else None,
        measured_end_intensity=last.measured_intensity if last else None,
        reader_version=said.reader_version or None,
        judge=_judge_record(said),
        concepts=tuple(concept.name for concept in topic.concepts),
        facts_as_of=topic.facts.as_of.isoformat() if topic.facts else None,
        turns=tuple(_record_turn(turn, measured.get(number)) for number, turn in enumerate(conversation.turns, 1)),
        pairs=_pairs(conversation_id, conversation, _phases(item, arc)),
        provenance=provenance,
    )


def _judge_record(said: Assessments) -> JudgeRecord | None:
    judgement = said.judgement
    if judgement is None:
        return None
    scores = [
        ScoreRecord(dimension=one.dimension.value, score=float(one.score), reason=one.reason, quote=one.quote)
        for one in judgement.scores
    ]
    return JudgeRecord(version=said.judge_version, mean=float(judgement.mean), scores=tuple(scores))


def _record_turn(turn: UserTurn | AssistantTurn, measured: MeasuredFeeling | None) -> RecordTurn:
    if isinstance(turn, UserTurn):
        return RecordTurn(
            role="user",
            content=turn.content,
            labelled_emotion=turn.emotion,
            labelled_intensity=turn.intensity,
            measured_emotion=measured.measured_emotion if measured else None,
            measured_intensity=measured.measured_intensity if measured else None,
        )
    return RecordTurn(role="assistant", content=turn.content, technique=turn.technique, teaches=turn.teaches)


def _phases(item: Item, arc: EmotionalArc) -> list[str]:
    """Names of the phases the conversation was to go through; a plain question or a near miss goes through none."""
    return [phase.name for phase in arc.phases] if item.kind is Register.EMOTIONAL else []


def _pairs(conversation_id: str, conversation: Conversation, phases: list[str]) -> tuple[PairContext, ...]:
    """One pair per answer. Turns are user and assistant in turn; the checks have seen to that."""
    users = [turn for turn in conversation.turns if isinstance(turn, UserTurn)]
    answers = [turn for turn in conversation.turns if isinstance(turn, AssistantTurn)]
    pairs = []
    for number, (asked, answer) in enumerate(zip(users, answers, strict=True), 1):
        following = users[number] if number < len(users) else None
        position = (number - 1) / (len(answers) - 1) if len(answers) > 1 else 1.0
        pairs.append(
            PairContext(
                pair_id=f"{conversation_id}-{number:02d}",
                turn=number,
                turns=len(answers),
                intended_phase=phases[min(int(position * len(phases)), len(phases) - 1)] if phases else None,
                arc_position=round(position, 3),
                labelled_emotion=asked.emotion,
                labelled_intensity=asked.intensity,
                next_labelled_emotion=following.emotion if following else None,
                next_labelled_intensity=following.intensity if following else None,
                technique=answer.technique,
                teaches=answer.teaches,
            )
        )
    return tuple(pairs)
