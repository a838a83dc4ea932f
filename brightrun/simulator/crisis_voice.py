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
            pieces = [self._draw(phrases.OBJECTION, slots)]
        return written(" ".join(pieces), self._style, self._rng)

    def answer(self, exchange: Exchange) -> Answer:
        name = person_slots(self._brief)["name"]
        slots = {"name": name, "help": self._brief.help, "urgent": self._brief.urgent}
        frames: tuple[Bank, ...]
        if exchange.first:
            frames = (phrases.SET_ASIDE, phrases.DIRECT, phrases.REFER)
        elif exchange.last:
            leaving = self._brief.outcome == "leaves"
            frames = (
                phrases.MATTER if leaving else phrases.HAND_OVER if self._resolved else phrases.STAY,
                phrases.REFER_AGAIN,
                phrases.URGENT,
                *(() if leaving else (phrases.KEEPS,)),
            )
        elif exchange.position == 1:
            frames = (phrases.BELIEVED, phrases.REFER_AGAIN, phrases.URGENT, phrases.NEARBY)
        else:
            frames = (phrases.MEET_OBJECTION, phrases.STAY, phrases.NEARBY)
        content = " ".join(self._draw(frame, slots) for frame in frames)
        technique = self._techniques[exchange.position % len(self._techniques)]
        return Answer(content, technique, self._draw(phrases.TEACHES, slots))

    @property
    def _resolved(self) -> bool:
        return self._brief.outcome == "resolved"
