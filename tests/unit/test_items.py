"""Items: planned in full from seeds; shares exact, people and variations apart from each other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache

import pytest
from planning_cases import CATALOGS, ROOT, made_items, shipped

from brightrun.catalog import Catalog, Outcome, Register
from brightrun.dealing import counts_of
from brightrun.identity import Identity
from brightrun.items import Item
from brightrun.person_ranges import Condition

FINANCIAL = shipped("financial_planning")
TECHNICAL = shipped("technical_support")


@cache
def financial_items() -> tuple[Item, ...]:
    return tuple(made_items(FINANCIAL, per_cell=2))


@cache
def technical_items() -> tuple[Item, ...]:
    return tuple(made_items(TECHNICAL, per_cell=6, edge_share=0.2))


BOTH = pytest.mark.parametrize(
    ("catalog", "items"), [(FINANCIAL, financial_items()), (TECHNICAL, technical_items())], ids=["money", "networks"]
)


@BOTH
def test_every_axis_of_variation_has_exactly_its_shares(catalog: Catalog, items: tuple[Item, ...]) -> None:
    for position, (axis, values) in enumerate(catalog.variation.axes.items()):
        counted = Counter(item.variation[position].key for item in items)
        assert {item.variation[position].axis for item in items} == {axis}
        assert counted == {k: n for k, n in counts_of({v.key: v.share for v in values}, len(items)).items() if n}


@BOTH
def test_outcomes_are_among_those_of_the_arc_in_the_catalogs_shares(catalog: Catalog, items: tuple[Item, ...]) -> None:
    by_arc: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_arc[item.cell.arc].append(item)
    for key, of_arc in by_arc.items():
        emotional = Counter(item.outcome for item in of_arc if item.kind is Register.EMOTIONAL)
        possible = catalog.arcs[key].outcomes
        shares = {outcome: catalog.variation.outcomes[outcome] for outcome in possible}
        assert emotional == {k: n for k, n in counts_of(shares, emotional.total()).items() if n}
        assert all(item.outcome is Outcome.RESOLVED for item in of_arc if item.kind is not Register.EMOTIONAL)


@BOTH
def test_a_tenth_are_plain_questions_over_core_arcs_only(catalog: Catalog, items: tuple[Item, ...]) -> None:
    plain = [item for item in items if item.kind is Register.PLAIN]
    assert len(plain) == round(len(items) * 0.1)
    assert not any(catalog.arcs[item.cell.arc].is_edge for item in plain)
    core = Counter(item.cell.arc for item in items if not catalog.arcs[item.cell.arc].is_edge)
    assert Counter(item.cell.arc for item in plain) == {k: n for k, n in counts_of(core, len(plain)).items() if n}


@BOTH
def test_near_misses_have_their_share_of_their_arc_and_its_cases_in_turn(
    catalog: Catalog, items: tuple[Item, ...]
) -> None:
    for key, arc in catalog.arcs.items():
        of_arc = [item for item in items if item.cell.arc == key]
        near = [item for item in of_arc if item.kind is Register.NEAR_MISS]
        assert len(near) == (round(arc.near_misses.share * len(of_arc)) if arc.near_misses else 0)
        if arc.near_misses and near:
            cases = Counter(item.near_miss.key for item in near if item.near_miss)
            assert set(cases) <= {case.key for case in arc.near_misses.cases}
            assert max(cases.values()) - min(cases.values()) <= 1


@BOTH
def test_feelings_lengths_and_templates_are_those_the_catalog_gives(catalog: Catalog, items: tuple[Item, ...]) -> None:
    for item in items:
        arc = catalog.arcs[item.cell.arc]
        ending = arc.outcomes.get(item.outcome)
        start, end = arc.start, ending or arc.end
        if item.kind is Register.PLAIN:
            start, end = catalog.variation.plain.start, catalog.variation.plain.end
        elif item.kind is Register.NEAR_MISS and arc.near_misses:
            start, end = arc.near_misses.emotion.start, arc.near_misses.emotion.end
        for planned, feeling in ((item.start, start), (item.end, end)):
            assert planned.emotion == feeling.emotion
            assert feeling.intensity[0] <= planned.intensity <= feeling.intensity[1]
        assert arc.exchanges[0] <= item.exchanges <= arc.exchanges[1]
        assert catalog.templates[item.template].kind is item.kind
        assert (item.near_miss is not None) is (item.kind is Register.NEAR_MISS)


@BOTH
def test_lengths_are_spread_over_the_band_of_the_arc(catalog: Catalog, items: tuple[Item, ...]) -> None:
    for key, arc in catalog.arcs.items():
        low, high = arc.exchanges
        free = [
            item.exchanges
            for item in items
            if item.cell.arc == key and item.kind is not Register.PLAIN and item.outcome is not Outcome.LEAVES
        ]
        counted = Counter(free)
        if len(free) > 3 * (high - low + 1):
            assert set(counted) == set(range(low, high + 1))
            assert max(counted.values()) - min(counted.values()) <= 1


@BOTH
def test_no_two_of_a_combination_are_alike_and_nobody_is_there_twice(catalog: Catalog, items: tuple[Item, ...]) -> None:
    names = Counter(item.identity.name for item in items)
    assert max(names.values()) == 1
    by_cell: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_cell[str(item.cell)].append(item)
    for of_cell in by_cell.values():
        alike = Counter(
            (i.kind, i.outcome, i.situation, i.life_event, i.mistaken_belief, *(c.key for c in i.variation))
            for i in of_cell
        )
        assert max(alike.values()) == 1
        assert [item.slot for item in of_cell] == list(range(1, len(of_cell) + 1))
    assert len({item.key for item in items}) == len(items)


@BOTH
def test_identities_lie_in_the_ranges_of_their_persona_and_meet_what_is_required_or_have_a_reason(
    catalog: Catalog, items: tuple[Item, ...]
) -> None:
    """KF-49: demographics are texts and numbers of the plan, and they fit arc and topic."""
    for item in items:
        ranges = catalog.personas[item.cell.persona].identity
        assert item.identity.name.split(" ", 1)[0] in {name.split()[0] for name in ranges.name.given}
        assert ranges.age.min <= item.identity.age <= ranges.age.max
        assert [a.name for a in item.identity.attributes] == list(ranges.attributes)
        assert all(meets(item.identity, n, c) for n, c in catalog.arcs[item.cell.arc].requires.items())
        topic = catalog.topics[item.cell.topic]
        if item.identity.reason:
            assert item.identity.reason in topic.on_behalf
        else:
            assert all(meets(item.identity, name, condition) for name, condition in topic.requires.items())
    assert any(item.identity.reason for item in items)


def meets(identity: Identity, name: str, condition: Condition) -> bool:
    number = next(attribute.number for attribute in identity.attributes if attribute.name == name)
    if number is None:
        return set(condition.tags) <= set(identity.tags)
    return (condition.min is None or number >= condition.min) and (condition.max is None or number <= condition.max)


@BOTH
def test_life_events_fit_the_person_and_have_about_their_share(catalog: Catalog, items: tuple[Item, ...]) -> None:
    tags = {event.text: set(event.tags) for event in catalog.variation.life_events}
    for item in items:
        if item.life_event:
            assert tags[item.life_event] <= set(item.identity.tags)
            assert item.kind is not Register.PLAIN
    free = [item for item in items if item.kind is not Register.PLAIN]
    share = sum(item.life_event is not None for item in free) / len(free)
    assert abs(share - catalog.variation.life_event_share) < 0.08


@BOTH
def test_mistaken_beliefs_and_situations_are_the_topics_own(catalog: Catalog, items: tuple[Item, ...]) -> None:
    for item in items:
        topic = catalog.topics[item.cell.topic]
        assert item.situation in topic.situations if topic.situations else item.situation is None
        assert item.mistaken_belief is None or item.mistaken_belief in topic.mistaken_beliefs
        assert not (item.mistaken_belief and catalog.arcs[item.cell.arc].is_edge)


def test_a_combination_of_many_conversations_stays_varied() -> None:
    items = made_items(TECHNICAL, personas=["family_helpline"], arcs=["stuck_to_working"],
                       topics=["wifi_dead_spots"], per_cell=300)  # fmt: skip
    assert len({item.identity.name for item in items}) == 300
    assert len({(*(c.key for c in i.variation), i.situation, i.life_event) for i in items}) == 300


def test_more_people_than_names_begin_again_only_when_all_are_used() -> None:
    items = made_items(TECHNICAL, personas=["family_helpline"], arcs=["stuck_to_working"],
                       topics=["wifi_dead_spots"], per_cell=500)  # fmt: skip
    pool = TECHNICAL.personas["family_helpline"].identity.name
    counted = Counter(item.identity.name for item in items)
    assert len(counted) == len(pool.given) * len(pool.family)


def test_a_catalog_without_life_events_is_planned_without_them() -> None:
    variation = TECHNICAL.variation.model_copy(update={"life_events": (), "life_event_share": 0.4})
    items = made_items(TECHNICAL.model_copy(update={"variation": variation}))
    assert not any(item.life_event for item in items)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_share_of_plain_questions_may_be_none_or_all_that_can_be(share: float) -> None:
    items = made_items(TECHNICAL, plain_share=share, edge_share=0.2)
    core = [item for item in items if not TECHNICAL.arcs[item.cell.arc].is_edge]
    assert {item.kind for item in core} == ({Register.PLAIN} if share else {Register.EMOTIONAL})


def test_kf_53_the_same_inputs_give_the_same_plan_and_another_seed_another() -> None:
    """KF-53: every choice comes from the seed."""
    assert made_items(TECHNICAL, seed=7) == made_items(TECHNICAL, seed=7)
    one, other = made_items(TECHNICAL, seed=7), made_items(TECHNICAL, seed=8)
    changed = sum(a.identity != b.identity for a, b in zip(one, other, strict=False))
    assert changed > len(one) * 0.9
    assert [a.variation for a in one] != [b.variation for b in other]


PLAN = """
import hashlib, sys
from brightrun.planning import make_plan
from brightrun.prompts import PromptWriter
from brightrun.spec import DatasetSpec
grid = {"per_cell": 2, "edge_share": 0.2, "sample": {"method": sys.argv[1], "size": int(sys.argv[3]), "seed": 3}}
spec = DatasetSpec.model_validate(
    {"name": "made", "catalog": sys.argv[2], "grid": grid, "generate": {"budget_usd": 1}}
)
plan = make_plan(spec)
writer = PromptWriter(plan.catalog)
digest = hashlib.sha256(f"{plan.catalog_hash}{plan.prompt_version}".encode())
for item in plan.items:
    prompt = writer.write(item)
    digest.update(item.model_dump_json().encode() + "".join([*prompt.system, prompt.user]).encode())
print(digest.hexdigest())
"""


@pytest.mark.parametrize(("method", "size"), [("random", "30"), ("pairwise", "200")])
def test_kf_53_other_processes_with_other_hash_seeds_plan_the_same_bytes(method: str, size: str) -> None:
    """KF-53: no order of a set or of a hash table gets into a plan or a prompt."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PLAN, method, str(CATALOGS / "financial_planning"), size],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for seed in ("1", "4242")
    ]
    digests = [process.communicate(timeout=120)[0].strip() for process in running]
    assert all(process.returncode == 0 for process in running)
    assert len(digests[0]) == 64
    assert len(set(digests)) == 1


def test_an_item_has_a_key_of_its_place_and_a_title_for_people() -> None:
    first, second = made_items(TECHNICAL, personas=["family_helpline"], arcs=["stuck_to_working"],
                               topics=["wifi_dead_spots"], per_cell=2)  # fmt: skip
    assert first.key == "family_helpline.stuck_to_working.wifi_dead_spots.1"
    assert first.title == "family_helpline × stuck_to_working × wifi_dead_spots"
    assert second.title.endswith("wifi_dead_spots #2")
