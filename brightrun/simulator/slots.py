"""What frames are filled with for one person and one concept."""

from __future__ import annotations

import re
from functools import lru_cache

from brightrun.simulator.grammar import capitalised, clause, first_person, lowered, squeeze
from brightrun.simulator.prompt import Brief, Fact

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_DOLLARS = re.compile(r"(?<![\w$])(\d[\d,]*(?:\.\d+)?) (?:USD|US dollars)\b|\bUSD (\d[\d,]*(?:\.\d+)?)")
_AMOUNT = re.compile(r"\$\d[\d,]*")
_DESCRIBING = ("work", "household", "place")


_COUNTABLE = frozenset(
    {
        "rule",
        "test",
        "limit",
        "plan",
        "window",
        "penalty",
        "deadline",
        "match",
        "gap",
        "ladder",
        "cap",
        "fund",
    }
    | {
        "threshold",
        "formula",
        "process",
        "order",
        "score",
        "premium",
        "deductible",
        "loan",
        "mortgage",
        "budget",
    }
    | {
        "rate",
        "ratio",
        "option",
        "trust",
        "portfolio",
        "horizon",
        "schedule",
        "allowance",
        "burden",
        "timeline",
    }
    | {"impact", "cost", "period", "market", "cycle", "price", "balance", "account", "value", "mix", "yield"}
)


@lru_cache(maxsize=4096)
def concept_slots(prefix: str, name: str) -> dict[str, str]:
    """A concept's name, and the verb forms that agree with it."""
    bare = name
    if name.split()[-1].lower() in _COUNTABLE and not name.lower().startswith(("the ", "a ", "an ")):
        name = f"the {name}"
    plural = name.endswith("s") and not name.endswith(("ss", "us", "is"))
    return {
        prefix: name,
        f"bare_{prefix}": bare,
        prefix.upper(): capitalised(name),
        f"s_{prefix}": "" if plural else "s",
        f"is_{prefix}": "are" if plural else "is",
        f"Is_{prefix}": "Are" if plural else "Is",
        f"was_{prefix}": "were" if plural else "was",
        f"has_{prefix}": "have" if plural else "has",
        f"does_{prefix}": "do" if plural else "does",
        f"Does_{prefix}": "Do" if plural else "Does",
        f"ies_{prefix}": "y" if plural else "ies",
    }


def person_slots(brief: Brief) -> dict[str, str]:
    """Name, age, place and work, each only where it fits into a sentence."""
    attributes = dict(brief.attributes)
    place = clause(attributes.get("place", ""))
    work = clause(attributes.get("work", ""))
    return {
        "name": brief.name.split()[0] if brief.name.split() else "",
        "age": "" if brief.on_behalf else str(brief.age),
        "amount": next((m.group() for _, text in money(brief) for m in _AMOUNT.finditer(text)), ""),
        "place": place if 0 < len(place.split()) <= 4 and place[0].isupper() else "",
        "work": work if 0 < len(work.split()) <= 3 and not work.startswith(("works", "runs")) else "",
    }


def profile(brief: Brief) -> list[str]:
    """What describes the person, as fragments: `42`, `married, two children`, `school nurse`."""
    described = [
        lowered(clause(text)) for label, text in brief.attributes if label in _DESCRIBING and len(text.split()) <= 14
    ]
    return [str(brief.age), *described]


def money(brief: Brief) -> list[tuple[str, str]]:
    """Figures of the person with what they are: `("income", "$104,000 a year")`."""
    found = []
    for label, text in brief.attributes:
        if label not in _DESCRIBING and _NUMBER.search(text) and len(text.split()) <= 14:
            found.append((label, dollars(clause(text).split(", ")[0])))
    return found


@lru_cache(maxsize=8192)
def dollars(text: str) -> str:
    """`104,000 USD a year` as people write it."""
    return _DOLLARS.sub(lambda m: f"${m.group(1) or m.group(2)}", squeeze(text))


def fact_text(fact: Fact) -> str:
    """`HSA contribution limit, $4,400 a year`."""
    value = f"{float(fact.value):,.10g}" if re.fullmatch(r"\d{4,}(?:\.\d+)?", fact.value) else fact.value
    dollar = fact.unit.startswith("USD")
    amount = f"${value}{fact.unit[3:]}" if dollar else f"{value} {fact.unit}".strip()
    return f"{lowered(fact.name)}, {amount}"


def event_text(brief: Brief) -> str:
    return dollars(first_person(brief.life_event)) if brief.life_event else ""


def reason_text(brief: Brief) -> str:
    """`asks for their parents` as the person says it."""
    reason = squeeze(brief.on_behalf)
    asks = re.match(r"(?:asks|is asking|writes) (?:for|on behalf of|about) ", reason, re.I)
    return first_person(f"I'm asking for {reason[asks.end() :]}" if asks else reason) if reason else ""


def quoted_belief(brief: Brief) -> str:
    return clause(brief.mistaken_belief).replace('"', "'")
