"""The simulated reader goes by whole words of a lexicon, and by nothing else: KF-48."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from judged_cases import catalog, conversation, measured

from brightrun.simulator.feeling_words import LEXICON
from brightrun.simulator.phrases_feelings import FAMILY_OF
from brightrun.simulator.reader_voice import shown_in


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("It feels hopeless, whatever I do.", "despair"),
        ("I have given up hoping that it will change.", "despair"),
        ("I'm hopeful for the first time this year.", "hope"),
        ("The carefree plan, with a fearless name, is what the bank calls it.", "neutral"),
        ("I paid the clearing fee on the clear-out.", "neutral"),
    ],
)
def test_kf_48_hopeless_is_no_hope(text: str, emotion: str) -> None:
    assert shown_in(text).emotion == emotion


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("I'm so ashamed, I've told nobody.", "shame"),
        ("This is outrageous, I was lied to!", "anger"),
        ("I wake up at three and picture the worst.", "fear"),
        ("It's too much at once and I just freeze.", "overwhelm"),
        ("The more I read the less any of it fits. I'm lost, it makes no sense.", "confusion"),
        ("I feel guilty, like a selfish person.", "guilt"),
        ("That's such a relief, I can breathe again.", "relief"),
        ("Okay, now it's clear to me, that makes sense.", "clarity"),
        ("What is the limit for a family this year?", "neutral"),
    ],
)
def test_feelings_are_read_from_what_people_write(text: str, emotion: str) -> None:
    assert shown_in(text).emotion == emotion


def test_a_denial_and_a_weakening_are_heard() -> None:
    assert shown_in("I'm not scared anymore.").emotion == "neutral"
    assert shown_in("I'm a bit scared.").intensity < shown_in("I'm scared.").intensity
    assert shown_in("I'm scared!!!").intensity > shown_in("I'm scared.").intensity


def test_only_listed_emotions_are_named_and_every_user_message_is_read() -> None:
    whole = conversation(
        {"user": "I am mortified, petrified and livid."},
        {"assistant": "Tell me."},
        {"user": "Haha, never mind, it was funny."},
        {"assistant": "Good."},
    )
    reading = measured(whole)
    assert [feeling.turn for feeling in reading] == [1, 3]
    assert all(feeling.measured_emotion in catalog().info.emotions for feeling in reading)


def test_the_lexicon_has_each_phrase_once_and_knows_its_emotions() -> None:
    phrases = [phrase for entries in LEXICON.values() for phrase, _, _ in entries]
    assert len(phrases) == len(set(phrases))
    named = {emotion for entries in LEXICON.values() for _, emotion, _ in entries}
    assert named - set(FAMILY_OF) == {"referred"}


def test_last_messages_of_people_who_came_out_of_it_are_not_read_as_heavy() -> None:
    """Past, quoted and taken-back feelings are none; complaints are, however they are put."""
    messages = yaml.safe_load((Path(__file__).parents[2] / "data" / "last_messages.yaml").read_text(encoding="utf-8"))
    heavy = [text for text in messages["lighter"] if shown_in(text).heavy and shown_in(text).intensity > 0.5]
    light = [text for text in messages["heavy"] if not shown_in(text).heavy or shown_in(text).intensity <= 0.5]
    assert (heavy, light) == ([], [])
