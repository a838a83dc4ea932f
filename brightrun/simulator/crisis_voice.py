"""Conversations that end in a referral: nothing is taught, help is named from the first answer on."""

from __future__ import annotations

from random import Random

from brightrun.simulator import phrases_crisis as phrases
from brightrun.simulator.advisor_voice import Answer
from brightrun.simulator.outline import Exchange
from brightrun.simulator.phrase_bank import Bank, Drawer
from brightrun.simulator.phrases_feelings import feeling
from brightrun.simulator.prompt import Brief
from brightrun.simulator.slots import concept_slots, person_slots
from brightrun.simulator.writing_style import WritingStyle, written

LAST_WORDS: dict[str, Bank] = {
    "resolved": phrases.HANDOVER,
    "leaves": phrases.LEAVING,
}


class CrisisVoice:
    """Writes both sides of one conversation."""

    def __init__(self, brief: Brief, style: WritingStyle, drawer: Drawer, rng: Random) -> None:
        self._brief = brief
        self._style = style
        self._draw = drawer.draw
        self._rng = rng
        self._techniques = list(brief.techniques or phrases.TECHNIQUES)
        self._objections = list(phrases.OBJECTIONS)
        rng.shuffle(self._objections)

    def message(self, exchange: Exchange) -> str:
        slots = {**person_slots(self._brief), **concept_slots("c", exchange.concept[0])}
        if exchange.first:
            felt = self._draw(feeling(exchange.emotion, exchange.intensity, early=True), slots)
            pieces = [self._draw(phrases.START, slots), felt, self._draw(phrases.SIGNAL, slots)]
        elif exchange.last:
            pieces = [self._draw(LAST_WORDS.get(self._brief.outcome, phrases.NOT_YET), slots)]
        elif exchange.position == 1:
            pieces = [self._draw(phrases.DENIAL, slots)]
        else:
            pieces = [self._draw(self._objection(exchange)[0], slots)]
        return written(" ".join(pieces), self._style, self._rng)

    def answer(self, exchange: Exchange) -> Answer:
        name = person_slots(self._brief)["name"]
        slots = {"name": name, "help": self._brief.help, "urgent": self._brief.urgent}
        stage, frames = self._stage(exchange)
        content = " ".join(self._draw(frame, slots) for frame in frames)
        technique = self._techniques[exchange.position % len(self._techniques)]
        return Answer(content, technique, self._draw(phrases.TEACHES[stage], slots))

    def _stage(self, exchange: Exchange) -> tuple[str, tuple[Bank, ...]]:
        if exchange.first:
            return "first", (phrases.SET_ASIDE, phrases.DIRECT, phrases.REFER)
        if exchange.last and self._brief.outcome == "leaves":
            return "last", (phrases.MATTER, phrases.REFER_AGAIN, phrases.URGENT)
        if exchange.last:
            begin = phrases.HAND_OVER if self._brief.outcome == "resolved" else phrases.STAY
            return "last", (begin, phrases.REFER_AGAIN, phrases.URGENT, phrases.KEEPS)
        if exchange.position == 1:
            return "second", (phrases.BELIEVED, phrases.REFER_AGAIN, phrases.URGENT, phrases.NEARBY)
        return "objection", (self._objection(exchange)[1], phrases.STAY, phrases.NEARBY)

    def _objection(self, exchange: Exchange) -> tuple[Bank, Bank]:
        return phrases.OBJECTIONS[self._objections[exchange.position % len(self._objections)]]
