"""What people say of themselves in a text: names they go by and ages they give.

Written for English. In other languages these patterns find nothing; the reply's `speaker` is compared in all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from brightrun.catalog import Catalog
from brightrun.quality.assertion import begin_of_sentence
from brightrun.quality.given_names import GIVEN_NAMES
from brightrun.quality.hints import Hints

TITLES = frozenset({"Mr", "Mrs", "Ms", "Miss", "Dr", "Prof"})
ALSO_WORDS = frozenset(
    ("christian", "faith", "grace", "hope", "joy", "will", "grant", "rich", "frank", "art", "mark", "chase")
)
"""Given names of a catalog that "I'm …" may say without naming anybody."""
YOUNGEST = 16
LATER = 55
"""From here on, "at 62 I have" may as well be a plan."""
YEAR_OF_WRITING = 2026
"""Of the catalogs' facts; only as good as BORN_YEARS."""
ABOUT_YEARS = 2
"""How far "almost 50" or "turning 50" may be from the age."""

NAME = r"([A-Z][a-zà-ÿ]+(?:[-'’][A-Z][a-zà-ÿ]+)?)(?!['’]s\b|[\w-])"
SAYS_NAME = re.compile(rf"\b(?:[Mm]y|[Tt]he) (?:first )?name(?:['’]s| is) {NAME}")
IS_CALLED = re.compile(rf"\b(?:[Cc]all me|[Ii] go by) {NAME}")
SAYS_NAME_SMALL = re.compile(r"\b(?:my name(?:['’]?s| is)|call me) ([a-z]{3,})\b(?!['’]s)")
I_AM = re.compile(r"[Ii](?:['’]?m| am) ")
"""Looked for first, since it is found fast: names and ages are matched where it ends."""
IS_NAMED = re.compile(NAME)
THIS_IS = re.compile(
    rf"(?:(?:Hi|Hello|Hey)[,!. ]+)?(?:[Tt]his is|[Ii]t['’]?s|[Ii]t is) {NAME}(?= (?:here|again|speaking"
    rf"|writing)|\s*[,.!—–]|\s*\Z)"
)
HERE = re.compile(
    rf"(?:(?:Hi|Hello|Hey|Good (?:morning|evening|afternoon))[,!. ]+)?{NAME},? (?:here|again"
    rf"|speaking)\b(?= *[.,!—–-]|\s*\Z)"
)
SIGNS = re.compile(
    r"(?:^|[\n.!?,] *)(?:[Tt]hanks|[Tt]hank you|[Rr]egards|[Bb]est|[Cc]heers|[Ss]incerely|[-–—]+)"
    r"[,!. ]*\s*([A-Z][a-zà-ÿ]+)(?: [A-Z][a-zà-ÿ.]+)?[.!]?\s*$"
)
GREETS = re.compile(
    r"\A(?:(?:Hi|Hello|Hey|Dear|Welcome|Thanks|Thank you|Sorry|Yes|No|Okay|Well)[, ]+)?"
    r"([A-Z][a-zà-ÿ]+)[,!.—–]"
)
ADDRESSED_LAST = re.compile(r",\s([A-Z][a-zà-ÿ]+)(?=[.!?]|\s*\Z)")
"""At the end of a sentence."""
ADDRESSED_FIRST = re.compile(r"[.!?]\s([A-Z][a-zà-ÿ]+),\s(?=(?:you|your|i|i['’]m|that|let|what|it|this|there|here)\b)")
"""Before what is said to somebody."""

BEFORE = 24
"""Characters around "I'm" that are looked at."""
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80}
UNITS = {
    word: number
    for number, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), 1)
}
RULE_AGE = r"(?!(?:59|70)(?: and (?:a |one )?half\b| ?1/2|½|\.5))"
"""Ages of tax rules, which people say of themselves ("I'm 59 and a half before I can touch it")."""
NUMBER = rf"{RULE_AGE}(\d\d|(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(UNITS)}))?)"
HEDGE = r"(?:(almost|nearly|about|around|turning|going on|pushing) |now |already |only |just |still )?"
SAYS_AGE = re.compile(
    rf"{HEDGE}{NUMBER}"
    r"(?= years[- ]old| yrs?[- ]old| ?y/?o\b|[,.;!?)]?\s*\Z|[,.;!?)](?!\d)| (?:and|with|but|now|this year)\b)"
    r"(?!,? (?:(?:maybe|perhaps|or|even|if not|to) )?\d)(?! and (?:a half|change)| with the\b)"
    r"(?![^.!?\n]{0,40}\b(?:years?|yrs|months?|weeks?|days?|miles?|pounds|percent)\b(?! (?:old|ago|of|and)))"
)
SAYS_AGE_AT_LENGTH = re.compile(rf"an? {HEDGE}{NUMBER}[- ]years?[- ]old")
DECADE = re.compile(
    r"(?:now |already |still )?in my (?:early|mid|late)?[- ]?"
    r"([2-9]0['’]?s|twenties|thirties|forties|fifties|sixties|seventies|eighties)\b"
)
SAYS_AGE_ELSEWHERE = re.compile(
    rf"\bi(?:['’]ve)? (?:just |recently )?turned {NUMBER}\b"
    r"(?! (?:percent|thousand|before|into|when|the|in for|in (?:19|20)))"
    r"|\bmy age is (\d\d)\b"
    r"|(?:\A\W{0,2}|\b(?:i|me) \()(\d\d) ?[mf]\b|\A\((\d\d), "
    rf"|(?:^|[.!?\n] ?)at (?:age )?{NUMBER},? i['’]?(?:m| am|ve| have)\b(?! (?:going|planning|supposed|allowed"
    rf"|able|hoping|to |out\b|done|free|gone|finished|retir|eligible|entitled|required|dead|collecting))"
    rf"|(?:^|[.!?\n,] ?)being {NUMBER},? i\b(?!['’](?:d|ll)| would| could| will)"
    rf"|(?:^|[.!?\n] ?)(?:as an? )?{NUMBER}[- ]years?[- ]old(?: and| with|,? i) "
)
TURNS = re.compile(
    r"\b(?:i['’]?(?:m| am)? turn(?:ing)?|i['’]ll (?:be|turn)|i will (?:be|turn)|i['’]?(?:m| am) (?:going to|gonna) be)"
    rf" {NUMBER},? "
    r"(?:(?:on|by) my (?:next )?birthday"
    r"|next (?:month|week|year|spring|summer|fall|winter)|this (?:month|year|spring|summer|fall|winter)"
    r"|tomorrow|in (?:a few )?(?:days|weeks"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)(?! of\b|,? \d))\b"
    rf"|\bnext (?:month|week) i['’]?(?:ll| will)? (?:be|turn) {NUMBER}\b"
)
"""An age to come within a year or so."""
TURNS_HINTS = Hints(("turn ", "turning ", "ll be ", "will be ", "going to be ", "gonna be ", "week i", "month i"))
BORN = re.compile(r"\bi was born (?:\w+ ){0,3}?in (?:\w+ )?(19[3-9]\d|200\d)\b")
BORN_YEARS = 4
"""How far a year of birth may be off: a text does not say in which year it is written."""
_ORDINALS = {"thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60, "seventieth": 70}
BIRTHDAY = re.compile(
    rf"\bmy ({'|'.join(_ORDINALS)}|\d\dth) birthday (?:was|is)"
    r" (?:(?:last|this|next) (?:week|month|year|spring|summer|fall|winter)|yesterday|today|tomorrow)\b"
)
SUPPOSED = re.compile(
    r"\b(?:when|until|till?|once|if|after|before|time|unless|while|whether|where|like|say|says|said|imagine|pretend"
    r"|suppose|think|thinks|assumes?|thought|that|since|know|as soon as|(?:wake|woke|get) up and|blink and|suddenly"
    r"|(?:day|week|month|year|summer|winter|spring|fall|minute|moment|second|point)(?: that)?)\s*[\"“'‘]?\Z"
)
"""Words before "I'm 65" that make it another time, or a thing somebody supposes."""


QUOTED_BY = re.compile(r"\w[,:]? [\"“]\Z")
OF_ANOTHER_TIME = re.compile(
    r"\b(?:years?|months?|then|until|ends?|ended|ever|another|more|paid|in (?:19|20)\d\d|rate|head|heart|paper|knees"
    r"|inside|line|laughed|give|boom|next|feels?|felt|like|once|says?|said|treats?|asks?|than|if|when|before|after)\b"
)
"""Words of a sentence before "I'm 65" that make it another time, another's words or a manner of speaking."""


@dataclass(frozen=True, slots=True)
class NameClaim:
    """A name somebody goes by. Certain where nothing but a name can stand; else it has to be a known one."""

    name: str
    quote: str
    is_certain: bool = False
    is_closing: bool = False


@dataclass(frozen=True, slots=True)
class AgeClaim:
    """The ages that fit what somebody says of their own."""

    lowest: int
    highest: int
    quote: str


def words_of(name: str) -> tuple[str, ...]:
    """A name's words for comparing: without regard to case, spacing, and the kind of apostrophe."""
    return tuple(unicodedata.normalize("NFC", name).replace("’", "'").casefold().split())


def is_known_name(name: str, catalog: Catalog) -> bool:
    """Whether it is a given name and no other word: one of the catalog's, or a common one."""
    wanted = name.casefold()
    return wanted in GIVEN_NAMES or (
        wanted not in ALSO_WORDS
        and any(
            wanted == given.casefold() for persona in catalog.personas.values() for given in persona.identity.name.given
        )
    )


def is_called(name: str, full_name: str) -> bool:
    """Whether somebody of that full name goes by `name`: a part of it, or short or long for one."""
    said = name.casefold()
    given, *others = words_of(full_name)
    return said in others or said in given or (len(given) > 2 and said.startswith(given))


def claimed_names(text: str) -> Iterator[NameClaim]:
    """Names a user introduces or signs with."""
    lowered = text.lower()
    if "name" in lowered or "call me" in lowered or "go by" in lowered:
        for match in SAYS_NAME.finditer(text):
            yield NameClaim(match[1], match[0], is_certain=match[1] not in TITLES)
        for match in (*IS_CALLED.finditer(text), *SAYS_NAME_SMALL.finditer(text)):
            yield NameClaim(match[1], match[0])
    for end in _ends_of_i_am(text):
        if named := IS_NAMED.match(text, end):
            yield NameClaim(named[1], f"I'm {named[0]}")
    if start := THIS_IS.match(text) or HERE.match(text):
        yield NameClaim(start[1], start[0])
    last_word = text.rsplit(None, 1)[-1] if text.strip() else ""
    if last_word[:1].isupper() and (signature := SIGNS.search(text[-60:])):
        yield NameClaim(signature[1], signature[0].strip(), is_closing=True)


def greeted_names(text: str) -> Iterator[NameClaim]:
    """The names an answer addresses somebody by."""
    if greeting := GREETS.search(text):
        yield NameClaim(greeting[1], greeting[0])
    for match in (*ADDRESSED_LAST.finditer(text), *ADDRESSED_FIRST.finditer(text)):
        yield NameClaim(match[1], match[0].strip(",.!?\n "))


def claimed_ages(text: str) -> Iterator[AgeClaim]:
    """Ages a user gives as their own and present one."""
    lowered = text.lower()
    for at in _ends_of_i_am(lowered):
        before = lowered[max(0, at - BEFORE) : at].rpartition("i")[0]
        if (
            SUPPOSED.search(before)
            or QUOTED_BY.search(before)
            or OF_ANOTHER_TIME.search(lowered, begin_of_sentence(lowered, at), at)
        ):
            continue
        quote = lowered[max(0, at - 4) : at + BEFORE]
        if match := SAYS_AGE.match(lowered, at) or SAYS_AGE_AT_LENGTH.match(lowered, at):
            slack = ABOUT_YEARS if match[1] else 0
            age = _number(match[2])
            if age >= YOUNGEST:
                yield AgeClaim(age - slack, age + slack, quote)
        elif match := DECADE.match(lowered, at):
            decade = int(match[1][:2]) if match[1][:2].isdigit() else _decade(match[1])
            yield AgeClaim(decade, decade + 9, quote)
    yield from _ages_elsewhere(lowered)


ELSEWHERE_HINTS = Hints(("turned ", "my age is ", "being ", "year old", "year-old", "years old", "years-old"))
AT_AGE = re.compile(rf"at (?:age )?(?:\d\d|{'|'.join(TENS)})")
AGE_WITH_SEX = re.compile(r"\d\d ?[mf]\b")


def _ages_elsewhere(lowered: str) -> Iterator[AgeClaim]:
    """Ages that are told without "I'm"."""
    for match in SAYS_AGE_ELSEWHERE.finditer(lowered) if _may_say_age(lowered) else ():
        age = _number(next(group for group in match.groups() if group))
        if age >= LATER and AT_AGE.search(match[0]):
            continue
        before = lowered[max(0, match.start() - BEFORE) : match.start()]
        if age >= YOUNGEST and not SUPPOSED.search(before.rstrip()):
            yield AgeClaim(age, age, match[0])
    for match in TURNS.finditer(lowered) if TURNS_HINTS.are_in(lowered) else ():
        age = _number(match[1] or match[2])
        yield AgeClaim(age - 1 - ABOUT_YEARS, age, match[0])
    for match in BORN.finditer(lowered) if "born" in lowered else ():
        age = YEAR_OF_WRITING - int(match[1])
        yield AgeClaim(age - BORN_YEARS, age + BORN_YEARS, match[0])
    for match in BIRTHDAY.finditer(lowered) if "birthday" in lowered else ():
        age = _ORDINALS.get(match[1]) or int(match[1][:2])
        yield AgeClaim(age - 1, age + 1, match[0])


def _may_say_age(lowered: str) -> bool:
    """Whether SAYS_AGE_ELSEWHERE can find something: plain words are found many times faster."""
    return (
        lowered.startswith("(")
        or ELSEWHERE_HINTS.are_in(lowered)
        or AT_AGE.search(lowered) is not None
        or AGE_WITH_SEX.search(lowered) is not None
    )


def _ends_of_i_am(text: str) -> Iterator[int]:
    """Where what somebody says of themselves begins: after "I'm", "I am" or "im"."""
    for match in I_AM.finditer(text):
        before = text[match.start() - 1] if match.start() else " "
        if not (before.isalnum() or before in "'’"):
            yield match.end()


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, _, unit = text.replace("-", " ").partition(" ")
    return TENS[tens] + UNITS.get(unit, 0)


def _decade(text: str) -> int:
    return TENS[text.removesuffix("ies") + "y"]
