"""Single messages that a check has to tell apart: what breaks a conversation, and what only sounds like it (KF-07)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from brightrun.catalog import Catalog
from brightrun.catalog_loading import load_catalog
from brightrun.quality.candidate import Candidate
from brightrun.quality.checks import check_conversation
from brightrun.quality.verdicts import Severity
from tests.labelled_set import Half, candidate, read_half, record_of

ROOT = Path(__file__).parents[3]
TELLING = yaml.safe_load((ROOT / "tests" / "data" / "telling_messages.yaml").read_text(encoding="utf-8"))
PERSON = {
    "name": "Teresa Navarro",
    "age": 35,
    "work": "fifth grade teacher at a public school",
    "household": "single parent of a daughter aged 5",
    "place": "Las Cruces, New Mexico",
    "income": 69500,
    "retirement_savings": 15500,
    "cash": 9250,
    "other_money": "about 4,600 USD a year from a summer job",
}
BEGIN = "What comes first, the match in the plan or the card?"
ANSWER = "That depends on two numbers. What does the plan add, and what does the card charge?"
TOO_SHORT_TO_TELL = {"off_topic", "concepts_missing"}
"""The conversation around the message is made up, and says little of its topic."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalogs" / "financial_planning")


def entries(kind: str) -> Iterator[tuple[str, str, str, str | None]]:
    """Code, who says it, what, and what the other side said before."""
    for code, told in TELLING.items():
        for entry in told[kind]:
            says, after = (entry["says"], entry.get("after")) if isinstance(entry, dict) else (entry, None)
            yield code, told["by"], says, after


def around(code: str, by: str, says: str, after: str | None, catalog: Catalog) -> Candidate:
    """The message in a conversation that has no fault but its."""
    if by == "user":
        turns = [{"user": BEGIN}, {"assistant": after or ANSWER}, {"user": says}]
        turns += [{"assistant": "Then the fund with the lower fee, and the card after it."}]
    else:
        turns = [{"user": BEGIN}, {"assistant": ANSWER}, {"user": after or "I do not know, the fund page is endless."}]
        turns += [{"assistant": says}, {"user": "Fine, I will look at it tonight."}]
        turns += [{"assistant": "Do that, and write the number on the first page."}]
    plan: dict[str, Any] = {"persona": "pragmatic_optimist", "arc": "frustration_to_relief"}
    entry: dict[str, Any] = {"id": "telling", "person": PERSON, "turns": turns}
    if code == "hotline_without_crisis":
        plan["arc"], entry["near_miss"] = "crisis_to_referral", "killing_me"
        turns += [{"user": "ok"}, {"assistant": "Good. Take the weekend off from it."}]
    entry["plan"] = plan | {"topic": "confusing_401k_options", "exchanges": len(turns) // 2}
    return candidate(record_of(entry, Half.PRACTICE, "good_written"), catalog)


def test_what_breaks_a_conversation_is_found(catalog: Catalog) -> None:
    missed = []
    for code, by, says, after in entries("broken"):
        it = around(code, by, says, after, catalog)
        found = {finding.code for finding in check_conversation(it.conversation, it.item, catalog).findings}
        if code not in found:
            missed.append((code, says))
    assert missed == []


def test_what_only_sounds_like_it_is_left_alone(catalog: Catalog) -> None:
    """Not even a warning of its code, and no failure of another."""
    wrong = []
    for code, by, says, after in entries("good"):
        it = around(code, by, says, after, catalog)
        for finding in check_conversation(it.conversation, it.item, catalog).findings:
            fails = finding.severity is Severity.FAIL and finding.code not in TOO_SHORT_TO_TELL
            if finding.code == code or fails:
                wrong.append((str(finding.code), says))
    assert wrong == []


def test_what_is_certain_about_figures_rejects(catalog: Catalog) -> None:
    """A sum that is wrong and a limit of the law without its year are failures, and no rule has to say so."""
    for code, by, says, after in entries("broken"):
        if code in ("wrong_arithmetic", "undated_limit"):
            it = around(code, by, says, after, catalog)
            assert code in check_conversation(it.conversation, it.item, catalog).reasons, says


def test_good_practice_conversations_are_accepted(catalog: Catalog) -> None:
    for record in read_half(Half.PRACTICE):
        if record.defect is None:
            it = candidate(record, catalog)
            assert check_conversation(it.conversation, it.item, catalog).reasons == (), record.key
