"""The messages of the one who asks."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from brightrun.simulator import phrases_openings as openings
from brightrun.simulator import phrases_user as phrases
from brightrun.simulator.grammar import listed, sentence
from brightrun.simulator.outline import Exchange
from brightrun.simulator.phrase_bank import Bank, Drawer
from brightrun.simulator.phrases_feelings import feeling
from brightrun.simulator.phrases_near_miss import SAID, near_miss_kind
from brightrun.simulator.prompt import Brief
from brightrun.simulator.slots import concept_slots, event_text, figures, person_slots, profile, reason_text
from brightrun.simulator.writing_style import WritingStyle, written

CLOSES: dict[str, Bank] = {
    "partial": phrases.CLOSE_PARTIAL,
    "stalled": phrases.CLOSE_STALLED,
    "leaves": phrases.CLOSE_LEAVES,
}
BRIEFLY = 10
LEAD_SHARE = 0.8
"""A few words of approach before the opening: without them, too many messages would begin alike."""
WORDS_ENOUGH = {3: 45, 4: 70, 6: 105}
"""By how many things a message says: from here on nothing optional is added."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What an answer can take up from the messages so far."""

    figure: str
    """A figure the user has told; empty: none."""
    briefly: bool
    """Was the last message only a few words?"""


class UserVoice:
    """Writes the user's side of one conversation; remembers what it has told."""

    def __init__(self, brief: Brief, style: WritingStyle, drawer: Drawer, rng: Random) -> None:
        self._brief = brief
        self._style = style
        self._draw = drawer.draw
        self._rng = rng
        self._person = person_slots(brief)
        self._plain = brief.register == "plain"
        self._questions = list(brief.topic.questions)
        self._short_at = 1 + int(rng.random() * 3) if brief.exchanges >= 4 else -1
        self.told_figure = ""
        self._brief_now = False

    def message(self, exchange: Exchange) -> str:
        slots = {**self._person, **concept_slots("c", exchange.concept[0])}
        if exchange.before:
            slots |= concept_slots("p", exchange.before)
        if exchange.first:
            pieces = self._first(exchange, slots)
        elif exchange.last:
            pieces = self._last(exchange, slots)
        else:
            pieces = self._middle(exchange, slots)
        text = " ".join(piece for piece in pieces if piece)
        self._brief_now = len(text.split()) <= BRIEFLY
        return written(text, self._style, self._rng)

    def heard(self) -> Heard:
        return Heard(self.told_figure, self._brief_now)

    def _first(self, exchange: Exchange, slots: dict[str, str]) -> list[str]:
        brief = self._brief
        opening = self._draw(self._opening_bank(), slots)
        if self._rng.random() < LEAD_SHARE:
            lead = self._draw(openings.PLAIN_LEADS if self._plain else openings.LEADS, slots)
            opening = f"{lead} {opening}"
        pieces = [opening]
        if brief.on_behalf:
            pieces.append(self._draw(phrases.ON_BEHALF, {"reason": reason_text(brief)}))
        told = [self._situation(), self._said(exchange, slots), self._belief()]
        self._rng.shuffle(told)
        pieces += told
        if exchange.brings_event:
            pieces.append(self._event())
        for optional in (self._context, self._figures, self._hesitation):
            room = WORDS_ENOUGH[self._style.first_pieces] - _words(pieces)
            if room > 15 and self._rng.random() < 0.75:
                pieces.insert(self._rng.randint(1, len(pieces)), optional())
        if not opening.endswith("?") or self._rng.random() < 0.4:
            pieces.append(self._question() or self._draw(phrases.ASK, slots))
        elif self._plain:
            pieces.append(self._draw(phrases.PLAIN_WHY, slots))
        return pieces

    def _middle(self, exchange: Exchange, slots: dict[str, str]) -> list[str]:
        if exchange.position == self._short_at and not exchange.objects and not exchange.brings_event:
            return [self._draw(phrases.SHORT_REPLY, slots)]
        pieces = [self._draw(phrases.PLAIN_TAKEN_UP if self._plain else phrases.TAKEN_UP, slots)]
        if exchange.objects:
            pieces = [self._draw(phrases.PUSHBACK, slots)]
        if not self._plain:
            pieces.append(self._felt(exchange, slots))
        if exchange.brings_event:
            pieces.append(self._event())
        if self._style.pieces > 3 and not self.told_figure and self._rng.random() < 0.5:
            pieces.append(self._figures())
        if self._style.pieces > 4 and not self._plain:
            pieces.append(self._draw(phrases.HESITATION, slots))
        again = exchange.concept[0] == exchange.before or exchange.visit > 0
        if again:
            pieces.append(self._question() or self._draw(phrases.DEEPER, slots))
        else:
            pieces.append(self._draw(phrases.NEXT_ASK, slots))
        return pieces

    def _last(self, exchange: Exchange, slots: dict[str, str]) -> list[str]:
        brief = self._brief
        slots = slots | concept_slots("c", self._other_concept(exchange))
        felt = "" if self._plain else self._felt(exchange, slots)
        if self._plain:
            return [self._draw(phrases.PLAIN_TAKEN_UP, slots), self._draw(phrases.NEXT_STEP, slots), felt]
        close = CLOSES.get(brief.outcome)
        if close is None:
            pieces = [self._draw(phrases.APPLY, slots), felt, self._draw(phrases.NEXT_STEP, slots)]
            if self._style.pieces < 4:
                pieces.pop(0 if self._rng.random() < 0.4 else 2)
            return [*pieces, self._draw(phrases.CLOSE_RESOLVED, slots) if self._rng.random() < 0.6 else ""]
        if brief.outcome == "partial":
            return [self._draw(phrases.TAKEN_UP, slots), felt, self._draw(close, slots)]
        return [felt, self._draw(close, slots)]

    def _opening_bank(self) -> Bank:
        if self._plain:
            return openings.PLAIN
        kind = self._style.opening
        if kind is None:
            kind = list(openings.OPENINGS)[int(self._rng.random() * len(openings.OPENINGS))]
        return openings.OPENINGS[kind]

    def _said(self, exchange: Exchange, slots: dict[str, str]) -> str:
        if self._plain:
            return ""
        if self._brief.register == "near_miss":
            return self._draw(SAID[near_miss_kind(self._brief.near_miss)], slots)
        return self._felt(exchange, slots)

    def _felt(self, exchange: Exchange, slots: dict[str, str]) -> str:
        early = exchange.position * 2 < self._brief.exchanges
        return self._draw(feeling(exchange.emotion, exchange.intensity, early=early), slots)

    def _situation(self) -> str:
        if not self._brief.situation:
            return ""
        lead = self._draw(phrases.SITUATION_LEAD, {}) if self._rng.random() < 0.5 else ""
        return f"{lead} {sentence(self._brief.situation)}".strip()

    def _belief(self) -> str:
        if not self._brief.mistaken_belief:
            return ""
        belief = sentence(self._brief.mistaken_belief)
        if self._rng.random() < 0.5:
            return f"{self._draw(phrases.BELIEF_LEAD, {})} {belief}"
        return f"{belief} {self._draw(phrases.BELIEF_TAIL, {})}"

    def _event(self) -> str:
        return self._draw(phrases.ASIDE_LEAD, {"event": event_text(self._brief)})

    def _context(self) -> str:
        facts = profile(self._brief)
        return self._draw(phrases.CONTEXT_LEAD, {"facts": ", ".join(facts[:3])}) if len(facts) > 1 else ""

    def _figures(self) -> str:
        if self._style.vague:
            return self._draw(phrases.VAGUE, {})
        told = figures(self._brief)
        if not told or self.told_figure:
            return ""
        self._rng.shuffle(told)
        self.told_figure = told[0][1]
        labelled = [_labelled(*figure) for figure in told[: 2 if self._style.pieces > 3 else 1]]
        return self._draw(phrases.FIGURES_LEAD, {"facts": listed(labelled)})

    def _hesitation(self) -> str:
        return "" if self._plain else self._draw(phrases.HESITATION, {})

    def _question(self) -> str:
        """One of the topic's questions, now and then."""
        if not self._questions or self._rng.random() < 0.6:
            return ""
        return self._questions.pop(int(self._rng.random() * len(self._questions)))

    def _other_concept(self, exchange: Exchange) -> str:
        """What is left to look at when the talk ends."""
        others = [name for name, _ in self._brief.topic.concepts if name != exchange.before]
        return others[int(self._rng.random() * len(others))] if others else exchange.concept[0]


def _labelled(label: str, text: str) -> str:
    """`outage tolerance 180 minutes`, but `8 devices on the network`."""
    return text if any(word in text for word in (" in ", " on ", " of ", label)) else f"{label} {text}"


def _words(pieces: list[str]) -> int:
    return sum(len(piece.split()) for piece in pieces)
