"""Ready settings for the trainers, which train on the assistant's turns only and cut nothing off."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from brightrun.export.columns import Format
from brightrun.export.manifest import Splits
from brightrun.export.tokens import TokenLengths

HEADROOM = 1.25
"""Above the longest estimate, since it is one."""
STEP_TOKENS = 256


def training_snippets(
    dataset: str, formats: Sequence[Format], splits: Splits, lengths: Mapping[Format, TokenLengths]
) -> str:
    """Settings for TRL, Axolotl and LLaMA-Factory, for the formats that are there."""
    limit = max(_limit(length) for length in lengths.values())
    held_out = next((name for name in splits.written if name != "train"), None)
    parts = [
        "## Training on it\n",
        "RELEASE stands for this folder. Losses count the assistant's turns only.\n",
    ]
    if "messages" in formats:
        parts += [_trl_messages(limit, held_out), _axolotl(limit, held_out)]
    if "pairs" in formats:
        parts.append(_trl_pairs(limit))
    if "sharegpt" in formats:
        parts.append(_llama_factory(dataset, limit))
    return "\n".join(parts)


def _limit(length: TokenLengths) -> int:
    return math.ceil(length.max * HEADROOM / STEP_TOKENS) * STEP_TOKENS


def _trl_messages(limit: int, held_out: str | None) -> str:
    evaluated = f', eval_dataset=data["{held_out}"]' if held_out else ""
    return f"""TRL, whole conversations. The chat template must mark the assistant's turns with
`{{% generation %}}`, its end token inside; TRL swaps in such a template for the models it knows.

```python
from datasets import load_dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

data = load_dataset("RELEASE", "messages")
settings = SFTConfig(output_dir="tuned", assistant_only_loss=True, max_length={limit})
SFTTrainer("MODEL", settings, train_dataset=data["train"]{evaluated}, peft_config=LoraConfig()).train()
```
"""


def _trl_pairs(limit: int) -> str:
    return f"""TRL, single answers. The loss counts the completion only.

```python
from datasets import load_dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

data = load_dataset("RELEASE", "pairs")
settings = SFTConfig(output_dir="tuned", completion_only_loss=True, max_length={limit})
SFTTrainer("MODEL", settings, train_dataset=data["train"], peft_config=LoraConfig()).train()
```
"""


def _axolotl(limit: int, held_out: str | None) -> str:
    held_out_files = (
        f"""
test_datasets:
  - path: RELEASE/messages/{held_out}.parquet
    ds_type: parquet
    split: train        # Axolotl's name for the rows of a single file
    type: chat_template
    field_messages: messages"""
        if held_out
        else ""
    )
    return f"""Axolotl:

```yaml
datasets:
  - path: RELEASE/messages/train.parquet
    ds_type: parquet
    split: train
    type: chat_template
    field_messages: messages
    roles_to_train: [assistant]
    train_on_eos: turn{held_out_files}
sequence_len: {limit}
excess_length_strategy: raise
```
"""


def _llama_factory(dataset: str, limit: int) -> str:
    return f"""LLaMA-Factory. A record without a system prompt gets the template's own, where it has one.

```yaml
stage: sft
dataset_dir: RELEASE/sharegpt
dataset: {dataset}-train
train_on_prompt: false
mask_history: false      # true would train on the last answer only
cutoff_len: {limit}
```
"""
