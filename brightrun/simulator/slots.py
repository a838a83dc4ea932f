"""What frames are filled with for one person and one concept."""

from __future__ import annotations

import re
from functools import lru_cache

from brightrun.simulator.grammar import capitalised, clause, first_person, lowered, squeeze
from brightrun.simulator.prompt import Brief, Fact

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SYMBOLS = {"USD": "$", "EUR": "\u20ac", "GBP": "\u00a3"}
"""Units that people write as a sign before the number; any other unit stays as it stands in the request."""
_CURRENCY = re.compile(rf"(?<![\w.,])(\d[\d,]*(?:\.\d+)?) ({'|'.join(_SYMBOLS)})\b")
_DESCRIBING = ("work", "household", "place")
_COUNTABLE_WORDS = """
rule test limit plan window deadline match gap ladder cap threshold formula process order score rate ratio
option horizon schedule timeline impact cost period cycle price balance account value mix setting step list
"""
_COUNTABLE = frozenset(_COUNTABLE_WORDS.split())
"""Last words of concepts that want an article in a sentence."""


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
        "amount": next((text for _, text in figures(brief) if not text[0].isalpha()), ""),
        "place": place if 0 < len(place.split()) <= 4 and place[0].isupper() else "",
        "work": work if 0 < len(work.split()) <= 3 and not work.startswith(("works", "runs")) else "",
    }


def profile(brief: Brief) -> list[str]:
    """What describes the person, as fragments: `42`, `married, two children`, `school nurse`."""
    described = [
        lowered(clause(text)) for label, text in brief.attributes if label in _DESCRIBING and len(text.split()) <= 14
    ]
    return [str(brief.age), *described]


def figures(brief: Brief) -> list[tuple[str, str]]:
    """Figures of the person with what they are: `("machines online", "8 devices on the network")`."""
    found = []
    for label, text in brief.attributes:
        if label not in _DESCRIBING and len(text.split()) <= 14:
            parts = (part for part in clause(text).split(", ") if _NUMBER.search(part))
            found += [(label, with_symbols(part)) for part in parts][:1]
    return found


@lru_cache(maxsize=8192)
def with_symbols(text: str) -> str:
    """`40 EUR a month` as people write it: the sign first."""
    return _CURRENCY.sub(lambda match: f"{_SYMBOLS[match.group(2)]}{match.group(1)}", squeeze(text))


def fact_text(fact: Fact) -> str:
    """`widest channel, 160 MHz`: the value as it stands in the request."""
    return f"{lowered(fact.name)}, {with_symbols(f'{fact.value} {fact.unit}'.strip())}"


def event_text(brief: Brief) -> str:
    return with_symbols(first_person(brief.life_event)) if brief.life_event else ""


def reason_text(brief: Brief) -> str:
    """`asks for their parents` as the person says it."""
    reason = squeeze(brief.on_behalf)
    asks = re.match(r"(?:asks|is asking|writes) (?:for|on behalf of|about) ", reason, re.I)
    return first_person(f"I'm asking for {reason[asks.end() :]}" if asks else reason) if reason else ""


def quoted_belief(brief: Brief) -> str:
    return clause(brief.mistaken_belief).replace('"', "'")
