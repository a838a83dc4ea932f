"""What can be counted of a conversation without understanding it: shared words, figures, ends of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from brightrun.simulator.grammar import straight

_WORD = re.compile(r"[a-z][a-z']*")
_ABOUT = re.compile(r"\b(?:about|around|roughly|some|nearly|almost|close to) \$?\d[\d,.]*\d", re.IGNORECASE)
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*[\"')\]]*")
_THREE_LETTERS = re.compile(r"[^\W_].*?[^\W_].*?[^\W_]")
_ENDS = re.compile(r"[.!?]+(?=\s|$|[\"')])|\n+")
_MARKED_END = re.compile(r"[.!?…][\"'”’)\]*]*$")
_EMOTICON = re.compile(r"(?:^|\s)[:;]-?[)DP]$")
_CLOSERS = "\"'”’)]*"
_SIGNATURE = re.compile(
    r"(?:\b(?:love|best|thanks|thank you|care|warmly|yours|regards|wishes|sincerely|cheers|soon|time|then|luck|there)"
    r",?\s+|\n[-–—] ?)([A-Z][a-z]{2,})(?: [A-Z][a-z]+)?$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\w[./@]\w")
_DANGLING = ",;:-–—(\\“‘"
MAY_BE_WHOLE, FEWEST_WORDS = 0.25, 3
_STOP_WORDS = """
about above after again against all almost already also although always among and another any anything are around
because been before being below between both but can cannot could did does doing done down each either else enough
even ever every everything few first for from get gets getting give given gives goes going gone good got had has have
having her here hers him his how however into its itself just keep know last least less let like little long look made
make makes many matter may mean means might more most much must need needs neither never next nor not nothing now off
often old once one only onto other our out over own part people perhaps put quite rather really right said same say
says see seen shall she should since some someone something soon still such sure take takes than that the their them
then there these they thing things think this those though three through time too took toward two under until upon use
used very want was way well were what whatever when where whether which while who whole whom whose why will with
within without would yes yet you your yours yourself that's it's i'm you're don't i've there's doesn't isn't can't
they're what's you've i'd i'll won't didn't wasn't let's here's
"""
_STOP = frozenset(_STOP_WORDS.split())
_SUFFIX = re.compile(r"(?:ies|ing|ed|es|s|ly)$")
SHORTEST_WORD, STEM_LETTERS = 4, 7
LARGEST_PLAIN_FIGURE = 31
"""Days of a month, hours of a day, small counts: nobody has to give these for them to be used."""


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """The part of a word that its forms share, roughly."""
    bare = _SUFFIX.sub("", word)
    return (bare if len(bare) >= SHORTEST_WORD - 1 else word)[:STEM_LETTERS]


def word_list(text: str) -> list[str]:
    return _WORD.findall(straight(text).lower())


def stems(words: Iterable[str]) -> frozenset[str]:
    """Those of the words that carry a subject, without their endings."""
    return frozenset([stem(word) for word in set(words) - _STOP if len(word) >= SHORTEST_WORD])


@lru_cache(maxsize=512)
def stems_of(text: str) -> frozenset[str]:
    """The same of a text that many requests share."""
    return stems(word_list(text))


@lru_cache(maxsize=512)
def figures_of(text: str) -> tuple[float, ...]:
    """The figures of a text that many requests share."""
    return tuple(figures_in(text))


def figures_in(text: str) -> list[float]:
    return [float(figure.replace(",", "")) for figure in _FIGURE.findall(text)]


def figures_stated(text: str) -> list[float]:
    """Those that are not told as about so much."""
    return figures_in(_ABOUT.sub("", text))


def sentences_in(text: str) -> Iterator[str]:
    """The sentences as they stand in the text, each a part of it and long enough to be found again."""
    for found in _SENTENCE.finditer(text):
        if _THREE_LETTERS.search(found.group()):
            yield found.group().strip()


def sentence_count(text: str) -> int:
    """How many sentences a text has, about; at least one."""
    return max(1, len(_ENDS.findall(text)))


def unsupported(figures: Iterable[float], given: Iterable[float]) -> list[float]:
    """Figures that were neither given, nor small, nor a year, nor follow from two that were given."""
    known = {0.0, *given}
    plain = {figure for figure in known if figure}
    derived = {12.0, 52.0, 100.0, 4.0, 3.0, 2.0, 24.0, 365.0, 10.0, *plain}
    missing = []
    for figure in figures:
        if figure <= LARGEST_PLAIN_FIGURE or figure in known or 1900 <= figure <= 2100 or figure in (988, 911, 211):
            continue
        if not any(_follows(figure, one, derived) for one in plain):
            missing.append(figure)
        plain.add(figure)
        derived.add(figure)
    return missing


def _follows(figure: float, one: float, others: Iterable[float]) -> bool:
    for other in others:
        grown = one * (1 + other / 100)
        for result in (one + other, abs(one - other), one * other, one / other, one * other / 100, grown):
            if abs(result - figure) <= max(0.5, 0.02 * figure):
                return True
    return False


def brokenness(text: str) -> float:
    """How surely a text stops in the middle: 0 at a sentence's end, a quarter at a figure or an address, else 1."""
    if _MARKED_END.search(text.rstrip()) or _EMOTICON.search(text.rstrip()):
        return 0.0
    bare = text.rstrip().rstrip(_CLOSERS)
    if not bare or bare[-1] in _DANGLING:
        return 1.0
    if not bare[-1].isalnum():
        return _of_a_sign(bare[-1])
    lines = bare.splitlines()
    last = bare.split()[-1]
    if _is_signed(bare):
        return 0.0
    if _ADDRESS.search(last) or last[-1].isdigit() or _is_list(lines):
        return MAY_BE_WHOLE if len(bare.split()) >= FEWEST_WORDS else 1.0
    return 1.0


def _is_signed(text: str) -> bool:
    """Does a name stand at the end, after a greeting or a dash?"""
    name = _SIGNATURE.search(text)
    return name is not None and name.group(1)[0].isupper() and name.group(1).lower() not in _STOP


def _of_a_sign(sign: str) -> float:
    """An emoji ends what people write; a percent sign is part of a figure, and others stand before something."""
    if sign == "%":
        return MAY_BE_WHOLE
    return 1.0 if sign.isascii() else 0.0


def _is_list(lines: list[str]) -> bool:
    """Lines one under another, none of which is a sentence."""
    return len(lines) > 2 and not any(_MARKED_END.search(line.rstrip()) for line in lines[-3:])
