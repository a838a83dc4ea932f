"""What the simulated judge notices in a conversation, message by message, before it gives any score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from brightrun.simulator.grammar import straight
from brightrun.simulator.judged_text import JudgedText, Message
from brightrun.simulator.lookouts import CARING, DEFERRED, MONEY_ADVICE, MONEY_FIGURE, NOTICING, PRAISING, PROMISE
from brightrun.simulator.reader_voice import Shown, shown_in
from brightrun.simulator.text_measures import (
    brokenness,
    figures_in,
    figures_of,
    figures_stated,
    sentence_count,
    sentences_in,
    stems,
    stems_of,
    unsupported,
    word_list,
)

PRAISE_IN_ANSWER = 2
"""Words of praise: so many in an answer are no accident."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the advisor beside the message it answers."""

    message: Message
    asked: Message | None
    shared: int
    """Words that carry a subject, in both."""
    subject_words: int
    """Such words of the answer, each once."""
    grounded: int
    """Those of them that the user or the reference has used."""
    familiar: int
    """Those that the user, the reference or another answer has used: one conversation speaks of one thing."""
    stems: frozenset[str]
    word_list: list[str]
    taken_up: int
    """Words that carry a subject and that the user has used."""
    figures_taken_up: int
    """Figures that the user has given."""
    caring: int
    """Words of somebody who gets help for somebody."""
    invented: list[float]
    broken: float
    sentence_words: float
    words: int
    felt: Shown
    noticed: int
    praises: bool
    """Whether it is praise and comfort, without a figure and with little that was spoken of."""


class Measures:
    """The conversation, measured. What is looked for in all answers is found once."""

    def __init__(self, text: JudgedText) -> None:
        self.text = text
        self.answers = self._answers()

    @cached_property
    def said(self) -> str:
        """All answers in one."""
        return "\n".join(answer.message.content for answer in self.answers)

    @cached_property
    def heard(self) -> str:
        """The same in straight small letters."""
        return straight(self.said).lower()

    @cached_property
    def advises_on_money(self) -> bool:
        """Advice on money, and not a word that puts the matter off."""
        if MONEY_FIGURE.search(self.heard) is not None:
            return True
        if not MONEY_ADVICE.found(self.heard):
            return False
        return any(MONEY_ADVICE.found(each) and not DEFERRED.search(each) for each in sentences_in(self.heard))

    @cached_property
    def figures(self) -> int:
        """How many figures the answers name."""
        return len(figures_in(self.said))

    @cached_property
    def unanswered(self) -> bool:
        """Whether the conversation does not end with an answer, as one that was cut off does not."""
        return not self.text.messages or self.text.messages[-1].role != "assistant"

    @cached_property
    def promises(self) -> list[str]:
        """Words that promise, as far as the reference does not use them."""
        return [words for words in PROMISE.undenied(self.heard) if words not in self.text.reference]

    def _answers(self) -> list[Answer]:
        reference = stems_of(self.text.reference)
        given = list(figures_of(self.text.reference))
        words = {message.number: word_list(message.content) for message in self.text.messages}
        every = {number: stems(found) for number, found in words.items()}
        told: set[str] = set()
        told_figures: set[float] = set()
        asked: Message | None = None
        found: list[Answer] = []
        for message in self.text.messages:
            if message.role == "user":
                asked = message
                told |= every[message.number]
                figures = figures_in(message.content)
                told_figures.update(figures)
                given += figures
                continue
            own = every[message.number]
            others = [every[other.number] for other in self.text.of("assistant") if other is not message]
            grounded = {word for word in own if word in told or word in reference}
            familiar = grounded | (own & frozenset().union(*others))
            shared = len(own & every[asked.number]) if asked else 0
            fit = _Fit(shared, len(grounded), len(familiar), len(own & told))
            said = _Said(message, words[message.number], own, figures_in(message.content))
            found.append(_answer(said, asked, fit, given, told_figures))
        return found


class _Fit(NamedTuple):
    """How many words that carry a subject an answer shares with what is around it."""

    shared: int
    grounded: int
    familiar: int
    taken_up: int


class _Said(NamedTuple):
    """An answer in its parts."""

    message: Message
    words: list[str]
    stems: frozenset[str]
    figures: list[float]


def _answer(said: _Said, asked: Message | None, fit: _Fit, given: list[float], told: set[float]) -> Answer:
    words = said.words
    praise = len(PRAISING.intersection(words))
    return Answer(
        message=said.message,
        asked=asked,
        shared=fit.shared,
        subject_words=len(said.stems),
        grounded=fit.grounded,
        familiar=fit.familiar,
        stems=said.stems,
        word_list=words,
        taken_up=fit.taken_up,
        figures_taken_up=sum(figure in told for figure in said.figures),
        caring=len([word for word in words if word in CARING]),
        invented=unsupported(figures_stated(said.message.content), given),
        broken=brokenness(said.message.content),
        sentence_words=len(words) / sentence_count(said.message.content),
        words=len(words),
        felt=shown_in(asked.content) if asked else Shown("neutral", 0.0, heavy=False),
        noticed=len([word for word in words if word in NOTICING]),
        praises=praise >= PRAISE_IN_ANSWER and praise >= fit.grounded and not said.figures,
    )
