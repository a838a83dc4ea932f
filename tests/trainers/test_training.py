"""TRL trains on a release, and what the loss counts is what the assistant said, and nothing else."""

from __future__ import annotations

import pytest
from conftest import END

pytest.importorskip("trl", reason="runs in .venv-trainers, which tests/trainers/setup.sh makes")

from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

from datasets import Dataset, load_dataset

ROWS = 200
"""Most rows tried of a release, which may be a large one."""


def first_rows(release, name: str) -> Dataset:
    data = load_dataset(str(release), name, split="train")
    return data.select(range(min(ROWS, data.num_rows)))


def trainer_on(data, model, tokenizer, folder, **settings) -> SFTTrainer:
    arguments = SFTConfig(
        output_dir=str(folder),
        max_length=None,
        max_steps=2,
        per_device_train_batch_size=1,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
        **settings,
    )
    lora = LoraConfig(r=2, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    return SFTTrainer(model, arguments, train_dataset=data, processing_class=tokenizer, peft_config=lora)


def counted(trainer: SFTTrainer, tokenizer) -> list[str]:
    """The text that the loss counts in each row, as the trainer's own batches label it."""
    texts = []
    for row in trainer.train_dataset:
        labels = trainer.data_collator([row])["labels"][0].tolist()
        texts.append(tokenizer.decode([token for token in labels if token != -100], skip_special_tokens=False))
    return texts


def takes_two_steps(trainer: SFTTrainer) -> bool:
    before = {name: weight.detach().clone() for name, weight in trainer.model.named_parameters() if "lora" in name}
    trainer.train()
    after = dict(trainer.model.named_parameters())
    return trainer.state.global_step == 2 and any((weight != after[name]).any() for name, weight in before.items())


def test_whole_conversations_train_on_every_answer_and_on_nothing_else(release, model, tokenizer, tmp_path):
    data = first_rows(release, "messages")
    trainer = trainer_on(data, model, tokenizer, tmp_path, assistant_only_loss=True)
    expected = [
        "".join(message["content"] + END for message in row["messages"] if message["role"] == "assistant")
        for row in data
    ]
    assert counted(trainer, tokenizer) == expected
    assert takes_two_steps(trainer)


def test_pairs_train_on_the_one_answer(release, manifest, model, tokenizer, tmp_path):
    if not any(file["path"].startswith("pairs/") for file in manifest["files"]):
        pytest.skip("this release has no pairs format")
    data = first_rows(release, "pairs")
    trainer = trainer_on(data, model, tokenizer, tmp_path, completion_only_loss=True)
    assert counted(trainer, tokenizer) == [row["completion"][0]["content"] + END for row in data]
    assert takes_two_steps(trainer)


def test_the_cards_own_snippets_run(release, model, tokenizer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model.save_pretrained("model")
    tokenizer.save_pretrained("model")
    card = (release / "README.md").read_text(encoding="utf-8")
    snippets = [part.split("```")[0] for part in card.split("```python\n")[1:]]
    assert snippets
    for snippet in snippets:
        brief = snippet.replace("SFTConfig(", "SFTConfig(max_steps=1, report_to=[], use_cpu=True, bf16=False, ")
        exec(brief.replace("RELEASE", str(release)).replace("MODEL", "model"), {})


def test_the_default_length_cuts_as_the_card_says(manifest):
    defaults = {default["trainer"]: default for default in manifest["token_lengths"]["truncation_defaults"]}
    assert SFTConfig.__dataclass_fields__["max_length"].default == defaults["TRL"]["tokens"]
    assert SFTConfig.__dataclass_fields__["truncation_mode"].default == "keep_start"
