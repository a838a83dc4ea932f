"""Enriched conversations for tests, made with the real models."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from brightrun.catalog import SystemPrompt
from brightrun.enrich import EnrichedConversation, PairContext, PersonRecord, Provenance, RecordTurn
from brightrun.export import Release, ReleaseContext, ReleasePlan, plan_release, write_release
from brightrun.export.release import ReportPage
from brightrun.quality.table import conversation_row
from brightrun.spec import ExportSpec

PROMPTS = (
    SystemPrompt(key="canonical", share=0.6, text="You are a patient advisor."),
    SystemPrompt(key="short", share=0.3, text="Advise kindly."),
    SystemPrompt(key="none", share=0.1, text=""),
)
JOB = "job-1"


def record(
    number: int,
    *,
    persona: str = "planner",
    arc: str = "confusion_to_clarity",
    topic: str = "mortgage",
    answers: int = 3,
    text: str = "",
    **changes: Any,
) -> EnrichedConversation:
    """Conversation `number`, with so many answers; `text` stands in every message."""
    conversation_id = f"conv-{number:06d}"
    made = EnrichedConversation(
        conversation_id=conversation_id,
        persona=persona,
        persona_name="The Planner",
        arc=arc,
        arc_name="From confusion to clarity",
        topic=topic,
        topic_name="Mortgage",
        topic_category="debt",
        complexity="beginner",
        slot=1,
        register_kind="emotional",
        person=PersonRecord(name="Ada Okafor", age=41, attributes={"work": "nurse"}, on_behalf=None),
        variation={"length": "short"},
        situation="A letter came from the bank.",
        life_event=None,
        mistaken_belief=None,
        near_miss=None,
        intended_exchanges=answers,
        intended_outcome="resolved",
        intended_start_emotion="confusion",
        intended_start_intensity=0.8,
        intended_end_emotion="clarity",
        intended_end_intensity=1,
        labelled_outcome="resolved",
        labelled_start_emotion="confusion",
        labelled_start_intensity=0.7,
        labelled_end_emotion="relief",
        labelled_end_intensity=0.3,
        concepts=("interest",),
        facts_as_of="2026-10-01",
        turns=turns_of(number, answers, text),
        pairs=tuple(pair(conversation_id, turn, answers) for turn in range(1, answers + 1)),
        provenance=provenance(number),
    )
    return made.model_copy(update=changes)


def turns_of(number: int, answers: int, text: str) -> tuple[RecordTurn, ...]:
    turns: list[RecordTurn] = []
    for turn in range(1, answers + 1):
        turns += [
            RecordTurn(
                role="user",
                content=f"Question {number}.{turn} {text}",
                labelled_emotion="confusion",
                labelled_intensity=0.5,
            ),
            RecordTurn(
                role="assistant",
                content=f"Answer {number}.{turn} {text}",
                technique="naming the feeling",
                teaches="one thing",
            ),
        ]
    return tuple(turns)


def pair(conversation_id: str, turn: int, answers: int) -> PairContext:
    last = turn == answers
    return PairContext(
        pair_id=f"{conversation_id}-{turn:02d}",
        turn=turn,
        turns=answers,
        intended_phase="opening",
        arc_position=round((turn - 1) / max(answers - 1, 1), 3),
        labelled_emotion="confusion",
        labelled_intensity=0.5,
        next_labelled_emotion=None if last else "clarity",
        next_labelled_intensity=None if last else 0.4,
        technique="naming the feeling",
        teaches="one thing",
    )


def provenance(number: int) -> Provenance:
    return Provenance(
        job_id=JOB,
        item_id=f"item-{number}",
        generation_id=f"gen-{number}",
        attempt=1,
        lane="online",
        simulated=True,
        model="claude-sonnet-5-5",
        message_id=f"msg_{number}",
        request_id=None,
        template="plain",
        template_version="1",
        prompt_version="p1",
        catalog="financial_planning",
        catalog_hash="c" * 64,
        input_tokens=100,
        output_tokens=900,
        cost_usd="0.0092",
    )


def grid(cells: int, per_cell: int = 1, **changes: Any) -> list[EnrichedConversation]:
    """So many conversations of each of so many cells."""
    return [
        record(cell * per_cell + slot, persona=f"p{cell % 3}", topic=f"t{cell}", answers=2 + cell % 3, **changes)
        for cell in range(cells)
        for slot in range(per_cell)
    ]


def release_of(
    records: Sequence[EnrichedConversation],
    export: ExportSpec,
    facts: ReleaseContext,
    folder: Path,
    together: Sequence[Collection[str]] = (),
    report: ReportPage | None = None,
) -> Release:
    """The release of these conversations, planned from their rows as an export does."""
    plan = plan_of(records, export, facts, together)
    return write_release(records, plan, export, facts, folder, report)


def plan_of(
    records: Sequence[EnrichedConversation],
    export: ExportSpec,
    facts: ReleaseContext,
    together: Sequence[Collection[str]] = (),
) -> ReleasePlan:
    rows = [conversation_row(made) for made in records]
    return plan_release(rows, export, facts.system_prompts, facts.simulated, together)


def context(**changes: Any) -> ReleaseContext:
    made = ReleaseContext(
        dataset="money-talks",
        job_id=JOB,
        simulated=True,
        model="claude-sonnet-5-5",
        spec={"name": "money-talks", "export": {"seed": 13}},
        catalog="financial_planning",
        catalog_name="Financial planning",
        catalog_hash="c" * 64,
        language="en",
        jurisdiction="United States",
        prompt_version="p1",
        code_version="0.1.0",
        system_prompts=PROMPTS,
        planned=10,
        accepted=10,
        spent_usd="0.09",
        budget_usd="2",
    )
    return made.model_copy(update=changes)


def spec(**changes: Any) -> ExportSpec:
    return ExportSpec(**{"formats": ["messages", "pairs", "sharegpt"], **changes})
