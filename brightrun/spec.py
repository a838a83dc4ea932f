"""DatasetSpec: what to build. Read from YAML; also the form that the Prefect UI shows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from brightrun.errors import Problem, ProblemsError
from brightrun.quality.verdict_rule import VerdictRule
from brightrun.yaml_source import YamlSource, problems_of, read_yaml, validated

Selection = list[str] | Literal["all", "active"]
PathText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")
]
SPLIT_TOLERANCE = 1e-9


class SpecPart(BaseModel):
    """A part of a spec: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class SampleSpec(SpecPart):
    """A part of the grid instead of all of it."""

    method: Literal["random", "pairwise"]
    """random: `size` combinations by chance. pairwise: every pair of values at least once."""
    size: int | None = Field(default=None, ge=1)
    """How many combinations; with pairwise, what the pairs leave free is filled by chance."""
    seed: int = 7
    """Another seed chooses other combinations."""

    @model_validator(mode="after")
    def _random_needs_a_size(self) -> Self:
        if self.method == "random" and self.size is None:
            raise ValueError("method random needs a size")
        return self


class GridSpec(SpecPart):
    """Which combinations of persona, arc and topic are wanted, and how many conversations of each."""

    personas: list[str] | Literal["all"] = "all"
    """Persona keys, or `all`."""
    arcs: list[str] | Literal["all"] = "all"
    """Emotional arc keys, or `all`."""
    topics: Selection = "all"
    """Topic keys, or `all`, or `active` for those the catalog marks so."""
    unsuitable: Literal["keep", "warn", "drop"] = "drop"
    """What to do with combinations that the catalog advises against."""
    per_cell: int = Field(default=1, ge=1, le=1000)
    """Accepted conversations wanted of every combination."""
    edge_share: float | None = Field(default=0.08, ge=0, lt=1)
    """Share of all conversations that edge arcs get; null treats them like any other arc."""
    plain_share: float = Field(default=0.1, ge=0, le=1)
    """Share of conversations that are emotionally plain questions."""
    sample: SampleSpec | None = None
    """Null for the whole grid."""
    seed: int = 7
    """Seed of identities, variations and outcomes."""


class GenerateSpec(SpecPart):
    """How conversations are asked of Claude."""

    model: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = "claude-sonnet-5-5"
    """Model that writes the conversations."""
    max_tokens: int = Field(default=8192, ge=256, le=64000)
    """Most tokens of one reply."""
    lane: Literal["online"] = "online"
    """How calls travel."""
    concurrency: int = Field(default=16, ge=1, le=256)
    """Most calls in flight in one process."""
    attempts_per_item: int = Field(default=6, ge=1, le=20)
    """Most generations paid for one conversation."""
    timeout_s: float = Field(default=300, ge=1, le=3600)
    """Seconds to wait for one reply. A call that takes longer counts as possibly paid."""
    budget_usd: Decimal = Field(ge=0, le=1_000_000, decimal_places=6)
    """Most US dollars the job may spend."""


class JudgeSpec(SpecPart):
    """A model that scores each conversation by the catalog's rubric, from 0 to 10."""

    model: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = "claude-haiku-5-5"
    """Model that judges."""
    minimum: Decimal = Field(default=Decimal("7.0"), ge=0, le=10)
    """Lowest mean over the rubric's dimensions that is accepted."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Share of the conversations that are judged, chosen by the grid's seed."""
    max_tokens: int = Field(default=4096, ge=256, le=64000)
    """Most tokens of one judgement."""


class ReaderSpec(SpecPart):
    """A model that reads the feelings of each user message from the text alone."""

    model: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = "claude-haiku-5-5"
    """Model that reads."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Share of the conversations that are read, chosen by the grid's seed."""
    max_tokens: int = Field(default=2048, ge=256, le=64000)
    """Most tokens of one reading."""


class NearDuplicateSpec(SpecPart):
    """When two conversations are too much alike: advisor turns and first user turns are compared apart."""

    similarity: float = Field(default=0.5, ge=0.3, le=1)
    """Jaccard similarity of word n-grams from which a conversation is a duplicate."""
    words: int = Field(default=5, ge=1, le=20)
    """Words of an n-gram."""


class EvaluationSpec(SpecPart):
    """Files that models are to be evaluated with: what stands in them must not be trained on."""

    files: list[PathText] = Field(min_length=1)
    """JSON Lines, plain text or Parquet, relative to the working directory or to the spec."""
    words: int = Field(default=13, ge=4, le=100)
    """So many words in a row make an overlap."""
    counts_as: Literal["fail", "warn"] = "fail"
    """fail: a conversation with an overlap is rejected and written again. warn: it stays, and is counted."""


class QualitySpec(SpecPart):
    """What the conversations and the dataset are checked against."""

    suite: PathText = "expectations/conversations.json"
    """Great Expectations suite over one row per conversation."""
    release_suite: PathText = "expectations/release.json"
    """Great Expectations suite over the dataset as a whole, in one row."""
    rule: dict[str, Literal["fail", "warn", "off"]] = Field(default_factory=dict)
    """What findings of the checks count as, by code; a code that is not named keeps its own severity."""
    near_duplicate: NearDuplicateSpec | Literal["off"] = NearDuplicateSpec()
    """When a conversation is a duplicate of another one of the dataset, or `off`."""
    evaluation: EvaluationSpec | Literal["off"] = "off"
    """What conversations must not have in common with evaluation files, or `off`."""
    judge: JudgeSpec | Literal["off"] = "off"
    """A model as judge, or `off`. The catalog needs a rubric for it."""
    reader: ReaderSpec | Literal["off"] = "off"
    """A blind reader of feelings, or `off`."""

    @field_validator("rule")
    @classmethod
    def _of_codes_there_are(cls, rule: dict[str, str]) -> dict[str, str]:
        VerdictRule.model_validate(rule)
        return rule


class ExportSpec(SpecPart):
    """What the release holds."""

    formats: list[Literal["messages", "pairs", "sharegpt"]] = Field(default=["messages", "pairs"], min_length=1)
    """Formats to write."""
    splits: dict[Literal["train", "validation", "test"], float] = Field(
        default={"train": 0.9, "validation": 0.1}, min_length=1
    )
    """Share of each split. They add up to 1."""
    group_by: Literal["cell", "topic", "persona"] = "cell"
    """What is never divided between splits."""
    seed: int = 13
    """Seed of the division into splits and of the mix of system prompts."""

    @field_validator("splits")
    @classmethod
    def _adds_up(cls, splits: dict[str, float]) -> dict[str, float]:
        if not all(0 < share <= 1 for share in splits.values()):
            raise ValueError("every split needs a share above 0 and up to 1; leave out a split that is not wanted")
        total = sum(splits.values())
        if not abs(total - 1) <= SPLIT_TOLERANCE:
            raise ValueError(f"the shares of the splits must add up to 1; they add up to {total:g}")
        return splits

    @field_validator("formats")
    @classmethod
    def _once_each(cls, formats: list[str]) -> list[str]:
        if len(set(formats)) != len(formats):
            raise ValueError("a format stands in the list twice")
        return formats


class DatasetSpec(SpecPart):
    """A dataset to build: its catalog, its grid, how it is generated, checked and exported."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    """Lower case letters, digits and dashes."""
    catalog: PathText
    """Folder of the catalog, relative to the working directory or to the spec."""
    grid: GridSpec = GridSpec()
    generate: GenerateSpec
    quality: QualitySpec = QualitySpec()
    export: ExportSpec = ExportSpec()


class LoadedSpec(BaseModel):
    """A spec with where it came from, so that problems can name file and line and paths can be resolved."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    spec: DatasetSpec
    source: YamlSource

    def resolve(self, path: str) -> Path:
        """A path of the spec: as it is when absolute or present, else beside the spec file or above it."""
        wanted = Path(path)
        if wanted.is_absolute() or wanted.exists():
            return wanted.resolve()
        origin = Path(self.source.name).resolve().parent
        for folder in (origin, origin.parent):
            if (folder / wanted).exists():
                return (folder / wanted).resolve()
        return wanted.resolve()


def load_spec(spec: DatasetSpec | str | Path) -> LoadedSpec:
    """Read a spec file, or take a spec made in Python. Raises ProblemsError naming file and line."""
    if isinstance(spec, DatasetSpec):
        return LoadedSpec(spec=spec, source=YamlSource(name="<spec>"))
    path = Path(spec)
    try:
        source = read_yaml(path, str(spec))
    except FileNotFoundError:
        raise ProblemsError("The spec cannot be read", [Problem(str(spec), 0, _missing(path))]) from None
    except OSError as error:
        raise ProblemsError("The spec cannot be read", [Problem(str(spec), 0, error.strerror or str(error))]) from error
    problems = list(source.problems)
    loaded = None
    if not problems:
        loaded = validated(DatasetSpec, source, problems)
    if loaded is None:
        raise ProblemsError("The spec cannot be used", problems)
    return LoadedSpec(spec=loaded, source=source)


def parse_spec(data: dict[str, Any], name: str) -> DatasetSpec:
    """A spec from stored data; ProblemsError where it no longer fits the program."""
    try:
        return DatasetSpec.model_validate(data)
    except ValidationError as error:
        source = YamlSource(name=name, data=data)
        raise ProblemsError("The stored spec cannot be used", problems_of(error, DatasetSpec, source)) from error


def _missing(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder}"
    others = sorted(p.name for p in folder.glob("*.yaml"))
    if not others:
        return f"there is no such file, and no spec in {folder}"
    return f"there is no such file; specs in {folder}: {', '.join(others)}"
