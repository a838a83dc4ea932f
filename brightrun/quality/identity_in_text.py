"""Checks that users say nothing of themselves that contradicts their plan: work, household, place and income (KF-04).

Written for English, and for a few plain statements only: what is not said plainly contradicts nothing. Who asks on
somebody else's behalf may speak of two people, so of them only the place is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from brightrun.items import Item
from brightrun.quality.amounts import amounts_in
from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.persons import SUPPOSED, UNITS
from brightrun.quality.verdicts import CheckCode, Finding, fail

BEFORE = 32
"""Characters before a statement that may make it another time, or something supposed."""
OTHER_TIME = re.compile(
    r"\b(?:used to|back when|years ago|before|back then|once|wish|wants? me|want to be|future|some ?day"
    r"|one day)\b[^.!?\n]*\Z"
)

OCCUPATIONS: dict[str, tuple[str, ...]] = {
    "teacher": ("teach", "educator", "instructor", "school", "professor"),
    "nurse": ("nurs", "rn"),
    "accountant": ("account", "bookkeep", "cpa", "finance"),
    "lawyer": ("law", "attorney", "counsel", "legal"),
    "attorney": ("law", "attorney", "counsel", "legal"),
    "plumber": ("plumb",),
    "electrician": ("electric",),
    "pharmacist": ("pharmac",),
    "dentist": ("dent",),
    "physician": ("physician", "doctor", "medic"),
    "firefighter": ("fire",),
    "police officer": ("police",),
    "truck driver": ("truck", "driver", "deliver"),
    "bus driver": ("bus", "driver", "transit"),
    "librarian": ("librar",),
    "chef": ("chef", "cook", "kitchen", "restaurant"),
    "carpenter": ("carpent", "contractor"),
    "mechanic": ("mechanic", "repair"),
    "paramedic": ("paramedic", "emergency", "ambulance"),
    "social worker": ("social",),
    "software engineer": ("software", "engineer", "developer", "programmer", "data"),
    "software developer": ("software", "engineer", "developer", "programmer", "data"),
    "hairdresser": ("hair", "salon", "stylist"),
    "architect": ("architect",),
    "veterinarian": ("vet", "animal"),
    "photographer": ("photo",),
    "journalist": ("journal", "report", "editor", "news"),
    "waitress": ("wait", "server", "restaurant"),
    "flight attendant": ("flight", "airline"),
}
"""Occupations that people name, each with what a planned text holds that may mean the same."""
SAYS_WORK = re.compile(
    rf"\b(?:i['’]?m|i am|i work as|i['’]ve been|being) an? (?:[a-z]+[ -]){{0,2}}?({'|'.join(OCCUPATIONS)})\b"
    r"(?!['’]s| (?:at heart|by training|in training|once|aide|assistant|kid|to my|for my|myself|now\?))"
)
SAYS_WORKS_AS = re.compile(
    r"\bi work as an? ((?:[a-z-]+ ){0,2}?[a-z-]*(?:ist|ian|er|or|nurse|cpa|chef|ranger|clerk|cook|aide))\b"
)
VAGUE = re.compile(
    r"(?:manager|worker|lead|leader|consultant|contractor|director|supervisor|officer|freelancer|volunteer"
    r"|caregiver|partner|teller|member|owner|coordinator|administrator|number|rather|other|after|order)\Z"
)
"""What a person of many occupations may call themselves."""
WORK_HINTS = tuple(dict.fromkeys(occupation.rsplit(" ", 1)[-1] for occupation in OCCUPATIONS))

CHILDREN = r"(?:kids?|children|child|sons?|daughters?|boys|girls)"
SAYS_CHILD = re.compile(
    r"\b(?:my|our) (?:own |little |young |older |oldest |youngest |two |three )?(?:kids|children|son"
    r"|daughter)\b(?! in[- ]law)"
)
SAYS_SPOUSE = re.compile(r"\bmy (?:husband|wife)\b")
SAYS_SINGLE = re.compile(
    r"\bi['’]?(?: a)?m (?:still |now |newly |recently )?(?:single|divorced|widowed|a widow|a widower"
    r"|a single (?:mom|mother|dad|father|parent))"
    r"(?=[,.;!?]|\s*\Z| (?:and|with|so|but|again|now|mom|dad)\b)|\bi live (?:alone|by myself)\b"
)
SAYS_COUNT = re.compile(
    rf"\b(?:(?:i|we) have|i['’]ve got|we['’]ve got|my|our|with|raising) ({'|'.join(UNITS)}|\d) (?:\w+ )?(?:kids"
    rf"|children)\b"
)
PLANNED_COUNT = re.compile(rf"\b({'|'.join(UNITS)}) {CHILDREN}\b")
CHILDLESS = {"no_children", "expecting"}
SAYS_CHILDLESS = re.compile(r"\b(?:don['’]?t have|no|never had|without) (?:any )?(?:kids|children)\b")
CHILD_HINTS = ("kids", "children", "son", "daughter")

STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois"
    "|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri"
    "|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma"
    "|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington"
    "|West Virginia|Wisconsin|Wyoming"
)
STATE = re.compile(rf"\b({STATES})\b")
LIVES = re.compile(
    r"\b(?:[Ii]|[Ww]e)(?:['’]m| am|['’]re| are)? (?:still |now |currently |both )?(?:live|living|based"
    r"|located) (?:here )?"
    r"(?:in|near|outside|outside of|just outside) "
)
NAMED_PLACE = re.compile(r"(?:[a-z]+ ){0,5}([A-Z][\w'’.]+(?: [A-Z][\w'’.]+){0,2}(?:, [A-Z][\w'’]+(?: [A-Z]\w+)?)?)")

SAYS_INCOME = re.compile(
    r"\b(?:i (?:make|earn|bring in|gross)|my (?:own )?(?:salary|income|pay|base) is)"
    r" (?:about |around |roughly |just under |just over |almost |nearly |only |exactly |something like "
    r"|like )?(?=\$|\d)"
)
INCOME_HINTS = ("i make ", "i earn ", "i bring in ", "i gross ", "salary is", "income is", "pay is", "base is")
NO_YEARLY_INCOME = re.compile(
    r"^[^.!?\n]{0,30}?\b(?:a month|per month|monthly|a week|weekly|an hour|hourly|after tax|take[- ]home"
    r"|a shift|a day|every two weeks"
    r"|biweekly|on the side|less|more|in (?:interest|dividends|tips|overtime)|extra|mistake|payments?|from"
    r"|over the|under the|points|miles|shares|higher|short)\b"
)
LEAST_INCOME = 15_000
LOW, HIGH = 0.75, 1.35
"""How far a stated income may be from the planned one: people round, and count a bonus or leave it out."""


def work(candidate: Candidate) -> Iterator[Finding]:
    """Users have no other occupation than the planned one."""
    planned = _attribute(candidate.item, "work")
    if not planned or candidate.item.identity.reason:
        return
    if not any(hint in candidate.lowered for hint in (*WORK_HINTS, "i work as a")):
        return
    for number, text in candidate.questions():
        lowered = text.lower()
        for match in SAYS_WORK.finditer(lowered):
            if not any(word in planned for word in OCCUPATIONS[match[1]]) and _is_plain(lowered, match):
                yield fail(CheckCode.OTHER_WORK, number, evidence(text, match))
                return
        for match in SAYS_WORKS_AS.finditer(lowered):
            named = any(occupation in match[1] for occupation in OCCUPATIONS)
            known = any(word[:4] in planned for word in match[1].replace("-", " ").split() if len(word) > 3)
            if not (named or known or VAGUE.search(match[1])) and _is_plain(lowered, match):
                yield fail(CheckCode.OTHER_WORK, number, evidence(text, match))
                return


def household(candidate: Candidate) -> Iterator[Finding]:
    """Users have the family they were planned with: children or none, how many, a spouse or none."""
    identity = candidate.item.identity
    planned, tags = _attribute(candidate.item, "household"), set(identity.tags)
    if not planned or identity.reason:
        return
    patterns: list[re.Pattern[str]] = []
    if any(hint in candidate.lowered for hint in CHILD_HINTS) and tags & CHILDLESS == {"no_children"}:
        patterns.append(SAYS_CHILD)
    if "couple" in tags:
        patterns.append(SAYS_SINGLE)
    elif "single" in tags and not tags & {"divorced", "widowed"}:
        patterns.append(SAYS_SPOUSE)
    count = _children(planned) if "children" in tags else None
    for number, text in candidate.questions():
        lowered = text.lower()
        for pattern in patterns:
            if pattern is SAYS_CHILD and SAYS_CHILDLESS.search(lowered):
                continue
            for match in pattern.finditer(lowered):
                if _is_plain(lowered, match) and not _is_planned(candidate, match[0]):
                    yield fail(CheckCode.OTHER_HOUSEHOLD, number, evidence(text, match))
                    break
        for match in SAYS_COUNT.finditer(lowered) if count else ():
            said = int(match[1]) if match[1].isdigit() else UNITS[match[1]]
            if said != count and _is_plain(lowered, match):
                yield fail(CheckCode.OTHER_HOUSEHOLD, number, evidence(text, match))


def place(candidate: Candidate) -> Iterator[Finding]:
    """Users live where they were planned to: in no other state, and in no other town that the catalog has."""
    planned = next((a.text for a in candidate.item.identity.attributes if a.name == "place"), "")
    state = _state(planned)
    if not planned or not (
        "live" in candidate.lowered or "living" in candidate.lowered or "based" in candidate.lowered
    ):
        return
    for number, text in candidate.questions():
        for match in LIVES.finditer(text):
            named = NAMED_PLACE.match(text, match.end())
            if not named or not _is_plain(text.lower(), match) or named[1] in planned:
                continue
            said = _state(named[1])
            other_state = said is not None and state is not None and said != state
            town = named[1].split(",")[0]
            other_town = said is None and town in _towns(candidate) and town not in planned
            if other_state or other_town:
                yield fail(CheckCode.OTHER_PLACE, number, evidence(text, match))


def income(candidate: Candidate) -> Iterator[Finding]:
    """Users who say what they earn in a year say about what was planned."""
    planned = next((a for a in candidate.item.identity.attributes if a.name in ("income", "salary")), None)
    if planned is None or not planned.number or "year" not in planned.text or candidate.item.identity.reason:
        return
    if not any(hint in candidate.lowered for hint in INCOME_HINTS):
        return
    for number, text in candidate.questions():
        lowered = text.lower()
        for match in SAYS_INCOME.finditer(lowered):
            said = next((a for a in amounts_in(text[match.end() : match.end() + 30]) if a.start == 0), None)
            if said is None or said.is_percent or said.value < LEAST_INCOME or not _is_plain(lowered, match):
                continue
            if NO_YEARLY_INCOME.match(lowered[match.end() + said.end :]):
                continue
            if not LOW <= float(said.value) / planned.number <= HIGH:
                quote = f"{text[match.start() : match.end() + said.end]} instead of {planned.text}"
                yield fail(CheckCode.OTHER_MONEY, number, quote)


def _is_plain(lowered: str, match: re.Match[str]) -> bool:
    """Whether it is said of here and now, and not supposed."""
    before = lowered[max(0, match.start() - BEFORE) : match.start()].rstrip() + " "
    return not SUPPOSED.search(before.rstrip()) and not OTHER_TIME.search(before) and not before.rstrip().endswith('"')


def _is_planned(candidate: Candidate, words: str) -> bool:
    """Whether the plan itself says so: a life event, a situation or a question of the topic may bring it with it."""
    item, topic = candidate.item, candidate.catalog.topics.get(candidate.item.cell.topic)
    plan = [item.situation, item.life_event, item.mistaken_belief, item.near_miss.text if item.near_miss else None]
    if topic is not None:
        plan += [*topic.typical_questions, *topic.mistaken_beliefs]
    last = words.rsplit(" ", 1)[-1]
    return any(last in text.lower() or "child" in text.lower() for text in plan if text)


def _attribute(item: Item, name: str) -> str:
    return next((attribute.text.lower() for attribute in item.identity.attributes if attribute.name == name), "")


def _children(planned: str) -> int | None:
    """How many children a household text names, or None where it does not say so in one place."""
    counted = [UNITS[match[1]] for match in PLANNED_COUNT.finditer(planned)]
    return counted[0] if len(counted) == 1 else None


def _state(text: str) -> str | None:
    named = STATE.findall(text)
    return named[-1] if named else None


def _towns(candidate: Candidate) -> frozenset[str]:
    places = [p.text for persona in candidate.catalog.personas.values() for p in persona.identity.place]
    return _towns_of(tuple(places))


@lru_cache(maxsize=64)
def _towns_of(places: tuple[str, ...]) -> frozenset[str]:
    return frozenset(place.split(",")[0] for place in places if place[:1].isupper())
