"""From enriched conversations to a release on disk."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from brightrun.enrich import EnrichedConversation
from brightrun.errors import ExportError
from brightrun.export.card import dataset_card, json_lines_card, llama_factory_info
from brightrun.export.checks import check_path, check_record
from brightrun.export.columns import COLUMNS, Format, RowSource, messages_of, row_of, sources_of
from brightrun.export.context import Release, ReleaseContext, ReleaseCounts, ReleaseFile
from brightrun.export.files import RowFiles, digest, write_text
from brightrun.export.manifest import MANIFEST, Splits, list_files, make_manifest, split_facts
from brightrun.export.place import publish, unfinished
from brightrun.export.plan import ReleasePlan
from brightrun.export.splits import SplitName
from brightrun.export.tokens import TokenLengths, estimated_tokens, token_lengths
from brightrun.spec import ExportSpec

ReportPage = Callable[[Splits, Mapping[Format, TokenLengths]], str]
"""Makes the report's page, given what is known of a release only when its rows are written."""

REPORT_FILE = "report.html"
RECORDS_FILE = "records/records.jsonl"


def write_release(
    records: Iterable[EnrichedConversation],
    plan: ReleasePlan,
    export: ExportSpec,
    context: ReleaseContext,
    folder: Path,
    report: ReportPage | None = None,
) -> Release:
    """Write the release `<folder>/<dataset>/<version>/`, or adopt it where the same one is there already.

    `records` are the conversations of the plan, in its order. Without `report` there is no report.html.
    Raises ExportError, and leaves nothing, when it cannot be done.
    """
    home = folder / context.dataset
    try:
        with unfinished(home) as work:
            with RowFiles(work) as files:
                written = _write_rows(records, export, plan, files)
            return _finish(work, home, export, context, plan, written, report)
    except OSError as error:
        raise ExportError(
            f"The release could not be written to {home}: {error.strerror or error}. Nothing of it was kept; "
            "make room there or choose another folder, then export again: nothing is paid for again."
        ) from error


@dataclass
class _Written:
    """What went into the files."""

    rows: Counter[str] = field(default_factory=Counter)
    pairs: Counter[SplitName] = field(default_factory=Counter)
    tokens: dict[Format, array[int]] = field(default_factory=dict)
    pair_ids: set[str] = field(default_factory=set)


def _write_rows(
    records: Iterable[EnrichedConversation], export: ExportSpec, plan: ReleasePlan, files: RowFiles
) -> _Written:
    written = _Written(tokens={format_: array("l") for format_ in _formats(export)})
    count = 0
    for index, record in enumerate(records):
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
    plan: ReleasePlan,
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


def _prompt_counts(plan: ReleasePlan) -> dict[SplitName, Counter[str]]:
    counts: dict[SplitName, Counter[str]] = {name: Counter() for name in plan.division.splits}
    for split, prompt in zip(plan.splits, plan.system_prompts, strict=True):
        counts[split][prompt.key] += 1
    return counts


def _formats(export: ExportSpec) -> list[Format]:
    """The formats asked for, in one order whatever the spec's."""
    return [format_ for format_ in COLUMNS if format_ in export.formats]
