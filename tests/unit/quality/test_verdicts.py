"""Verdicts, and the page that explains their codes."""

from __future__ import annotations

import re
from pathlib import Path

from brightrun.quality.verdicts import CHECKS_VERSION, CheckCode, Verdict, fail, judge_findings, warn

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"


def test_warnings_reject_nothing_and_reasons_are_named_once() -> None:
    warned = judge_findings([warn(CheckCode.MARKUP, 2, "1. rent")])
    assert (warned.verdict, warned.reasons, len(warned.findings)) == (Verdict.ACCEPTED, (), 1)
    failed = judge_findings(
        [
            fail(CheckCode.MARKUP, 2, "**"),
            fail(CheckCode.CUT_TEXT, 4, "and the"),
            fail(CheckCode.MARKUP, 6, "**"),
        ]
    )
    assert failed.verdict is Verdict.REJECTED
    assert failed.reasons == (CheckCode.MARKUP, CheckCode.CUT_TEXT)
    assert len(failed.findings) == 3
    assert judge_findings([]).verdict is Verdict.ACCEPTED


def test_quotes_are_short_and_printable() -> None:
    finding = fail(CheckCode.CONTROL_CHARACTER, 1, "a\x00\ud800" + "b" * 200)
    assert finding.quote.startswith("a\\u0000\\ud800b")
    assert finding.quote.endswith("b…")
    finding.quote.encode("utf-8")


def test_the_page_lists_every_code_with_its_meaning_and_no_other() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z_]+)` \| (?:fail|warn|fail or warn) \| ([^|]+?) \|", page, re.M))
    assert listed == {code.value: code.meaning for code in CheckCode}
    assert f"Version of the checks: {CHECKS_VERSION}" in page
