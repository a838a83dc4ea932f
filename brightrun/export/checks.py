"""What would make a release that a reader or a trainer chokes on, refused before it is visible."""

from __future__ import annotations

import json
import re

from brightrun.enrich import EnrichedConversation
from brightrun.errors import ExportError

SPLIT_WORDS = re.compile("train|test|valid|dev|eval", re.IGNORECASE)
SPLIT_FILE = re.compile(r"(.*/)(train|validation|test)(\.[a-z]+)")


def check_record(record: EnrichedConversation, pair_ids: set[str]) -> None:
    """User and assistant in turn, one pair for every answer, ids met once, and text that is text.

    `pair_ids` are those met so far; the record's are added. Raises ExportError naming the conversation.
    """
    name = f"Conversation {record.conversation_id}"
    roles = [turn.role for turn in record.turns]
    if not roles or roles != ["user", "assistant"] * (len(roles) // 2):
        raise ExportError(
            f"{name} cannot be exported: its messages must go user, assistant, ..., assistant, "
            f"and go {', '.join(roles) or 'nowhere'}."
        )
    numbers = [pair.turn for pair in record.pairs]
    if numbers != list(range(1, len(roles) // 2 + 1)):
        raise ExportError(
            f"{name} cannot be exported: it has {len(roles) // 2} answers and pairs for the answers {numbers}."
        )
    for pair in record.pairs:
        if pair.pair_id in pair_ids:
            raise ExportError(f"{name} cannot be exported: the pair id {pair.pair_id} is taken.")
        pair_ids.add(pair.pair_id)
    check_text(name, json.dumps(record.model_dump(), ensure_ascii=False))


def check_text(owner: str, text: str) -> None:
    """ExportError for a text that is no valid Unicode: half of a surrogate pair breaks every reader."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ExportError(
            f"{owner} cannot be exported: it holds half a surrogate pair ({text[error.start]!a}), "
            "which is no valid text. Reject it, or generate it again."
        ) from error


def check_path(path: str) -> None:
    """ExportError for a path that a loader would take for a split's: "training_pairs.jsonl" is read as one."""
    named = SPLIT_FILE.fullmatch(path)
    if SPLIT_WORDS.search(named[1] + named[3] if named else path):
        raise ExportError(
            f"{path} cannot be in a release: loaders take a path with train, test, valid, dev or eval in it "
            "for a split. Name the file otherwise."
        )
