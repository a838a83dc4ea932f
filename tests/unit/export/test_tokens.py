"""Token lengths: the estimate is what the card says it is."""

from __future__ import annotations

from pathlib import Path

from brightrun.export.tokens import METHOD, TRUNCATION_DEFAULTS, estimated_tokens, token_lengths


def test_the_estimate_is_the_method_stated():
    assert "characters / 3.3" in METHOD
    assert "estimated, not tokenized" in METHOD
    assert estimated_tokens([{"role": "user", "content": "x" * 33}, {"role": "assistant", "content": "x"}]) == 19
    assert estimated_tokens([{"role": "user", "content": "x" * 34}]) == 15


def test_percentiles_are_by_nearest_rank():
    lengths = token_lengths(list(range(100, 0, -1)))
    assert (lengths.p50, lengths.p95, lengths.max) == (50, 95, 100)
    alone = token_lengths([3000])
    assert (alone.p50, alone.p95, alone.max) == (3000, 3000, 3000)


def test_rows_longer_than_each_trainers_default_are_counted():
    longer = token_lengths([512, 513, 1025, 2049]).longer
    assert {(entry.trainer, entry.tokens): entry.rows for entry in longer} == {
        ("TRL", 1024): 2,
        ("LLaMA-Factory", 2048): 1,
        ("Axolotl", 512): 3,
    }


def test_the_guide_gives_the_same_defaults():
    guide = (Path(__file__).parents[3] / "docs" / "guide" / "training.md").read_text(encoding="utf-8")
    for default in TRUNCATION_DEFAULTS:
        row = f"| {default.trainer} {default.version} | `{default.setting}` | {default.tokens} |"
        assert row in guide
