"""The table that the release suite looks at: one row for the dataset as a whole. docs/guide/expectations.md lists its
columns."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from brightrun.quality.fingerprints import COMPARED
from brightrun.quality.neighbours import Within
from brightrun.quality.table import ConversationRow
from brightrun.quality.variety import Variety

if TYPE_CHECKING:
    import pandas as pd

SHARE_DIGITS = 4

_WHOLE = {
    "conversations": "conversations that are ready",
    "planned": "conversations that were asked for",
    "ready_share": "ready of those asked for, 0 to 1",
    "combinations": "combinations that were asked for",
    "short_combinations": "combinations that have fewer than they were to have",
    "largest_persona_share": "share of the persona with most conversations, 0 to 1",
    "largest_arc_share": "share of the arc with most conversations, 0 to 1",
    "largest_topic_share": "share of the topic with most conversations, 0 to 1",
    "persona_balance": "conversations of the rarest persona for one of the commonest, 0 to 1",
    "exact_duplicates": "conversations whose text another one has",
    "judged_share": "share of the conversations that a judge has scored, 0 to 1",
    "judge_mean": "mean of their scores, 0 to 10; empty where none was judged",
    "judge_lowest": "the lowest of their scores",
    "judge_p10": "a tenth of their scores is no higher",
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
}


def _columns() -> dict[str, str]:
    columns = dict(_WHOLE)
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


def release_row(
    variety: Variety, rows: Sequence[ConversationRow], quotas: Mapping[str, tuple[int, int]]
) -> dict[str, float | None]:
    """The dataset in numbers. `quotas`: of each combination, how many it was to have and how many it has."""
    scores = sorted(row.judge_mean for row in rows if row.judge_mean is not None)
    personas = Counter(row.persona for row in rows)
    planned = sum(wanted for wanted, _ in quotas.values())
    measured: dict[str, float | None] = {
        "planned": planned,
        "ready_share": _share(len(rows), planned),
        "combinations": len(quotas),
        "short_combinations": sum(has < wanted for wanted, has in quotas.values()),
        "largest_persona_share": _largest(personas),
        "largest_arc_share": _largest(Counter(row.arc for row in rows)),
        "largest_topic_share": _largest(Counter(row.topic for row in rows)),
        "persona_balance": _share(min(personas.values()), max(personas.values())) if personas else None,
        "exact_duplicates": len(rows) - len({row.text_digest for row in rows}),
        "judged_share": _share(len(scores), len(rows)),
        "judge_mean": round(statistics.fmean(scores), 2) if scores else None,
        "judge_lowest": scores[0] if scores else None,
        "judge_p10": scores[math.ceil(len(scores) / 10) - 1] if scores else None,
    }
    found = {**variety.figures(), **measured}
    return {name: found.get(name) for name in RELEASE_COLUMNS}


def release_table(row: Mapping[str, float | None]) -> pd.DataFrame:
    """The row as a table in the order of RELEASE_COLUMNS."""
    import pandas as pd

    return pd.DataFrame([{name: row.get(name) for name in RELEASE_COLUMNS}], columns=list(RELEASE_COLUMNS), dtype=float)


def example_release() -> pd.DataFrame:
    """A made-up row, to try suites on."""
    return release_table(dict.fromkeys(RELEASE_COLUMNS, 0.5))


def _largest(counts: Counter[str]) -> float | None:
    return _share(max(counts.values()), counts.total()) if counts else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, SHARE_DIGITS) if whole else None
