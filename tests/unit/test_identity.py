"""Identities: nobody twice, within their ranges, and fit for arc and topic or with a reason to ask."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from planning_cases import shipped

from brightrun.catalog import Persona
from brightrun.identity import Identity, People
from brightrun.person_ranges import Condition, IdentityRanges, NumberRange, can_meet

CATALOG = shipped("technical_support")
ARC = CATALOG.arcs["stuck_to_working"]
TOPIC = CATALOG.topics["wifi_dead_spots"]


def a_persona(**identity: Any) -> Persona:
    ranges = {
        "name": {"given": ["Ana", "Bo", "Cy"], "family": ["Xu", "Yang", "Zee"]},
        "age": {"min": 30, "max": 60},
        "work": ["baker"],
        "household": [
            "lives alone",
            *({"text": f"lives with {n} friends", "tags": ["shared"]} for n in range(2, 12)),
            {"text": "married", "tags": ["couple"]},
        ],
        "place": ["a town"],
    }
    persona = CATALOG.personas["family_helpline"]
    return persona.model_copy(update={"identity": IdentityRanges.model_validate({**ranges, **identity})})


def number(identity: Identity, name: str) -> int | None:
    return next(attribute.number for attribute in identity.attributes if attribute.name == name)


def test_every_full_name_is_used_once_before_any_is_used_again() -> None:
    people = People(a_persona(), seed=7)
    names = [people.draw(ARC, TOPIC).name for _ in range(18)]
    assert len(set(names[:9])) == 9
    assert set(names[9:]) <= set(names[:9])


def test_personas_that_share_names_share_no_person() -> None:
    names: set[str] = set()
    decks = [People(a_persona(), seed, names) for seed in (1, 2)]
    drawn = [deck.draw(ARC, TOPIC).name for _ in range(4) for deck in decks]
    assert len(set(drawn)) == 8


def test_a_rare_household_is_found_for_as_many_conversations_as_ask_for_it() -> None:
    arc = ARC.model_copy(update={"requires": {"household": Condition(tags=("couple",))}})
    people = People(a_persona(), seed=7)
    assert all("couple" in people.draw(arc, TOPIC).tags for _ in range(60))


def test_a_topic_whose_condition_is_met_gives_no_reason() -> None:
    topic = TOPIC.model_copy(update={"requires": {"age": Condition(min=58)}, "on_behalf": ("asks for an aunt",)})
    drawn = [People(a_persona(), seed).draw(ARC, topic) for seed in range(20)]
    assert all(person.age >= 58 and person.reason is None for person in drawn)


def test_a_topic_whose_condition_nobody_meets_gives_its_reasons_in_turn() -> None:
    reasons = ("asks for an aunt", "asks for a club")
    topic = TOPIC.model_copy(update={"requires": {"age": Condition(min=70)}, "on_behalf": reasons})
    people = People(a_persona(), seed=7)
    counted = Counter(people.draw(ARC, topic).reason for _ in range(10))
    assert counted == dict.fromkeys(reasons, 5)


def test_an_arc_and_a_topic_that_contradict_each_other_leave_the_arc_its_condition() -> None:
    """Each can be met by this persona, both together by nobody."""
    arc = ARC.model_copy(update={"requires": {"age": Condition(max=40)}})
    topic = TOPIC.model_copy(update={"requires": {"age": Condition(min=55)}, "on_behalf": ("asks for an aunt",)})
    drawn = [People(a_persona(), seed).draw(arc, topic) for seed in range(30)]
    assert all(person.age <= 40 and person.reason == "asks for an aunt" for person in drawn)


def test_numbers_are_spread_over_their_range() -> None:
    people = People(a_persona(), seed=7)
    ages = [people.draw(ARC, TOPIC).age for _ in range(48)]
    thirds = Counter(min((age - 30) // 11, 2) for age in ages)
    assert min(thirds.values()) >= 12


def test_an_attribute_shows_its_number_with_its_unit() -> None:
    persona = a_persona(savings={"min": 20000, "max": 20000, "unit": "points"}, floor={"min": 3, "max": 3})
    texts = {a.name: a.text for a in People(persona, 7).draw(ARC, TOPIC).attributes}
    assert texts["savings"] == "20,000 points"
    assert texts["floor"] == "3"


@settings(deadline=None)
@given(
    low=st.integers(1, 100_000),
    width=st.integers(0, 100_000),
    step=st.integers(1, 5_000),
    at_least=st.none() | st.integers(-10, 250_000),
    at_most=st.none() | st.integers(-10, 250_000),
    seed=st.integers(0, 99),
)
def test_a_number_lies_in_its_range_and_meets_a_condition_that_can_be_met(
    low: int, width: int, step: int, at_least: int | None, at_most: int | None, seed: int
) -> None:
    persona = a_persona(distance=NumberRange(min=low, max=low + width, step=step))
    asked = at_least is not None or at_most is not None
    condition = {"distance": Condition(min=at_least, max=at_most)} if asked else {}
    topic = TOPIC.model_copy(update={"requires": condition, "on_behalf": ("asks for an aunt",)})
    person = People(persona, seed).draw(ARC, topic)
    value = number(person, "distance")
    assert value is not None
    assert low <= value <= low + width
    if can_meet(persona.identity, condition):
        assert at_least is None or value >= at_least
        assert at_most is None or value <= at_most
        assert person.reason is None
    else:
        assert person.reason == "asks for an aunt"


def test_the_same_seed_deals_the_same_people_and_another_seed_others() -> None:
    def names(seed: int) -> list[str]:
        people = People(CATALOG.personas["family_helpline"], seed)
        return [people.draw(ARC, TOPIC).name for _ in range(10)]

    assert names(7) == names(7)
    assert names(7) != names(8)
