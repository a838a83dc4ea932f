"""A small catalog, items planned from it, and conversations told in a few lines of YAML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from brightrun.catalog import Catalog, Outcome, Register
from brightrun.catalog_loading import load_catalog
from brightrun.conversation import AssistantTurn, Conversation, Speaker, UserTurn
from brightrun.enrich import EnrichedConversation, Provenance, enrich
from brightrun.grid import Cell, Grid
from brightrun.identity import Attribute
from brightrun.items import Item, plan_items
from brightrun.quality.candidate import Candidate

DATA = Path(__file__).parents[2] / "data"
PERSON = {"name": "Dana Whitfield", "age": 41}


def attribute_of(name: str, text: str) -> Attribute:
    """What is known of a person, with the number in it where there is one."""
    digits = "".join(character for character in text if character.isdigit())
    return Attribute(name=name, text=text, number=int(digits) if digits else None)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog(DATA / "small_catalog")


@pytest.fixture(scope="session")
def item(catalog: Catalog) -> Item:
    """An emotional conversation of Dana Whitfield, 41, to be resolved in two exchanges."""
    cell = Cell(persona="careful_saver", arc="worry_to_calm", topic="monthly_bills")
    (planned,) = plan_items(Grid({cell: 1}, (), 1), catalog, seed=7, plain_share=0.0)
    identity = planned.identity.model_copy(update=PERSON)
    return planned.model_copy(
        update={
            "identity": identity,
            "exchanges": 2,
            "outcome": Outcome.RESOLVED,
            "kind": Register.EMOTIONAL,
        }
    )


@pytest.fixture(scope="session")
def candidate_of(catalog: Catalog, item: Item) -> Callable[[dict[str, Any]], Candidate]:
    """Turns one entry of the files of good and broken conversations into a candidate."""

    def make(entry: dict[str, Any]) -> Candidate:
        person = entry.get("person", PERSON)
        topic = entry.get("cell", {}).get("topic", item.cell.topic)
        reply = {**person, "topic": topic, "outcome": item.outcome.value, **entry.get("reply", {})}
        labels = {"emotion": "worry", "intensity": 0.5, "technique": "counting", "teaches": "What comes first."}
        labels |= entry.get("labels", {})
        turns: list[UserTurn | AssistantTurn] = []
        for line in entry["turns"]:
            ((role, content),) = line.items()
            if role == "user":
                user = {key: labels[key] for key in ("emotion", "intensity")}
                turns.append(UserTurn(role="user", content=content, **user))
            else:
                assistant = {key: labels[key] for key in ("technique", "teaches")}
                turns.append(AssistantTurn(role="assistant", content=content, **assistant))
        conversation = Conversation(
            speaker=Speaker(name=reply["name"], age=reply["age"]),
            topic=reply["topic"],
            outcome=reply["outcome"],
            turns=tuple(turns),
        )
        exchanges = sum(turn.role == "user" for turn in turns)
        plan = {name: value for name, value in entry.get("plan", {}).items() if name != "tags"}
        attributes = tuple(
            attribute_of(a.name, str(plan[a.name])) if a.name in plan else a for a in item.identity.attributes
        )
        tags = tuple(entry.get("plan", {}).get("tags", item.identity.tags))
        planned = item.model_copy(
            update={
                "cell": item.cell.model_copy(update=entry.get("cell", {})),
                "kind": Register(entry.get("kind", item.kind)),
                "identity": item.identity.model_copy(update={**person, "attributes": attributes, "tags": tags}),
                "exchanges": entry.get("planned_exchanges", exchanges),
            }
        )
        return Candidate(conversation, planned, catalog)

    return make


@pytest.fixture
def record(catalog: Catalog, item: Item, candidate_of: Callable[[dict[str, Any]], Candidate]) -> EnrichedConversation:
    """A short accepted conversation as a record."""
    turns = [
        {"user": "Which bill do I pay first?"},
        {"assistant": "The rent, because that is the roof overhead."},
        {"user": "And then?"},
        {"assistant": "Then the card."},
    ]
    candidate = candidate_of({"turns": turns})
    provenance = Provenance(
        job_id="j-1",
        item_id="i-1",
        generation_id="g-1",
        attempt=1,
        lane="online",
        simulated=True,
        model="model-1",
        message_id="m-1",
        request_id=None,
        template=item.template,
        template_version="1",
        prompt_version="p-1",
        catalog=catalog.info.key,
        catalog_hash="0" * 64,
        input_tokens=900,
        output_tokens=700,
        cost_usd="0.0041",
    )
    return enrich("c-1", candidate.item, candidate.conversation, catalog, provenance)
