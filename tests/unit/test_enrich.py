"""Enrichment: what a record says comes from the plan or from the writer's labels, and from nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.catalog import Catalog, Register
from brightrun.catalog_loading import load_catalog
from brightrun.conversation import AssistantTurn, Conversation, Speaker, UserTurn
from brightrun.enrich import EnrichedConversation, Provenance, RecordPart, enrich
from brightrun.grid import Cell, Grid
from brightrun.items import Item, plan_items

CATALOG = load_catalog(Path(__file__).parents[1] / "data" / "small_catalog")
CELLS = [
    Cell(persona=persona, arc=arc, topic=topic)
    for persona in CATALOG.personas
    for arc in CATALOG.arcs
    for topic in CATALOG.topics
]
ITEMS = plan_items(Grid(dict.fromkeys(CELLS, 4), (), len(CELLS)), CATALOG, seed=7, plain_share=0.2)
PROVENANCE = Provenance(
    job_id="j-1",
    item_id="i-1",
    generation_id="g-1",
    attempt=2,
    lane="online",
    simulated=False,
    model="model-1",
    message_id="m-1",
    request_id=None,
    template="plain",
    template_version="1",
    prompt_version="p-1",
    catalog="small",
    catalog_hash="0" * 64,
    input_tokens=900,
    output_tokens=700,
    cost_usd="0.0041",
)
FEELING = st.tuples(st.sampled_from(CATALOG.info.emotions), st.floats(0, 1))
FEELINGS = st.lists(FEELING, min_size=1, max_size=12)
ANY_ITEM = st.sampled_from(ITEMS)


def conversation_of(feelings: Sequence[tuple[str, float]], **said: Any) -> Conversation:
    """As many exchanges as feelings; every text is told from every other."""
    turns: list[UserTurn | AssistantTurn] = []
    for number, (emotion, intensity) in enumerate(feelings, 1):
        turns.append(UserTurn(role="user", content=f"Question {number}", emotion=emotion, intensity=intensity))
        turns.append(
            AssistantTurn(
                role="assistant", content=f"Answer {number}", technique=f"t{number}", teaches=f"lesson {number}"
            )
        )
    speaker = Speaker(name=said.get("name", "Sarah Smith"), age=said.get("age", 99))
    topic, outcome = said.get("topic", "another_topic"), said.get("outcome", "partial")
    return Conversation(speaker=speaker, topic=topic, outcome=outcome, turns=tuple(turns))


def record_of(
    item: Item, conversation: Conversation, conversation_id: str = "c-1", catalog: Catalog = CATALOG
) -> EnrichedConversation:
    return enrich(conversation_id, item, conversation, catalog, PROVENANCE)


@given(ANY_ITEM, FEELINGS)
def test_one_pair_per_answer(item: Item, feelings: list[tuple[str, float]]) -> None:
    """KF-44: half of the pairs had no target. Here each pair is an answer, and each answer a pair."""
    conversation = conversation_of(feelings)
    record = record_of(item, conversation)
    answers = [turn for turn in conversation.turns if isinstance(turn, AssistantTurn)]
    assert [(pair.technique, pair.teaches) for pair in record.pairs] == [
        (answer.technique, answer.teaches) for answer in answers
    ]
    assert [pair.turn for pair in record.pairs] == list(range(1, len(answers) + 1))
    assert {pair.turns for pair in record.pairs} == {len(answers)}


def test_an_unanswered_message_makes_no_pair_up() -> None:
    """KF-44: a conversation that the checks would have rejected is refused, not padded."""
    conversation = conversation_of([("worry", 0.5), ("calm", 0.5)])
    broken = conversation.model_copy(update={"turns": conversation.turns[:-1]})
    with pytest.raises(ValueError):
        record_of(ITEMS[0], broken)


@given(ANY_ITEM, FEELINGS)
def test_the_prompt_of_a_pair_ends_with_its_question_and_holds_it_once(
    item: Item, feelings: list[tuple[str, float]]
) -> None:
    """KF-45: the user's turn was fed twice. A pair's number says where its answer stands; before it all is prompt."""
    record = record_of(item, conversation_of(feelings))
    answer_places = [place for place, turn in enumerate(record.turns) if turn.role == "assistant"]
    for pair in record.pairs:
        place = answer_places[pair.turn - 1]
        prompt = record.turns[:place]
        question = prompt[-1]
        assert question.role == "user"
        assert [turn.content for turn in prompt].count(question.content) == 1
        assert record.turns[place].teaches == pair.teaches
        assert (question.labelled_emotion, question.labelled_intensity) == (
            pair.labelled_emotion,
            pair.labelled_intensity,
        )


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="ascii"), min_size=1, max_size=12), ANY_ITEM, FEELINGS),
        min_size=1,
        max_size=8,
        unique_by=lambda one: one[0],
    )
)
def test_pair_ids_are_unique_in_a_release_and_the_same_in_a_rebuild(
    conversations: list[tuple[str, Item, list[tuple[str, float]]]],
) -> None:
    """KF-46: 447 pairs had 36 ids."""

    def ids() -> list[str]:
        return [
            pair.pair_id
            for conversation_id, item, feelings in conversations
            for pair in record_of(item, conversation_of(feelings), conversation_id).pairs
        ]

    assert len(set(ids())) == sum(len(feelings) for _, _, feelings in conversations)
    assert ids() == ids()


@given(ANY_ITEM, FEELINGS)
def test_labels_are_the_writers_and_absent_where_nobody_gave_one(item: Item, feelings: list[tuple[str, float]]) -> None:
    """KF-47: constants posed as measurements. Every label is one that stands in the reply."""
    record = record_of(item, conversation_of(feelings))
    following = [*feelings[1:], (None, None)]
    assert [(p.labelled_emotion, p.labelled_intensity) for p in record.pairs] == feelings
    assert [(p.next_labelled_emotion, p.next_labelled_intensity) for p in record.pairs] == following
    assert (record.labelled_start_emotion, record.labelled_start_intensity) == feelings[0]
    assert (record.labelled_end_emotion, record.labelled_end_intensity) == feelings[-1]
    for turn in record.turns:
        is_user = turn.role == "user"
        assert (turn.labelled_emotion is not None) == (turn.labelled_intensity is not None) == is_user
        assert (turn.technique is None) == (turn.teaches is None) == is_user


@given(ANY_ITEM, FEELINGS)
def test_kf_40_what_nobody_measured_is_absent(item: Item, feelings: list[tuple[str, float]]) -> None:
    """KF-40, KF-47: without judge and reader there is no score and no measured feeling; nothing stands in for one."""
    record = record_of(item, conversation_of(feelings))
    assert record.judge is None
    assert record.reader_version is None
    measured = {name for name in EnrichedConversation.model_fields if name.startswith("measured_")}
    assert len(measured) == 4
    assert all(getattr(record, name) is None for name in measured)
    assert all(turn.measured_emotion is None and turn.measured_intensity is None for turn in record.turns)


def test_law_11_every_feeling_says_whose_it_is() -> None:
    every = {name for model in RecordPart.__subclasses__() for name in model.model_fields}
    for word in ("confidence", "progression", "quality", "valence"):
        assert not [name for name in every if word in name]
    feelings = {name for name in every if "emotion" in name or "intensity" in name}
    assert all(any(whose in name for whose in ("labelled", "intended", "measured")) for name in feelings)


@given(ANY_ITEM, FEELINGS)
def test_the_plan_decides_who_speaks_and_about_what(item: Item, feelings: list[tuple[str, float]]) -> None:
    """KF-49: person, objective and topic come from the plan, whatever the reply says of itself (KF-04)."""
    record = record_of(item, conversation_of(feelings))
    topic, arc = CATALOG.topics[item.cell.topic], CATALOG.arcs[item.cell.arc]
    assert (record.persona, record.arc, record.topic) == (item.cell.persona, item.cell.arc, item.cell.topic)
    assert (record.topic_name, record.topic_category) == (topic.name, topic.category)
    assert record.arc_name == arc.name
    assert record.concepts == tuple(concept.name for concept in topic.concepts)
    assert record.facts_as_of == (topic.facts.as_of.isoformat() if topic.facts else None)
    assert (record.person.name, record.person.age) == (item.identity.name, item.identity.age)
    assert record.person.attributes == {each.name: each.text for each in item.identity.attributes}
    assert (record.intended_start_emotion, record.intended_end_emotion) == (item.start.emotion, item.end.emotion)
    assert (record.intended_outcome, record.labelled_outcome) == (item.outcome.value, "partial")
    assert record.register_kind == item.kind.value
    assert (record.near_miss is not None) == (item.kind is Register.NEAR_MISS)


@given(ANY_ITEM, FEELINGS)
def test_every_value_of_a_record_is_text_a_person_can_read(item: Item, feelings: list[tuple[str, float]]) -> None:
    """KF-49: demographics read `[object Object]`."""

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for each in value.values() for text in texts(each)]
        if isinstance(value, list):
            return [text for each in value for text in texts(each)]
        return [value] if isinstance(value, str) else []

    found = texts(record_of(item, conversation_of(feelings)).model_dump(mode="json"))
    for text in found:
        assert text.strip()
        assert not any(mark in text for mark in ("[object", " object at 0x", "=Attribute", "{'", "Enum", "None"))
        assert not text.startswith(("Register.", "Outcome.", "<"))


@given(ANY_ITEM, st.lists(FEELING, min_size=1, max_size=12))
def test_the_place_in_the_arc_goes_from_its_first_phase_to_its_last(
    item: Item, feelings: list[tuple[str, float]]
) -> None:
    record = record_of(item, conversation_of(feelings))
    positions = [pair.arc_position for pair in record.pairs]
    assert positions == sorted(positions)
    assert positions[-1] == 1.0
    assert positions[0] == (0.0 if len(positions) > 1 else 1.0)


@settings(max_examples=20)
@given(ANY_ITEM, FEELINGS)
def test_the_same_input_gives_the_same_record(item: Item, feelings: list[tuple[str, float]]) -> None:
    """KF-46: stable across rebuilds, byte for byte, and read back as it was."""
    one, other = (record_of(item, conversation_of(feelings)) for _ in range(2))
    assert one.model_dump_json() == other.model_dump_json()
    assert EnrichedConversation.model_validate_json(one.model_dump_json()) == one


def test_a_feeling_is_what_the_writer_labelled_and_never_read_off_words() -> None:
    """KF-48: no word of the text changes a feeling; "hopeless" is not counted as hope."""
    plain = conversation_of([("confusion", 0.8), ("clarity", 0.7)])
    worded = plain.model_copy(
        update={
            "turns": tuple(
                turn.model_copy(update={"content": "It is hopeless, I hope you are joyless."}) for turn in plain.turns
            )
        }
    )
    one, other = (record_of(ITEMS[0], each).model_dump(exclude={"turns"}) for each in (plain, worded))
    assert one == other
