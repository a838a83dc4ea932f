"""The plan of a release: which split and which system prompt each conversation gets."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from brightrun.catalog import SystemPrompt
from brightrun.dealing import deal
from brightrun.errors import ExportError
from brightrun.export.checks import check_text
from brightrun.export.splits import Division, SplitName, divide, group_key
from brightrun.quality.table import ConversationRow
from brightrun.spec import ExportSpec


@dataclass(frozen=True)
class ReleasePlan:
    """Which group, split and system prompt each conversation gets, in the order of the conversations."""

    division: Division
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    splits: tuple[SplitName, ...]
    system_prompts: tuple[SystemPrompt, ...]


def plan_release(
    rows: Iterable[ConversationRow],
    export: ExportSpec,
    system_prompts: Sequence[SystemPrompt],
    simulated: bool,
    together: Iterable[Collection[str]] = (),
) -> ReleasePlan:
    """The plan for conversations that come in ascending order of their ids, by code point (in Postgres: `COLLATE "C"`).

    `together` are sets of group keys that must stand in the same split. Raises ExportError for what cannot be one
    release.
    """
    ids: list[str] = []
    groups: list[str] = []
    for row in rows:
        if ids and row.conversation_id <= ids[-1]:
            raise ExportError(
                f"Conversation {row.conversation_id} came after {ids[-1]}: an export needs every "
                "conversation once, in ascending order of ids."
            )
        if row.simulated != simulated:
            raise ExportError(
                f"Conversation {row.conversation_id} is {_kind(not simulated)} and its job is "
                f"{_kind(simulated)}: the two are never in one release."
            )
        ids.append(row.conversation_id)
        groups.append(group_key(row, export.group_by))
    if not ids:
        raise ExportError("There is nothing to export: no conversation was accepted.")
    division = divide(Counter(groups), export.splits, export.seed, together)
    splits = [division.split_of[group] for group in groups]
    for prompt in system_prompts:
        check_text(f"System prompt {prompt.key}", prompt.text)
    prompts = _dealt(splits, system_prompts, export.seed)
    return ReleasePlan(division, tuple(ids), tuple(groups), tuple(splits), tuple(prompts))


def _kind(simulated: bool) -> str:
    return "simulated" if simulated else "real"


def _dealt(splits: Sequence[SplitName], prompts: Sequence[SystemPrompt], seed: int) -> list[SystemPrompt]:
    """Dealt by their shares within every split, so that no split learns or measures another mix."""
    by_key = {prompt.key: prompt for prompt in prompts}
    shares = {prompt.key: prompt.share for prompt in prompts}
    dealt = {
        split: iter(deal(shares, count, random.Random(f"{seed}:system_prompt:{split}")))
        for split, count in sorted(Counter(splits).items())
    }
    return [by_key[next(dealt[split])] for split in splits]
