"""Checks that users say nothing of themselves that contradicts their plan: household and place (KF-04).

Written for English, and for a few plain statements only: what is not said plainly contradicts nothing. Who asks on
somebody else's behalf may speak of two people, so of them only the place is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from brightrun.items import Item
from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.hints import Hints
from brightrun.quality.persons import SUPPOSED, UNITS
from brightrun.quality.verdicts import CheckCode, Finding, fail

BEFORE = 32
"""Characters before a statement that may make it another time, or something supposed."""
OTHER_TIME = re.compile(
    r"\b(?:used to|back when|years ago|before|back then|once|wish|wants? me|want to be|future|some ?day"
    r"|one day)\b[^.!?\n]*\Z"
)

CHILDREN = r"(?:kids?|children|child|sons?|daughters?|boys|girls)"
SAYS_CHILD = re.compile(
    r"\b(?:my|our) (?:own |little |young |older |oldest |youngest |two |three )?(?:kids|children|son"
    r"|daughter)\b(?! in[- ]law)"
)
SAYS_SPOUSE = re.compile(
    r"(?<!ex-)(?<!late )\bmy (?:husband|wife|spouse|fianc[eé]e?)\b|\b(?:we|i)['’]ve been married (?:for|since)\b"
    r"|\bi['’]?(?:m| am) (?:happily )?married\b"
)
WITH_CHILDREN = re.compile(r"teach|coach|school|daycare|day care|preschool|kindergarten|pediatric|tutor|camp|librarian")
"""Occupations in which "my kids" may be pupils."""
FORMER = re.compile(
    r"\bex\b|\bex-|\blate (?:husband|wife)|\bdivorce|\bwidow|\bpassed away\b|\bdied\b|\bseparated\b"
    r"|\b(?:husband|wife) (?:left|moved out|walked out)\b"
)
SAYS_SINGLE = re.compile(
    r"\bi['’]?(?: a)?m (?:still |now |newly |recently )?(?:single|divorced|widowed|a widow|a widower"
    r"|a single (?:mom|mother|dad|father|parent))"
    r"(?=[,.;!?]|\s*\Z| (?:and|with|so|but|again|now|mom|dad)\b)|\bi live (?:alone|by myself)\b"
)
SAYS_COUNT = re.compile(
    rf"\b(?:(?:i|we) have|i['’]ve got|we['’]ve got|my|our|with|raising|(?:mother|father|mom"
    rf"|dad) of) ({'|'.join(UNITS)}|\d) (?:\w+ )?"
    rf"(?:kids|children|boys|girls|sons|daughters|teenagers|teens|toddlers)\b"
)
PLANNED_COUNT = re.compile(rf"\b({'|'.join(UNITS)}|an?|the partner's) (?:first )?({CHILDREN}|twins|baby)\b")
CHILDLESS = {"no_children", "expecting"}
SAYS_CHILDLESS = re.compile(
    r"\b(?:i|we) (?:don['’]?t have|have no|never had|never wanted|can['’]?t have) (?:any )?(?:kids|children)\b"
    r"|\bi['’]ve (?:got )?no (?:kids|children)\b"
    r"|\b(?:single|alone|married|divorced|widowed)[^.!?\n]{0,20}, no (?:kids|children)\b|\bi['’]?(?:m"
    r"| am) childless\b|\bwe['’]?(?:re| are) childless\b"
)
SAYS_NO_CHILD = re.compile(r"\b(?:don['’]?t have|no|never had|without) (?:any )?(?:kids|children)\b")
SAYS_PLURAL = re.compile(
    r"\b(?:my|our) (?:two |three |own |older |little )?(?:kids|children|sons|daughters|boys|girls"
    r"|twins)\b(?! in my class| in class)"
)
SAYS_TWINS = re.compile(r"\b(?:my|our|the) twins\b|\bi have twins\b")
SAYS_SON = re.compile(r"\b(?:my|our) (?:\w+ )?son\b(?!['’]?s?[- ]in[- ]law)")
SAYS_DAUGHTER = re.compile(r"\b(?:my|our) (?:\w+ )?daughter\b(?![- ]in[- ]law)")
CHILD_HINTS = frozenset(
    [
        "kids",
        "children",
        "son",
        "daughter",
        "sons",
        "daughters",
        "boys",
        "girls",
        "twins",
        "kid",
        "childless",
        "teenagers",
        "teens",
        "toddlers",
    ]
)
SPOUSE_HINTS = frozenset(
    [
        "husband",
        "wife",
        "spouse",
        "married",
        "fiance",
        "fianc",
        "fiancee",
        "single",
        "divorced",
        "widowed",
        "widow",
        "widower",
        "alone",
        "myself",
    ]
)
FAMILY_HINTS = CHILD_HINTS | SPOUSE_HINTS

STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois"
    "|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri"
    "|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma"
    "|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington"
    "|West Virginia|Wisconsin|Wyoming"
)
STATE = re.compile(rf"\b({STATES})\b")
CITIES = frozenset(
    (
        *(
            "New York",
            "Los Angeles",
            "Chicago",
            "Houston",
            "Philadelphia",
            "San Diego",
            "Dallas",
            "San Jose",
            "Jacksonville",
        ),
        *(
            "Fort Worth",
            "San Francisco",
            "Indianapolis",
            "Detroit",
            "Memphis",
            "Baltimore",
            "Portland",
            "Las Vegas",
            "Miami",
        ),
        *(
            "Brooklyn",
            "Manhattan",
            "Queens",
            "Cleveland",
            "New Orleans",
            "Orlando",
            "St. Louis",
            "Cincinnati",
            "Newark",
        ),
        *(
            "Anchorage",
            "Honolulu",
            "Long Beach",
            "Oakland",
            "Tulsa",
            "Wichita",
            "El Paso",
            "Washington",
            "Seattle",
            "Boston",
        ),
        *(
            "Denver",
            "Nashville",
            "Atlanta",
            "Phoenix",
            "Austin",
            "Charlotte",
            "Sacramento",
            "Minneapolis",
            "Pittsburgh",
        ),
    )
)
"""Towns that people name without a state."""
HOMES = ("place", "apartment", "house", "home", "condo", "studio", "flat", "room", "rent", "mortgage", "townhouse")
HOME = rf"(?:{'|'.join(HOMES)})"
LIVES = re.compile(
    r"\b(?:[Ii]|[Ww]e)(?:['’]m| am|['’]re| are)? (?:still |now |currently |both )?(?:(?:live|living|based"
    r"|located) (?:here |out |up |down |over )?"
    r"(?:in|near|outside|outside of|just outside) |(?:just |recently )?moved (?:out |down |up |over "
    r"|back )?(?:here )?to "
    rf"|(?:rent|own|bought|have) (?:an?|our|the) (?:\w+ )?{HOME} (?:here )?in )"
    r"|\b(?:[Ii]['’]?m|[Ii] am|[Ww]e['’]?re|[Ww]e are) (?:here )?in "
    r"|\b[Hh]ere in "
    rf"|\b(?:[Mm]y|[Oo]ur) (?:\w+ )?{HOME} (?:here )?in "
)
NAMED_PLACE = re.compile(r"(?:[a-z]+ ){0,5}?([A-Z][\w'’.]+(?: [A-Z][\w'’.]+){0,2}(?:, [A-Z][\w'’]+(?: [A-Z]\w+)?)?)")
VISITS = re.compile(
    r"^[,.]? (?:for (?:the|a|work|my)|until|this week|on (?:a|business|vacation)|visiting|when|then"
    r"|at the moment|next)\b"
)
PLACE_HINTS = Hints(
    (
        *("live ", "living ", "based ", "located ", "moved ", "here in ", "m in ", "re in "),
        *(f"{home} in " for home in HOMES),
    )
)
"""One of these is in whatever LIVES finds."""


def household(candidate: Candidate) -> Iterator[Finding]:
    """Users have the family they were planned with: children or none, how many, a spouse or none."""
    identity = candidate.item.identity
    planned, tags = attribute(candidate.item, "household"), set(identity.tags)
    if not planned or identity.reason:
        return
    patterns = tuple(_contradictions(planned, tags))
    count = _children(planned) if "children" in tags else None
    has_pupils = WITH_CHILDREN.search(attribute(candidate.item, "work")) is not None
    for question in candidate.read_questions:
        lowered = question.lowered
        for pattern in patterns:
            if pattern is SAYS_CHILD and SAYS_NO_CHILD.search(lowered):
                continue
            for match in question.matches(pattern, FAMILY_HINTS):
                may_be_pupils = has_pupils and match[0] == "my kids"
                if is_plain(lowered, match) and not may_be_pupils and not _is_planned(candidate, match[0]):
                    if pattern is SAYS_SPOUSE and FORMER.search(candidate.lowered):
                        break
                    yield fail(CheckCode.OTHER_HOUSEHOLD, question.number, evidence(question.text, match))
                    break
        for match in question.matches(SAYS_COUNT, CHILD_HINTS) if count else ():
            said = int(match[1]) if match[1].isdigit() else UNITS[match[1]]
            if said != count and is_plain(lowered, match):
                yield fail(CheckCode.OTHER_HOUSEHOLD, question.number, evidence(question.text, match))


def _contradictions(planned: str, tags: set[str]) -> Iterator[re.Pattern[str]]:
    """What nobody says who was planned so."""
    if tags & CHILDLESS == {"no_children"}:
        yield SAYS_CHILD
    if "couple" in tags:
        yield SAYS_SINGLE
    elif "single" in tags and not tags & {"divorced", "widowed"}:
        yield SAYS_SPOUSE
    if "children" in tags:
        yield SAYS_CHILDLESS
        if "twins" not in planned:
            yield SAYS_TWINS
        if _children(planned) == 1:
            yield SAYS_PLURAL
            if "daughter" in planned:
                yield SAYS_SON
            elif re.search(r"\bson\b", planned):
                yield SAYS_DAUGHTER


def place(candidate: Candidate) -> Iterator[Finding]:
    """Users live where they were planned to: in no other state, and in no other town that the catalog has."""
    planned = next((a.text for a in candidate.item.identity.attributes if a.name == "place"), "")
    state = _state(planned)
    if not planned:
        return
    for question in candidate.read_questions:
        text = question.text
        for match in question.matches_in(LIVES, question.sentences_with(PLACE_HINTS), text):
            named = NAMED_PLACE.match(text, match.end())
            if (
                not named
                or not is_plain(question.lowered, match)
                or named[1] in planned
                or VISITS.search(text[named.end() :])
            ):
                continue
            said = _state(named[1])
            other_state = said is not None and state is not None and said != state
            town = named[1].split(",")[0]
            other_town = said is None and town in (_towns(candidate) | CITIES) and town not in planned
            if other_state or other_town:
                yield fail(CheckCode.OTHER_PLACE, question.number, evidence(text, match))


def is_plain(lowered: str, match: re.Match[str]) -> bool:
    """Whether it is said of here and now, and not supposed or reported."""
    before = lowered[max(0, match.start() - BEFORE) : match.start()].rstrip() + " "
    return not SUPPOSED.search(before.rstrip()) and not OTHER_TIME.search(before) and not before.rstrip().endswith('"')


def _is_planned(candidate: Candidate, words: str) -> bool:
    """Whether the plan itself says so: a life event, a situation or a question of the topic may bring it with it."""
    item, topic = candidate.item, candidate.catalog.topics.get(candidate.item.cell.topic)
    plan = [item.situation, item.life_event, item.mistaken_belief, item.near_miss.text if item.near_miss else None]
    if topic is not None:
        plan += [*topic.typical_questions, *topic.mistaken_beliefs]
    last = words.removesuffix(" for").removesuffix(" since").rsplit(" ", 1)[-1]
    return any(last in text.lower() or "child" in text.lower() for text in plan if text)


def attribute(item: Item, name: str) -> str:
    """What was planned of the person under that name, in small letters; nothing where nothing was."""
    return next((attribute.text.lower() for attribute in item.identity.attributes if attribute.name == name), "")


def _children(planned: str) -> int | None:
    """How many children a household text names, or None where it does not say so in one place."""
    counted = [_how_many(match[1], match[2]) for match in PLANNED_COUNT.finditer(planned)]
    return counted[0] if len(counted) == 1 else None


def _how_many(number: str, word: str) -> int:
    return UNITS.get(number, 2 if word == "twins" else 1)


def _state(text: str) -> str | None:
    named = STATE.findall(text)
    return named[-1] if named else None


def _towns(candidate: Candidate) -> frozenset[str]:
    places = [p.text for persona in candidate.catalog.personas.values() for p in persona.identity.place]
    return _towns_of(tuple(places))


@lru_cache(maxsize=64)
def _towns_of(places: tuple[str, ...]) -> frozenset[str]:
    return frozenset(place.split(",")[0] for place in places if place[:1].isupper())
