"""The structural checks of one conversation, in order. docs/reference/checks.md describes each."""

from __future__ import annotations

from brightrun.catalog import Catalog
from brightrun.conversation import Conversation
from brightrun.items import Item
from brightrun.quality import damage, plan_agreement, shape, voices
from brightrun.quality.candidate import Candidate, Check
from brightrun.quality.verdicts import Judgement, judge_findings

CHECKS: tuple[Check, ...] = (
    shape.roles,
    shape.exchanges,
    shape.lengths,
    shape.answer_labels,
    shape.answer_openings,
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
    return judge_findings(finding for check in CHECKS for finding in check(candidate))
