"""What an export refuses, with a message that says which conversation and why."""

from __future__ import annotations

import pytest
from release_records import record

from brightrun.errors import ExportError
from brightrun.export.checks import check_path, check_record, check_text


def test_a_good_conversation_passes_and_its_pair_ids_are_remembered():
    taken: set[str] = set()
    check_record(record(1, answers=2), taken)
    assert taken == {"conv-000001-01", "conv-000001-02"}


def test_kf46_a_pair_id_is_met_once():
    conversation = record(1)
    with pytest.raises(ExportError, match="pair id conv-000001-01 is taken"):
        check_record(conversation, {"conv-000001-01"})


@pytest.mark.parametrize("kept", [slice(0, 0), slice(0, 3), slice(1, 3), slice(0, 4, 2)])
def test_messages_that_do_not_go_in_turn_are_refused(kept):
    conversation = record(1)
    broken = conversation.model_copy(update={"turns": conversation.turns[kept]})
    with pytest.raises(ExportError, match="conv-000001 cannot be exported: its messages must go user"):
        check_record(broken, set())


def test_kf44_an_answer_without_a_pair_is_refused():
    conversation = record(1)
    broken = conversation.model_copy(update={"pairs": conversation.pairs[:-1]})
    with pytest.raises(ExportError, match=r"3 answers and pairs for the answers \[1, 2\]"):
        check_record(broken, set())


def test_half_a_surrogate_pair_is_refused_wherever_it_stands():
    with pytest.raises(ExportError, match="conv-000001 cannot be exported: it holds half a surrogate pair"):
        check_record(record(1, text="\ud83d"), set())
    with pytest.raises(ExportError, match="surrogate"):
        check_record(record(1, variation={"length": "\udc00"}), set())
    check_record(record(1, text="\U0001f600"), set())
    with pytest.raises(ExportError, match="System prompt x"):
        check_text("System prompt x", "a\ud800b")


@pytest.mark.parametrize(
    "path",
    [
        "training_pairs.jsonl",
        "pairs/latest.parquet",
        "messages/train/part.parquet",
        "devices.json",
        "train",
        "Evaluation.html",
        "test/train.parquet",
    ],
)
def test_kf59_a_path_that_loaders_take_for_a_split_is_refused(path):
    with pytest.raises(ExportError, match="cannot be in a release"):
        check_path(path)


@pytest.mark.parametrize("path", ["README.md", "pairs/train.parquet", "jsonl/pairs/test.jsonl", "report.html"])
def test_other_paths_pass(path):
    check_path(path)
