"""Checks of who is speaking: nobody wears a role's label, nobody is a model, nobody knows of the making."""

from __future__ import annotations

import re
from collections.abc import Iterator

from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.hints import Hints
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

LONGEST_LABEL = 40
ROLES = (
    "user",
    "assistant",
    "human",
    "system",
    "ai",
    "bot",
    "agent",
    "advisor",
    "adviser",
    "client",
    "response",
    "answer",
    "reply",
    "q",
    "a",
)
LABEL = re.compile(
    r"^[\s*_#\[(<{]*([A-Za-z][\w'’ .-]{0,30}?)(?:['’]s (?:reply|answer"
    r"|response))?(?: ?\([\w .]{1,20}\))?[\s*_]*(?:[:\])>}]|\s[-–—]\s)|^#+ ?(\w{4,12})$"
)
"""A word or two at the beginning of a line, set off as in transcripts: "Advisor:", "[Advisor]", "User - "."""
TITLE = re.compile(
    r"(?!(?:My|The|Our|Her|His|Your|An?) )(?:[A-Z][a-z]+ ){1,2}(?:Advis[eo]r|Assistant|User|Client|Coach|Agent|Bot)"
)
"""A role with its trade before it, as in "Financial Advisor"."""
OFTEN_A_WORD = frozenset({"answer", "response", "reply", "system", "client", "q", "a", "agent"})
"""Labels that with a dash after them may as well begin a sentence."""

MODEL_TALK = re.compile(
    r"\b(?:as|being|i(?:['’]m| am)) (?:just |only |simply |merely |but )?(?:an? )?(?:\w+[- ]){0,2}?(?:ai"
    r"|artificial intelligence|chatbot"
    r"|language[- ](?:based |model )?\w*|virtual (?:assistant|advisor)|digital assistant|software|bot|llm|machine)"
    r"(?=\s*[,;:.!?–—]|\s+(?:i|and|so|but|model|assistant|language|that|have|can|made|trained)\b|\s*$)"
    r"|\bi(?:['’]m| am) (?:just |only |simply )?a program(?=\s*[,;:.!?–—]|\s+(?:and|so|but|that)\b|\s*$)"
    r"|\b(?:large )?language model\b|\bsystem prompt\b|\bmy (?:programming|developers|creators"
    r"|training(?! at\b| as\b| in\b)|knowledge base)\b"
    r"|\b(?:to|by|in|with) my (?:instructions|guidelines|prompt)\b|\bmy (?:instructions|guidelines"
    r"|prompt) (?:say|tell|ask|forbid|do|are|is|require)"
    r"|\b(?:just |only |merely )?a computer program\b(?=[^.!?]{0,30}\bi\b)|\b(?:this|our) (?:is an? "
    r"|)(?:fictional|simulated|made-up) (?:conversation|scenario|dialogue|client|case)"
    r"|\bas (?:instructed|requested|specified|prompted)(?: above)?, i\b|\bthe (?:client|user|persona) (?:from"
    r"|move[sd]? from) \w+ to \w+\b"
    r"|\bi (?:cannot|can['’]t|am unable to|['’]m unable to) (?:browse|access|search) (?:the )?(?:internet|web)\b"
    r"|\bknowledge cut-?off\b|\bmy (?:knowledge|information|data) (?:ends|stops|only goes|goes up to"
    r"|was last updated)\b"
    r"|\breal[- ]time (?:data|information|access)\b|\btraining (?:data|dataset|example|conversation)s?\b"
    r"|\bemotional arc\b"
    r"|\b(?:this|the|your) persona\b|\bthis (?:dataset|simulated conversation|role-?play|simulation)\b"
    r"|\bin the (?:scenario|role-?play|simulation) (?:you|we|i)\b|\bthe (?:scenario|role|character) (?:you"
    r"|i)(?: are|['’]re| am|['’]m)? play"
    r"|\b(?:requested|asked|specified|described|required) (?:in|by) (?:the|your|this) (?:prompt|instructions"
    r"|template|scenario)\b"
    r"|\bthe (?:first|second|third|fourth|next|final|last) (?:answer|turn|message|exchange) of (?:the|this"
    r"|our) (?:conversation|dialogue|script)\b"
    r"|\bi (?:do not|don['’]t|cannot|can['’]t) (?:have|feel|experience) (?:feelings|emotions|a body"
    r"|personal experiences?|consciousness)\b"
    r"|\b(?:i am|i['’]m|as) claude, (?:an ai|made by|from anthropic)|\bi was (?:trained|created|programmed"
    r"|designed) (?:by|to|on|as)\b"
)
_HINTS = (
    *(
        " ai",
        "artificial intell",
        "chatbot",
        " program",
        " bot",
        "language",
        "prompt",
        "training",
        "virtual",
        "digital assis",
    ),
    *(
        "software",
        "machine",
        "llm",
        "developers",
        "creators",
        "knowledge",
        "instructions",
        "guidelines",
        "my information",
        "claude",
        "-ai",
        "-bot",
    ),
    *("my data", "real-time", "real time", "emotional arc", "persona", "dataset", "simulat", "role-play", "roleplay"),
    *(
        "scenario",
        "template",
        "the role",
        "the client",
        "the user",
        "character",
        " of the conversation",
        " of this conversation",
        " of our conversation",
        "dialogue",
        "script",
    ),
    *(
        "computer program",
        "fictional",
        "made-up",
        "as instructed",
        "as requested",
        "as specified",
        "internet",
        " web",
        "feelings",
        "emotions",
        "a body",
        "experience",
        "consciousness",
        "i was trained",
        "i was created",
        "i was designed",
    ),
)
HINTS = Hints(_HINTS)
"""Plain words of which MODEL_TALK needs one."""


def role_labels(candidate: Candidate) -> Iterator[Finding]:
    """No message starts with "User:", "[Advisor]" or the speaker's own name, as transcripts do."""
    info, own_name = candidate.catalog.info, candidate.item.identity.given_name
    roles = {*ROLES, info.user_role.lower(), info.assistant_role.lower()}
    advisor = candidate.catalog.advisor.name.lower()
    names = {"user": {own_name.lower()}, "assistant": {advisor, advisor.split()[0]}}
    for number, turn in enumerate(candidate.conversation.turns, 1):
        for index, line in enumerate(turn.content.splitlines()):
            match = LABEL.match(line[:LONGEST_LABEL])
            if not match:
                continue
            label, is_dash = (match[1] or match[2]).strip(" .").lower(), match[0].rstrip()[-1] in "-–—"
            own = names[turn.role] if index == 0 else names["user"] | names["assistant"]
            is_role = label in roles or (" " in label and roles.issuperset(label.split()))
            is_role = is_role or (not is_dash and TITLE.fullmatch((match[1] or "").strip()) is not None)
            if (label in own and not is_dash) or (is_role and not (is_dash and label in OFTEN_A_WORD)):
                yield fail(CheckCode.ROLE_LABEL, number, line)
                break


def model_talk(candidate: Candidate) -> Iterator[Finding]:
    """Nobody is a model or mentions prompts and datasets. A user who builds such is only noted."""
    for turn, message in zip(candidate.conversation.turns, candidate.read_messages, strict=True):
        match = next(message.matches_in(MODEL_TALK, message.sentences_with(HINTS)), None)
        if match:
            found = fail if turn.role == "assistant" else warn
            yield found(CheckCode.MODEL_TALK, message.number, evidence(message.lowered, match))
