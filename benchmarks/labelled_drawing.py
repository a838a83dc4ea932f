"""Draws the simulated good conversations of the labelled set.

They were drawn once and are kept as text: the set does not change with the simulator.

    python benchmarks/labelled_drawing.py

Each batch has so many conversations of each arc, crises and near misses, from a fixed seed. In the order of kind and
key every second one went to the half that was held out then; the last batch is held out as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

from brightrun.catalog import Catalog, Register
from brightrun.conversation import reply_schema
from brightrun.items import Item
from brightrun.planning import make_plan
from brightrun.prompts import PromptWriter
from brightrun.simulator.conversation_reply import conversation_reply
from brightrun.spec import DatasetSpec

ROOT = Path(__file__).resolve().parents[1]
LABELLED = ROOT / "tests" / "data" / "labelled"
HALVES = ("tuning", "opened")
HEADERS = {
    "tuning": "# Labelled set, tuning half: checks may be written and tuned by it. docs/labelled_set.md\n",
    "opened": "# Labelled set, opened half: held out until it had been measured four times, open since. "
    "docs/labelled_set.md\n",
    "held_out": "# Labelled set, HELD-OUT half: for measuring alone. Never read it to write or tune a check.\n",
}


@dataclass(frozen=True)
class Batch:
    """What one file of each half is drawn from."""

    file: str
    seed: int
    per_arc: int
    special: Mapping[str, int]
    """How many crises and near misses."""
    first_id: int = 0
    halves: tuple[str, ...] = HALVES


BATCHES = (
    Batch("good_simulated", seed=43, per_arc=2, special={"crisis": 4, "near_miss": 4}),
    Batch("good_simulated_more", seed=47, per_arc=1, special={"crisis": 2, "near_miss": 3}, first_id=1000),
    Batch(
        "good_simulated_late",
        seed=53,
        per_arc=2,
        special={"crisis": 3, "near_miss": 3},
        first_id=2000,
        halves=("held_out",),
    ),
)


def kind_of(item: Item) -> str:
    if item.kind is Register.NEAR_MISS:
        return "near_miss"
    return "crisis" if item.cell.arc == "crisis_to_referral" else item.cell.arc


def entry_of(item: Item, catalog: Catalog, seed: int) -> dict[str, Any]:
    """The item and the conversation that the simulator writes for it, as a record's fields."""
    prompt = PromptWriter(catalog).write(item)
    schema = reply_schema(catalog.info.emotions)
    reply = conversation_reply(schema, (*prompt.system, prompt.user), Random(seed))
    plan = {
        "persona": item.cell.persona,
        "arc": item.cell.arc,
        "topic": item.cell.topic,
        "kind": item.kind.value,
        "outcome": item.outcome.value,
        "exchanges": item.exchanges,
        "start": [item.start.emotion, item.start.intensity],
        "end": [item.end.emotion, item.end.intensity],
        "situation": item.situation,
        "life_event": item.life_event,
        "mistaken_belief": item.mistaken_belief,
    }
    person: dict[str, Any] = {"name": item.identity.name, "reason": item.identity.reason}
    person |= {a.name: a.text if a.number is None else a.number for a in item.identity.attributes}
    entry: dict[str, Any] = {"id": f"simulated-{kind_of(item)}-{seed}"}
    if kind_of(item) == "crisis":
        entry["crisis"] = True
    if item.near_miss:
        entry["near_miss"] = item.near_miss.key
        plan.pop("kind")
    return entry | {
        "plan": {name: value for name, value in plan.items() if value is not None},
        "person": {name: value for name, value in person.items() if value is not None},
        "variation": {choice.axis: choice.key for choice in item.variation},
        "feelings": [[t["emotion"], t["intensity"]] for t in reply["turns"] if t["role"] == "user"],
        "turns": [{turn["role"]: turn["content"]} for turn in reply["turns"]],
    }


def drawn(batch: Batch) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kinds and entries, in the order of a plan of the whole catalog."""
    grid = {"seed": batch.seed, "unsuitable": "drop", "edge_share": 0.4}
    spec = {"name": "labelled", "catalog": str(ROOT / "catalogs" / "financial_planning"), "grid": grid}
    spec["generate"] = {"budget_usd": 1_000_000}
    plan = make_plan(DatasetSpec.model_validate(spec))
    taken: Counter[str] = Counter()
    near_misses: set[str] = set()
    items = list(plan.items)
    Random(batch.seed).shuffle(items)
    for seed, item in enumerate(items, batch.first_id):
        kind = kind_of(item)
        if taken[kind] == batch.special.get(kind, batch.per_arc):
            continue
        if item.near_miss:
            if item.near_miss.key in near_misses:
                continue
            near_misses.add(item.near_miss.key)
        taken[kind] += 1
        yield kind, entry_of(item, plan.catalog, seed)


def write(name: str, entries: list[dict[str, Any]], half: str) -> None:
    """One file of one half."""
    folder = LABELLED / half
    folder.mkdir(parents=True, exist_ok=True)
    body = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=128)
    (folder / f"{name}.yaml").write_text(HEADERS[half] + body, encoding="utf-8")


def main() -> None:
    for batch in BATCHES:
        entries = [entry for _, entry in sorted(drawn(batch), key=lambda pair: (pair[0], pair[1]["id"]))]
        for index, half in enumerate(batch.halves):
            write(batch.file, entries[index :: len(batch.halves)], half)
        print(f"{batch.file}: {len(entries)} conversations")


if __name__ == "__main__":
    main()
