"""What a report says: every figure, name and text on the page, and nothing that is not on it.

The page, its short version and whatever else shows a job read these facts, so that no two of them differ.
A figure that nobody measured is None, never 0. `intended_*` is the plan's, `labelled_*` the writer's, `measured_*`
a blind reader's.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fitness(StrEnum):
    """Whether a dataset may be trained on."""

    NO = "no"
    YES_EXCEPT = "yes, except"
    YES = "yes"


class ReasonCount(Part):
    """A reason code, what it means for people, and how many conversations or attempts it stands against."""

    code: str
    meaning: str
    count: int


class Answer(Part):
    """What a person wants to know first. Money is exact US dollars, as text.

    `missing_because` adds up to `missing`. `exceptions` are whole sentences: what speaks against training on it.
    """

    asked: int
    ready: int
    rejected: int
    undecided: int
    failed: int
    cancelled: int
    unfinished: int
    missing: int
    missing_because: tuple[ReasonCount, ...]
    spent_usd: str
    budget_usd: str
    simulated: bool
    fitness: Fitness
    exceptions: tuple[str, ...]


class HeatCell(Part):
    """Conversations owed to a cell of a map, and those that are ready."""

    owed: int
    ready: int

    @property
    def nearly(self) -> bool:
        """Whether at least nine of ten are ready."""
        return self.ready * 10 >= self.owed * 9


class HeatRow(Part):
    """A row of a map; None stands where nothing was asked for."""

    name: str
    cells: tuple[HeatCell | None, ...]


class ColumnGroup(Part):
    """Columns of a map that belong together; a map of two axes has one group without a name."""

    name: str | None
    columns: tuple[str, ...]


class HeatMap(Part):
    """Coverage over two axes, or over all three with one of them as groups of columns."""

    title: str
    row_axis: str
    column_axis: str
    groups: tuple[ColumnGroup, ...]
    rows: tuple[HeatRow, ...]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return sum(len(group.columns) for group in self.groups)

    @property
    def group_starts(self) -> frozenset[int]:
        """The columns, counted from 0, that begin a group."""
        return frozenset(sum(len(group.columns) for group in self.groups[:end]) for end in range(len(self.groups)))


class ShortCombination(Part):
    """A combination that has fewer conversations than it was owed."""

    persona: str
    arc: str
    topic: str
    owed: int
    ready: int
    reasons: tuple[str, ...]


class Coverage(Part):
    """What each combination was owed and got. `whole` says that the maps show every single combination."""

    combinations: int
    filled: int
    whole: bool
    maps: tuple[HeatMap, ...]
    short: tuple[ShortCombination, ...]
    short_total: int


class AttemptFacts(Part):
    """Verdicts on every conversation that was written, also on those that were written again later.

    A conversation can be rejected for several reasons, so `reasons` may add up to more than `rejected`.
    `lost` are attempts that brought no conversation.
    """

    written: int
    ready: int
    rejected: int
    undecided: int
    reasons: tuple[ReasonCount, ...]
    warnings: tuple[ReasonCount, ...]
    lost: tuple[ReasonCount, ...]


class Bar(Part):
    label: str
    count: int


class Distribution(Part):
    """How a quantity is spread. Percentiles are by nearest rank."""

    name: str
    unit: str
    count: int
    least: float
    p10: float
    median: float
    p90: float
    most: float
    bars: tuple[Bar, ...]


class ScoreFacts(Part):
    """What the judge gave, from 0 to 10, to the conversations it saw."""

    scored: int
    of: int
    overall: Distribution
    dimensions: tuple[Distribution, ...]


class EmotionShare(Part):
    """How many of the messages at one place have this feeling, and how many messages there are."""

    emotion: str
    count: int
    of: int


class PathPoint(Part):
    """Intensities at one place of a conversation, from 0 (first message) to 1 (last)."""

    position: float
    messages: int
    mean: float
    p10: float
    p90: float


class FeelingPath(Part):
    """Feelings on the way through conversations, by one source: where they stand, and the commonest words for them."""

    points: tuple[PathPoint, ...]
    start: tuple[EmotionShare, ...]
    middle: tuple[EmotionShare, ...]
    end: tuple[EmotionShare, ...]


class ArcPath(Part):
    """The feelings of one group of conversations: an arc, its near misses, or all plain questions."""

    name: str
    conversations: int
    intended: FeelingPath
    labelled: FeelingPath
    measured: FeelingPath | None


class OutcomeCount(Part):
    """How many conversations were to end in one way and, by the writer's label, ended in another or the same."""

    intended_outcome: str
    labelled_outcome: str
    count: int


class Figure(Part):
    """One measured figure with what it means; `value` is as it is to be read."""

    name: str
    value: str
    meaning: str


class RepeatedText(Part):
    """Words that many conversations share, and how many."""

    kind: str
    text: str
    count: int
    share: float


class VarietyFacts(Part):
    """How different the ready conversations are from each other."""

    figures: tuple[Figure, ...]
    repeated: tuple[RepeatedText, ...]


class SharedFact(Part):
    """Words that a conversation has in common with an evaluation file."""

    conversation_id: str
    place: str
    words: str


class EvaluationFileFact(Part):
    """An evaluation file, as it was. `too_short` are texts of too few words to be found."""

    path: str
    sha256: str
    texts: int
    too_short: int


class EvaluationOverlapFacts(Part):
    """The evaluation files, and what the ready conversations have in common with them: `words` in a row or more."""

    words: int
    files: tuple[EvaluationFileFact, ...]
    overlapping: int
    shared: tuple[SharedFact, ...]


class SpendFacts(Part):
    """Where the money went: US dollars, exact, as text. `other_usd` is all that did not become a ready conversation."""

    spent_usd: str
    budget_usd: str
    ready_usd: str
    other_usd: str
    per_ready_usd: str | None
    calls: int
    possibly_paid_calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_saved_usd: str


class SampleTurn(Part):
    """One message of a sample. `cut_characters` were left out of it on the page."""

    role: str
    text: str
    cut_characters: int
    labelled_emotion: str | None
    labelled_intensity: float | None
    measured_emotion: str | None
    measured_intensity: float | None


class SampleScore(Part):
    """The judge's score of one dimension, and its reason."""

    dimension: str
    score: float
    reason: str


class Sample(Part):
    """A conversation to read, and the rule it was chosen by."""

    rule: str
    conversation_id: str
    persona: str
    arc: str
    topic: str
    person: str
    score: float | None
    scores: tuple[SampleScore, ...]
    intended_outcome: str
    labelled_outcome: str
    turns: tuple[SampleTurn, ...]
    turns_left_out: int


class ExpectationFact(Part):
    """One expectation about the dataset, whether it was met, and what was found."""

    text: str
    critical: bool
    met: bool
    found: str


class SplitFact(Part):
    """A part of the release: what it holds, and the share that was wanted."""

    name: str
    conversations: int
    answers: int
    share: float
    wanted_share: float


class TokenFact(Part):
    """Lengths of a format's rows in tokens, and how many rows each trainer's default would cut."""

    format: str
    p50: int
    p95: int
    most: int
    longer: tuple[tuple[str, int], ...]


class Origin(Part):
    """Where the dataset comes from, word for word as in the manifest.

    `data_docs` is the path of Great Expectations' own pages, from the release's folder.
    """

    job_id: str
    model: str
    catalog: str
    catalog_name: str
    catalog_hash: str
    prompt_version: str
    code_version: str
    language: str
    jurisdiction: str
    facts_as_of: tuple[str, ...]
    data_docs: str | None


class ReportFacts(Part):
    """Everything the report shows. What is None was not measured or not asked for, and the page says so.

    `looked_at` is how many of the ready conversations the figures about conversations come from: all, or none where
    a run ended before its release.
    """

    dataset: str
    looked_at: int
    answer: Answer
    coverage: Coverage
    attempts: AttemptFacts | None
    expectations: tuple[ExpectationFact, ...] | None
    scores: ScoreFacts | None
    paths: tuple[ArcPath, ...]
    outcomes: tuple[OutcomeCount, ...]
    lengths: tuple[Distribution, ...]
    tokens: tuple[TokenFact, ...]
    token_method: str | None
    variety: VarietyFacts | None
    evaluation: EvaluationOverlapFacts | None
    spend: SpendFacts
    sample_rule: str
    samples: tuple[Sample, ...]
    splits: tuple[SplitFact, ...]
    unwritten_splits: dict[str, str]
    origin: Origin
