"""The judge and the blind reader over records of the labelled set, by the Messages API, a simulator or a recording.

A recording holds answers by the whole question: once a prompt or the rubric is another, it has none.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import anthropic

from brightrun.assessors import Assessor, Judge, Reader, judgement_of, question_body
from brightrun.catalog import Catalog
from brightrun.quality.candidate import Candidate
from brightrun.quality.judging.malformed import MalformedAnswerError
from brightrun.quality.judging.question import Question, text_hash
from brightrun.quality.verdicts import Severity
from brightrun.simulator import SimulatorSettings, start_simulator
from brightrun.spec import JudgeSpec, ReaderSpec
from tests.labelled_set import LABELLED

IN_FLIGHT = 8
RECORDED = "recorded"
"""Instead of a model: the answers of one that were kept."""
RECORDINGS = LABELLED / "recorded"

Message = dict[str, Any]
Ask = Callable[[Assessor, Candidate], Message]


@dataclass(frozen=True)
class Assessment:
    """What judge and reader found: codes that reject, codes that warn, and the judge's mean, 0 to 10."""

    fails: frozenset[str]
    warns: frozenset[str]
    mean: Decimal | None
    """None where the judge's answer could not be used."""


def assess(candidates: Sequence[Candidate], catalog: Catalog, model: str) -> list[Assessment]:
    """One judgement and one reading of each. An answer that cannot be used says nothing."""
    assert catalog.rubric is not None, "the catalog has no rubric"
    judge = Judge(catalog, catalog.rubric, JudgeSpec.model_validate({"model": model}))
    reader = Reader(catalog, ReaderSpec.model_validate({"model": model}))
    with _asking(model) as ask, ThreadPoolExecutor(IN_FLIGHT) as pool:
        return list(pool.map(lambda it: _assessed(ask, (judge, reader), it), candidates))


@contextmanager
def _asking(model: str) -> Iterator[Ask]:
    """Whoever answers: the recording, or a client of the API."""
    if model == RECORDED:
        yield partial(remembered, recorded_answers())
        return
    with _client() as client:
        yield partial(_asked, client)


def _asked(client: anthropic.Anthropic, assessor: Assessor, it: Candidate) -> Message:
    body = question_body(assessor.ask(it.conversation, it.item), assessor.spec, is_shared=False)
    message: Message = client.messages.create(**body).to_dict()
    return message


def remembered(answers: Mapping[str, Any], assessor: Assessor, it: Candidate) -> Message:
    """The recorded answer. Exits where the question is none that was recorded."""
    answer = answers.get(question_key(assessor.ask(it.conversation, it.item)))
    if answer is None:
        sys.exit(f"No answer to a question of {assessor.version} is recorded in {RECORDINGS}: ask a model.")
    return {"content": [{"type": "text", "text": json.dumps(answer)}], "stop_reason": "end_turn"}


@cache
def recorded_answers() -> dict[str, Any]:
    """Answers by the key of their question."""
    lines = (line for path in sorted(RECORDINGS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines())
    return {entry["question"]: entry["answer"] for entry in map(json.loads, lines)}


def question_key(question: Question) -> str:
    """Twelve hex digits that stand for the whole question."""
    return text_hash([*question.system, question.user, json.dumps(question.schema)])


@contextmanager
def _client() -> Iterator[anthropic.Anthropic]:
    """A client of what the environment names; without that, of a simulator started for it."""
    if "ANTHROPIC_API_KEY" in os.environ or "ANTHROPIC_BASE_URL" in os.environ:
        yield anthropic.Anthropic()
        return
    print("Judged by the simulator: the environment names no API.")
    with tempfile.TemporaryDirectory() as folder:
        simulator = start_simulator(SimulatorSettings(latency_s=(0, 0)), Path(folder) / "simulator.log")
        try:
            yield anthropic.Anthropic(base_url=simulator.url, api_key="simulator")
        finally:
            simulator.stop()


def _assessed(ask: Ask, assessors: Sequence[Assessor], it: Candidate) -> Assessment:
    codes: dict[Severity, set[str]] = {severity: set() for severity in Severity}
    mean = None
    for assessor in assessors:
        message = ask(assessor, it)
        try:
            content = assessor.read(message, it.conversation, it.item)
        except MalformedAnswerError:
            continue
        if isinstance(assessor, Judge):
            mean = judgement_of(content).mean
        for finding in assessor.findings(content, it.item):
            codes[finding.severity].add(str(finding.code))
    return Assessment(frozenset(codes[Severity.FAIL]), frozenset(codes[Severity.WARN]), mean)
