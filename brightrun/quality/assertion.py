"""Whether somebody says a thing as their own: not denied, not quoted, not supposed, not said of others."""

from __future__ import annotations

import re
from collections.abc import Iterator

SENTENCE_END = re.compile(r"[.!?…\n](?:(?<=\n)|(?=[\s\"”’)]|\Z))")
"""A line break, or a full stop before one, a blank, a closing sign or the end."""
DISTANCED_BEFORE = re.compile(
    r"\b(?:not|never|nobody|no one|none|nothing|neither|nor|without|cannot|hardly|rarely|seldom|no|avoid|beware"
    r"|anyone|anybody|whoever|someone|somebody|people|everyone|they|he|she|if|whether|unless|rather than|instead of"
    r"|claims?|claiming|says?|said|saying|tells?|told|telling|promis(?:es|ed|ing)|advertis\w+|pitch(?:es)?"
    r"|feels?|felt|think|thinks|thought|calls?|calling|called|sounds?|looks?|seems?|call it|as though|worr\w+"
    r"|afraid|fear|ask(?:s|ed|ing)?|myth|who|which is why nothing)\b|n['’]t\b"
)
DISTANCED_AFTER = re.compile(
    r"\b(?:scams?|scammers?|lying|liars?|lies?|frauds?|red flags?|walk away|run away|hang up|warning sign"
    r"|(?:is|are|was|were) not|does not exist|do(?:es)? not|no such|myth|selling|not so|nobody|no one|(?:he|she"
    r"|they|people|some) (?:said|says?)|was wrong)\b|n['’]t\b"
)
DENIED = re.compile(
    r"\b(?:not|never|nobody|no one|none|without|cannot|no|avoid|beware|anyone who|whoever|someone who"
    r"|they (?:say|said|tell|told|promise|want|ask|offer|sell|may|will say))\b|n['’]t\b"
)
REPORTED = re.compile(
    r"\b(?:he|she|they|people|some|somebody|your \w+) (?:said|says?|tells?|told|thinks?|thought|calls?|called)\b"
)
OPENING_QUOTES, CLOSING_QUOTES = "“«„", "”»"


def is_asserted(lowered: str, match: re.Match[str]) -> bool:
    """Whether the sentence around the match says it as the writer's own. `lowered` is the text in lower case."""
    start = begin_of_sentence(lowered, match.start())
    stop_at = SENTENCE_END.search(lowered, match.end())
    stop = stop_at.start() if stop_at else len(lowered)
    before, after = lowered[start : match.start()], lowered[match.end() : stop]
    if DISTANCED_BEFORE.search(before) or DISTANCED_AFTER.search(after):
        return False
    if stop_at and stop_at[0] == "?":
        return False
    return not is_quoted(lowered, match.start())


def is_denied(lowered: str, match: re.Match[str]) -> bool:
    """Whether the sentence says the opposite, warns of it, or quotes it. To suppose a thing is not to deny it."""
    sentence = sentence_around(lowered, match.start(), match.end())
    return DENIED.search(sentence) is not None or is_quoted(lowered, match.start())


def is_reported(lowered: str, match: re.Match[str]) -> bool:
    """Whether somebody else says it, by the sentence or by quotation marks."""
    sentence = sentence_around(lowered, match.start(), match.end())
    return REPORTED.search(sentence) is not None or is_quoted(lowered, match.start())


def is_quoted(text: str, at: int) -> bool:
    """Whether a quotation that began earlier is still open at this place."""
    before = text[:at]
    if before.count('"') % 2:
        return True
    opened = max(before.rfind(mark) for mark in OPENING_QUOTES)
    return opened > max(before.rfind(mark) for mark in CLOSING_QUOTES)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends, its full stop left out."""
    begin = 0
    for stop in SENTENCE_END.finditer(text):
        if stop.start() > begin:
            yield begin, stop.start()
        begin = stop.end()
    if begin < len(text):
        yield begin, len(text)


def begin_of_sentence(text: str, at: int) -> int:
    """Where the sentence begins that a place belongs to."""
    begin = 0
    for stop in SENTENCE_END.finditer(text, max(0, at - 400), at):
        begin = stop.end()
    return begin


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence that holds text[start:end]."""
    begin = begin_of_sentence(text, start)
    after = SENTENCE_END.search(text, end)
    return text[begin : after.start() if after else len(text)]
