"""Every fault is played by somebody, and takes only what a rule has."""

from __future__ import annotations

from typing import get_args

from anthropic.types import RefusalStopDetails

from brightrun.simulator.fault_plan import PARAMETERS, FaultRule
from brightrun.simulator.faults import FAULTS, Fault, FaultKind, RefusalCategory
from brightrun.simulator.http_faults import BODIES, ERRORS


def test_every_fault_has_its_facts() -> None:
    assert set(FAULTS) == set(Fault)


def test_every_refusal_has_its_answer_and_only_one() -> None:
    assert {fault for fault in Fault if fault.facts.kind is FaultKind.HTTP} == ERRORS.keys() | BODIES.keys()
    assert not ERRORS.keys() & BODIES.keys()


def test_parameters_are_fields_of_a_rule() -> None:
    taken = {parameter for facts in FAULTS.values() for parameter in facts.parameters}
    assert taken == PARAMETERS <= FaultRule.model_fields.keys()


def test_categories_of_refusals_are_the_sdk_s() -> None:
    category = RefusalStopDetails.model_fields["category"].annotation
    named = {value for option in get_args(category) for value in get_args(option)}
    assert {category.value for category in RefusalCategory} == named | {"none"}
