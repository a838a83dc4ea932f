"""The table that the release suite looks at: one row for the dataset as a whole. docs/guide/expectations.md lists its
columns."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brightrun.quality.fingerprints import COMPARED
from brightrun.quality.neighbours import Within
from brightrun.quality.table import ConversationRow
from brightrun.quality.variety import Variety

if TYPE_CHECKING:
    import pandas as pd

    from brightrun.store.jobs import CellCoverage

SHARE_DIGITS = 4

_WHOLE = {
    "conversations": "conversations that are ready",
    "planned": "conversations that were asked for",
    "ready_share": "ready of those asked for, 0 to 1",
    "combinations": "combinations that were asked for",
    "short_combinations": "combinations that have fewer than they were to have",
    "least_ready_persona_share": "ready of those asked for, of the persona that lacks most, 0 to 1",
    "least_ready_arc_share": "ready of those asked for, of the arc that lacks most, 0 to 1",
    "largest_persona_share": "share of the persona with most conversations, 0 to 1",
    "largest_arc_share": "share of the arc with most conversations, 0 to 1",
    "largest_topic_share": "share of the topic with most conversations, 0 to 1",
    "persona_balance": "conversations of the rarest persona for one of the commonest, 0 to 1",
    "arc_balance": "conversations of the rarest arc for one of the commonest, 0 to 1; edge arcs are rare by plan",
    "exact_duplicates": "conversations whose text another one has",
    "judged_share": "share of the conversations that a judge has scored, 0 to 1",
    "judge_mean": "mean of their scores, 0 to 10; empty where none was judged",
    "judge_lowest": "the lowest of their scores",
    "judge_p10": "a tenth of their scores is no higher",
}
_SPLITS = ("train", "validation", "test")
_DIVISION = {
    **{f"split_{name}_share": f"share of the conversations in {name}, 0 to 1; empty if not wanted" for name in _SPLITS},
    "largest_split_difference": "largest difference between a split's share and the one wanted, 0 to 1",
    "unwritten_splits": "splits that were wanted and get no conversation",
    "groups_in_several_splits": "groups (`export.group_by`) that are in more than one split",
    "texts_in_several_splits": "conversations whose text is in another split as well",
    "evaluation_overlaps": "conversations with words in a row of an evaluation file; empty where none is named",
}
_SPREADS = {
    "words_per_user_turn": "words of a user's message",
    "words_per_advisor_turn": "words of an answer",
    "exchanges": "exchanges of a conversation",
}
_FIGURES = {"p50": "half are at most", "p95": "95 in 100 are at most", "mean": "on average"}
_OTHER = {
    "commonest_first_opening_share": "share of the conversations that begin with the commonest five words",
    "commonest_answer_opening_share": "share of the conversations with an answer that begins as most do",
    "commonest_closing_share": "share of the conversations that end with the commonest five words",
    "thanking_user_turn_share": "share of the user's messages that thank",
    "labelled_outcome_as_intended_share": "share that ends, by the writer's label, as it was planned to",
    "measured_end_as_intended_share": "share of those a reader saw that end in the feeling they were to",
}


def _columns() -> dict[str, str]:
    columns = _WHOLE | _DIVISION
    for role in ("user", "advisor"):
        for n in (1, 2, 3):
            columns[f"distinct_{n}_{role}_share"] = f"different sequences of {n} words among the {role}'s, 0 to 1"
    for name, meaning in _SPREADS.items():
        columns |= {f"{name}_{figure}": f"{meaning}: {said}" for figure, said in _FIGURES.items()}
    columns |= _OTHER
    for part in COMPARED:
        for within in Within:
            what = f"similarity of the {part.value} part to its nearest neighbour in the {within.value}, 0 to 1"
            for figure, said in (("p50", _FIGURES["p50"]), ("p95", _FIGURES["p95"]), ("most", "the most alike")):
                columns[f"nearest_{part.value}_in_{within.value}_{figure}"] = f"{what}: {said}"
    return columns


RELEASE_COLUMNS: dict[str, str] = _columns()
"""Every column of the table, with what it is. What was not measured is empty."""


@dataclass(frozen=True)
class DatasetAsPlanned:
    """Of each combination what it was owed and has, and of each conversation, in the order of the rows, its group and
    its split. `wanted` are the shares that the splits were to have; `evaluation_overlaps` is None where no evaluation
    file was named."""

    cells: Sequence[CellCoverage]
    groups: Sequence[str]
    splits: Sequence[str]
    wanted: Mapping[str, float]
    evaluation_overlaps: int | None = None


def release_row(
    variety: Variety, rows: Sequence[ConversationRow], planned: DatasetAsPlanned
) -> dict[str, float | None]:
    """The dataset in numbers."""
    found = {
        **variety.figures(),
        **_coverage(rows, planned.cells),
        **_scores(rows),
        **_division(rows, planned),
        "evaluation_overlaps": planned.evaluation_overlaps,
    }
    return {name: found.get(name) for name in RELEASE_COLUMNS}


def _coverage(rows: Sequence[ConversationRow], cells: Sequence[CellCoverage]) -> dict[str, float | None]:
    personas, arcs = Counter(row.persona for row in rows), Counter(row.arc for row in rows)
    owed = sum(cell.owed for cell in cells)
    return {
        "planned": owed,
        "ready_share": _share(len(rows), owed),
        "combinations": len(cells),
        "short_combinations": sum(cell.is_short for cell in cells),
        "least_ready_persona_share": _least_ready([(cell.persona, cell) for cell in cells]),
        "least_ready_arc_share": _least_ready([(cell.arc, cell) for cell in cells]),
        "largest_persona_share": _largest(personas),
        "largest_arc_share": _largest(arcs),
        "largest_topic_share": _largest(Counter(row.topic for row in rows)),
        "persona_balance": _balance(personas),
        "arc_balance": _balance(arcs),
        "exact_duplicates": len(rows) - len({row.text_digest for row in rows}),
    }


def _scores(rows: Sequence[ConversationRow]) -> dict[str, float | None]:
    scores = sorted(row.judge_mean for row in rows if row.judge_mean is not None)
    return {
        "judged_share": _share(len(scores), len(rows)),
        "judge_mean": round(statistics.fmean(scores), 2) if scores else None,
        "judge_lowest": scores[0] if scores else None,
        "judge_p10": scores[math.ceil(len(scores) / 10) - 1] if scores else None,
    }


def _division(rows: Sequence[ConversationRow], planned: DatasetAsPlanned) -> dict[str, float | None]:
    sizes = Counter(planned.splits)
    shares = {name: sizes[name] / len(rows) for name in planned.wanted} if rows else {}
    return {
        **{f"split_{name}_share": round(share, SHARE_DIGITS) for name, share in shares.items()},
        "largest_split_difference": max(
            (round(abs(share - planned.wanted[name]), SHARE_DIGITS) for name, share in shares.items()), default=None
        ),
        "unwritten_splits": sum(not sizes[name] for name in planned.wanted),
        "groups_in_several_splits": len(in_several(planned.groups, planned.splits)),
        "texts_in_several_splits": len(rows_in_several_splits(rows, planned.splits)),
    }


def in_several(names: Sequence[str], splits: Sequence[str]) -> list[str]:
    """The names that stand in more than one split, in their order."""
    found: dict[str, set[str]] = {}
    for name, split in zip(names, splits, strict=True):
        found.setdefault(name, set()).add(split)
    return sorted(name for name, where in found.items() if len(where) > 1)


def rows_in_several_splits(rows: Sequence[ConversationRow], splits: Sequence[str]) -> list[ConversationRow]:
    """The rows whose text stands in another split as well."""
    digests = set(in_several([row.text_digest for row in rows], splits))
    return [row for row in rows if row.text_digest in digests]


def release_table(row: Mapping[str, float | None]) -> pd.DataFrame:
    """The row as a table in the order of RELEASE_COLUMNS."""
    import pandas as pd

    return pd.DataFrame([{name: row.get(name) for name in RELEASE_COLUMNS}], columns=list(RELEASE_COLUMNS), dtype=float)


def example_release() -> pd.DataFrame:
    """A made-up row, to try suites on."""
    return release_table(dict.fromkeys(RELEASE_COLUMNS, 0.5))


def _largest(counts: Counter[str]) -> float | None:
    return _share(max(counts.values()), counts.total()) if counts else None


def _balance(counts: Counter[str]) -> float | None:
    return _share(min(counts.values()), max(counts.values())) if counts else None


def _least_ready(cells: Sequence[tuple[str, CellCoverage]]) -> float | None:
    owed: Counter[str] = Counter()
    ready: Counter[str] = Counter()
    for name, cell in cells:
        owed[name] += cell.owed
        ready[name] += cell.accepted
    return min((round(ready[name] / owed[name], SHARE_DIGITS) for name in owed), default=None)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, SHARE_DIGITS) if whole else None
