"""The `datasets` library loads a release as it is: no arguments, no network, every row."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import types

import pytest

pytest.importorskip("trl", reason="runs in .venv-trainers, which tests/trainers/setup.sh makes")

from datasets import get_dataset_config_names, load_dataset


def configs(manifest) -> list[str]:
    return [name for name in ("messages", "pairs") if any(f["path"].startswith(f"{name}/") for f in manifest["files"])]


def test_without_arguments_the_whole_conversations_are_loaded(release, manifest):
    data = load_dataset(str(release))
    assert set(data) == set(manifest["splits"]["written"])
    for split, facts in manifest["splits"]["written"].items():
        assert data[split].num_rows == facts["conversations"]
        assert "messages" in data[split].column_names


def test_the_configs_are_messages_and_pairs(release, manifest):
    assert get_dataset_config_names(str(release)) == configs(manifest)
    assert get_dataset_config_names(str(release / "jsonl")) == configs(manifest)


def test_json_lines_and_parquet_are_equal_row_for_row(release, manifest):
    for name in configs(manifest):
        parquet = load_dataset(str(release), name)
        lines = load_dataset(str(release / "jsonl"), name)
        assert set(parquet) == set(lines)
        for split in parquet:
            assert parquet[split].features == lines[split].features
            assert parquet[split].to_list() == lines[split].to_list()
    assert load_dataset(str(release / "jsonl"))["train"].to_list() == load_dataset(str(release))["train"].to_list()


def test_every_split_has_the_same_features_and_no_null(release, manifest):
    for name in configs(manifest):
        data = load_dataset(str(release), name)
        assert len({str(data[split].features) for split in data}) == 1
        for split in data:
            table = data[split].data.table
            assert {column: table[column].null_count for column in table.column_names if table[column].null_count} == {}


def test_the_name_of_the_folder_it_lies_in_changes_nothing(release, manifest, tmp_path):
    moved = tmp_path / "my-test-set" / "training" / "dev"
    shutil.copytree(release, moved)
    for folder in (moved, moved / "jsonl"):
        data = load_dataset(str(folder))
        assert {split: data[split].num_rows for split in data} == {
            split: facts["conversations"] for split, facts in manifest["splits"]["written"].items()
        }


def llama_factory(module: str) -> types.ModuleType:
    """A module of LLaMA-Factory's data package, without what the package itself imports (audio, images, its UI)."""
    name = "llamafactory.data"
    if name not in sys.modules:
        found = importlib.util.find_spec(name.partition(".")[0])
        assert found is not None
        assert found.submodule_search_locations
        bare = types.ModuleType(name)
        bare.__path__ = [f"{found.submodule_search_locations[0]}/data"]
        sys.modules[name] = bare
    return importlib.import_module(f"{name}.{module}")


def test_llama_factory_reads_every_conversation(release, manifest):
    """Its own parser of dataset_info.json and its own converter, on every row of every split."""
    folder = release / "sharegpt"
    if not folder.exists():
        pytest.skip("this release has no sharegpt format")
    names = {f"{manifest['dataset']}-{split}": split for split in manifest["splits"]["written"]}
    attributes = llama_factory("parser").get_dataset_list(list(names), str(folder))
    for attribute, split in zip(attributes, names.values(), strict=True):
        data = load_dataset("json", data_files=str(folder / attribute.dataset_name), split=attribute.split)
        convert = llama_factory("converter").get_dataset_converter(attribute.formatting, attribute, None)
        whole = load_dataset(str(release), "messages", split=split)
        assert data.num_rows == whole.num_rows
        for row, conversation in zip(data, whole, strict=True):
            read = convert(row)
            system = [{"role": "system", "content": read["_system"]}] if read["_system"] else []
            assert system + read["_prompt"] + read["_response"] == conversation["messages"]
