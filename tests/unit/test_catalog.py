"""The models of a catalog, and the facts of the one that comes with Bright Run."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from planning_cases import CATALOGS, shipped
from pydantic import ValidationError

from brightrun.catalog import Fact, Feeling, Outcome
from brightrun.person_ranges import Condition, IdentityRanges, NumberRange, Option, can_meet

FACTS = yaml.safe_load((Path(__file__).parents[1] / "data" / "catalog_facts.yaml").read_text(encoding="utf-8"))
RANGES: dict[str, Any] = {
    "name": {"given": ["Ana", "Bo"], "family": ["Xu", "Yang"]},
    "age": {"min": 30, "max": 60},
    "work": ["baker"],
    "household": [{"text": "married", "tags": ["couple", "married"]}, "lives alone"],
    "place": ["a town"],
}


def test_the_personas_are_those_of_the_facts() -> None:
    personas = shipped("financial_planning").personas
    there = {p.key: [p.archetype, p.identity.age.min, p.identity.age.max] for p in personas.values()}
    assert there == FACTS["personas"]
    assert len(there) == 3


def test_the_arcs_have_the_bands_lengths_and_suitability_of_the_facts() -> None:
    there = {
        arc.key: [
            arc.category,
            arc.start.emotion,
            list(arc.start.intensity),
            arc.end.emotion,
            list(arc.end.intensity),
            list(arc.exchanges),
            sorted(arc.suitable_personas),
            sorted(arc.suitable_topics),
        ]
        for arc in shipped("financial_planning").arcs.values()
    }
    assert there == {key: [*fact[:6], sorted(fact[6]), sorted(fact[7])] for key, fact in FACTS["arcs"].items()}
    assert len(there) == 10


def test_the_topics_have_the_categories_and_suitability_of_the_facts() -> None:
    there = {
        t.key: [t.category, t.complexity, t.active, sorted(t.suitable_personas), sorted(t.suitable_arcs)]
        for t in shipped("financial_planning").topics.values()
    }
    assert there == {key: [*fact[:3], sorted(fact[3]), sorted(fact[4])] for key, fact in FACTS["topics"].items()}
    assert len(there) == 65


def test_a_second_catalog_of_another_domain_has_attributes_of_its_own() -> None:
    """What is about a domain is in its catalog: devices and connections there, money here."""
    technical = shipped("technical_support")
    fixed = {"age", "work", "household", "place"}
    own = {name for p in technical.personas.values() for name in p.identity.attributes} - fixed
    other = {n for p in shipped("financial_planning").personas.values() for n in p.identity.attributes} - fixed
    assert {"devices", "connection"} <= own
    assert not own & other
    assert {arc.category for arc in technical.arcs.values()} == {"core", "edge"}


@pytest.mark.parametrize("catalog", ["financial_planning", "technical_support"])
def test_every_figure_has_a_source_and_no_sheet_lies_about_its_date(catalog: str) -> None:
    for topic in shipped(catalog).topics.values():
        if topic.facts:
            assert all(fact.source and fact.year <= topic.facts.as_of.year for fact in topic.facts.items), topic.key


@pytest.mark.parametrize("catalog", ["financial_planning", "technical_support"])
def test_names_come_from_large_pools_without_repetition(catalog: str) -> None:
    for persona in shipped(catalog).personas.values():
        for pool in (persona.identity.name.given, persona.identity.name.family):
            assert len(set(pool)) == len(pool) >= 16, persona.key


def test_every_catalog_folder_that_is_shipped_loads() -> None:
    assert {path.parent.name for path in CATALOGS.glob("*/catalog.yaml")} >= {"financial_planning", "technical_support"}
    for path in CATALOGS.glob("*/catalog.yaml"):
        assert shipped(path.parent.name).info.key == path.parent.name


@pytest.mark.parametrize("band", [(0.5, 0.4), (-0.1, 0.4), (0.5, 1.1), (math.nan, math.nan), (0.1, math.inf)])
def test_an_intensity_band_is_two_numbers_from_0_to_1_the_lower_first(band: tuple[float, float]) -> None:
    with pytest.raises(ValidationError):
        Feeling(emotion="worry", intensity=band)


@pytest.mark.parametrize("exchanges", [(0, 3), (4, 3), (1, 1_000_000_000)])
def test_an_arc_has_a_length_a_conversation_can_have(exchanges: tuple[int, int]) -> None:
    arc = shipped("technical_support").arcs["stuck_to_working"]
    with pytest.raises(ValidationError, match="exchanges"):
        type(arc).model_validate({**arc.model_dump(), "exchanges": exchanges})


def test_resolved_repeats_the_end_of_the_arc() -> None:
    arc = shipped("technical_support").arcs["stuck_to_working"].model_dump()
    arc["outcomes"][Outcome.RESOLVED]["intensity"] = (0.1, 0.2)
    with pytest.raises(ValidationError, match="must repeat"):
        type(shipped("technical_support").arcs["stuck_to_working"]).model_validate(arc)


@pytest.mark.parametrize("value", [True, False, math.nan, math.inf, None, [1]])
def test_a_figure_is_a_finite_number_or_a_text(value: object) -> None:
    fact = {"name": "port", "unit": "", "jurisdiction": "worldwide", "year": 2020, "source": "RFC"}
    with pytest.raises(ValidationError):
        Fact.model_validate({**fact, "value": value})


@pytest.mark.parametrize("value", [22, 0.5, "10.0.0.0/8", "off"])
def test_a_figure_stays_what_it_was_written_as(value: object) -> None:
    fact = {"name": "port", "unit": "", "jurisdiction": "worldwide", "year": 2020, "source": "RFC"}
    kept = Fact.model_validate({**fact, "value": value}).value
    assert (kept, type(kept)) == (value, type(value))


@pytest.mark.parametrize(
    "changed",
    [
        {"age": {"min": 30, "max": 400}},
        {"age": {"min": 0, "max": 40}},
        {"age": {"min": 50, "max": 40}},
        {"Savings (USD)": ["some"]},
        {"devices": []},
        {"work": []},
        {"name": {"given": ["Ana"], "family": ["Xu", "Yang"]}},
        {"range": {"min": 1, "max": 5, "step": 0}},
    ],
)
def test_identity_ranges_that_nobody_can_be_drawn_from_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        IdentityRanges.model_validate({**RANGES, **changed})


def test_further_attributes_are_ranges_or_lists_after_the_fixed_ones() -> None:
    extra = {"speed": {"min": 1, "max": 5, "unit": "megabits"}, "devices": ["a phone", {"text": "a till", "tags": []}]}
    ranges = IdentityRanges.model_validate({**RANGES, **extra})
    assert list(ranges.attributes) == ["age", "work", "household", "place", "speed", "devices"]
    assert isinstance(ranges.attributes["speed"], NumberRange)
    assert ranges.attributes["devices"] == (Option(text="a phone"), Option(text="a till"))


@pytest.mark.parametrize(
    ("condition", "possible"),
    [
        ({"age": Condition(min=60)}, True),
        ({"age": Condition(min=61)}, False),
        ({"age": Condition(max=29)}, False),
        ({"age": Condition(min=50, max=40)}, False),
        ({"age": Condition(tags=("old",))}, False),
        ({"household": Condition(tags=("couple", "married"))}, True),
        ({"household": Condition(tags=("couple", "children"))}, False),
        ({"devices": Condition(tags=("printer",))}, False),
        ({}, True),
    ],
)
def test_whether_anybody_can_be_what_is_required(condition: dict[str, Condition], possible: bool) -> None:
    assert can_meet(IdentityRanges.model_validate(RANGES), condition) is possible


def test_a_condition_that_asks_for_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="min, max or tags"):
        Condition()


def test_the_narrowest_template_writes_and_among_equals_the_first_by_key() -> None:
    catalog = shipped("technical_support")
    template = catalog.templates["stuck_to_working"]
    narrow = template.model_copy(update={"key": "z_printers", "topics": ("printer_disappeared",)})
    twin = template.model_copy(update={"key": "a_twin"})
    more = catalog.model_copy(update={"templates": {t.key: t for t in (template, narrow, twin)}})

    def chosen(topic: str) -> str:
        found = more.template_for(template.kind, "stuck_to_working", topic, "family_helpline")
        assert found is not None
        return found.key

    assert chosen("printer_disappeared") == "z_printers"
    assert chosen("wifi_dead_spots") == "a_twin"
    assert more.template_for(template.kind, "jargon_to_clarity", "wifi_dead_spots", "family_helpline") is None
