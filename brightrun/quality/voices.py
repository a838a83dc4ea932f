"""Checks of who is speaking: nobody wears a role's label, nobody is a model, nobody knows of the making."""

from __future__ import annotations

import re
from collections.abc import Iterator

from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

LONGEST_LABEL = 40
ROLES = ("user", "assistant", "human", "system", "ai", "bot", "advisor", "adviser", "client")

MODEL_TALK = re.compile(
    r"\bas an? (?:ai|artificial intelligence)(?:\s+(?:language\s+)?(?:model|assistant|chatbot))?"
    r"(?=\s*[,;:.–—]|\s+i\b)"
    r"|\bi(?:['’]m| am) (?:just |only |simply )?an? (?:ai|artificial intelligence|chatbot|program|bot)"
    r"(?=\s*[,;:.!?–—]|\s+(?:and|so|but|model|assistant|language|that)\b|\s*$)"
    r"|\blarge language model|\blanguage model\b|\bsystem prompt\b|\bmy training (?:data|cut-?off)\b"
    r"|\bknowledge cut-?off\b|\btraining (?:data|dataset|example|conversation)s?\b|\bemotional arc\b"
    r"|\b(?:this|the|your) persona\b|\bthis (?:dataset|simulated conversation)\b"
    r"|\b(?:i am|i['’]m|as) claude, (?:an ai|made by|from anthropic)|\bi was (?:trained|created) by\b"
)
HINTS = (
    *(" ai", "artificial intell", "chatbot", " program", " bot", "language model", "system prompt", "training"),
    *("knowledge cut", "emotional arc", "persona", "dataset", "simulated", "i was trained", "i was created"),
)
"""Plain words of which MODEL_TALK needs one: looking for them first is many times faster."""


def role_labels(candidate: Candidate) -> Iterator[Finding]:
    """No message starts with "User:", "Advisor:" or the speaker's own name, as transcripts do."""
    info, own_name = candidate.catalog.info, candidate.item.identity.given_name
    roles = {*ROLES, info.user_role.lower(), info.assistant_role.lower()}
    advisor = candidate.catalog.advisor.name.lower()
    names = {"user": {own_name.lower()}, "assistant": {advisor, advisor.split()[0]}}
    for number, turn in enumerate(candidate.conversation.turns, 1):
        if ":" not in turn.content:
            continue
        for index, line in enumerate(turn.content.splitlines()):
            end = line.find(":", 0, LONGEST_LABEL)
            if end < 1:
                continue
            label = line[:end].strip(" *_[]#<>").lower()
            own = names[turn.role] if index == 0 else names["user"] | names["assistant"]
            if label in roles or label in own:
                yield fail(CheckCode.ROLE_LABEL, number, line)
                break


def model_talk(candidate: Candidate) -> Iterator[Finding]:
    """Nobody is a model or mentions prompts and datasets. A user who builds such is only noted."""
    if not any(hint in candidate.lowered for hint in HINTS):
        return
    for number, turn in enumerate(candidate.conversation.turns, 1):
        text = turn.content.lower()
        if match := MODEL_TALK.search(text):
            yield (fail if turn.role == "assistant" else warn)(CheckCode.MODEL_TALK, number, evidence(text, match))
