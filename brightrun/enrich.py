"""Enrichment: an accepted conversation, its plan and its provenance become a record with one training pair per answer.

What was intended (the plan), what was labelled (by the writer) and, later, what was measured are different
fields with different names. A value that nobody gave is absent.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from brightrun.catalog import Catalog, EmotionalArc, Register
from brightrun.conversation import AssistantTurn, Conversation, UserTurn
from brightrun.items import Item

RECORD_VERSION = 1
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
    """One message, with the writer's label of its feeling (user) or what it does and teaches (assistant)."""

    role: str
    content: str
    labelled_emotion: str | None = None
    labelled_intensity: float | None = None
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
    concepts: tuple[str, ...]
    facts_as_of: str | None
    turns: tuple[RecordTurn, ...]
    pairs: tuple[PairContext, ...]
    provenance: Provenance


def enrich(
    conversation_id: str, item: Item, conversation: Conversation, catalog: Catalog, provenance: Provenance
) -> EnrichedConversation:
    """The record of an accepted conversation. Persona, arc and topic come from the plan, never from the reply."""
    persona, arc = catalog.personas[item.cell.persona], catalog.arcs[item.cell.arc]
    topic = catalog.topics[item.cell.topic]
    users = [turn for turn in conversation.turns if isinstance(turn, UserTurn)]
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
        concepts=tuple(concept.name for concept in topic.concepts),
        facts_as_of=topic.facts.as_of.isoformat() if topic.facts else None,
        turns=tuple(_record_turn(turn) for turn in conversation.turns),
        pairs=_pairs(conversation_id, conversation, _phases(item, arc)),
        provenance=provenance,
    )


def _record_turn(turn: UserTurn | AssistantTurn) -> RecordTurn:
    if isinstance(turn, UserTurn):
        return RecordTurn(
            role="user",
            content=turn.content,
            labelled_emotion=turn.emotion,
            labelled_intensity=turn.intensity,
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
