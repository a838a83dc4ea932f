"""manifest.json: what is in a release, counted from its files, and everything needed to trace it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from brightrun.catalog import SystemPrompt
from brightrun.errors import ExportError
from brightrun.export.columns import Format
from brightrun.export.context import EvaluationFacts, ReleaseContext, ReleaseFile, ReleasePart, Shortfall
from brightrun.export.files import digest, rows_in
from brightrun.export.splits import SplitName
from brightrun.export.tokens import METHOD, TRUNCATION_DEFAULTS, TokenLengths, TruncationDefault
from brightrun.spec import ExportSpec

MANIFEST = "manifest.json"
VERSION_DIGITS = 12


class CatalogFacts(ReleasePart):
    key: str
    name: str
    language: str
    jurisdiction: str
    hash: str


class JobCounts(ReleasePart):
    """States of the job's items; `exported` are the conversations in this release."""

    planned: int
    accepted: int
    rejected: int
    undecided: int
    failed: int
    exported: int


class SplitFacts(ReleasePart):
    """A split as written. `wanted_share` and `share` are of all conversations; `system_prompts` counts by key."""

    groups: int
    conversations: int
    pairs: int
    wanted_share: float
    share: float
    system_prompts: dict[str, int]


class Splits(ReleasePart):
    """How the dataset was divided. `unwritten` gives the reason for each split that was asked for and is not there."""

    group_by: str
    seed: int
    groups: int
    written: dict[SplitName, SplitFacts]
    unwritten: dict[SplitName, str]


class Tokens(ReleasePart):
    method: str
    formats: dict[Format, TokenLengths]
    truncation_defaults: tuple[TruncationDefault, ...]


class Manifest(ReleasePart):
    """The manifest. `version` is made of all the rest."""

    version: str
    dataset: str
    job_id: str
    simulated: bool
    model: str
    license: str
    license_name: str
    catalog: CatalogFacts
    code_version: str
    prompt_version: str
    spec: dict[str, JsonValue]
    counts: JobCounts
    reasons: dict[str, int]
    shortfalls: tuple[Shortfall, ...]
    spent_usd: str
    budget_usd: str
    splits: Splits
    evaluation: EvaluationFacts | None
    data_docs: str | None
    system_prompts: tuple[SystemPrompt, ...]
    token_lengths: Tokens
    files: tuple[ReleaseFile, ...]

    def as_json(self) -> str:
        """The file's text."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def make_manifest(
    context: ReleaseContext,
    splits: Splits,
    lengths: Mapping[Format, TokenLengths],
    files: Sequence[ReleaseFile],
) -> Manifest:
    """The manifest, with the version that its content gives it."""
    draft = Manifest(
        version="",
        dataset=context.dataset,
        job_id=context.job_id,
        simulated=context.simulated,
        model=context.model,
        license=context.license,
        license_name=context.license_name,
        catalog=CatalogFacts(
            key=context.catalog,
            name=context.catalog_name,
            language=context.language,
            jurisdiction=context.jurisdiction,
            hash=context.catalog_hash,
        ),
        code_version=context.code_version,
        prompt_version=context.prompt_version,
        spec=context.spec,
        counts=JobCounts(
            planned=context.planned,
            accepted=context.accepted,
            rejected=context.rejected,
            undecided=context.undecided,
            failed=context.failed,
            exported=sum(split.conversations for split in splits.written.values()),
        ),
        reasons=dict(sorted(context.reasons.items())),
        shortfalls=tuple(sorted(context.shortfalls, key=lambda shortfall: shortfall.cell)),
        spent_usd=context.spent_usd,
        budget_usd=context.budget_usd,
        splits=splits,
        evaluation=context.evaluation,
        data_docs=context.data_docs,
        system_prompts=context.system_prompts,
        token_lengths=Tokens(method=METHOD, formats=dict(lengths), truncation_defaults=TRUNCATION_DEFAULTS),
        files=tuple(files),
    )
    address = hashlib.sha256(draft.as_json().encode("utf-8")).hexdigest()[:VERSION_DIGITS]
    return draft.model_copy(update={"version": address})


def split_facts(
    export: ExportSpec,
    split_of_group: Mapping[str, SplitName],
    conversations: Mapping[SplitName, int],
    pairs: Mapping[SplitName, int],
    system_prompts: Mapping[SplitName, Counter[str]],
    unwritten: Mapping[SplitName, str],
) -> Splits:
    """The division as it came out; the other mappings are by split, in the order to show."""
    total = sum(conversations.values())
    groups = Counter(split_of_group.values())
    return Splits(
        group_by=export.group_by,
        seed=export.seed,
        groups=len(split_of_group),
        written={
            name: SplitFacts(
                groups=groups[name],
                conversations=count,
                pairs=pairs[name],
                wanted_share=export.splits[name],
                share=round(count / total, 4),
                system_prompts=dict(sorted(system_prompts[name].items())),
            )
            for name, count in conversations.items()
        },
        unwritten=dict(unwritten),
    )


def list_files(folder: Path, expected_rows: Mapping[str, int]) -> tuple[ReleaseFile, ...]:
    """Every file in the folder, read back. Raises ExportError where its rows are not those that were written."""
    files = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        size, sha256 = digest(path)
        rows = rows_in(path)
        if rows != expected_rows.get(name):
            raise ExportError(
                f"{name} was written with {expected_rows.get(name)} rows and reads back with {rows}. "
                "The disk may be failing; nothing was released."
            )
        files.append(ReleaseFile(path=name, bytes=size, sha256=sha256, rows=rows))
    return tuple(files)
