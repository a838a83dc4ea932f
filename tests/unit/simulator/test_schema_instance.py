"""Replies that are no conversation fit their schema all the same."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from brightrun.simulator.schema_instance import instance_of

RUBRIC = {
    "type": "object",
    "additionalProperties": False,
    "required": ["scores", "verdict", "reason"],
    "properties": {
        "scores": {"$ref": "#/$defs/scores"},
        "verdict": {"enum": ["accepted", "rejected"]},
        "reason": {"type": "string"},
        "notes": {"anyOf": [{"type": "null"}, {"type": "array", "items": {"type": "string"}}]},
    },
    "$defs": {
        "scores": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"warmth": {"type": "integer", "minimum": 0, "maximum": 10}, "share": {"type": "number"}},
        }
    },
}


@pytest.mark.parametrize("seed", range(20))
def test_an_instance_fits(seed: int) -> None:
    value = instance_of(RUBRIC, Random(seed))
    assert list(value) == ["scores", "verdict", "reason", "notes"]
    assert 0 <= value["scores"]["warmth"] <= 10
    assert isinstance(value["scores"]["share"], float)
    assert value["verdict"] in ("accepted", "rejected")
    assert value["reason"].endswith(".")
    assert value["notes"] is None or all(isinstance(note, str) for note in value["notes"])


@pytest.mark.parametrize(
    "schema, kind",
    [
        ({"type": "boolean"}, bool),
        ({"type": ["string", "null"]}, str),
        ({"const": 5}, int),
        ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5}, int),
        ({}, str),
    ],
)
def test_single_values(schema: dict[str, Any], kind: type) -> None:
    assert isinstance(instance_of(schema, Random(0)), kind)


def test_a_schema_that_contains_itself_ends() -> None:
    node: dict[str, Any] = {
        "$ref": "#/$defs/node",
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
    }
    assert isinstance(instance_of(node, Random(0)), dict)
