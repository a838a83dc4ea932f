"""Columns: what stands in a row, and what never may."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow
import pyarrow.json
import pytest
from release_records import PROMPTS, record

from brightrun.enrich import EnrichedConversation
from brightrun.export.columns import COLUMNS, RESERVED, Format, row_of, sources_of

CANONICAL, _, NONE = PROMPTS
OWN = {"messages": {"messages"}, "pairs": {"prompt", "completion"}, "sharegpt": set()}
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "release.md"


def rows(format_: Format, conversation: EnrichedConversation, prompt=CANONICAL) -> list[dict]:
    return [row_of(format_, source) for source in sources_of(format_, conversation, prompt)]


@pytest.mark.parametrize("format_", COLUMNS)
def test_kf59_no_column_has_a_name_that_trainers_act_on(format_):
    names = [column.name for column in COLUMNS[format_]]
    assert len(names) == len(set(names))
    assert set(names) & RESERVED == OWN[format_]


@pytest.mark.parametrize("format_", COLUMNS)
def test_kf59_metadata_is_flat_and_never_null(format_):
    python_types = {"string": str, "integer": int, "number": float, "boolean": bool}
    for row in rows(format_, record(1)):
        for column in COLUMNS[format_]:
            expected = python_types.get(column.kind, list)
            assert type(row[column.name]) is expected, column.name


@pytest.mark.parametrize("format_", COLUMNS)
def test_kf59_no_text_is_read_from_json_as_anything_else(format_, tmp_path):
    """KF-59: a reader that guesses types must not find a date where the schema says text."""
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(format_, record(1))))
    guessed = pyarrow.json.read_json(path).schema
    for column in COLUMNS[format_]:
        if column.kind == "string":
            assert pyarrow.types.is_string(guessed.field(column.name).type), column.name


def test_messages_hold_role_and_content_and_nothing_else():
    (row,) = rows("messages", record(7, answers=2))
    assert row["messages"] == [
        {"role": "system", "content": "You are a patient advisor."},
        {"role": "user", "content": "Question 7.1 "},
        {"role": "assistant", "content": "Answer 7.1 "},
        {"role": "user", "content": "Question 7.2 "},
        {"role": "assistant", "content": "Answer 7.2 "},
    ]
    assert row["system_prompt"] == "canonical"


def test_an_empty_system_prompt_is_no_message():
    (row,) = rows("messages", record(1), NONE)
    assert row["messages"][0]["role"] == "user"
    assert row["system_prompt"] == "none"
    assert rows("sharegpt", record(1), NONE)[0]["system"] == ""


def test_kf44_every_answer_is_the_target_of_one_pair():
    conversation = record(3, answers=4)
    targets = [row["completion"] for row in rows("pairs", conversation)]
    answers = [turn.content for turn in conversation.turns if turn.role == "assistant"]
    assert targets == [[{"role": "assistant", "content": answer}] for answer in answers]


def test_kf45_the_history_ends_before_the_answer_and_holds_each_turn_once():
    (whole,) = rows("messages", record(3, answers=4))
    for row in rows("pairs", record(3, answers=4)):
        assert row["prompt"][-1]["role"] == "user"
        assert row["prompt"] + row["completion"] == whole["messages"][: 1 + 2 * row["turn"]]
        contents = [message["content"] for message in row["prompt"]]
        assert len(contents) == len(set(contents))


def test_sharegpt_is_the_same_conversation_with_its_own_names():
    (row,) = rows("sharegpt", record(2, answers=1))
    assert row["system"] == "You are a patient advisor."
    assert row["dialogue"] == [
        {"from": "human", "value": "Question 2.1 "},
        {"from": "gpt", "value": "Answer 2.1 "},
    ]


def test_intended_and_labelled_are_different_columns():
    (row,) = rows("messages", record(1))
    assert (row["intended_end_emotion"], row["labelled_end_emotion"]) == ("clarity", "relief")
    assert (row["intended_end_intensity"], row["labelled_end_intensity"]) == (1.0, 0.3)


def test_kf58_nothing_of_the_plan_that_only_the_writer_was_told_is_in_a_row():
    secret = "A letter came from the bank."
    conversation = record(1, life_event="a new baby", mistaken_belief="rent is wasted")
    assert conversation.situation == secret
    for format_ in COLUMNS:
        text = repr(rows(format_, conversation))
        assert not any(told in text for told in (secret, "a new baby", "rent is wasted"))


def test_the_reference_lists_every_column_with_its_type():
    page = REFERENCE.read_text(encoding="utf-8")
    for columns in COLUMNS.values():
        for column in columns:
            assert f"| `{column.name}` | {column.kind} | {column.meaning} |" in page, column.name
