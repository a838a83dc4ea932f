"""What the simulated judge holds against answers that are whole, on the subject, and of no use to who asked.

Each fault is a number, 0 for none and 1 for one that decides. They are counted from words and from how the answers lie
beside what they answer; nothing is understood. One turn of phrase is a slip, two of a kind are a tone.
"""

from __future__ import annotations

from itertools import combinations

from brightrun.simulator.fault_words import (
    BLAMING,
    COLD,
    CONTRADICTED,
    EMPTY,
    HUMBLE,
    MOCKING,
    RASH,
    SIDING,
    UNHEARD,
    WAVING_OFF,
)
from brightrun.simulator.grammar import straight
from brightrun.simulator.judge_measures import Measures
from brightrun.simulator.lookouts import Lookout
from brightrun.simulator.text_measures import sentences_in

SLIP, COMPLAINT = 0.5, 0.7
"""What one place counts. Two of them decide."""
TO_THE_PERSON = frozenset(("you", "your", "you're", "you've", "you'd", "you'll", "yours", "we", "let's"))
NEGATIONS = frozenset(("not", "no", "never", "cannot", "can't", "don't", "doesn't", "isn't", "won't", "aren't"))
LEAST_SHARED, ALIKE = 4, 0.6
"""Words that carry a subject: from so many in both and such a share on, two answers say the same."""
LEAST_SAID = 3
"""Words of a sentence that is denied by another one."""
FEWEST_WORDS = 25
"""Fewer, in all answers, say nothing of whom they are meant for."""
FIGURE_TIES, MOST_FIGURES = 0.05, 3
"""What a figure that the person gave and that comes back is worth beside the share of words that come back."""
DETACHED, ATTACHED = 0.08, 0.15
"""Shares of what is taken up of the person's own words: up to here the answers are anybody's, from here on theirs."""
FULL_WORDS = 150
"""Longer answers explain more, and the share that is the person's own gets smaller by itself."""
NOBODYS, LOOSELY = 0.005, 0.2
"""Share of words that address the person, and of what is taken up: below both, somebody reads aloud."""
REASONING = frozenset(
    """because since so which that's means until before after instead whether if when where then both while what why
    """.split()  # noqa: SIM905
)
"""Words by which an answer gives a reason, a condition, or an order."""
THIN, SUBSTANTIAL, QUESTION_WORTH = 0.035, 0.055, 2
"""Figures, questions and such words, for each word of the answers; a question is worth two."""
CURT, SPOKEN, MOST_CURT = 12, 17, 0.6
"""Words of an answer on average: up to here it is curt, from here on it is not; curt alone does not decide."""
CLIPPED, FLOWING = 5, 7.5
"""Words of a sentence on average: up to here somebody barks, from here on not."""
WEIGHING, OFTEN = 0.4, 2
"""Intensity of a heavy feeling that an answer has to notice, and how many such messages say something."""
BELIEVED, DOUBTED = 1.0, 0.7
"""What a complaint of not being answered counts, where answers took up little of the question and where they did."""
EMPTY_FROM, EMPTY_TO = 0.04, 0.1
COLD_FROM = 0.06
"""Shares of all words."""
MANY_COMMAS, CROWDED = 6, 0.14
"""Commas of an answer, and for each of its words: so many things at once are a heap."""
MOSTLY = 0.6
"""Share of the answers that end in a question: with the last of them, nothing was answered."""
HEAP_ELEMENTS = frozenset(("makes_it_less", "one_step_at_a_time"))
"""Required of conversations with people who have too much at once."""
PLAIN_ELEMENT = "leaves_feelings_alone"
"""Required of answers to an ordinary question: they may be short and general."""
HOSTILE_ELEMENT = "stays_level"
"""Who is hostile complains of good answers too."""


class Faults:
    """The faults of one conversation."""

    def __init__(self, measures: Measures) -> None:
        self._measures, self._answers = measures, measures.answers
        self._size = sum(answer.words for answer in self._answers)
        self._keys = {key for key, _ in measures.text.elements}
        self._weight = min(1.0, FULL_WORDS / max(1, self._size))
        self._ties = self._tied()

    def total(self, *, in_need: bool) -> float:
        """All of them. Where somebody is in need, help is judged by itself and only the tone counts here."""
        tone = self.harshness() + self.humility()
        if in_need:
            return tone
        advice = self.partiality() + self.rashness()
        if PLAIN_ELEMENT in self._keys:
            return tone + advice
        service = self.contradictions() + self.repetitions() + self.overload() + self.evasion() + self.disregard()
        return tone + advice + service + self.distance() + self.thinness() + self.emptiness()

    def harshness(self) -> float:
        """Blame, sneers, and waving off what somebody is troubled by."""
        heard = self._measures.heard
        cold = self._share(COLD) >= COLD_FROM
        places = len(BLAMING.found(heard)) + len(WAVING_OFF.found(heard)) + len(MOCKING.found(heard))
        return SLIP * min(4, places) + cold

    def humility(self) -> float:
        """More excuses than any answer needs."""
        return float(len(HUMBLE.found(self._measures.heard)) > len(self._answers) // 2 + 1)

    def partiality(self) -> float:
        """Words for one of two people and against the other."""
        return SLIP * min(3, len(SIDING.found(self._measures.heard)))

    def rashness(self) -> float:
        """Advice that is dear, dishonest, or right in no case."""
        return SLIP * min(3, len(RASH.undenied(self._measures.heard)))

    def contradictions(self) -> float:
        """Sentences of one answer that say the same words, once with a no; and people who were told both."""
        found = sum(_is_contradicted(answer.message.content) for answer in self._answers)
        return float(found + min(1, self._said_later(CONTRADICTED)))

    def repetitions(self) -> float:
        """Answers that say again what another one has said."""
        return float(sum(_alike(one.stems, other.stems) for one, other in combinations(self._answers, 2)))

    def distance(self) -> float:
        """How little the answers take up of the person's words and figures, or speak to them."""
        if self._size < FEWEST_WORDS:
            return 0.0
        detached = _falling(self._ties, DETACHED, ATTACHED)
        detached *= self._weight
        read_aloud = self._ties < LOOSELY and self._share(TO_THE_PERSON) < NOBODYS
        return detached + read_aloud

    def thinness(self) -> float:
        """How little there is to act on: figures, questions, reasons, conditions, and words at all."""
        said = self._measures.said
        questions = QUESTION_WORTH * said.count("?")
        substance = self._share(REASONING) + (questions + self._measures.figures) / max(1, self._size)
        thin = _falling(substance, THIN, SUBSTANTIAL) if self._size >= FEWEST_WORDS else 0.0
        if "one_step_at_a_time" in self._keys:
            return thin * self._weight
        length = sum(answer.sentence_words for answer in self._answers) / len(self._answers)
        clipped = MOST_CURT * _falling(length, CLIPPED, FLOWING)
        return thin * self._weight + MOST_CURT * _falling(self._size / len(self._answers), CURT, SPOKEN) + clipped

    def disregard(self) -> float:
        """How much of what weighs on the person goes by: no word of theirs and no notice in the answer."""
        heavy = [answer for answer in self._answers if answer.felt.heavy and answer.felt.intensity >= WEIGHING]
        passed_by = sum(not (answer.noticed or answer.shared or answer.figures_taken_up) for answer in heavy)
        return COMPLAINT * (len(heavy) >= OFTEN and passed_by >= MOSTLY * len(heavy))

    def emptiness(self) -> float:
        """How much of the answers would stand in any advice."""
        return min(1.0, max(0.0, (self._share(EMPTY) - EMPTY_FROM) / (EMPTY_TO - EMPTY_FROM)))

    def overload(self) -> float:
        """Heaps of things to do, for somebody who has too much to do."""
        if HEAP_ELEMENTS.isdisjoint(self._keys):
            return 0.0
        commas = [(answer.message.content.count(","), answer.words) for answer in self._answers]
        return COMPLAINT * sum(found >= MANY_COMMAS and found >= CROWDED * words for found, words in commas)

    def evasion(self) -> float:
        """Questions in the place of answers, and people who say that they were not answered."""
        asking = [answer.message.content.rstrip().endswith("?") for answer in self._answers]
        only_asks = asking[-1] and sum(asking) >= MOSTLY * len(asking)
        complaints = min(2, self._said_later(UNHEARD))
        return COMPLAINT * (only_asks + complaints * (BELIEVED if self._ties < LOOSELY else DOUBTED))

    def _said_later(self, lookout: Lookout) -> int:
        """Messages of the person, after the first, in which that is found; who is hostile says it of anything."""
        later = [] if HOSTILE_ELEMENT in self._keys else self._measures.text.of("user")[1:]
        return sum(bool(lookout.found(straight(message.content).lower())) for message in later)

    def _share(self, words: frozenset[str]) -> float:
        found = sum(1 for answer in self._answers for word in answer.word_list if word in words)
        return found / max(1, self._size)

    def _tied(self) -> float:
        """The share of the answers' words that the person had used, and something for each figure."""
        size = sum(answer.subject_words for answer in self._answers)
        taken_up = sum(answer.taken_up for answer in self._answers) / max(1, size)
        return taken_up + FIGURE_TIES * min(MOST_FIGURES, sum(answer.figures_taken_up for answer in self._answers))


def _falling(value: float, full: float, none: float) -> float:
    """1 up to `full`, 0 from `none` on, and evenly between them."""
    return min(1.0, max(0.0, (none - value) / (none - full)))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= LEAST_SHARED and shared >= ALIKE * max(len(one), len(other))


def _is_contradicted(text: str) -> bool:
    lowered = straight(text).lower()
    if NEGATIONS.isdisjoint(lowered.replace(",", " ").split()):
        return False
    said = []
    for sentence in sentences_in(lowered):
        words = frozenset(sentence.replace(",", " ").rstrip(".!").split())
        if not sentence.endswith("?"):
            said.append((words - NEGATIONS, bool(words & NEGATIONS)))
    return any(
        one[1] != other[1]
        and min(len(one[0]), len(other[0])) >= LEAST_SAID
        and (one[0] <= other[0] if one[1] else other[0] <= one[0])
        for one, other in combinations(said, 2)
    )
