"""The dataset card: a header that loaders read, and a text that hides nothing."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from release_records import context, grid, provenance, release_of, spec


def card(folder: Path, *, formats: tuple[str, ...] = ("messages", "pairs", "sharegpt"), **changes) -> str:
    facts = context(**changes)
    records = grid(10, provenance=provenance(1).model_copy(update={"simulated": facts.simulated}))
    release = release_of(records, spec(formats=list(formats)), facts, folder)
    return (release.path / "README.md").read_text(encoding="utf-8")


def header(text: str) -> dict:
    return yaml.safe_load(text.split("---\n")[1])


def test_the_header_names_messages_first_and_pairs_and_parquet_only(tmp_path):
    front = header(card(tmp_path))
    assert [config["config_name"] for config in front["configs"]] == ["messages", "pairs"]
    assert [config.get("default") for config in front["configs"]] == [True, None]
    paths = [file["path"] for config in front["configs"] for file in config["data_files"]]
    assert all(path.endswith(".parquet") for path in paths)
    assert front["license"] == "other"
    assert front["language"] == ["en"]
    assert front["size_categories"] == ["n<1K"]


def test_sharegpt_alone_can_be_loaded_too(tmp_path):
    front = header(card(tmp_path, formats=("sharegpt",)))
    assert front["configs"][0]["data_files"][0] == {"split": "train", "path": "sharegpt/train.jsonl"}
    assert front["dataset_info"][0]["features"][0]["name"] == "dialogue"


def test_simulated_data_says_so_before_anything_else(tmp_path):
    text = card(tmp_path)
    assert "simulated" in header(text)["tags"]
    body = text.split("---\n")[2]
    assert body.index("**SIMULATED DATA.**") < body.index("conversations with")
    real = card(tmp_path, simulated=False)
    assert "simulated" not in header(real)["tags"]
    assert "SIMULATED" not in real
    assert "Written by `claude-sonnet-5-5`" in real


def test_lengths_stand_beside_the_trainers_defaults(tmp_path):
    text = card(tmp_path)
    for setting in ("max_length 1024", "cutoff_len 2048", "sequence_len 512"):
        assert setting in text
    assert "estimated, not tokenized".capitalize() in text


def test_snippets_train_on_the_assistant_only_and_cut_nothing_off(tmp_path):
    text = card(tmp_path)
    longest = int(re.search(r"\| messages \| \d+ \| \d+ \| (\d+) \|", text)[1])
    limits = re.findall(r"(?:max_length=|sequence_len: |cutoff_len: )(\d+)", text)
    assert len(limits) == 4
    assert all(int(limit) > longest for limit in limits)
    assert "assistant_only_loss=True" in text
    assert "roles_to_train: [assistant]" in text
    assert "mask_history: false" in text


def test_every_snippet_is_valid(tmp_path):
    text = card(tmp_path)
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        compile(code, "snippet", "exec")
    settings = [yaml.safe_load(code) for code in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert settings[0]["datasets"][0]["field_messages"] == "messages"
    assert settings[1]["dataset"] == "money-talks-train"


def test_text_from_elsewhere_cannot_break_a_table(tmp_path):
    text = card(tmp_path, reasons={"a|b\nc": 1})
    assert "| a\\|b c | 1 |" in text
