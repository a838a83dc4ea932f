"""Checks of the text itself: what the way through prompt, model and JSON breaks in it (KF-06).

They see parsed text. A user may write as people do, so for user messages only what no person types counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from brightrun.quality.candidate import Candidate
from brightrun.quality.cut_text import CutMark, cut_mark
from brightrun.quality.hints import Hints
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

EVIDENCE_BEFORE, EVIDENCE_AFTER, EVIDENCE_LENGTH = 20, 40, 60

NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Control characters but tab and line break, direction overrides, byte order marks, lone surrogates."""

FILE_PATH = re.compile(r"(?<![A-Za-z])[A-Za-z]:\\(?!n(?:\\|[A-Z]|$))\S*|\\\\\w+\\\w\S*")
ESCAPE = re.compile(r"""\\(?:n(?!o\b)|[rt](?![a-z])|["'`$*#&%]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\\)""")
"""Codes of characters. `yes\\no` is a slash typed the wrong way round; `\\_` is half a shrug."""
ENTITY = re.compile(r"&(?:amp|quot|apos|nbsp|lt|gt|hellip|[mn]dash|[lr][sd]quo|#\d{2,5}|#x[0-9a-fA-F]{2,5});")
GARBLED = re.compile("\ufffd|â€|Ã[\x80-\xbf]|Â[\x80-\xbf£€§°]|ðŸ")
REPLY_FIELD = re.compile(r'"(?:role|content|emotion|intensity|technique|teaches|turns|speaker|outcome)"\s*:')
REPLY_END = re.compile(r'"\s*\}[\]},\s]*$|"\s*,\s*"\s*$')

BLANK_WORDS = (
    "name|names|first name|last name|full name|date|amount|number|city|state|place|location|company|employer"
    "|bank|address|e-?mail|phone(?: number)?|link|url|age|job|occupation|title|client|user|advisor|assistant"
    "|persona|topic|placeholder|todo|tbd|month|year|plan|fund|rate|percentage|balance|price|school|x+|n/a|fill in|blank"
    "|(?:employer|company|plan|account|bank|lender|fund|partner|spouse|child|advisor|client)[ _-](?:name|number)"
    "|(?:dollar )?amount(?: in \\w+)?(?: here)?|date of \\w+|number of \\w+"
)
BLANK = re.compile(
    rf"\{{\{{|\}}\}}|\{{%|%\}}|\$\{{|\{{[A-Za-z_][\w.]*\}}"
    r"|[\[<](?:(?:your|the|my|client'?s?|user'?s?|advisor'?s?|insert)[ _-])*"
    rf"(?:{BLANK_WORDS})(?:[ _-]here)?[\]>]"
    rf"|[\[<](?:insert|your|client|user|enter|fill in)[ _-][^\]\[<>\n]{{1,40}}[\]>]"
    r"|[\[<(](?:insert|fill in|to be (?:filled|added|decided))[ _-][^\]\[<>()\n]{1,40}[\]>)]"
    r"|\[[A-Z][A-Z]*_[A-Z_]+\]|_{4,}|\blorem ipsum\b|\$(?:x{1,3}(?:,x{3})*|_+|\[|\?{2,}|0{3,})(?![\w.])"
    r"|\bx{3,}\b|%[A-Z][A-Z_]{2,}%|\bT(?:BD|ODO)\b"
    r"|<<|>>|\[\s*(?:\.\.\.|…)?\s*\](?!\()|\[[A-Z]{1,2}\](?!\()",
    re.IGNORECASE,
)

BLANK_HINTS = Hints(
    (
        *"{[<>}_",
        "lorem",
        "$x",
        "$?",
        "$0",
        "xxx",
        "tbd",
        "todo",
        "(insert",
        "(fill",
        "(to be",
        *(f"%{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
    )
)
"""One of these is in whatever BLANK finds."""

TAGS = (
    "b|i|u|em|strong|br|p|div|span|ul|ol|li|h[1-6]|table|tr|td|th|code|pre|a|thinking|result|answer|response"
    "|craft|advisor|arc|persona|topic|person|conversation|user|assistant|system|message|turn"
)
TAG = re.compile(rf"</(?:{TAGS})\s*>|<(?:{TAGS})(?:\s+[a-z-]+=[^<>]*)?\s*/?>", re.IGNORECASE)
FORMATTED = re.compile(
    r"```|~~~|\*\*[^\s*](?:[^*\n]*[^\s*])?\*\*|(?<!\w)__[A-Za-z](?:[^_\n]*[^\s_])?__(?!\w)"
    r"|\[[^\]\n]+\]\(\s*(?:https?:|/|#|mailto:)[^)\n]*\)"
    r"|\\[(\[]|\\(?:frac|text|sqrt|begin)\{|\\(?:times|cdot)\b"
)
FORMAT_MARKS = ("```", "~~~", "**", "__", "](", "\\", "<", "#", "---")
"""One of these is in whatever FORMATTED, TAG, HEADING and TABLE find."""
HEADING = re.compile(r"^ {0,3}(?:#{2,6}\s+\S|#\s+(?!of\b)[A-Z])", re.MULTILINE)
TABLE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*\|", re.MULTILINE)
BULLET = re.compile(r"\s*[-*+•‣▪●◦–]\s+\S")
NUMBERED = re.compile(r"\s*\d{1,2}[.)]\s+\S")


def evidence(text: str, match: re.Match[str]) -> str:
    """What was found, with some of the text around it."""
    return text[max(0, match.start() - EVIDENCE_BEFORE) : match.end() + EVIDENCE_AFTER].strip()


def characters(candidate: Candidate) -> Iterator[Finding]:
    """Nothing that is no text, in messages and labels: it breaks files, databases and trainers."""
    turns = candidate.conversation.turns
    labelled = "".join([turn.technique + turn.teaches for turn in turns if turn.role == "assistant"])
    if candidate.text.isascii() and _is_text(candidate.text) and labelled.isascii() and _is_text(labelled):
        return
    for number, turn in enumerate(turns, 1):
        labels = (turn.emotion,) if turn.role == "user" else (turn.technique, turn.teaches)
        for text in (turn.content, *labels):
            if not _is_text(text) and (match := NO_TEXT.search(text)):
                yield fail(CheckCode.CONTROL_CHARACTER, number, evidence(text, match))
            if not text.isascii() and (match := GARBLED.search(text)):
                yield fail(CheckCode.ENCODING_DAMAGE, number, evidence(text, match))


def _is_text(text: str) -> bool:
    """Whether every character can be seen; where one cannot, it may still be a part of an emoji."""
    return text.isprintable() or text.replace("\n", "").isprintable()


def escapes(candidate: Candidate) -> Iterator[Finding]:
    """No backslash at the end, no code where a character should be, no piece of the reply's JSON."""
    for number, turn in enumerate(candidate.conversation.turns, 1):
        text = turn.content
        if "\\" in text:
            if text.rstrip("\"'”’ \n\t").endswith("\\"):
                yield fail(CheckCode.TRAILING_BACKSLASH, number, text[-EVIDENCE_AFTER:])
            elif match := ESCAPE.search(FILE_PATH.sub("", text)):
                yield fail(CheckCode.LITERAL_ESCAPE, number, evidence(FILE_PATH.sub("", text), match))
        if "&" in text and (match := ENTITY.search(text)):
            yield fail(CheckCode.LITERAL_ESCAPE, number, evidence(text, match))
        if '"' in text and (match := REPLY_FIELD.search(text) or REPLY_END.search(text)):
            yield fail(CheckCode.REPLY_SYNTAX, number, evidence(text, match))


def cuts(candidate: Candidate) -> Iterator[Finding]:
    """No answer stops in the middle. Users stop where they like (KF-07).

    An advisor who seldom writes a full stop has a manner of writing and is not cut every time.
    """
    english = candidate.catalog.info.language.lower().startswith("en")
    marks = {
        number: (cut_mark(turn.content, english=english), turn.content)
        for number, turn in enumerate(candidate.conversation.turns, 1)
        if turn.role == "assistant"
    }
    without_stop = sum(mark is CutMark.NO_FULL_STOP for mark, _ in marks.values())
    is_manner = len(marks) > 1 and 2 * without_stop > len(marks)
    for number, (mark, text) in marks.items():
        if mark is None:
            continue
        certain = mark is CutMark.BROKEN_OFF or (mark is CutMark.NO_FULL_STOP and not is_manner)
        yield (fail if certain else warn)(CheckCode.CUT_TEXT, number, text[-EVIDENCE_LENGTH:])


def blanks(candidate: Candidate) -> Iterator[Finding]:
    """No blank that somebody was to fill in: {{ … }}, [NAME], <name>."""
    if not BLANK_HINTS.are_in(candidate.lowered):
        return
    for number, turn in enumerate(candidate.conversation.turns, 1):
        text = turn.content
        if match := BLANK.search(text):
            yield fail(CheckCode.PLACEHOLDER, number, evidence(text, match))


def markup(candidate: Candidate) -> Iterator[Finding]:
    """Plain running text. Users may jot down a list; an answer that numbers its lines is only pointed out."""
    may_be_formatted = any(mark in candidate.text for mark in FORMAT_MARKS)
    for number, turn in enumerate(candidate.conversation.turns, 1):
        text = turn.content
        if may_be_formatted and (match := _formatting(text)):
            yield fail(CheckCode.MARKUP, number, evidence(text, match))
        elif turn.role == "assistant" and "\n" in text:
            lines = text.splitlines()
            bullets = [line for line in lines if BULLET.match(line)]
            numbered = [line for line in lines if NUMBERED.match(line)]
            if len(bullets) > 1:
                yield fail(CheckCode.MARKUP, number, bullets[0])
            elif len(numbered) > 1:
                yield warn(CheckCode.MARKUP, number, numbered[0])


def _formatting(text: str) -> re.Match[str] | None:
    return FORMATTED.search(text) or TAG.search(text) or HEADING.search(text) or TABLE.search(text)
