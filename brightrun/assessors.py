"""Who says something of a conversation that passed the checks: the judge and the reader, for the assess stage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from pydantic import TypeAdapter

from brightrun.catalog import Catalog
from brightrun.claude.bodies import structured_request
from brightrun.conversation import Conversation
from brightrun.errors import RequestError
from brightrun.items import Item
from brightrun.quality.judging.arc_agreement import ArcCode, arc_agreement
from brightrun.quality.judging.judge_prompt import judge_request, judge_version
from brightrun.quality.judging.judgement import JudgeCode, RubricJudgement, decide, parse_judgement
from brightrun.quality.judging.question import Question
from brightrun.quality.judging.reader_prompt import reader_request, reader_version
from brightrun.quality.judging.reading import MeasuredFeeling, parse_reading
from brightrun.quality.judging.rubric import Dimension, Rubric
from brightrun.quality.verdicts import Severity, Statement
from brightrun.spec import DatasetSpec, JudgeSpec, ReaderSpec
from brightrun.store.states import Purpose

_READING = TypeAdapter(tuple[MeasuredFeeling, ...])

TOLERATED = frozenset({ArcCode.START_OFF_ARC})
"""Codes that are warnings: a first message may begin with facts."""


class AssessedFinding(Statement):
    """Something that a judgement or a reading says against a conversation. `turn` counts messages from 1."""

    code: JudgeCode | ArcCode
    severity: Severity
    turn: int | None
    quote: str


class Assessor(Protocol):
    """Asks one question about a conversation, and says what the answer stands for."""

    @property
    def purpose(self) -> Purpose:
        """What its calls are for."""

    @property
    def spec(self) -> JudgeSpec | ReaderSpec:
        """Which model is asked, and about how many."""

    @property
    def version(self) -> str:
        """Changes with the model, the question and what it is judged by; answers of another version do not count."""

    def ask(self, conversation: Conversation, item: Item) -> Question:
        """The question."""

    def read(self, message: dict[str, Any], conversation: Conversation, item: Item) -> dict[str, Any]:
        """The answer, as it is kept. Raises MalformedAnswerError for one that cannot be used."""

    def findings(self, content: dict[str, Any], item: Item) -> list[AssessedFinding]:
        """What a kept answer says against the conversation."""


@dataclass(frozen=True)
class Judge:
    """The judge, by the catalog's rubric."""

    catalog: Catalog
    rubric: Rubric
    spec: JudgeSpec
    purpose = Purpose.JUDGE

    @cached_property
    def version(self) -> str:
        return str(judge_version(self.rubric, self.spec.model))

    def ask(self, conversation: Conversation, item: Item) -> Question:
        return judge_request(conversation, self.rubric, item.cell.arc, item.kind, self.catalog.topics[item.cell.topic])

    def read(self, message: dict[str, Any], conversation: Conversation, item: Item) -> dict[str, Any]:
        section = self.rubric.section(item.cell.arc, item.kind)
        return parse_judgement(message, section, conversation).model_dump(mode="json")

    def findings(self, content: dict[str, Any], item: Item) -> list[AssessedFinding]:
        judgement = judgement_of(content)
        decision = decide(judgement, self.rubric.floors, self.spec.minimum)
        return [
            AssessedFinding(code=code, severity=Severity.FAIL, turn=None, quote=self._why(code, judgement, item))
            for code in decision.reasons
        ]

    def _why(self, code: JudgeCode, judgement: RubricJudgement, item: Item) -> str:
        if code is JudgeCode.ELEMENT_MISSING:
            texts = {each.key: each.text for each in self.rubric.section(item.cell.arc, item.kind).elements}
            return "; ".join(texts.get(key, key) for key in judgement.missing)
        if code is JudgeCode.BELOW_MINIMUM:
            worst = min(judgement.scores, key=lambda score: score.score)
            return f"{judgement.mean} of 10; lowest is {worst.dimension}: {worst.reason}"
        dimension = Dimension.SAFETY if code is JudgeCode.SAFETY else Dimension.CORRECTNESS
        score = next(found for found in judgement.scores if found.dimension is dimension)
        return f"{score.score} of 10: {score.reason}"


@dataclass(frozen=True)
class Reader:
    """The blind reader of feelings."""

    catalog: Catalog
    spec: ReaderSpec
    purpose = Purpose.READ

    @cached_property
    def version(self) -> str:
        return str(reader_version(self.catalog.info.emotions, self.spec.model))

    def ask(self, conversation: Conversation, item: Item) -> Question:  # noqa: ARG002  (it sees the text alone)
        return reader_request(conversation, self.catalog.info.emotions)

    def read(self, message: dict[str, Any], conversation: Conversation, item: Item) -> dict[str, Any]:  # noqa: ARG002
        reading = parse_reading(message, conversation, self.catalog.info.emotions)
        return {"readings": _READING.dump_python(reading, mode="json")}

    def findings(self, content: dict[str, Any], item: Item) -> list[AssessedFinding]:
        reading = reading_of(content)
        found = arc_agreement(reading, item, self.catalog.arcs[item.cell.arc])
        return [
            AssessedFinding(
                code=one.code,
                severity=Severity.WARN if one.code in TOLERATED else Severity.FAIL,
                turn=one.turn,
                quote=one.detail,
            )
            for one in found
        ]


def assessors(spec: DatasetSpec, catalog: Catalog) -> tuple[Assessor, ...]:
    """Those the spec asks for. Raises RequestError for a judge without a rubric."""
    found: list[Assessor] = []
    quality = spec.quality
    if quality.judge != "off":
        if catalog.rubric is None:
            raise RequestError(
                f"quality.judge: the catalog {catalog.info.key} has no rubric.yaml to judge by; "
                "write one, or set quality.judge to off"
            )
        found.append(Judge(catalog, catalog.rubric, quality.judge))
    if quality.reader != "off":
        found.append(Reader(catalog, quality.reader))
    return tuple(found)


def judgement_of(content: dict[str, Any]) -> RubricJudgement:
    """A kept judgement."""
    return RubricJudgement.model_validate_json(json.dumps(content))


def reading_of(content: dict[str, Any]) -> tuple[MeasuredFeeling, ...]:
    """A kept reading."""
    return _READING.validate_python(content["readings"])


def is_due(assessor: Assessor, item: Item, seed: int) -> bool:
    """Whether the item is in the share that is assessed: the same ones every time."""
    digest = hashlib.sha256(f"{seed}:{assessor.purpose}:{item.key}".encode()).digest()
    return int.from_bytes(digest[:8]) < assessor.spec.share * 2**64


def due(asked: Sequence[Assessor], item: Item, seed: int) -> list[Assessor]:
    """Who of them is to say something of a conversation that was written for the item."""
    return [assessor for assessor in asked if is_due(assessor, item, seed)]


def question_body(question: Question, spec: JudgeSpec | ReaderSpec, is_shared: bool) -> dict[str, Any]:
    """The request for a question; what all of them share ends in a cache mark where that pays."""
    marked = (0,) if is_shared else ()
    return structured_request(spec.model, spec.max_tokens, question.system, question.user, question.schema, marked)
