"""The table of conversations."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from brightrun.enrich import EnrichedConversation, RecordTurn
from brightrun.quality.table import (
    COLUMNS,
    ConversationRow,
    conversation_row,
    conversation_table,
    example_row,
)

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "expectations.md"


def test_a_row_says_what_the_conversation_is(record: EnrichedConversation) -> None:
    row = conversation_row(record)
    assert row.conversation_id == "c-1"
    assert (row.persona, row.arc, row.topic) == ("careful_saver", "worry_to_calm", "monthly_bills")
    assert (row.exchanges, row.pairs) == (2, 2)
    assert (row.user_words_min, row.user_words_mean, row.user_words_max) == (2, 4.0, 6)
    assert (row.assistant_words_min, row.assistant_words_mean, row.assistant_words_max) == (3, 5.5, 8)
    assert row.characters == sum(len(turn.content) for turn in record.turns)
    assert row.opening == "which bill do i pay"
    assert row.begins_with_user
    assert row.ends_with_assistant
    assert row.empty_texts == 0
    assert row.simulated


def test_intended_and_labelled_stand_side_by_side(record: EnrichedConversation) -> None:
    """KF-47: what was planned, what was labelled and how far they are apart are three things."""
    row = conversation_row(record.model_copy(update={"intended_start_intensity": 0.7, "labelled_start_intensity": 0.4}))
    assert (row.intended_start_intensity, row.labelled_start_intensity) == (0.7, 0.4)
    assert row.start_intensity_difference == -0.3
    assert row.start_emotion_as_intended is (row.labelled_start_emotion == row.intended_start_emotion)


def test_equal_conversations_have_equal_digests_and_others_do_not(record: EnrichedConversation) -> None:
    """KF-56: 24 rows, 6 of them unique."""
    same = conversation_row(record.model_copy(update={"conversation_id": "c-2"}))
    moved = record.turns[0].model_copy(update={"content": record.turns[0].content + " "})
    other = conversation_row(record.model_copy(update={"turns": (moved, *record.turns[1:])}))
    assert same.text_digest == conversation_row(record).text_digest != other.text_digest


def test_a_broken_record_still_has_a_row(record: EnrichedConversation) -> None:
    """KF-16: the suite has to see what it is there to find."""
    turns = (*record.turns, RecordTurn(role="user", content=" "))
    row = conversation_row(record.model_copy(update={"turns": turns}))
    assert not row.ends_with_assistant
    assert (row.empty_texts, row.exchanges, row.pairs) == (1, 3, 2)


def test_the_table_has_all_columns_and_measures_openings_against_the_others() -> None:
    """KF-15: 16 of 128 others begin the same."""
    rows = [example_row(number) for number in range(5)]
    rows[1] = rows[1].model_copy(update={"opening": rows[0].opening})
    rows[4] = rows[4].model_copy(update={"opening": None})
    table = conversation_table(rows)
    assert list(table.columns) == list(COLUMNS)
    assert list(table["opening_shared"]) == [0.25, 0.25, 0.0, 0.0, 0.0]
    assert table["exchanges"].dtype == "int64"
    assert table["simulated"].dtype == "bool"


def test_tables_of_one_row_and_of_none() -> None:
    assert list(conversation_table([example_row(1)])["opening_shared"]) == [0.0]
    empty = conversation_table([])
    assert isinstance(empty, pd.DataFrame)
    assert list(empty.columns) == list(COLUMNS)


def test_examples_differ_where_conversations_do() -> None:
    rows = [example_row(number) for number in range(1, 4)]
    for name in ("conversation_id", "text_digest", "opening", "person_name"):
        assert len({getattr(row, name) for row in rows}) == 3
    assert rows[0].text_digest == hashlib.sha256(b"1").hexdigest()


def test_every_column_is_described_in_the_guide() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for name, description in COLUMNS.items():
        assert description
        assert f"| `{name}` | {description} |" in guide
    assert set(ConversationRow.model_fields) < set(COLUMNS)
