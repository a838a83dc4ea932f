"""Jobs to report on, of any size, made with the real models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from planning_cases import shipped
from release_records import context, provenance, record

from brightrun.catalog import Catalog
from brightrun.enrich import EnrichedConversation, JudgeRecord, ScoreRecord
from brightrun.quality.suite_file import ExpectationSeverity
from brightrun.quality.suite_report import ExpectationResult, SuiteReport
from brightrun.quality.variety import Variety, VarietyMeter
from brightrun.reporting import AttemptVerdicts, ReportFacts, ReportSources, ReportTally, gather
from brightrun.store.jobs import CellCoverage
from brightrun.store.states import JobStatus
from brightrun.summary import BuildSummary

TEXT = "I would like to know whether paying the mortgage off early makes any sense when the pension is as thin as ours"
WORDS = TEXT.split()


def share(*key: object) -> float:
    """A number from 0 to 1 that depends on the key and on nothing else."""
    return int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:4]) / 2**32


def catalog_of(personas: int, arcs: int, topics: int) -> Catalog:
    """The shipped catalog, cut or stretched to this many of each."""
    base = shipped("financial_planning")

    def stretched(entries: dict[str, Any], count: int) -> dict[str, Any]:
        values = list(entries.values())
        made = {}
        for number in range(count):
            value = values[number % len(values)]
            again = number // len(values)
            key = f"{value.key}_{again}" if again else value.key
            made[key] = value.model_copy(update={"key": key, "name": value.name + (f" {again}" if again else "")})
        return made

    return base.model_copy(
        update={
            "personas": stretched(base.personas, personas),
            "arcs": stretched(base.arcs, arcs),
            "topics": stretched(base.topics, topics),
        }
    )


def cells_of(catalog: Catalog, owed: int = 1, asked: float = 1.0, lost: float = 0.0) -> list[CellCoverage]:
    """Every combination of the catalog, or a share of them; in some of which conversations are missing."""
    cells = []
    for arc in catalog.arcs:
        for persona in catalog.personas:
            for topic in catalog.topics:
                if share("asked", arc, persona, topic) >= asked:
                    continue
                missing = sum(share("lost", arc, persona, topic, slot) < lost for slot in range(owed))
                reason = ("topic_mismatch", "cut_text", "refusal")[int(share("why", arc, persona, topic) * 3)]
                reasons = (reason,) if missing else ()
                cells.append(CellCoverage(persona, arc, topic, owed, owed - missing, reasons))
    return cells


def records_of(catalog: Catalog, cells: Sequence[CellCoverage]) -> Iterator[EnrichedConversation]:
    """The ready conversations of the cells."""
    number = 0
    for cell in cells:
        for slot in range(cell.accepted):
            number += 1
            yield conversation(catalog, cell, number, slot)


def conversation(catalog: Catalog, cell: CellCoverage, number: int, slot: int) -> EnrichedConversation:
    arc = catalog.arcs[cell.arc]
    answers = 3 + int(3 * share(number, "answers"))
    made = record(number, persona=cell.persona, arc=cell.arc, topic=cell.topic, answers=answers)
    plain = not arc.is_edge and share(number, "plain") < 0.1
    start = 0.15 if plain else round(0.7 + 0.25 * share(number, "start"), 2)
    end = 0.1 if plain else round(0.25 + 0.35 * share(number, "end"), 2)
    emotions = ("neutral", "curiosity", "satisfied") if plain else (arc.start.emotion, "doubt", arc.end.emotion)
    turns = []
    for index, turn in enumerate(made.turns):
        words = " ".join(WORDS[: 6 + int(20 * share(number, index))] * (1 if turn.role == "user" else 4))
        if turn.role == "user":
            place = index / (len(made.turns) - 2)
            emotion = emotions[0] if place == 0 else emotions[2] if place == 1 else emotions[1]
            noise = 0.1 * (share(number, index, "noise") - 0.5)
            intensity = round(min(1, max(0, start + (end - start) * place + noise)), 2)
            turn = turn.model_copy(update={"labelled_emotion": emotion, "labelled_intensity": intensity})
        turns.append(turn.model_copy(update={"content": f"{turn.content} {words}"}))
    return made.model_copy(
        update={
            "persona_name": catalog.personas[cell.persona].name,
            "arc_name": arc.name,
            "topic_name": catalog.topics[cell.topic].name,
            "slot": slot + 1,
            "register_kind": "plain" if plain else "emotional",
            "turns": tuple(turns),
            "intended_start_emotion": emotions[0],
            "intended_end_emotion": emotions[2],
            "intended_start_intensity": start,
            "intended_end_intensity": end,
            "labelled_outcome": "partial" if share(number, "outcome") < 0.04 else "resolved",
            "provenance": provenance(number),
        }
    )


def judged(records: Sequence[EnrichedConversation]) -> list[EnrichedConversation]:
    """The conversations with scores, all of them different."""
    names = ("empathy", "clarity", "appropriateness", "voice", "correctness", "safety")
    found = []
    for made in records:
        values = {name: round(2 * (7 + 3 * share(made.conversation_id, name))) / 2 for name in names}
        scores = [
            ScoreRecord(dimension=name, score=value, reason="It answers what was asked.", quote="what was asked")
            for name, value in values.items()
        ]
        judge = JudgeRecord(version="v1", mean=round(sum(values.values()) / len(values), 2), scores=tuple(scores))
        found.append(made.model_copy(update={"judge": judge}))
    return found


def read(records: Sequence[EnrichedConversation]) -> list[EnrichedConversation]:
    """The conversations with what a blind reader found: the labels, read somewhat weaker."""
    found = []
    for made in records:
        turns = tuple(
            turn.model_copy(
                update={
                    "measured_emotion": turn.labelled_emotion,
                    "measured_intensity": round((turn.labelled_intensity or 0) * 0.85, 2),
                }
            )
            if turn.role == "user"
            else turn
            for turn in made.turns
        )
        found.append(made.model_copy(update={"turns": turns}))
    return found


def variety_of(records: Sequence[EnrichedConversation]) -> Variety:
    meter = VarietyMeter()
    for made in records:
        meter.add(made)
    return meter.result()


def summary_of(planned: int, accepted: int, **changes: Any) -> BuildSummary:
    made = BuildSummary(
        job_id="job-1",
        status=JobStatus.RUNNING,
        message=None,
        simulated=False,
        planned=planned,
        accepted=accepted,
        rejected=planned - accepted,
        undecided=0,
        failed=0,
        cancelled=0,
        reasons={},
        calls=planned + 20,
        possibly_paid_calls=2,
        input_tokens=62_105 * planned,
        output_tokens=10_085 * planned,
        cache_read_tokens=26_222 * planned,
        cache_saved_usd=Decimal("1.25"),
        spent_usd=Decimal("9.1"),
        budget_usd=Decimal(20),
        release=None,
        flow_run_id=None,
    )
    return made.model_copy(update=changes)


def sources_of(catalog: Catalog, cells: Sequence[CellCoverage], **changes: Any) -> ReportSources:
    """A real job over the cells that spent $9.10 of $20; `changes` to its context or to the sources."""
    planned, accepted = sum(cell.owed for cell in cells), sum(cell.accepted for cell in cells)
    reasons: dict[str, int] = {}
    for cell in cells:
        for reason in cell.reasons:
            reasons[reason] = reasons.get(reason, 0) + cell.owed - cell.accepted
    facts: dict[str, Any] = {
        "simulated": False,
        "planned": planned,
        "accepted": accepted,
        "rejected": planned - accepted,
        "reasons": reasons,
        "spent_usd": "9.1",
        "budget_usd": "20",
    }
    own = {key: changes.pop(key) for key in list(changes) if key in ReportSources.__dataclass_fields__}
    return ReportSources(
        **{
            "context": context(**(facts | changes)),
            "summary": summary_of(planned, accepted),
            "coverage": cells,
            "catalog": catalog,
            **own,
        }
    )


def suite_report(severity: str, success: bool) -> SuiteReport:
    result = ExpectationResult(
        type="expect_column_values_to_be_between",
        columns=("turns",),
        severity=ExpectationSeverity(severity),
        success=success,
        why="Conversations have two exchanges or more.",
        unexpected_ids=() if success else ("conv-000001",),
        unexpected_count=0 if success else 1,
        observed=None,
        line=3,
    )
    return SuiteReport(suite="s", file="s.json", rows=4, results=(result,), data_docs=None)


def gathered(records: Iterable[EnrichedConversation], sources: ReportSources) -> ReportFacts:
    """The facts about these conversations."""
    listed = list(records)
    tally = ReportTally(sources.catalog)
    for made in listed:
        tally.add(made)
    return gather(tally, lambda ids: [made for made in listed if made.conversation_id in ids], sources)


def everything_measured(catalog: Catalog, cells: Sequence[CellCoverage], **changes: Any) -> ReportFacts:
    """The report of a job on which all there is was measured."""
    records = read(judged(list(records_of(catalog, cells))))
    return gathered(
        records,
        sources_of(
            catalog,
            cells,
            variety=variety_of(records),
            attempts=AttemptVerdicts(
                ready=len(records),
                rejected=31,
                undecided=0,
                reasons={"topic_mismatch": 12, "near_duplicate": 11, "judge_below_minimum": 9},
                warnings={"unsupported_figure": 40},
            ),
            **changes,
        ),
    )
