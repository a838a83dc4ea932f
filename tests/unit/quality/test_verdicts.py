"""Verdicts and the rule they follow, versions of checks, and the page that explains the codes."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from brightrun.quality import checks
from brightrun.quality.candidate import Candidate, Check
from brightrun.quality.checks import CHECKS, CHECKS_VERSION, TEXT_CHECKS, judge_candidate, judged, version_of
from brightrun.quality.verdict_rule import VerdictRule
from brightrun.quality.verdicts import CheckCode, CheckOutcome, Finding, Judgement, Severity, Verdict, fail, warn

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"
CandidateOf = Callable[[dict[str, Any]], Candidate]
NUMBERED = "Pay in this order.\n1. The rent.\n2. The power."


def entry_with(answer: str) -> dict[str, Any]:
    turns = [
        {"user": "Which bill first?"},
        {"assistant": answer},
        {"user": "And then?"},
        {"assistant": "Then the card."},
    ]
    return {"turns": turns}


def results_of(judgement: Judgement) -> dict[str, CheckOutcome]:
    return {result.name: result.outcome for result in judgement.results}


def test_warnings_reject_nothing_and_reasons_are_named_once() -> None:
    warned = judged([warn(CheckCode.MARKUP, 2, "1. rent")], [])
    assert (warned.verdict, warned.reasons, len(warned.findings)) == (Verdict.ACCEPTED, (), 1)
    findings = [fail(CheckCode.MARKUP, 2, "**"), fail(CheckCode.CUT_TEXT, 4, "and"), fail(CheckCode.MARKUP, 6, "**")]
    failed = judged(findings, [])
    assert failed.verdict is Verdict.REJECTED
    assert failed.reasons == (CheckCode.MARKUP, CheckCode.CUT_TEXT)
    assert len(failed.findings) == 3
    assert judged([], []).verdict is Verdict.ACCEPTED


def test_every_check_says_what_it_came_to(candidate_of: CandidateOf) -> None:
    judgement = judge_candidate(candidate_of(entry_with(NUMBERED)), VerdictRule())
    assert [(r.name, r.version) for r in judgement.results] == [(check.name, check.version) for check in CHECKS]
    results = results_of(judgement)
    assert results.pop("markup") is CheckOutcome.WARN
    assert set(results.values()) == {CheckOutcome.PASS}
    assert judgement.checks_version == CHECKS_VERSION


@pytest.mark.parametrize(
    "ruling, verdict, outcome, severities",
    [
        ("fail", Verdict.REJECTED, CheckOutcome.FAIL, [Severity.FAIL]),
        ("warn", Verdict.ACCEPTED, CheckOutcome.WARN, [Severity.WARN]),
        ("off", Verdict.ACCEPTED, CheckOutcome.PASS, []),
        (False, Verdict.ACCEPTED, CheckOutcome.PASS, []),  # what YAML makes of a bare off
    ],
)
def test_the_rule_decides_what_a_finding_counts_as(
    ruling: str, verdict: Verdict, outcome: CheckOutcome, severities: list[Severity], candidate_of: CandidateOf
) -> None:
    rule = VerdictRule.model_validate({"markup": ruling})
    for answer in (NUMBERED, "The **rent** first."):
        judgement = judge_candidate(candidate_of(entry_with(answer)), rule)
        assert judgement.verdict is verdict
        assert results_of(judgement)["markup"] is outcome
        assert [finding.severity for finding in judgement.findings] == severities


def test_no_rule_lets_an_unread_text_through(candidate_of: CandidateOf) -> None:
    """No other check reads it, so nothing is known of it."""
    rule = VerdictRule.model_validate({"text_too_long": "off"})
    judgement = judge_candidate(candidate_of(entry_with("The rent. " * 900)), rule)
    assert judgement.verdict is Verdict.REJECTED
    assert results_of(judgement)["markup"] is CheckOutcome.UNDECIDED


@pytest.mark.parametrize("code", ["cut_txt", "check_failed"])
def test_a_rule_for_an_unknown_code_is_refused_with_the_nearest(code: str) -> None:
    with pytest.raises(ValidationError, match=r"`cut_txt` .*did you mean `cut_text`|`check_failed` is no code"):
        VerdictRule.model_validate({code: "warn"})


def broken_off(candidate: Candidate) -> Iterator[Finding]:
    raise RuntimeError(f"no disk for {candidate.item.exchanges}")


def test_a_check_that_raises_is_undecided_and_no_verdict_on_data(
    candidate_of: CandidateOf, caplog: pytest.LogCaptureFixture
) -> None:
    """Law 5. What another check found still rejects."""
    broken = (Check("broken", 3, broken_off, (CheckCode.MARKUP,)), *TEXT_CHECKS)
    with caplog.at_level(logging.ERROR, logger="brightrun.job"):
        good = judge_candidate(candidate_of(entry_with("The rent first.")), VerdictRule(), text_checks=broken)
    assert good.verdict is Verdict.UNDECIDED
    assert good.reasons == (CheckCode.CHECK_FAILED,)
    assert good.findings[0].quote == "broken: RuntimeError: no disk for 2"
    assert results_of(good)["broken"] is CheckOutcome.UNDECIDED
    assert "the check broken (version 3) failed" in caplog.text
    bad = judge_candidate(candidate_of(entry_with("The **rent** first.")), VerdictRule(), text_checks=broken)
    assert (bad.verdict, bad.reasons) == (Verdict.REJECTED, (CheckCode.MARKUP,))


def test_a_changed_check_is_seen_in_the_version() -> None:
    changed = (replace(CHECKS[0], version=CHECKS[0].version + 1), *CHECKS[1:])
    assert len({version_of(CHECKS), version_of(changed), version_of(CHECKS[1:])}) == 3
    assert version_of(CHECKS) == CHECKS_VERSION


def test_every_code_belongs_to_one_check() -> None:
    codes = [code for check in CHECKS for code in check.codes]
    assert sorted([*codes, CheckCode.CHECK_FAILED]) == sorted(CheckCode)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert checks.CHECKS == checks.SHAPE_CHECKS + checks.TEXT_CHECKS


def test_quotes_are_short_and_printable() -> None:
    finding = fail(CheckCode.CONTROL_CHARACTER, 1, "a\x00\ud800" + "b" * 200)
    assert finding.quote.startswith("a\\u0000\\ud800b")
    assert finding.quote.endswith("b…")
    finding.quote.encode("utf-8")


def test_the_page_lists_every_code_with_its_meaning_and_no_other() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z_]+)` \| (?:fail|warn|fail or warn|undecided) \| ([^|]+?) \|", page, re.M))
    assert listed == {code.value: code.meaning for code in CheckCode}
    assert f"Version of the checks: `{CHECKS_VERSION}`" in page
