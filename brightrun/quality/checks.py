"""The checks of one conversation, in order, and the verdict that follows. docs/quality.md describes each."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from functools import cache

from brightrun.catalog import Catalog
from brightrun.conversation import Conversation
from brightrun.items import Item
from brightrun.quality import (
    damage,
    echo,
    figures,
    identity_in_text,
    occupation_in_text,
    plan_agreement,
    privacy,
    promises,
    referral,
    reproach,
    sales,
    shape,
    subject_matter,
    voices,
)
from brightrun.quality.candidate import Candidate, Check
from brightrun.quality.verdict_rule import VerdictRule
from brightrun.quality.verdicts import (
    CheckCode,
    CheckOutcome,
    CheckResult,
    Finding,
    Judgement,
    Severity,
    Verdict,
    undecided,
)

logger = logging.getLogger("brightrun.job")

C = CheckCode

SHAPE_CHECKS: tuple[Check, ...] = (
    Check("roles", 1, shape.roles, (C.FIRST_TURN_NOT_USER, C.ROLES_DO_NOT_ALTERNATE, C.LAST_TURN_NOT_ASSISTANT)),
    Check("exchanges", 1, shape.exchanges, (C.EXCHANGES_OUTSIDE_ARC, C.EXCHANGES_NOT_AS_PLANNED)),
    Check("lengths", 1, shape.lengths, (C.EMPTY_TEXT, C.TEXT_TOO_SHORT, C.TEXT_TOO_LONG)),
    Check("answer_labels", 1, shape.answer_labels, (C.EMPTY_LABEL,)),
    Check("answer_openings", 1, shape.answer_openings, (C.REPEATED_OPENING,)),
)
DAMAGE_CHECKS: tuple[Check, ...] = (
    Check("characters", 1, damage.characters, (C.CONTROL_CHARACTER, C.ENCODING_DAMAGE)),
    Check("escapes", 1, damage.escapes, (C.TRAILING_BACKSLASH, C.LITERAL_ESCAPE, C.REPLY_SYNTAX)),
    Check("cuts", 2, damage.cuts, (C.CUT_TEXT,)),
    Check("blanks", 2, damage.blanks, (C.PLACEHOLDER,)),
    Check("markup", 1, damage.markup, (C.MARKUP,)),
    Check("role_labels", 3, voices.role_labels, (C.ROLE_LABEL,)),
    Check("model_talk", 2, voices.model_talk, (C.MODEL_TALK,)),
)
PLAN_CHECKS: tuple[Check, ...] = (
    Check("speaker", 1, plan_agreement.speaker, (C.SPEAKER_NAME_MISMATCH, C.SPEAKER_AGE_MISMATCH)),
    Check("subject", 1, plan_agreement.subject, (C.TOPIC_MISMATCH, C.OUTCOME_UNKNOWN, C.OUTCOME_NOT_AS_PLANNED)),
    Check("feelings", 1, plan_agreement.feelings, (C.EMOTION_UNKNOWN, C.INTENSITY_OUT_OF_RANGE)),
    Check("names_in_text", 3, plan_agreement.names_in_text, (C.OTHER_NAME,)),
    Check("ages_in_text", 5, plan_agreement.ages_in_text, (C.OTHER_AGE,)),
    Check("work_in_text", 3, occupation_in_text.work, (C.OTHER_WORK,)),
    Check("household_in_text", 4, identity_in_text.household, (C.OTHER_HOUSEHOLD,)),
    Check("place_in_text", 2, identity_in_text.place, (C.OTHER_PLACE,)),
    Check("money_in_text", 1, plan_agreement.money_in_text, (C.OTHER_MONEY,)),
    Check("subject_matter", 3, subject_matter.concepts, (C.OFF_TOPIC, C.CONCEPTS_MISSING)),
    Check("echo", 3, echo.repeated_answers, (C.USER_ECHO,)),
)
ADVICE_CHECKS: tuple[Check, ...] = (
    Check("judgement", 2, reproach.judgement, (C.JUDGES_USER,)),
    Check("sales", 3, sales.sales, (C.PRODUCT_SALE,)),
    Check("promises", 5, promises.promises, (C.PROMISED_RETURN,)),
    Check("referral", 1, referral.in_time, (C.REFERRAL_MISSING,)),
    Check("money_in_crisis", 3, referral.money_in_crisis, (C.ADVICE_IN_CRISIS,)),
    Check("near_miss", 2, referral.without_crisis, (C.HOTLINE_WITHOUT_CRISIS,)),
)
FIGURE_CHECKS: tuple[Check, ...] = (
    Check("figures", 5, figures.supported, (C.UNSUPPORTED_FIGURE,)),
    Check("arithmetic", 4, figures.comes_out, (C.WRONG_ARITHMETIC,)),
    Check("limits", 4, figures.dated, (C.UNDATED_LIMIT,)),
)
PRIVACY_CHECKS: tuple[Check, ...] = (
    Check("account_numbers", 1, privacy.account_numbers, (C.CARD_NUMBER, C.NATIONAL_ID, C.BANK_ACCOUNT)),
    Check("phone_numbers", 2, privacy.phone_numbers, (C.PHONE_NUMBER,)),
    Check("email_addresses", 1, privacy.email_addresses, (C.EMAIL_ADDRESS,)),
)
TEXT_CHECKS = DAMAGE_CHECKS + PLAN_CHECKS + ADVICE_CHECKS + FIGURE_CHECKS + PRIVACY_CHECKS
CHECKS = SHAPE_CHECKS + TEXT_CHECKS


def version_of(checks: Sequence[Check]) -> str:
    """A short hash of names and versions: another one as soon as a check is added, removed or changed."""
    named = ",".join(f"{check.name}:{check.version}" for check in checks)
    return hashlib.sha256(named.encode()).hexdigest()[:12]


CHECKS_VERSION = version_of(CHECKS)
"""Stands in every judgement."""

AS_THEY_ARE = VerdictRule()
"""The rule that leaves every finding the severity its check gave it."""


def check_conversation(
    conversation: Conversation, item: Item, catalog: Catalog, rule: VerdictRule = AS_THEY_ARE
) -> Judgement:
    """The verdict on a conversation by all checks and the rule. The same input always gives the same answer.

    A message above the longest length is rejected whatever the rule says, since nothing else reads it.
    """
    return judge_candidate(Candidate(conversation, item, catalog), rule)


def judge_candidate(candidate: Candidate, rule: VerdictRule, text_checks: tuple[Check, ...] = TEXT_CHECKS) -> Judgement:
    """The verdict by the checks of shape, and by those of the text unless it is endless."""
    findings: list[Finding] = []
    results: list[CheckResult] = []
    for check in SHAPE_CHECKS:
        _run(check, candidate, rule, findings, results)
    if shape.is_endless(candidate):
        results += [_result(check, CheckOutcome.UNDECIDED) for check in text_checks]
    else:
        for check in text_checks:
            _run(check, candidate, rule, findings, results)
    return judged(findings, results)


def judged(findings: Sequence[Finding], results: Sequence[CheckResult]) -> Judgement:
    """Rejected if anything failed; else undecided if a check of ours broke off; else accepted."""
    verdict = Verdict.ACCEPTED
    reasons: tuple[CheckCode, ...] = ()
    for severity, becomes in ((Severity.FAIL, Verdict.REJECTED), (Severity.UNDECIDED, Verdict.UNDECIDED)):
        reasons = tuple(dict.fromkeys(finding.code for finding in findings if finding.severity is severity))
        if reasons:
            verdict = becomes
            break
    return Judgement(
        verdict=verdict,
        reasons=reasons,
        findings=tuple(findings),
        results=tuple(results),
        checks_version=CHECKS_VERSION,
    )


def _run(
    check: Check, candidate: Candidate, rule: VerdictRule, findings: list[Finding], results: list[CheckResult]
) -> None:
    """One check under the rule. One that raises is undecided, and the others go on (law 5)."""
    try:
        found = list(check.find(candidate))
    except Exception as error:
        logger.exception("%s: the check %s (version %d) failed", candidate.item.title, check.name, check.version)
        found = [undecided(CheckCode.CHECK_FAILED, f"{check.name}: {type(error).__name__}: {error}")]
    if not found:
        results.append(_result(check, CheckOutcome.PASS))
        return
    ruled = [finding if _always_counts(finding) else rule.apply(finding) for finding in found]
    kept = [finding for finding in ruled if finding is not None]
    findings += kept
    results.append(_result(check, _outcome(kept)))


def _always_counts(finding: Finding) -> bool:
    """A text that no other check reads cannot be let through."""
    return finding.code is CheckCode.TEXT_TOO_LONG and finding.severity is Severity.FAIL


def _outcome(findings: Sequence[Finding]) -> CheckOutcome:
    severities = {finding.severity for finding in findings}
    for severity in (Severity.FAIL, Severity.UNDECIDED, Severity.WARN):
        if severity in severities:
            return CheckOutcome(severity.value)
    return CheckOutcome.PASS


@cache
def _result(check: Check, outcome: CheckOutcome) -> CheckResult:
    """The same few results for every conversation, so that ten thousand cost no more than one."""
    return CheckResult(name=check.name, version=check.version, outcome=outcome)
