"""The judge and the blind reader over records of the labelled set, by the Messages API or a simulator."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import anthropic

from brightrun.assessors import Assessor, Judge, Reader, judgement_of, question_body
from brightrun.catalog import Catalog
from brightrun.quality.candidate import Candidate
from brightrun.quality.judging.malformed import MalformedAnswerError
from brightrun.quality.verdicts import Severity
from brightrun.simulator import SimulatorSettings, start_simulator
from brightrun.spec import JudgeSpec, ReaderSpec

IN_FLIGHT = 8


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
    with _client() as client, ThreadPoolExecutor(IN_FLIGHT) as pool:
        return list(pool.map(lambda it: _assessed(client, (judge, reader), it), candidates))


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


def _assessed(client: anthropic.Anthropic, assessors: tuple[Assessor, ...], it: Candidate) -> Assessment:
    codes: dict[Severity, set[str]] = {severity: set() for severity in Severity}
    mean = None
    for assessor in assessors:
        body = question_body(assessor.ask(it.conversation, it.item), assessor.spec, is_shared=False)
        message = client.messages.create(**body).to_dict()
        try:
            content = assessor.read(message, it.conversation, it.item)
        except MalformedAnswerError:
            continue
        if isinstance(assessor, Judge):
            mean = judgement_of(content).mean
        for finding in assessor.findings(content, it.item):
            codes[finding.severity].add(str(finding.code))
    return Assessment(frozenset(codes[Severity.FAIL]), frozenset(codes[Severity.WARN]), mean)
