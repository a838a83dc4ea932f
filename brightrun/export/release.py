"""From enriched conversations to a release on disk."""

from __future__ import annotations

import random
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from brightrun.catalog import SystemPrompt
from brightrun.dealing import deal
from brightrun.enrich import EnrichedConversation
from brightrun.errors import ExportError
from brightrun.export.card import dataset_card, json_lines_card, llama_factory_info
from brightrun.export.checks import check_path, check_record, check_text
from brightrun.export.columns import COLUMNS, Format, RowSource, messages_of, row_of, sources_of
from brightrun.export.context import Release, ReleaseContext, ReleaseCounts, ReleaseFile
from brightrun.export.files import RowFiles, digest, write_text
from brightrun.export.manifest import MANIFEST, Splits, list_files, make_manifest, split_facts
from brightrun.export.place import publish, unfinished
from brightrun.export.splits import Division, SplitName, divide, group_key
from brightrun.export.tokens import TokenLengths, estimated_tokens, token_lengths
from brightrun.spec import ExportSpec

Records = Callable[[], Iterable[EnrichedConversation]]
"""Gives the conversations anew each time it is called, the same ones in the same order."""

ReportPage = Callable[[Splits, Mapping[Format, TokenLengths]], str]
"""Makes the report's page, given what is known of a release only when its rows are written."""

REPORT_FILE = "report.html"
RECORDS_FILE = "records/records.jsonl"


def write_release(
    records: Records,
    export: ExportSpec,
    context: ReleaseContext,
    folder: Path,
    together: Iterable[Collection[str]] = (),
    report: ReportPage | None = None,
) -> Release:
    """Write the release `<folder>/<dataset>/<version>/`, or adopt it where the same one is there already.

    `records` is called twice and must give the conversations in ascending order of their ids, by code
    point (in Postgres: `COLLATE "C"`); memory grows by a few bytes for each. `together` are sets of group
    keys that must stand in the same split. Without `report` there is no report.html. Raises ExportError, and
    leaves nothing, when it cannot be done.
    """
    home = folder / context.dataset
    try:
        with unfinished(home) as work:
            plan = _plan(records, export, context, together)
            with RowFiles(work) as files:
                written = _write_rows(records, export, plan, files)
            return _finish(work, home, export, context, plan, written, report)
    except OSError as error:
        raise ExportError(
            f"The release could not be written to {home}: {error.strerror or error}. Nothing of it was kept; "
            "make room there or choose another folder, then export again: nothing is paid for again."
        ) from error


@dataclass(frozen=True)
class _Plan:
    """Which split and which system prompt each conversation gets, in the order of the conversations."""

    division: Division
    ids: list[str]
    splits: list[SplitName]
    system_prompts: list[SystemPrompt]


@dataclass
class _Written:
    """What went into the files."""

    rows: Counter[str] = field(default_factory=Counter)
    pairs: Counter[SplitName] = field(default_factory=Counter)
    tokens: dict[Format, array[int]] = field(default_factory=dict)
    pair_ids: set[str] = field(default_factory=set)


def _plan(records: Records, export: ExportSpec, context: ReleaseContext, together: Iterable[Collection[str]]) -> _Plan:
    ids: list[str] = []
    groups: list[str] = []
    for record in records():
        if ids and record.conversation_id <= ids[-1]:
            raise ExportError(
                f"Conversation {record.conversation_id} came after {ids[-1]}: an export needs every "
                "conversation once, in ascending order of ids."
            )
        if record.provenance.simulated != context.simulated:
            raise ExportError(
                f"Conversation {record.conversation_id} is {_kind(not context.simulated)} and its job is "
                f"{_kind(context.simulated)}: the two are never in one release."
            )
        ids.append(record.conversation_id)
        groups.append(group_key(record, export.group_by))
    if not ids:
        raise ExportError("There is nothing to export: no conversation was accepted.")
    division = divide(Counter(groups), export.splits, export.seed, together)
    splits = [division.split_of[group] for group in groups]
    for prompt in context.system_prompts:
        check_text(f"System prompt {prompt.key}", prompt.text)
    return _Plan(division, ids, splits, _system_prompts(splits, context.system_prompts, export.seed))


def _kind(simulated: bool) -> str:
    return "simulated" if simulated else "real"


def _system_prompts(splits: list[SplitName], prompts: tuple[SystemPrompt, ...], seed: int) -> list[SystemPrompt]:
    """Dealt by their shares within every split, so that no split learns or measures another mix."""
    by_key = {prompt.key: prompt for prompt in prompts}
    shares = {prompt.key: prompt.share for prompt in prompts}
    dealt = {
        split: iter(deal(shares, count, random.Random(f"{seed}:system_prompt:{split}")))
        for split, count in sorted(Counter(splits).items())
    }
    return [by_key[next(dealt[split])] for split in splits]


def _write_rows(records: Records, export: ExportSpec, plan: _Plan, files: RowFiles) -> _Written:
    written = _Written(tokens={format_: array("l") for format_ in _formats(export)})
    count = 0
    for index, record in enumerate(records()):
        if index >= len(plan.ids) or record.conversation_id != plan.ids[index]:
            raise ExportError("The conversations changed while they were exported; export again.")
        check_record(record, written.pair_ids)
        split, prompt = plan.splits[index], plan.system_prompts[index]
        files.json_lines(RECORDS_FILE).write(
            {**record.model_dump(mode="json"), "split": split, "system_prompt": prompt.key}
        )
        written.rows[RECORDS_FILE] += 1
        written.pairs[split] += len(record.pairs)
        for format_ in _formats(export):
            for source in sources_of(format_, record, prompt):
                _write_row(format_, split, source, files, written)
        count += 1
    if count != len(plan.ids):
        raise ExportError("The conversations changed while they were exported; export again.")
    return written


def _write_row(format_: Format, split: str, source: RowSource, files: RowFiles, written: _Written) -> None:
    row = row_of(format_, source)
    if format_ == "sharegpt":
        paths = [f"sharegpt/{split}.jsonl"]
        files.json_lines(paths[0]).write(row)
    else:
        paths = [f"{format_}/{split}.parquet", f"jsonl/{format_}/{split}.jsonl"]
        files.parquet(paths[0], COLUMNS[format_]).write(row)
        files.json_lines(paths[1]).write(row)
    written.rows.update(paths)
    shown = row["prompt"] + row["completion"] if format_ == "pairs" else messages_of(source)
    written.tokens[format_].append(estimated_tokens(shown))


def _finish(
    work: Path,
    home: Path,
    export: ExportSpec,
    context: ReleaseContext,
    plan: _Plan,
    written: _Written,
    report: ReportPage | None,
) -> Release:
    """Cards, report, manifest and the move to the release's place."""
    splits = split_facts(
        export,
        plan.division.split_of,
        {name: plan.splits.count(name) for name in plan.division.splits},
        written.pairs,
        _prompt_counts(plan),
        plan.division.unwritten,
    )
    lengths = {format_: token_lengths(tokens) for format_, tokens in written.tokens.items()}
    _write_cards(work, export, context, splits, lengths)
    if report is not None:
        write_text(work / REPORT_FILE, report(splits, lengths))
    _write_further(work, context)
    files = list_files(work, written.rows)
    for file in files:
        check_path(file.path)
    manifest = make_manifest(context, splits, lengths, files)
    write_text(work / MANIFEST, manifest.as_json())
    size, sha256 = digest(work / MANIFEST)
    files = (*files, ReleaseFile(path=MANIFEST, bytes=size, sha256=sha256))
    place = home / manifest.version
    publish(work, place, files)
    counts = ReleaseCounts(
        conversations=len(plan.ids),
        pairs=sum(written.pairs.values()),
        splits={name: facts.conversations for name, facts in splits.written.items()},
    )
    return Release(version=manifest.version, path=place, files=files, counts=counts)


def _write_cards(
    work: Path, export: ExportSpec, context: ReleaseContext, splits: Splits, lengths: dict[Format, TokenLengths]
) -> None:
    formats, names = _formats(export), tuple(splits.written)
    write_text(work / "README.md", dataset_card(context, formats, splits, lengths))
    if loaded := [format_ for format_ in formats if format_ != "sharegpt"]:
        write_text(work / "jsonl" / "README.md", json_lines_card(context, loaded, names))
    if "sharegpt" in formats:
        write_text(work / "sharegpt" / "dataset_info.json", llama_factory_info(context.dataset, names))


def _write_further(work: Path, context: ReleaseContext) -> None:
    for path, content in sorted(context.extra_files.items()):
        if (work / path).exists() or not (work / path).resolve().is_relative_to(work.resolve()):
            raise ExportError(f"{path} cannot be a further file of the release: the name is taken or leads out.")
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(content)


def _prompt_counts(plan: _Plan) -> dict[SplitName, Counter[str]]:
    counts: dict[SplitName, Counter[str]] = {name: Counter() for name in plan.division.splits}
    for split, prompt in zip(plan.splits, plan.system_prompts, strict=True):
        counts[split][prompt.key] += 1
    return counts


def _formats(export: ExportSpec) -> list[Format]:
    """The formats asked for, in one order whatever the spec's."""
    return [format_ for format_ in COLUMNS if format_ in export.formats]
