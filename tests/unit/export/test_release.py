"""A release as it lies on disk: its files, what they hold, and that the same job gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_records import PROMPTS, context, grid, plan_of, provenance, record, release_of, spec

from brightrun.errors import ExportError
from brightrun.export import Release, Shortfall, write_release


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    records = grid(10, per_cell=2, text="“£5” 😀\u2028 and a\nline")
    return release_of(records, spec(), context(planned=20, accepted=20), tmp_path_factory.mktemp("releases"))


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_release_lies_at_its_name_and_version_and_nothing_lies_beside_it(release):
    assert release.path.name == release.version
    assert len(release.version) == 12
    assert release.path.parent.name == "money-talks"
    assert [path.name for path in release.path.parent.iterdir()] == [release.version]


def test_kf51_the_manifests_counts_equal_the_files_rows(release):
    manifest = json.loads((release.path / "manifest.json").read_text(encoding="utf-8"))
    files = {file["path"]: file for file in manifest["files"]}
    assert set(tree(release.path)) == {*files, "manifest.json"} == {file.path for file in release.files}
    for path, file in files.items():
        content = (release.path / path).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
        if path.endswith(".parquet"):
            assert pq.read_table(release.path / path).num_rows == file["rows"]
        elif path.endswith(".jsonl"):
            assert len(lines(release.path / path)) == file["rows"]
        else:
            assert file["rows"] is None
    written = manifest["splits"]["written"]
    for split, facts in written.items():
        assert files[f"messages/{split}.parquet"]["rows"] == facts["conversations"]
        assert files[f"pairs/{split}.parquet"]["rows"] == facts["pairs"]
    assert manifest["counts"]["exported"] == files["records/records.jsonl"]["rows"] == 20
    assert sum(facts["pairs"] for facts in written.values()) == release.counts.pairs
    assert release.counts.splits == {"train": 18, "validation": 2}


@pytest.mark.parametrize("format_", ["messages", "pairs"])
@pytest.mark.parametrize("split", ["train", "validation"])
def test_json_lines_and_parquet_hold_the_same_rows(release, format_, split):
    table = pq.read_table(release.path / format_ / f"{split}.parquet")
    rows = lines(release.path / "jsonl" / format_ / f"{split}.jsonl")
    assert table.to_pylist() == rows
    assert table.column_names == list(rows[0])


def test_json_lines_are_ascii_sorted_by_id_and_end_with_one_newline(release):
    for path in release.path.rglob("*.jsonl"):
        content = path.read_bytes()
        assert content.isascii()
        assert content.endswith(b"}\n")
        ids = [(row["conversation_id"], row.get("turn", 0)) for row in lines(path)]
        assert ids == sorted(ids)


def test_kf46_ids_are_unique_across_the_release_and_stable(release, tmp_path):
    def ids(of: Release) -> list[str]:
        return [row["pair_id"] for split in of.counts.splits for row in lines(of.path / f"jsonl/pairs/{split}.jsonl")]

    assert len(ids(release)) == len(set(ids(release))) == release.counts.pairs
    other = release_of(grid(10, per_cell=2), spec(seed=1), context(), tmp_path)
    assert sorted(ids(other)) == sorted(ids(release))


def test_kf57_a_cell_is_never_on_both_sides(release):
    splits = defaultdict(set)
    for row in lines(release.path / "records/records.jsonl"):
        splits[row["persona"], row["arc"], row["topic"]].add(row["split"])
    assert len(splits) == 10
    assert all(len(found) == 1 for found in splits.values())


def test_records_hold_everything_about_each_conversation(release):
    row = lines(release.path / "records/records.jsonl")[0]
    assert row["situation"] == "A letter came from the bank."
    assert row["person"]["name"] == "Ada Okafor"
    assert row["provenance"]["message_id"] == "msg_0"
    assert row["turns"][0]["labelled_emotion"] == "confusion"


def test_system_prompts_are_mixed_by_their_shares_in_every_split(tmp_path):
    release = release_of(grid(40, per_cell=5), spec(splits={"train": 0.8, "test": 0.2}), context(), tmp_path)
    for split, count in release.counts.splits.items():
        rows = lines(release.path / f"jsonl/messages/{split}.jsonl")
        keys = Counter(row["system_prompt"] for row in rows)
        assert keys == {prompt.key: round(prompt.share * count) for prompt in PROMPTS}
        texts = {prompt.key: prompt.text for prompt in PROMPTS}
        for row in rows:
            first = row["messages"][0]
            assert first == {"role": "system", "content": texts[row["system_prompt"]]} or (
                row["system_prompt"] == "none" and first["role"] == "user"
            )
    for split in release.counts.splits:
        prompts = defaultdict(set)
        for row in lines(release.path / f"jsonl/pairs/{split}.jsonl"):
            prompts[row["conversation_id"]].add(row["system_prompt"])
        assert all(len(found) == 1 for found in prompts.values())


def test_two_exports_are_byte_identical_and_the_second_adopts_the_first(tmp_path):
    first = release_of(grid(7), spec(), context(), tmp_path / "a")
    second = release_of(grid(7), spec(), context(), tmp_path / "b")
    assert tree(first.path) == tree(second.path)
    assert release_of(grid(7), spec(), context(), tmp_path / "a") == first
    assert [path.name for path in first.path.parent.iterdir()] == [first.version]


def test_other_content_is_another_version(tmp_path):
    versions = {
        release_of(records, export, facts, tmp_path).version
        for records, export, facts in (
            (grid(7), spec(), context()),
            (grid(8), spec(), context()),
            (grid(7), spec(seed=14), context()),
            (grid(7), spec(), context(spent_usd="0.10")),
            (grid(7, text="x"), spec(), context()),
        )
    }
    assert len(versions) == 5


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=6), seed=st.integers())
def test_any_text_comes_back_as_it_was(tmp_path_factory, texts, seed):
    records = [record(number, topic=f"t{number}", text=text) for number, text in enumerate(texts)]
    release = release_of(records, spec(seed=seed), context(), tmp_path_factory.mktemp("releases"))
    found: dict[str, str] = {}
    for split in release.counts.splits:
        rows = pq.read_table(release.path / f"messages/{split}.parquet").to_pylist()
        assert rows == lines(release.path / f"jsonl/messages/{split}.jsonl")
        found |= {row["conversation_id"]: row["messages"][-1]["content"] for row in rows}
    assert found == {made.conversation_id: made.turns[-1].content for made in records}


def test_columns_and_types_are_the_same_in_every_file_of_a_format(release):
    for format_ in ("messages", "pairs"):
        schemas = {str(pq.read_schema(path)) for path in (release.path / format_).iterdir()}
        assert len(schemas) == 1


def test_only_the_formats_asked_for_are_written(tmp_path):
    release = release_of(grid(5), spec(formats=["messages"]), context(), tmp_path)
    folders = {file.path.split("/")[0] for file in release.files if "/" in file.path}
    assert folders == {"messages", "jsonl", "records"}
    assert not any("pairs" in file.path for file in release.files)


def test_a_split_without_a_group_is_not_written_and_the_manifest_says_so(tmp_path):
    release = release_of([record(1), record(2)], spec(), context(), tmp_path)
    assert release.counts.splits == {"train": 2}
    assert not any("validation" in file.path for file in release.files)
    manifest = json.loads((release.path / "manifest.json").read_text())
    assert manifest["splits"]["unwritten"] == {"validation": "too few groups: 1 for 2 splits"}
    assert "**Not written: validation** (too few groups" in (release.path / "README.md").read_text()


def test_groups_named_together_are_in_one_split(tmp_path):
    records = grid(12)
    keys = sorted({f"{made.persona}.{made.arc}.{made.topic}" for made in records})
    release = release_of(
        records, spec(splits={"train": 0.5, "validation": 0.5}), context(), tmp_path, together=[keys[:6]]
    )
    rows = lines(release.path / "records/records.jsonl")
    assert len({row["split"] for row in rows if f"{row['persona']}.{row['arc']}.{row['topic']}" in keys[:6]}) == 1


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "nothing to export"),
        ([record(2), record(1)], "conv-000001 came after conv-000002"),
        ([record(1), record(1)], "conv-000001 came after conv-000001"),
        ([record(1, text="\ud800")], "half a surrogate pair"),
    ],
)
def test_what_cannot_be_exported_is_refused_and_leaves_nothing(tmp_path, records, message):
    with pytest.raises(ExportError, match=message):
        release_of(records, spec(), context(), tmp_path / "releases")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("second", [[record(1)], [record(1), record(2), record(3)], [record(1), record(3)]])
def test_conversations_that_change_between_plan_and_writing_are_refused(tmp_path, second):
    plan = plan_of([record(1), record(2)], spec(), context())
    with pytest.raises(ExportError, match="changed while they were exported"):
        write_release(second, plan, spec(), context(), tmp_path)


def test_a_short_job_says_so_per_cell_and_per_reason(tmp_path):
    facts = context(
        planned=14,
        accepted=10,
        failed=4,
        reasons={"max_tokens": 4},
        shortfalls=(Shortfall(cell="a × b × c", owed=5, accepted=1, reason="max_tokens"),),
        spent_usd=str(Decimal("1.2")),
    )
    release = release_of(grid(10), spec(), facts, tmp_path)
    manifest = json.loads((release.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["shortfalls"] == [{"cell": "a × b × c", "owed": 5, "accepted": 1, "reason": "max_tokens"}]
    assert manifest["reasons"] == {"max_tokens": 4}
    card = (release.path / "README.md").read_text(encoding="utf-8")
    assert "**Short by 4 conversations**" in card
    assert "| a × b × c | 5 | 1 | max_tokens |" in card


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_and_real_conversations_are_never_in_one_release(tmp_path, simulated):
    other = record(2, provenance=provenance(2).model_copy(update={"simulated": not simulated}))
    same = record(1, provenance=provenance(1).model_copy(update={"simulated": simulated}))
    with pytest.raises(
        ExportError, match=r"conv-000002 is (real and its job is simulated|simulated and its job is real)"
    ):
        release_of([same, other], spec(), context(simulated=simulated), tmp_path)


def test_every_card_of_simulated_data_says_so(release):
    for card in release.path.rglob("README.md"):
        assert "SIMULATED DATA" in card.read_text(encoding="utf-8")
