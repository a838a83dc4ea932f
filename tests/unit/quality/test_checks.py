"""The structural checks over a corpus of good and broken conversations, and over wild text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from brightrun.quality.candidate import Candidate
from brightrun.quality.checks import check_conversation
from brightrun.quality.verdicts import CHECKS_VERSION, CheckCode, Judgement, Verdict

DATA = Path(__file__).parents[2] / "data"
GOOD = yaml.safe_load((DATA / "good_conversations.yaml").read_text(encoding="utf-8"))
BROKEN = yaml.safe_load((DATA / "broken_conversations.yaml").read_text(encoding="utf-8"))
CandidateOf = Callable[[dict[str, Any]], Candidate]


def judge(candidate: Candidate) -> Judgement:
    return check_conversation(candidate.conversation, candidate.item, candidate.catalog)


@pytest.mark.parametrize("entry", GOOD, ids=[entry["shows"] for entry in GOOD])
def test_good_conversations_are_not_flagged(entry: dict[str, Any], candidate_of: CandidateOf) -> None:
    """KF-07: not one finding in the whole corpus, not even a warning."""
    judgement = judge(candidate_of(entry))
    assert judgement.findings == ()
    assert judgement.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("entry", BROKEN, ids=[f"{n}-{e['code']}" for n, e in enumerate(BROKEN, 1)])
def test_broken_conversations_are_found(entry: dict[str, Any], candidate_of: CandidateOf) -> None:
    """KF-04, KF-06, KF-15, KF-16, KF-42: the fault is found, and nothing else."""
    judgement = judge(candidate_of(entry))
    severity = entry.get("severity", "fail")
    assert {(finding.code, finding.severity) for finding in judgement.findings} == {(entry["code"], severity)}
    assert judgement.verdict is (Verdict.REJECTED if severity == "fail" else Verdict.ACCEPTED)
    assert judgement.reasons == ((CheckCode(entry["code"]),) if severity == "fail" else ())
    assert judgement.checks_version == CHECKS_VERSION
