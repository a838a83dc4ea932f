"""What a job takes over from a spec that was changed: signed in the store, and told in the job's log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from brightrun.actor import actor
from brightrun.store.jobs import Job, adopt_spec

LONGEST_VALUE = 80
"""So many characters of a setting are told."""


def adopt(connection: Connection, job: Job, spec: dict[str, Any]) -> str | None:
    """Give the job the spec with its budget, if it is another than it has; returns what is to be told of it.

    Raises as `actor`.
    """
    changes = list(changed_settings(job.spec, spec))
    if not changes:
        return None
    by = actor(connection)
    adopt_spec(connection, job.id, spec, Decimal(spec["generate"]["budget_usd"]), by)
    return f"{by} changed the spec: {'; '.join(changes)}"


def changed_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Each setting that is another, as "generate.budget_usd 2 -> 5"."""
    was, becomes = dict(_settings(before)), dict(_settings(now))
    for name in sorted({*was, *becomes}):
        if was.get(name) != becomes.get(name):
            yield f"{name} {_told(was.get(name))} -> {_told(becomes.get(name))}"


def _settings(spec: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in spec.items():
        if isinstance(value, Mapping):
            yield from _settings(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def _told(value: object) -> str:
    text = value if isinstance(value, str) else "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
