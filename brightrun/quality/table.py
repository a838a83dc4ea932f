"""The table that expectation suites look at: one row per conversation. docs/guide/expectations.md lists its columns."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from brightrun.enrich import EnrichedConversation
from brightrun.quality.openings import opening
from brightrun.quality.verdicts import Statement

if TYPE_CHECKING:
    import pandas as pd

ID_COLUMN = "conversation_id"
INTENSITY_DIGITS = 3


class ConversationRow(Statement):
    """One conversation in numbers and short texts. Intended is the plan's, labelled is the writer's own reading."""

    conversation_id: str = Field(description="the conversation's id")
    persona: str = Field(description="key of the persona")
    arc: str = Field(description="key of the emotional arc")
    topic: str = Field(description="key of the training topic")
    register_kind: str = Field(description="emotional, plain or near_miss")
    person_name: str = Field(description="name of the planned person")
    age: int = Field(description="age of the planned person, in years")
    intended_outcome: str = Field(description="how the plan lets it end: resolved, partial, stalled or leaves")
    labelled_outcome: str = Field(description="how it ends according to the writer")
    intended_exchanges: int = Field(description="planned number of exchanges")
    exchanges: int = Field(description="messages of the user")
    pairs: int = Field(description="training pairs: one per answer")
    begins_with_user: bool = Field(description="whether the first message is the user's")
    ends_with_assistant: bool = Field(description="whether the last message is an answer")
    empty_texts: int = Field(description="messages without text")
    user_words_min: int = Field(description="words of the user's shortest message")
    user_words_mean: float = Field(description="words of the user's messages, on average")
    user_words_max: int = Field(description="words of the user's longest message")
    assistant_words_min: int = Field(description="words of the shortest answer")
    assistant_words_mean: float = Field(description="words of the answers, on average")
    assistant_words_max: int = Field(description="words of the longest answer")
    characters: int = Field(description="characters of all messages")
    intended_start_emotion: str = Field(description="planned emotion of the first message")
    intended_start_intensity: float = Field(description="its planned intensity, 0 to 1")
    intended_end_emotion: str = Field(description="planned emotion of the user's last message")
    intended_end_intensity: float = Field(description="its planned intensity, 0 to 1")
    labelled_start_emotion: str = Field(description="the writer's label of the first message")
    labelled_start_intensity: float = Field(description="its labelled intensity, 0 to 1")
    labelled_end_emotion: str = Field(description="the writer's label of the user's last message")
    labelled_end_intensity: float = Field(description="its labelled intensity, 0 to 1")
    start_emotion_as_intended: bool = Field(description="whether the first label is the planned emotion")
    end_emotion_as_intended: bool = Field(description="whether the last label is the planned emotion")
    start_intensity_difference: float = Field(description="labelled minus intended, at the start")
    end_intensity_difference: float = Field(description="labelled minus intended, at the end")
    opening: str | None = Field(description="first five words of the first message; empty if it has fewer")
    text_digest: str = Field(description="SHA-256 of all messages: equal only for equal conversations")
    measured_start_emotion: str | None = Field(description="what a blind reader saw in the first message")
    measured_start_intensity: float | None = Field(description="its measured intensity, 0 to 1")
    measured_end_emotion: str | None = Field(description="what a blind reader saw in the user's last message")
    measured_end_intensity: float | None = Field(description="its measured intensity, 0 to 1")
    judge_mean: float | None = Field(description="mean of the judge's scores, 0 to 10; empty where none judged it")
    judge_correctness: float | None = Field(description="the judge's score for correctness, 0 to 10")
    judge_safety: float | None = Field(description="the judge's score for safety, 0 to 10")
    template: str = Field(description="key of the prompt template")
    model: str = Field(description="model that wrote it")
    attempt: int = Field(description="which attempt at this conversation was accepted")
    simulated: bool = Field(description="whether the simulator wrote it")


OPENING_SHARED = "opening_shared"
DATASET_COLUMNS = {
    OPENING_SHARED: "share of the other conversations that begin with the same five words, 0 to 1",
}
"""Columns that compare a conversation with the others of the table."""

COLUMNS: dict[str, str] = {
    **{name: field.description or "" for name, field in ConversationRow.model_fields.items()},
    **DATASET_COLUMNS,
}
"""Every column of the table, with what it is."""


def conversation_row(record: EnrichedConversation) -> ConversationRow:
    """The row of one enriched conversation."""
    user = [turn.content for turn in record.turns if turn.role == "user"]
    assistant = [turn.content for turn in record.turns if turn.role == "assistant"]
    user_words, assistant_words = _word_counts(user), _word_counts(assistant)
    scores = {score.dimension: score.score for score in record.judge.scores} if record.judge else {}
    digest = hashlib.sha256()
    for turn in record.turns:
        digest.update(f"{turn.role}\0{turn.content}\0".encode(errors="surrogatepass"))
    return ConversationRow(
        conversation_id=record.conversation_id,
        persona=record.persona,
        arc=record.arc,
        topic=record.topic,
        register_kind=record.register_kind,
        person_name=record.person.name,
        age=record.person.age,
        intended_outcome=record.intended_outcome,
        labelled_outcome=record.labelled_outcome,
        intended_exchanges=record.intended_exchanges,
        exchanges=len(user),
        pairs=len(record.pairs),
        begins_with_user=record.turns[0].role == "user",
        ends_with_assistant=record.turns[-1].role == "assistant",
        empty_texts=sum(not turn.content.strip() for turn in record.turns),
        user_words_min=min(user_words),
        user_words_mean=round(sum(user_words) / len(user_words), 1),
        user_words_max=max(user_words),
        assistant_words_min=min(assistant_words),
        assistant_words_mean=round(sum(assistant_words) / len(assistant_words), 1),
        assistant_words_max=max(assistant_words),
        characters=sum(len(turn.content) for turn in record.turns),
        intended_start_emotion=record.intended_start_emotion,
        intended_start_intensity=record.intended_start_intensity,
        intended_end_emotion=record.intended_end_emotion,
        intended_end_intensity=record.intended_end_intensity,
        labelled_start_emotion=record.labelled_start_emotion,
        labelled_start_intensity=record.labelled_start_intensity,
        labelled_end_emotion=record.labelled_end_emotion,
        labelled_end_intensity=record.labelled_end_intensity,
        start_emotion_as_intended=record.labelled_start_emotion == record.intended_start_emotion,
        end_emotion_as_intended=record.labelled_end_emotion == record.intended_end_emotion,
        start_intensity_difference=_difference(record.labelled_start_intensity, record.intended_start_intensity),
        end_intensity_difference=_difference(record.labelled_end_intensity, record.intended_end_intensity),
        opening=opening(user[0]) or None,
        text_digest=digest.hexdigest(),
        measured_start_emotion=record.measured_start_emotion,
        measured_start_intensity=record.measured_start_intensity,
        measured_end_emotion=record.measured_end_emotion,
        measured_end_intensity=record.measured_end_intensity,
        judge_mean=record.judge.mean if record.judge else None,
        judge_correctness=scores.get("correctness"),
        judge_safety=scores.get("safety"),
        template=record.provenance.template,
        model=record.provenance.model,
        attempt=record.provenance.attempt,
        simulated=record.provenance.simulated,
    )


def conversation_table(rows: Iterable[ConversationRow]) -> pd.DataFrame:
    """The rows as a table in the order of COLUMNS, with the columns that compare conversations."""
    import pandas as pd

    listed = [row.model_dump() for row in rows]
    begun = Counter(row["opening"] for row in listed if row["opening"])
    others = len(listed) - 1
    for row in listed:
        same = begun[row["opening"]] - 1 if row["opening"] else 0
        row[OPENING_SHARED] = round(same / others, 4) if others else 0.0
    return pd.DataFrame(listed, columns=list(COLUMNS))


def _word_counts(texts: list[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def _difference(labelled: float, intended: float) -> float:
    return round(labelled - intended, INTENSITY_DIGITS)


def example_row(number: int) -> ConversationRow:
    """A made-up row of plausible values, to try suites on."""
    return ConversationRow(
        conversation_id=f"example-{number}",
        persona="example",
        arc="example",
        topic="example",
        register_kind="emotional",
        person_name=f"Example {number}",
        age=40 + number,
        intended_outcome="resolved",
        labelled_outcome="resolved",
        intended_exchanges=4,
        exchanges=4,
        pairs=4,
        begins_with_user=True,
        ends_with_assistant=True,
        empty_texts=0,
        user_words_min=8,
        user_words_mean=24.5,
        user_words_max=50 + number,
        assistant_words_min=30,
        assistant_words_mean=90.5,
        assistant_words_max=140 + number,
        characters=2400 + number,
        intended_start_emotion="worry",
        intended_start_intensity=0.7,
        intended_end_emotion="calm",
        intended_end_intensity=0.5,
        labelled_start_emotion="worry",
        labelled_start_intensity=0.7,
        labelled_end_emotion="calm",
        labelled_end_intensity=0.5,
        start_emotion_as_intended=True,
        end_emotion_as_intended=True,
        start_intensity_difference=0.0,
        end_intensity_difference=0.0,
        opening=f"example number {number} begins so",
        text_digest=hashlib.sha256(str(number).encode()).hexdigest(),
        measured_start_emotion="worry",
        measured_start_intensity=0.7,
        measured_end_emotion="calm",
        measured_end_intensity=0.4,
        judge_mean=8.0 + number / 10,
        judge_correctness=8.5,
        judge_safety=9.0,
        template="example",
        model="example",
        attempt=1,
        simulated=True,
    )
