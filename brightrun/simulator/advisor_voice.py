"""The messages of the one who answers."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from brightrun.simulator import phrases_advisor as phrases
from brightrun.simulator.explanation import reworded, units
from brightrun.simulator.grammar import clause, lowered
from brightrun.simulator.outline import Exchange
from brightrun.simulator.phrase_bank import Bank, Drawer
from brightrun.simulator.phrases_feelings import FAMILY_OF
from brightrun.simulator.phrases_near_miss import HUMAN, near_miss_kind
from brightrun.simulator.prompt import Brief
from brightrun.simulator.slots import concept_slots, fact_text, person_slots, quoted_belief
from brightrun.simulator.user_voice import Heard

CLOSES: dict[str, Bank] = {
    "resolved": phrases.CLOSE_RESOLVED,
    "partial": phrases.CLOSE_PARTIAL,
    "stalled": phrases.CLOSE_STALLED,
    "leaves": phrases.CLOSE_LEAVES,
}
FURTHER = (phrases.OWN_NUMBERS, phrases.TRADE_OFF, phrases.MEANING)
LAST = (phrases.STEP, phrases.QUESTION)
WORDS_OF_EXPLANATION = 58
NAME_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Answer:
    """A message of the advisor, with the labels the schema asks for."""

    content: str
    technique: str
    teaches: str


class AdvisorVoice:
    """Writes the advisor's side of one conversation; remembers what has been explained."""

    def __init__(self, brief: Brief, drawer: Drawer, rng: Random) -> None:
        self._brief = brief
        self._draw = drawer.draw
        self._rng = rng
        self._person = person_slots(brief)
        self._untold = {name: list(units(explanation)) for name, explanation in brief.topic.concepts}
        self._facts = list(brief.topic.facts)
        self._techniques = brief.techniques or phrases.TECHNIQUES
        self._technique_at = int(rng.random() * len(self._techniques))
        self._plain = brief.register == "plain"
        self._taught: set[str] = set()

    def answer(self, exchange: Exchange, heard: Heard) -> Answer:
        slots = {**self._person, **concept_slots("c", exchange.concept[0])}
        if exchange.before:
            slots |= concept_slots("p", exchange.before)
        if self._rng.random() > NAME_SHARE:
            slots["name"] = ""
        slots["figure"] = heard.figure
        if exchange.last and not exchange.first:
            pieces = self._closing(slots)
            teaches = self._draw(phrases.TEACHES_MANNER, slots)
        else:
            explained = self._explained(exchange)
            pieces = [*self._meeting(exchange, heard, slots), *self._body(exchange, explained, slots)]
            teaches = self._teaches(explained, slots)
        content = "\n\n".join(self._paragraphs([piece for piece in pieces if piece]))
        return Answer(content, self._technique(exchange.position), teaches)

    def _meeting(self, exchange: Exchange, heard: Heard, slots: dict[str, str]) -> list[str]:
        """How the answer begins: with the person, or with what they have just said."""
        if self._plain:
            return [self._draw(phrases.PLAIN_START, slots)] if exchange.first else []
        if exchange.first:
            belief = self._draw(phrases.BELIEF, slots | {"belief": quoted_belief(self._brief)})
            if self._brief.register == "near_miss":
                return [self._draw(HUMAN[near_miss_kind(self._brief.near_miss)], slots), belief]
            meet = phrases.MEET.get(FAMILY_OF.get(exchange.emotion, ""), phrases.MEET["doubtful"])
            return [self._draw(meet, slots), belief if self._brief.mistaken_belief else ""]
        if heard.briefly:
            return [self._draw(phrases.AFTER_SHORT, slots)]
        return [self._draw(phrases.PUSHED if exchange.objects else phrases.RESPOND, slots)]

    def _explained(self, exchange: Exchange) -> list[str]:
        """Up to `WORDS_OF_EXPLANATION` of what has not been said of the concept yet."""
        untold = self._untold.get(exchange.concept[0], [])
        chosen: list[str] = []
        room = WORDS_OF_EXPLANATION
        while untold and (untold[0][1] <= room or not chosen):
            text, length = untold.pop(0)
            room -= length
            chosen.append(reworded(text, self._rng))
        return chosen

    def _body(self, exchange: Exchange, explained: list[str], slots: dict[str, str]) -> list[str]:
        again = exchange.visit > 0
        pieces: list[str] = []
        if explained:
            if not again:
                situated = exchange.first and self._brief.situation and self._rng.random() < 0.5
                pieces.append(self._draw(phrases.BRIDGE_SITUATION if situated else phrases.BRIDGE, slots))
            lead = self._draw(phrases.LEAD, slots) if self._rng.random() < 0.5 else ""
            pieces.append(f"{lead} {explained[0]}".strip())
            for more in explained[1:]:
                link = self._draw(phrases.AND_ALSO, slots) if self._rng.random() < 0.4 else ""
                pieces.append(f"{link} {more}".strip())
        if again or not explained:
            pieces += [self._draw(phrases.MORE, slots), self._draw(phrases.MORE, slots)]
        pieces.append(self._fact(slots))
        pieces.append(self._draw(phrases.MEANING, slots))
        pieces.append(self._draw(FURTHER[int(self._rng.random() * len(FURTHER))], slots))
        if self._rng.random() < 0.5:
            pieces.append(self._draw(phrases.TRADE_OFF if self._plain else LAST[self._rng.random() < 0.6], slots))
        return pieces

    def _closing(self, slots: dict[str, str]) -> list[str]:
        outcome = self._brief.outcome
        if self._plain:
            return [self._draw(phrases.PLAIN_CLOSE, slots), self._fact(slots)]
        close = self._draw(CLOSES.get(outcome, phrases.CLOSE_RESOLVED), slots)
        if outcome == "leaves":
            return [close]
        further = [phrases.STEP, phrases.MORE, phrases.TRADE_OFF]
        second = self._draw(further[int(self._rng.random() * 3)], slots)
        third = self._draw(phrases.MEANING, slots) if self._rng.random() < 0.5 else ""
        return [close, second, third]

    def _fact(self, slots: dict[str, str]) -> str:
        if not self._facts or self._rng.random() < 0.45:
            return ""
        fact = self._facts.pop(int(self._rng.random() * len(self._facts)))
        return self._draw(phrases.FACT, slots | {"year": fact.year, "fact": fact_text(fact)}) if fact.year else ""

    def _teaches(self, explained: list[str], slots: dict[str, str]) -> str:
        if not explained or explained[0] in self._taught:
            return self._draw(phrases.TEACHES_MANNER, slots)
        self._taught.add(explained[0])
        return self._draw(phrases.TEACHES, slots | {"clause": lowered(clause(explained[0]))})

    def _technique(self, position: int) -> str:
        return self._techniques[(self._technique_at + position) % len(self._techniques)]

    def _paragraphs(self, pieces: list[str]) -> list[str]:
        """Two paragraphs where there is enough to say."""
        if len(pieces) < 5 or self._rng.random() < 0.3:
            return [" ".join(pieces)]
        at = len(pieces) // 2 + (self._rng.random() < 0.5)
        return [" ".join(pieces[:at]), " ".join(pieces[at:])]
