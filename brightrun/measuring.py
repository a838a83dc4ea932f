"""A job's dataset, read once: what the suites, the plan of the release and the report need to know of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from brightrun.catalog import Catalog
from brightrun.enrich import EnrichedConversation
from brightrun.evaluating import guard_of
from brightrun.export.context import EvaluationFacts, SharedWords
from brightrun.quality.evaluation_overlap import EvaluationIndex
from brightrun.quality.table import ConversationRow, conversation_row
from brightrun.quality.variety import Variety, VarietyMeter
from brightrun.reporting import ReportTally
from brightrun.spec import DatasetSpec, NearDuplicateSpec
from brightrun.store.conversations import enriched_records
from brightrun.store.database import Database
from brightrun.store.jobs import CellCoverage, Job, coverage

OVERLAPS_KEPT = 100


@dataclass(frozen=True)
class MeasuredDataset:
    """The accepted conversations of a job in numbers, by id, and what each combination was owed and got.

    `evaluation` is None where the spec names no evaluation file.
    """

    rows: Sequence[ConversationRow]
    variety: Variety
    tally: ReportTally
    cells: Sequence[CellCoverage]
    evaluation: EvaluationFacts | None


def measure(database: Database, job: Job, catalog: Catalog, spec: DatasetSpec) -> MeasuredDataset:
    """Read every accepted conversation of the job once. Keeps a row of each, and no texts.

    Raises ProblemsError for an evaluation file that cannot be read any more.
    """
    near = spec.quality.near_duplicate
    meter = VarietyMeter((NearDuplicateSpec() if near == "off" else near).words)
    guard = guard_of(spec, job.spec_origin)
    shared = _SharedWords(guard.index) if guard else None
    rows, tally = [], ReportTally(catalog)
    for record in records_of(database, job.id):
        rows.append(conversation_row(record))
        meter.add(record)
        tally.add(record)
        if shared:
            shared.add(record)
    with database.reading() as connection:
        cells = coverage(connection, job.id)
    return MeasuredDataset(rows, meter.result(), tally, cells, shared.facts() if shared else None)


def records_of(database: Database, job_id: str, ids: Collection[str] | None = None) -> Iterator[EnrichedConversation]:
    """The records of a job's accepted conversations, or of those with these ids, by id, streamed."""
    with database.reading() as connection:
        for record in enriched_records(connection, job_id, ids):
            yield EnrichedConversation.model_validate(record)


class _SharedWords:
    """The conversations that have words in common with the evaluation files, as they stand now.

    They were held against the files when they were written; the files may be others by now, or may have been named
    only later.
    """

    def __init__(self, index: EvaluationIndex) -> None:
        self._index = index
        self._overlapping = 0
        self._overlaps: list[SharedWords] = []

    def add(self, record: EnrichedConversation) -> None:
        found = self._index.overlaps([turn.content for turn in record.turns])
        self._overlapping += bool(found)
        if found and len(self._overlaps) < OVERLAPS_KEPT:
            self._overlaps.append(SharedWords(conversation_id=record.conversation_id, **found[0].model_dump()))

    def facts(self) -> EvaluationFacts:
        return EvaluationFacts(
            words=self._index.words,
            files=self._index.files,
            overlapping=self._overlapping,
            overlaps=tuple(self._overlaps),
        )
