"""KF-59: what trips loaders and trainers. Each trap is sprung on purpose, then looked for in the release."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="runs in .venv-trainers, which tests/trainers/setup.sh makes")

from datasets.exceptions import DatasetGenerationError
from trl import SFTConfig, SFTTrainer

from datasets import Dataset, load_dataset

TURNS = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]
RESERVED = {
    *("text", "label", "labels", "input_ids", "tools", "images", "conversations", "chosen", "rejected"),
    "chat_template_kwargs",
}


def write(path: Path, *rows: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")


def prepared(data: Dataset, model, tokenizer, folder: Path, **settings) -> SFTTrainer:
    arguments = SFTConfig(output_dir=str(folder), report_to=[], use_cpu=True, bf16=False, **settings)
    return SFTTrainer(model, arguments, train_dataset=data, processing_class=tokenizer)


def test_kf59_a_file_name_holding_training_is_read_as_a_split(release, tmp_path):
    write(tmp_path / "conversations.jsonl", {"a": 1}, {"a": 2})
    write(tmp_path / "training_pairs.jsonl", {"a": 3})
    sprung = load_dataset(str(tmp_path))
    assert sprung["train"].to_list() == [{"a": 3}]

    words = re.compile("train|test|valid|dev|eval")
    for path in (path.relative_to(release) for path in release.rglob("*")):
        assert not words.search(path.name) or path.stem in ("train", "validation", "test"), path
        assert not words.search(path.parent.as_posix()), path


def test_kf59_an_empty_split_breaks_the_loader(release, manifest, tmp_path):
    write(tmp_path / "train.jsonl", {"a": 1})
    write(tmp_path / "validation.jsonl")
    with pytest.raises(ValueError, match="no data"):
        load_dataset(str(tmp_path))

    assert all(file["rows"] != 0 for file in manifest["files"])
    for split, rows in load_dataset(str(release)).items():
        assert rows.num_rows > 0, split


def test_kf59_emotion_inside_messages_makes_every_message_have_one(release):
    felt = [{**TURNS[0], "emotion": "fear"}, TURNS[1]]
    sprung = Dataset.from_list([{"messages": felt}])
    assert sprung[0]["messages"][1] == {**TURNS[1], "emotion": None}

    for folder in (release, release / "jsonl"):
        for rows in load_dataset(str(folder)).values():
            for row in rows:
                assert all(set(message) == {"role", "content"} for message in row["messages"])
                assert all(isinstance(part, str) for message in row["messages"] for part in message.values())


def test_kf59_a_metadata_column_named_like_a_trainers_is_taken_for_it(release, manifest, model, tokenizer, tmp_path):
    plain = Dataset.from_list([{"messages": TURNS, "topic": "why"}])
    named = Dataset.from_list([{"messages": TURNS, "prompt": "how it was asked for"}])
    good = prepared(plain, model, tokenizer, tmp_path, assistant_only_loss=True)
    assert len(good.train_dataset[0]["input_ids"]) > 0
    with pytest.raises((KeyError, ValueError, TypeError)):
        prepared(named, model, tokenizer, tmp_path, assistant_only_loss=True)

    for format_ in {file["path"].split("/")[0] for file in manifest["files"] if file["path"].endswith(".parquet")}:
        for rows in load_dataset(str(release), format_).values():
            own = {"messages": {"messages"}, "pairs": {"prompt", "completion"}}[format_]
            assert set(rows.column_names) & (RESERVED | {"messages", "prompt", "completion"}) == own


def test_kf59_a_column_null_in_one_split_gets_another_type_there(release, tmp_path):
    write(tmp_path / "train.jsonl", {"a": 1, "note": None})
    write(tmp_path / "validation.jsonl", {"a": 2, "note": "seen"})
    with pytest.raises(DatasetGenerationError):
        load_dataset(str(tmp_path))

    for folder in (release, release / "jsonl"):
        data = load_dataset(str(folder))
        assert len({str(rows.features) for rows in data.values()}) == 1
        assert all(feature.dtype != "null" for feature in data["train"].features.values() if hasattr(feature, "dtype"))
    for file in sorted((release / "jsonl").rglob("*.jsonl")):
        unpinned = load_dataset("json", data_files=str(file), split="train")
        assert all(value is not None for row in unpinned for value in row.values())
