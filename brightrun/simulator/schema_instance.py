"""A small valid instance of a JSON schema, for replies that are no conversation."""

from __future__ import annotations

from random import Random
from typing import Any

DEPTH_LIMIT = 24
WORDS = ("steady", "clear", "plain", "open", "careful", "brief", "even", "useful", "fair", "complete")


def instance_of(schema: dict[str, Any], rng: Random) -> Any:
    """A value that fits a schema; strings are a few words, numbers lie within the bounds given."""
    return _Walker(schema, rng).value(schema, 0)


class _Walker:
    def __init__(self, root: dict[str, Any], rng: Random) -> None:
        self._root = root
        self._rng = rng

    def value(self, schema: Any, depth: int) -> Any:
        if not isinstance(schema, dict) or depth > DEPTH_LIMIT:
            return None
        if "$ref" in schema:
            return self.value(self._resolve(schema["$ref"]), depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._rng.choice(schema["enum"])
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                return self.value(self._rng.choice(schema[key]), depth + 1)
        if schema.get("allOf"):
            merged: dict[str, Any] = {}
            for part in schema["allOf"]:
                merged.update(self._resolve(part["$ref"]) if "$ref" in part else part)
            return self.value(merged, depth + 1)
        return self._of_type(schema, depth)

    def _of_type(self, schema: dict[str, Any], depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "object":
            properties = schema.get("properties", {})
            return {name: self.value(part, depth + 1) for name, part in properties.items()}
        if kind == "array":
            least = int(schema.get("minItems", 1))
            return [self.value(schema.get("items", {}), depth + 1) for _ in range(least)]
        if kind in ("integer", "number"):
            return self._number(schema, kind)
        if kind == "boolean":
            return self._rng.random() < 0.5
        return None if kind == "null" else self._string(schema)

    def _number(self, schema: dict[str, Any], kind: str) -> float:
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        high = schema.get("maximum", schema.get("exclusiveMaximum", max(low + 10, 10)))
        # The middle of the range lies within it, exclusive or not.
        if kind == "integer":
            inner_low = low + 1 if "exclusiveMinimum" in schema else low
            inner_high = high - 1 if "exclusiveMaximum" in schema else high
            return self._rng.randint(int(inner_low), int(inner_high))
        return round(float(low) + float(high - low) * (0.25 + 0.5 * self._rng.random()), 2)

    def _string(self, schema: dict[str, Any]) -> str:
        if schema.get("format") == "date":
            return "2026-11-02"
        if schema.get("format") == "date-time":
            return "2026-11-02T09:00:00Z"
        return f"A {self._rng.choice(WORDS)} and {self._rng.choice(WORDS)} answer."

    def _resolve(self, reference: str) -> Any:
        node: Any = self._root
        for step in reference.removeprefix("#/").split("/"):
            node = node.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(node, dict) else {}
        return node
