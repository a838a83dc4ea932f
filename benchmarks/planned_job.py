"""A planned job of so many items of the financial catalog, and replies that fit it: what throughput.py starts from.

    python benchmarks/planned_job.py HOME ITEMS REPLIES.json

HOME gets the database with the job, whose id is printed. A reply is about 17 kB of JSON that parses as a conversation:
the simulator's, with turns as long as the longest that were seen of real models.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from brightrun.conversation import parse_conversation, reply_schema
from brightrun.planning import Plan, make_plan, open_job
from brightrun.prompts import PromptWriter
from brightrun.simulator.conversation_reply import conversation_reply
from brightrun.spec import DatasetSpec
from brightrun.store.database import open_database, sqlite_url

CATALOG = Path(__file__).resolve().parents[1] / "catalogs" / "financial_planning"
REPLIES = 64
REPLY_CHARACTERS = 17_000


def plan_of(items: int) -> Plan:
    """A plan of exactly so many items."""

    def plan(per_cell: int) -> Plan:
        spec = {
            "name": "throughput",
            "catalog": str(CATALOG),
            "grid": {"per_cell": per_cell, "edge_share": None},
            "generate": {"budget_usd": 1_000_000},
        }
        return make_plan(DatasetSpec.model_validate(spec))

    cells = len(plan(1).grid.quotas)
    made = plan(math.ceil(items / cells))
    return replace(made, items=made.items[:items])


def reply_texts(plan: Plan) -> list[str]:
    """Texts of replies to the first items, each of about `REPLY_CHARACTERS`."""
    schema, writer = reply_schema(plan.catalog.info.emotions), PromptWriter(plan.catalog)
    texts = []
    for number in range(REPLIES):
        prompt = writer.write(plan.items[number % len(plan.items)])
        asked = (*prompt.system, prompt.user)
        reply: Any = conversation_reply(schema, asked, Random(number))
        more = number
        while len(json.dumps(reply)) < REPLY_CHARACTERS:
            more += REPLIES
            longer: Any = conversation_reply(schema, asked, Random(more))
            for turn, other in zip(reply["turns"], longer["turns"], strict=False):
                turn["content"] += " " + other["content"]
        parse_conversation(reply)
        texts.append(json.dumps(reply, ensure_ascii=False))
    return texts


def main() -> None:
    home, items, replies = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    plan = plan_of(items)
    database = open_database(sqlite_url(home / "brightrun.db"))
    opened = open_job(database, plan, simulated=True)
    database.close()
    replies.write_text(json.dumps(reply_texts(plan)))
    print(opened.job.id)


if __name__ == "__main__":
    main()
