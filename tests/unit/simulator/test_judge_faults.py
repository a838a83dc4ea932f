"""The simulated judge tells answers that serve from answers that are cold, general, hasty, or beside the point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from judged_cases import answer_to, catalog, conversation, rubric, simulated

from brightrun.catalog import Register
from brightrun.conversation import Conversation
from brightrun.quality.judging.judge_prompt import judge_request
from brightrun.quality.judging.judgement import JudgeDecision, decide, parse_judgement

DATA = Path(__file__).parents[2] / "data" / "judged_answers.yaml"


def told() -> list[dict[str, Any]]:
    return list(yaml.safe_load(DATA.read_text(encoding="utf-8")))


def between(users: list[str], answers: list[str]) -> Conversation:
    pairs = zip(users, answers, strict=True)
    return conversation(*(line for user, answer in pairs for line in ({"user": user}, {"assistant": answer})))


def decided(entry: dict[str, Any], whole: Conversation) -> JudgeDecision:
    topic = catalog().topics[entry["topic"]]
    question = judge_request(whole, rubric(), entry["arc"], Register.EMOTIONAL, topic)
    section = rubric().section(entry["arc"], Register.EMOTIONAL)
    return decide(parse_judgement(answer_to(question), section, whole), rubric().floors)


def test_answers_that_serve_pass_and_those_that_do_not_fail() -> None:
    missed = []
    for entry in told():
        good = decided(entry, between(entry["users"], entry["good"]))
        if not good.passed:
            missed.append(f"{entry['id']}, good: {good.reasons}")
        for broken in entry.get("broken", ()):
            decision = decided(entry, between(broken.get("users", entry["users"]), broken["answers"]))
            if decision.passed or decision.mean >= good.mean:
                missed.append(f"{entry['id']}, {broken['kind']}: {decision.mean}")
    assert not missed


def test_no_sentence_of_them_is_the_simulators() -> None:
    texts = {line for case in simulated() for turn in case.conversation.turns for line in sentences(turn.content)}
    entries = [
        [*entry["good"], *(line for broken in entry["broken"] for line in broken["answers"])] for entry in told()
    ]
    assert not texts & {line for answers in entries for answer in answers for line in sentences(answer)}


def sentences(text: str) -> list[str]:
    """Those that are long enough to be somebody's."""
    return [sentence.strip() for sentence in text.split(".") if len(sentence.split()) > 4]
