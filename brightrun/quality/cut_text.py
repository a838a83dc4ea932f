"""Whether a text stops in the middle: KF-06 shipped cut answers, KF-07 flagged good ones."""

from __future__ import annotations

import re
from enum import Enum

SENTENCE_ENDS = frozenset(".!?…。！？؟।॥።՞‽")
CLOSERS = "\"'”’»)]}*"
DANGLING = frozenset(",;:-–—(&=<[{„“«、，；：$€£+")
"""Nothing ends with one of these but a text that was to go on."""

_RUNNING_ON = """
a an the and or but nor of to for with from into onto than because although though unless until while
whereas whether which whose your my our their its every very such as at by is are was were be been has
have had will would could should can may might must not if when where that this these those about
between through during before after without within toward towards under over per via
"""
_MAY_END = """
to for with from of about that this these those can could should would will may might must not is are
was were be been has have had at by over under through before after without within when where as
"""
RUNNING_ON = frozenset(_RUNNING_ON.split())
"""Words after which a sentence goes on."""
MAY_END = frozenset(_MAY_END.split())
"""Those that may stand last all the same ("what it is for"): in a short sentence they are no certain sign."""

WEB_OR_NUMBER = re.compile(r"(?:\w[\w-]*\.)+[a-z]{2,}(?:/\S*)?$|\S*\d\S*$|\S+@\S+$|https?://\S+$|[#@]\w+$")
EMOTICON = re.compile(r"(?:^|\s)(?:[:;=8xX]['’o^]?-?[()\[\]DPpOo3/\\|*]+|</?3|[xX][dD]|\^_*\^)$")
LAST_SENTENCE = re.compile(r"[.!?…。！？]['\"”’)\]]*\s+(?=\S)")
OPENED_LAST = re.compile(r"\w [\"“«(\[]$")
"""A quotation or a bracket that begins where the text ends."""
LONGEST_WORD = 100
"""Characters: patterns are matched against no more than that."""
LIST_LINE_WORDS = 12
SHORT_LINE_WORDS = 4
SIGN_OFF_WORDS = 2
SIGN_OFF = re.compile(
    r"(?:and that|that['’]s|talk|see|take|good|best|bye|thanks|thank|warm|until|all the|have|glad|happy|sleep"
    r"|be well|so long|more"
    r"|write|until)\b",
    re.IGNORECASE,
)
"""How the last few words of a finished text begin where no full stop follows them."""


class CutMark(Enum):
    """A sign that a text stops in the middle."""

    BROKEN_OFF = "broken off"
    """No complete text ends so: at a comma, inside a bracket, after "because"."""
    NO_FULL_STOP = "no full stop"
    """The last sentence has no end. In an advisor who otherwise writes full stops, it was cut."""
    DOUBTFUL = "doubtful"
    """May be the end all the same."""


def cut_mark(text: str, *, english: bool) -> CutMark | None:
    """Whether an answer stops in the middle of a sentence, or None where it ends as texts end."""
    stripped = text.rstrip()
    if OPENED_LAST.search(stripped[-3:]):
        return CutMark.BROKEN_OFF
    bare = stripped.rstrip(CLOSERS).rstrip()
    if not bare or bare[-1] in SENTENCE_ENDS:
        return None
    if EMOTICON.search(stripped[-8:]) or WEB_OR_NUMBER.search(_last_word(bare)):
        return None
    if bare[-1] in DANGLING:
        return CutMark.BROKEN_OFF
    if not bare[-1].isalpha():
        return None  # an emoji, a percent sign, a heart
    return _without_full_stop(bare, closed=len(bare) < len(stripped), english=english)


def _last_word(text: str) -> str:
    return text[-LONGEST_WORD:].rsplit(None, 1)[-1]


def _without_full_stop(text: str, *, closed: bool, english: bool) -> CutMark | None:
    """A text that ends with a word: a sign-off, a line of a list, a closed quotation, or a sentence cut short."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    sentence = LAST_SENTENCE.split(lines[-1])[-1]
    words = sentence.split()
    word = _last_word(text).lstrip("'\"“‘(")
    if not closed and _opens_and_never_closes(sentence):
        return CutMark.BROKEN_OFF
    if english and not closed and word in RUNNING_ON:
        if word not in MAY_END:
            return CutMark.BROKEN_OFF
        return CutMark.NO_FULL_STOP if len(words) > SHORT_LINE_WORDS else CutMark.DOUBTFUL
    if not word[-1:].islower() or word[:1].isupper():
        return None  # a name, an acronym, or a script without small letters
    if _is_line_of_a_list(lines):
        return None
    if len(words) <= SHORT_LINE_WORDS:
        follows_a_sentence = len(sentence) < len(lines[-1]) and len(words) > SIGN_OFF_WORDS
        return CutMark.NO_FULL_STOP if follows_a_sentence and not SIGN_OFF.match(sentence) and not closed else None
    return CutMark.DOUBTFUL if closed else CutMark.NO_FULL_STOP


def _opens_and_never_closes(sentence: str) -> bool:
    return sentence.count("(") > sentence.count(")") or sentence.count("“") > sentence.count("”")


def _is_line_of_a_list(lines: list[str]) -> bool:
    """Short lines one under another, none of them a finished sentence."""
    if len(lines) < 3:
        return False
    *_, before, last = lines
    return before[-1] not in SENTENCE_ENDS and max(len(before.split()), len(last.split())) <= LIST_LINE_WORDS
