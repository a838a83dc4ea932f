"""What a release says about the job it comes from, and what writing one gives back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from brightrun.catalog import SystemPrompt
from brightrun.quality.evaluation_overlap import IndexedFile


class ReleasePart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Shortfall(ReleasePart):
    """A combination that got fewer conversations than it was owed, and why."""

    cell: str
    owed: int
    accepted: int
    reason: str


class SharedWords(ReleasePart):
    """A conversation of the release that has words in common with an evaluation file: the first place of them."""

    conversation_id: str
    turn: int
    file: str
    line: int
    words: str


class EvaluationFacts(ReleasePart):
    """The evaluation files that the conversations were held against, as they were, and what was found.

    `overlapping` conversations share so many `words` in a row with a file; `overlaps` are the first of them.
    """

    words: int
    files: tuple[IndexedFile, ...]
    overlapping: int
    overlaps: tuple[SharedWords, ...]


class ReleaseContext(ReleasePart):
    """Facts of the job that stand in manifest and card. Sums of money are exact decimal US dollars, as text.

    Nothing in it may depend on the clock: two exports of one job give the same bytes.
    """

    dataset: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    job_id: str
    simulated: bool
    model: str
    spec: dict[str, JsonValue]
    catalog: str
    catalog_name: str
    catalog_hash: str
    language: str
    jurisdiction: str
    prompt_version: str
    code_version: str
    system_prompts: tuple[SystemPrompt, ...] = Field(min_length=1)
    planned: int
    accepted: int
    rejected: int = 0
    undecided: int = 0
    failed: int = 0
    reasons: dict[str, int] = Field(default_factory=dict)
    shortfalls: tuple[Shortfall, ...] = ()
    evaluation: EvaluationFacts | None = None
    """None where no evaluation file was named."""
    data_docs: str | None = None
    """Path of Great Expectations' own pages from the release's folder; they lie beside it, and are no part of it."""
    spent_usd: str
    budget_usd: str
    license: str = "other"
    license_name: str = "see-catalog"


class ReleaseFile(ReleasePart):
    """A file of a release. `rows` was counted by reading the file back; None for a file without rows."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


class ReleaseCounts(ReleasePart):
    """How much a release holds. `splits` are conversations."""

    conversations: int
    pairs: int
    splits: dict[str, int]


class Release(ReleasePart):
    """A release on disk. `version` is its content's address: another content has another version."""

    version: str
    path: Path
    files: tuple[ReleaseFile, ...]
    counts: ReleaseCounts
