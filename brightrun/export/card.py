"""README.md of a release: the dataset card, which loaders read the header of and people the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from brightrun.export.columns import COLUMNS, Format
from brightrun.export.context import EvaluationFacts, ReleaseContext
from brightrun.export.files import pinned_features
from brightrun.export.manifest import Splits
from brightrun.export.snippets import training_snippets
from brightrun.export.tokens import METHOD, TRUNCATION_DEFAULTS, TokenLengths

SIZE_CATEGORIES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
SHORTFALLS_SHOWN = 50
FOLDERS: dict[Format, str] = {
    "messages": "| `messages/` | a conversation a row, in the column `messages` |\n",
    "pairs": "| `pairs/` | an answer a row: `prompt` is everything before it, `completion` the answer |\n",
    "sharegpt": "| `sharegpt/` | a conversation a row, for LLaMA-Factory, with its `dataset_info.json` |\n",
}
SIMULATED = (
    "> **SIMULATED DATA.** No real model wrote these conversations: a stand-in did, to try out the way a dataset "
    "is made.\n> They say nothing and teach nothing. Do not train on them, and do not publish them.\n"
)


def dataset_card(
    context: ReleaseContext, formats: Sequence[Format], splits: Splits, lengths: Mapping[Format, TokenLengths]
) -> str:
    """The card of the whole release."""
    parts = [
        _front_matter(_header(context, formats, splits)),
        f"# {context.dataset}\n",
        SIMULATED if context.simulated else "",
        _what_it_is(context, formats, splits),
        _how_made(context),
        _counts(context, splits),
        _splits(splits),
        _evaluation(context.evaluation),
        _system_prompts(context),
        _lengths(lengths),
        training_snippets(context.dataset, formats, splits, lengths),
        _limits(context),
    ]
    return "\n".join(part for part in parts if part)


def json_lines_card(context: ReleaseContext, formats: Sequence[Format], splits: Sequence[str]) -> str:
    """The card of the folder `jsonl`: its own configs, with every type pinned."""
    header = {
        "configs": [
            _config(format_, f"{format_}/{{}}.jsonl", splits, default=format_ == formats[0]) for format_ in formats
        ],
        "dataset_info": [_features(format_) for format_ in formats],
    }
    return (
        _front_matter(header)
        + (f"\n{SIMULATED}" if context.simulated else "")
        + "\nThe same rows as the Parquet files beside this folder, as JSON Lines: ASCII, one object a line.\n"
    )


def llama_factory_info(dataset: str, splits: Sequence[str]) -> str:
    """dataset_info.json, which LLaMA-Factory reads the folder `sharegpt` by: one dataset for each split."""
    entries = {
        f"{dataset}-{split}": {
            "file_name": f"{split}.jsonl",
            "formatting": "sharegpt",
            "columns": {"messages": "dialogue", "system": "system"},
            "tags": {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"},
        }
        for split in splits
    }
    return json.dumps(entries, indent=2) + "\n"


def _front_matter(header: Mapping[str, Any]) -> str:
    text = yaml.safe_dump(dict(header), sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{text}---\n"


def _header(context: ReleaseContext, formats: Sequence[Format], splits: Splits) -> dict[str, Any]:
    total = sum(split.conversations for split in splits.written.values())
    size = next((name for limit, name in SIZE_CATEGORIES if total < limit), "n>1M")
    loaded = [format_ for format_ in formats if format_ != "sharegpt"]
    paths: dict[Format, str] = {format_: f"{format_}/{{}}.parquet" for format_ in loaded}
    if not loaded:
        paths["sharegpt"] = "sharegpt/{}.jsonl"
    header: dict[str, Any] = {
        "pretty_name": context.dataset,
        "license": context.license,
        **({"license_name": context.license_name} if context.license == "other" else {}),
        "language": [context.language],
        "task_categories": ["text-generation"],
        "size_categories": [size],
        "tags": [
            *("conversational", "synthetic", "sft", context.catalog.replace("_", "-")),
            *(["simulated"] if context.simulated else []),
        ],
        "configs": [
            _config(format_, path, tuple(splits.written), default=position == 0)
            for position, (format_, path) in enumerate(paths.items())
        ],
    }
    if not loaded:
        header["dataset_info"] = [_features("sharegpt")]
    return header


def _config(format_: str, path: str, splits: Sequence[str], default: bool) -> dict[str, Any]:
    return {
        "config_name": format_,
        **({"default": True} if default else {}),
        "data_files": [{"split": split, "path": path.format(split)} for split in splits],
    }


def _features(format_: Format) -> dict[str, Any]:
    return {"config_name": format_, "features": pinned_features(COLUMNS[format_])}


def _what_it_is(context: ReleaseContext, formats: Sequence[Format], splits: Splits) -> str:
    conversations = sum(split.conversations for split in splits.written.values())
    pairs = sum(split.pairs for split in splits.written.values())
    folders = "".join(FOLDERS[format_] for format_ in formats)
    if set(formats) - {"sharegpt"}:
        folders += "| `jsonl/` | the same as JSON Lines |\n"
    return (
        f"{conversations:,} conversations with {pairs:,} answers about {context.catalog_name.lower()} "
        f"({context.jurisdiction}; language: {context.language}), for supervised fine-tuning. Each is one "
        "combination of a persona, an emotional arc and a training topic.\n\n"
        "| folder | holds |\n|---|---|\n"
        f"{folders}"
        "| `records/` | everything about each conversation: its plan, emotions and provenance |\n"
        "| `manifest.json` | counts, sizes, SHA-256, spec, catalog and code versions |\n\n"
        "Columns named `intended_*` are what was planned, "
        "`labelled_*` what the writing model said of its own text; neither was measured.\n"
    )


def _how_made(context: ReleaseContext) -> str:
    writer = "Simulated replies stand in for" if context.simulated else "Written by"
    cost = "At simulated prices it cost" if context.simulated else "It cost"
    return (
        "## How it was made\n\n"
        f"{writer} `{context.model}` from the catalog `{context.catalog}` ({context.catalog_hash[:12]}) by "
        f"Bright Run {context.code_version}, job `{context.job_id}`, prompts {context.prompt_version}. "
        f"{cost} ${context.spent_usd} of a budget of ${context.budget_usd}. "
        "The prompts that asked for the conversations are in no training record.\n"
    )


def _counts(context: ReleaseContext, splits: Splits) -> str:
    exported = sum(split.conversations for split in splits.written.values())
    lines = [
        "## Counts\n",
        "| planned | accepted | rejected | undecided | failed | in this release |\n|---|---|---|---|---|---|",
        f"| {context.planned} | {context.accepted} | {context.rejected} | {context.undecided} "
        f"| {context.failed} | {exported} |\n",
    ]
    if context.reasons:
        lines += ["| reason | conversations |\n|---|---|"]
        lines += [f"| {_cell(code)} | {count} |" for code, count in sorted(context.reasons.items())] + [""]
    missing = context.planned - context.accepted
    if not context.shortfalls:
        verdict = f"**Short by {missing} conversations.**" if missing else "Every combination has what it was owed."
        return "\n".join([*lines, f"{verdict}\n"])
    lines += [
        f"**Short by {missing} conversations**, in {len(context.shortfalls)} combinations:\n",
        "| combination | owed | accepted | reason |\n|---|---|---|---|",
    ]
    for shortfall in sorted(context.shortfalls, key=lambda shortfall: shortfall.cell)[:SHORTFALLS_SHOWN]:
        reason = _cell(shortfall.reason)
        lines.append(f"| {_cell(shortfall.cell)} | {shortfall.owed} | {shortfall.accepted} | {reason} |")
    if len(context.shortfalls) > SHORTFALLS_SHOWN:
        lines.append(f"\nThe other {len(context.shortfalls) - SHORTFALLS_SHOWN} are in `manifest.json`.")
    return "\n".join([*lines, ""])


def _splits(splits: Splits) -> str:
    lines = [
        "## Splits\n",
        f"Divided by {splits.group_by} (seed {splits.seed}): a {splits.group_by} is never on both sides.\n",
        "| split | groups | conversations | answers | share | wanted |\n|---|---|---|---|---|---|",
    ]
    for name, split in splits.written.items():
        lines.append(
            f"| {name} | {split.groups} | {split.conversations} | {split.pairs} "
            f"| {split.share:.1%} | {split.wanted_share:.1%} |"
        )
    lines += [f"\n**Not written: {name}** ({reason})." for name, reason in splits.unwritten.items()]
    return "\n".join([*lines, ""])


def _evaluation(evaluation: EvaluationFacts | None) -> str:
    if evaluation is None:
        return ""
    found = f"**{evaluation.overlapping}**" if evaluation.overlapping else "None"
    lines = [
        "## Overlap with evaluation files\n",
        f"{found} of the conversations shares {evaluation.words} words in a row with one of these files:\n",
        "| file | SHA-256 | texts | too short to be found |\n|---|---|---|---|",
    ]
    lines += [
        f"| {_cell(file.path)} | `{file.sha256[:12]}` | {file.texts} | {file.too_short} |" for file in evaluation.files
    ]
    return "\n".join([*lines, ""])


def _system_prompts(context: ReleaseContext) -> str:
    lines = [
        "## System prompts\n",
        "What the tuned model is to be given in use, mixed by the same shares in every split; "
        "the column `system_prompt` holds the key.\n",
        "| key | share | text |\n|---|---|---|",
    ]
    for prompt in context.system_prompts:
        lines.append(f"| {prompt.key} | {prompt.share:g} | {_cell(prompt.text) or '(no system message)'} |")
    return "\n".join([*lines, ""])


def _lengths(lengths: Mapping[Format, TokenLengths]) -> str:
    settings = " | ".join(
        f"over {default.trainer}'s default ({default.setting} {default.tokens})" for default in TRUNCATION_DEFAULTS
    )
    lines = [
        "## Token lengths\n",
        f"{METHOD[0].upper()}{METHOD[1:]}. Count with your own tokenizer before you set a limit.\n",
        f"| format | p50 | p95 | maximum | {settings} |",
        "|---|---|---|---|" + "---|" * len(TRUNCATION_DEFAULTS),
    ]
    for format_, length in lengths.items():
        longer = " | ".join(f"{entry.rows} rows" for entry in length.longer)
        lines.append(f"| {format_} | {length.p50} | {length.p95} | {length.max} | {longer} |")
    lines.append("\nWhat a trainer does with a row that is longer than its setting, and says little about:\n")
    lines += [
        f"- {default.trainer} {default.version}: {default.then} (`{default.setting}`, {default.tokens} unless set)"
        for default in TRUNCATION_DEFAULTS
    ]
    return "\n".join([*lines, ""])


def _limits(context: ReleaseContext) -> str:
    return (
        "## Limits\n\n"
        "- The people in it are invented and the conversations synthetic. What was checked automatically is "
        "their form, not the truth of what is said.\n"
        f"- It is no professional advice. Rules and figures are those of {context.jurisdiction} at the date in "
        "`facts_as_of`, and go out of date.\n"
        "- Feelings are played, in a written register, by one model; real people in distress differ. Have "
        "experts test a model tuned on it before anybody relies on it, most of all where people may be in danger.\n"
        "- Read the terms of the model's provider on training with its output, and the licence "
        f"(`{context.license}`, {context.license_name}), before you publish or train.\n"
    )


def _cell(text: str) -> str:
    """Text for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
