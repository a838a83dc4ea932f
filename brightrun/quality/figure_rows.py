"""What stands behind a figure of the dataset: the conversations, combinations or words that a failed expectation of the
release suite is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from brightrun.quality.release_table import DatasetAsPlanned, in_several, rows_in_several_splits
from brightrun.quality.table import ConversationRow
from brightrun.quality.variety import Commonest, Variety


def behind_figures(
    variety: Variety, rows: Sequence[ConversationRow], planned: DatasetAsPlanned, overlapping: Sequence[str] = ()
) -> dict[str, tuple[str, ...]]:
    """By column of the release table, the names that its figure comes from, worst first.

    A spread or a mean over everything has none. `overlapping` are ids of conversations that share words with
    evaluation files.
    """
    short = [cell for cell in planned.cells if cell.is_short]
    lacking = tuple(
        f"{cell.persona} × {cell.arc} × {cell.topic} ({cell.accepted} of {cell.owed})"
        for cell in sorted(short, key=lambda cell: cell.accepted - cell.owed)
    )
    lowest = tuple(row.conversation_id for row in sorted(rows, key=_score) if row.judge_mean is not None)
    texts = Counter(row.text_digest for row in rows)
    twins = sorted((row for row in rows if texts[row.text_digest] > 1), key=lambda row: row.text_digest)
    named = {
        **dict.fromkeys(("ready_share", "short_combinations"), lacking),
        **dict.fromkeys(("judge_mean", "judge_lowest", "judge_p10"), lowest),
        **_ends("persona", Counter(row.persona for row in rows)),
        **_ends("arc", Counter(row.arc for row in rows)),
        **_ends("topic", Counter(row.topic for row in rows)),
        "least_ready_persona_share": tuple(_counted(Counter(cell.persona for cell in short))),
        "least_ready_arc_share": tuple(_counted(Counter(cell.arc for cell in short))),
        "exact_duplicates": _ids(twins),
        "unwritten_splits": tuple(name for name in planned.wanted if name not in planned.splits),
        "groups_in_several_splits": tuple(in_several(planned.groups, planned.splits)),
        "texts_in_several_splits": _ids(rows_in_several_splits(rows, planned.splits)),
        "evaluation_overlaps": tuple(overlapping),
        "commonest_first_opening_share": _phrase(variety.first_opening),
        "commonest_answer_opening_share": _phrase(variety.answer_opening),
        "commonest_closing_share": _phrase(variety.closing),
        "labelled_outcome_as_intended_share": _ids(
            [row for row in rows if row.labelled_outcome != row.intended_outcome]
        ),
        "measured_end_as_intended_share": _ids(
            [row for row in rows if row.measured_end_emotion not in (None, row.intended_end_emotion)]
        ),
    }
    return {column: names for column, names in named.items() if names}


def _score(row: ConversationRow) -> float:
    return row.judge_mean if row.judge_mean is not None else 0.0


def _ends(axis: str, counts: Counter[str]) -> dict[str, tuple[str, ...]]:
    """The commonest of an axis, and what stands behind its balance: the rarest beside it."""
    if not counts:
        return {}
    ordered = _counted(counts)
    return {f"largest_{axis}_share": (ordered[0],), f"{axis}_balance": (ordered[-1], ordered[0])}


def _counted(counts: Counter[str]) -> list[str]:
    return [f"{name} ({count})" for name, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))]


def _ids(rows: Sequence[ConversationRow]) -> tuple[str, ...]:
    return tuple(row.conversation_id for row in rows)


def _phrase(commonest: Commonest | None) -> tuple[str, ...]:
    return (f"“{commonest.phrase}” ({commonest.conversations})",) if commonest else ()
