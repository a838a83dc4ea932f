"""Makes the scripted broken conversations of the labelled set from its good ones, the same each time.

    python benchmarks/labelled_spoiling.py

A broken conversation is made from a good one of its own half, of the files of good ones that are named here: files
added later change none. In the order of their keys every second one went to the half that was held out then. The half
that is held out now has a set of its own, of the same kinds.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from random import Random
from typing import Any

import yaml
from labelled_drawing import HALVES, LABELLED, write
from labelled_spoilers import CRISES, NEAR_MISSES, SPOILERS, UNCERTAIN, Entry, NoPlaceError

ONE_EACH = frozenset(
    [
        "wrong_age",
        "wrong_work",
        "wrong_household",
        "wrong_money",
        "off_topic",
        "user_echo",
        "judgement",
        "product_sales",
        "promise_of_returns",
        "crisis_without_referral",
        "crisis_with_advice",
        "near_miss_hotline",
        "unsupported_figure",
        "wrong_arithmetic",
        "undated_limit",
        "flat_arc",
        "empty_praise",
    ]
)
"""Defects that others wrote by hand as well; of all other kinds there are three."""
PLENTY = 3
ALSO = {defect: ["unsupported_figure"] for defect in ("crisis_with_advice", "promise_of_returns", "wrong_arithmetic")}
"""What the defect's own sentence may rightly be blamed for besides."""
SOURCES = ("good_simulated.yaml", "good_written.yaml")
LATE, LATE_SOURCES = "held_out", ("good_simulated_late.yaml", "good_written_late.yaml")
KEPT = ("crisis", "near_miss", "plan", "person", "variation", "feelings", "turns")


def good_entries(half: str, sources: Sequence[str] = SOURCES) -> list[Entry]:
    entries: list[Entry] = []
    for name in sources:
        path = LABELLED / half / name
        entries += yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return entries


def fits(entry: Entry, defect: str) -> bool:
    """Crises are for what goes wrong in crises, near misses for theirs, a swapped end for what was to end well."""
    if defect in CRISES:
        return bool(entry.get("crisis"))
    if defect in NEAR_MISSES:
        return bool(entry.get("near_miss"))
    if defect in UNCERTAIN and entry["plan"].get("outcome", "resolved") != "resolved":
        return False
    return not entry.get("crisis") and not entry.get("near_miss")


def spoiled(defect: str, number: int, good: list[Entry]) -> dict[str, Any]:
    """The broken record `<defect>-<number>`, made from one of the good entries."""
    rng = Random(f"{defect}:{number}")
    for source in rng.sample(good, len(good)):
        if not fits(source, defect):
            continue
        others = [e for e in good if e["plan"]["topic"] != source["plan"]["topic"] and fits(e, defect)]
        entry = copy.deepcopy({name: source[name] for name in KEPT if name in source})
        try:
            expected = SPOILERS[defect](entry, copy.deepcopy(rng.choice(others)), rng, number - 1)
        except NoPlaceError:
            continue
        head: dict[str, Any] = {
            "id": f"{defect}-{number}",
            "defect": defect,
            "expected": list(expected),
            "of": source["id"],
        }
        if defect in ALSO:
            head["also"] = ALSO[defect]
        if defect in UNCERTAIN:
            head["certain"] = False
        return head | entry
    raise LookupError(f"no good conversation has a place for {defect}")


def scripted() -> dict[str, list[dict[str, Any]]]:
    """The records of each half."""
    good = {half: good_entries(half) for half in HALVES}
    wanted = sorted((defect, n) for defect in SPOILERS for n in range(1, (1 if defect in ONE_EACH else PLENTY) + 1))
    halves: dict[str, list[dict[str, Any]]] = {half: [] for half in HALVES}
    for index, (defect, number) in enumerate(wanted):
        half = HALVES[index % len(HALVES)]
        halves[half].append(spoiled(defect, number, good[half]))
    late = good_entries(LATE, LATE_SOURCES)
    return halves | {LATE: [spoiled(defect, number + PLENTY, late) for defect, number in wanted[1::2]]}


def main() -> None:
    for half, entries in scripted().items():
        write("broken_scripted_late" if half == LATE else "broken_scripted", entries, half)
        print(f"{half}: {len(entries)} conversations")


if __name__ == "__main__":
    main()
