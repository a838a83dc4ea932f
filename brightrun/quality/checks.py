"""The structural checks of one conversation, in order. docs/reference/checks.md describes each."""

from __future__ import annotations

from brightrun.catalog import Catalog
from brightrun.conversation import Conversation
from brightrun.items import Item
from brightrun.quality import damage, plan_agreement, shape, voices
from brightrun.quality.candidate import Candidate, Check
from brightrun.quality.verdicts import CheckCode, Finding, Judgement, Severity, judge_findings

SHAPE_CHECKS: tuple[Check, ...] = (
    shape.roles,
    shape.exchanges,
    shape.lengths,
    shape.answer_labels,
    shape.answer_openings,
)
TEXT_CHECKS: tuple[Check, ...] = (
    damage.characters,
    damage.escapes,
    damage.cuts,
    damage.blanks,
    damage.markup,
    voices.role_labels,
    voices.model_talk,
    plan_agreement.speaker,
    plan_agreement.subject,
    plan_agreement.feelings,
    plan_agreement.names_in_text,
    plan_agreement.ages_in_text,
)


def check_conversation(conversation: Conversation, item: Item, catalog: Catalog) -> Judgement:
    """Accepted or rejected, with all that was found. The same input always gives the same answer."""
    candidate = Candidate(conversation, item, catalog)
    findings = _found(SHAPE_CHECKS, candidate)
    if not any(f.code is CheckCode.TEXT_TOO_LONG and f.severity is Severity.FAIL for f in findings):
        findings += _found(TEXT_CHECKS, candidate)  # whose patterns are not meant for endless texts
    return judge_findings(findings)


def _found(checks: tuple[Check, ...], candidate: Candidate) -> list[Finding]:
    return [finding for check in checks for finding in check(candidate)]
