"""What a conversation has too much in common with the others of its dataset: twins, and words said too often.

The dataset is what was accepted, or waits to be judged, in this job and in earlier jobs of the same name. Simulated
conversations are compared with simulated ones only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from brightrun.conversation import Conversation
from brightrun.quality.duplicates import DuplicateIndex, Twin
from brightrun.quality.fingerprints import Fingerprint
from brightrun.quality.neighbour_codes import NeighbourCode, NeighbourFinding
from brightrun.quality.phrases import Overuse, PhraseBook, PhraseKind, Phrasing
from brightrun.quality.verdicts import Severity
from brightrun.spec import NearDuplicateSpec
from brightrun.store.database import Database
from brightrun.store.jobs import Job
from brightrun.store.states import ItemState
from brightrun.store.tables import batch_items, batch_jobs, conversations

AVOIDED = 12
"""So many phrases another attempt is asked to do without."""

COMMONEST_TOLD = 12
"""So many overused phrases are told of one conversation, those in most others: a long one can have over a hundred."""

KEPT = (ItemState.ACCEPTED, ItemState.UNDECIDED)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A conversation with what is compared of it. `printed` is absent where duplicates are not looked for."""

    conversation: Conversation
    printed: Fingerprint | None
    phrasing: Phrasing


class Neighbours:
    """The dataset so far, as far as the next conversation is compared with it. It keeps no texts."""

    def __init__(self, near: NearDuplicateSpec | None) -> None:
        self._index = DuplicateIndex(near.similarity, near.words) if near else None
        self._phrases = PhraseBook()
        self._counted: set[str] = set()
        self._compared: _Compared | None = None

    def add(self, conversation_id: str, conversation: Conversation) -> None:
        """The conversation belongs to the dataset. One that `findings` was asked about last is not read again."""
        made = self._made(conversation)
        self._compared = None
        if self._index is not None and made.printed is not None and conversation_id not in self._index:
            self._index.add(conversation_id, made.printed)
        if conversation_id not in self._counted:
            self._counted.add(conversation_id)
            self._phrases.add(made.phrasing)

    def remove(self, conversation_id: str) -> None:
        """It does not after all. Its phrases stay counted: they were written, if not used."""
        if self._index is not None and conversation_id in self._index:
            self._index.remove(conversation_id)

    def findings(self, conversation: Conversation) -> list[NeighbourFinding]:
        """What stands against one that was not added."""
        made = self._compared = self._made(conversation)
        found = [self._overuse(overuse) for overuse in commonest(self._phrases.overused(made.phrasing))]
        twin = self._index.nearest(conversation, made.printed) if self._index is not None else None
        return found if twin is None else [self._duplicate(twin), *found]

    def to_avoid(self) -> tuple[str, ...]:
        """Phrases that the next conversations are to do without, the commonest first."""
        return tuple(self._phrases.to_avoid(AVOIDED))

    def _made(self, conversation: Conversation) -> _Compared:
        if self._compared is not None and self._compared.conversation is conversation:
            return self._compared
        printed = self._index.fingerprint(conversation) if self._index is not None else None
        return _Compared(conversation, printed, self._phrases.phrasing(conversation))

    def _duplicate(self, twin: Twin) -> NeighbourFinding:
        is_same = twin.exact and twin.similarity == 1.0
        code = NeighbourCode.EXACT_DUPLICATE if is_same else NeighbourCode.NEAR_DUPLICATE
        said = f"{twin.part.value}, {twin.similarity:.0%} as {twin.conversation_id}: {twin.quote or 'all of it'}"
        return NeighbourFinding(code=code, severity=Severity.FAIL, turn=None, quote=said)

    def _overuse(self, overuse: Overuse) -> NeighbourFinding:
        is_opening = overuse.kind is PhraseKind.FIRST_OPENING
        return NeighbourFinding(
            code=NeighbourCode.OVERUSED_OPENING if is_opening else NeighbourCode.OVERUSED_PHRASE,
            severity=Severity.FAIL if is_opening else Severity.WARN,
            turn=overuse.turn,
            quote=overuse.phrase,
        )


def commonest(overused: list[Overuse]) -> list[Overuse]:
    """The first opening if it is overused, for it rejects, and the commonest of the rest, in the order they came in."""
    first = [each for each in overused if each.kind is PhraseKind.FIRST_OPENING]
    rest = [each for each in overused if each.kind is not PhraseKind.FIRST_OPENING]
    rest.sort(key=lambda each: -each.conversations)
    kept = {*first, *rest[: COMMONEST_TOLD - len(first)]}
    return [each for each in overused if each in kept]


def neighbours_of(database: Database, job: Job, near: NearDuplicateSpec | None) -> Neighbours:
    """The dataset of the job as it stands in the store."""
    neighbours = Neighbours(near)
    with database.reading() as connection:
        for conversation_id, content in _dataset(connection, job):
            neighbours.add(conversation_id, content)
    return neighbours


def _dataset(connection: Connection, job: Job) -> Iterator[tuple[str, Conversation]]:
    c, i, j = conversations.c, batch_items.c, batch_jobs.c
    query = (
        select(c.id, c.content)
        .join(batch_items, i.conversation_id == c.id)
        .join(batch_jobs, j.id == i.job_id)
        .where(j.name == job.name, j.simulated == job.simulated, i.state.in_([state.value for state in KEPT]))
        .order_by(j.created_at, i.position)
        .execution_options(yield_per=200)
    )
    for conversation_id, content in connection.execute(query):
        yield conversation_id, Conversation.model_validate(content)
