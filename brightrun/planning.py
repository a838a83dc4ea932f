"""The plan: a spec and a catalog become cells, items and shards, before a cent is spent."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path

from brightrun import __version__
from brightrun.actor import actor
from brightrun.adopting import adopt
from brightrun.assessors import assessors
from brightrun.catalog import Catalog
from brightrun.catalog_loading import catalog_hash, load_catalog
from brightrun.claude.pricing import load_prices
from brightrun.errors import Problem, ProblemsError
from brightrun.evaluating import evaluation_guard
from brightrun.grid import Grid, plan_grid
from brightrun.items import Item, plan_items
from brightrun.prompts import prompt_version
from brightrun.rehearsal import rehearse
from brightrun.spec import DatasetSpec, LoadedSpec, load_spec
from brightrun.store.database import Database
from brightrun.store.jobs import Job, NewJob, create_job, get_job, latest_job, owner_is_alive
from brightrun.yaml_source import nearest

ONE_ITEM_SHARDS = 200
"""Up to this many items each gets a task run of its own."""

ITEMS_PER_SHARD = 100
MOST_SHARDS = 200


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before anything is sent."""

    loaded: LoadedSpec
    catalog: Catalog
    catalog_hash: str
    prompt_version: str
    grid: Grid
    items: tuple[Item, ...]

    @property
    def spec(self) -> DatasetSpec:
        return self.loaded.spec

    @property
    def shards(self) -> int:
        return shard_count(len(self.items))


def make_plan(spec: DatasetSpec | str | Path, home: Path | None = None) -> Plan:
    """Read and check everything a build needs, and plan it. Raises ProblemsError; sends nothing."""
    loaded = load_spec(spec)
    folder = loaded.resolve(loaded.spec.catalog)
    if not folder.is_dir():
        _refuse_folder(loaded, folder)
    catalog = load_catalog(_shown(folder))
    _check_price(loaded, home)
    evaluation_guard(loaded)
    grid = plan_grid(loaded, catalog)
    items = plan_items(grid, catalog, loaded.spec.grid.seed, loaded.spec.grid.plain_share)
    rehearse(items, catalog, _shown(folder))
    assessors(loaded.spec, catalog)  # a judge without a rubric is refused before anything is paid for
    return Plan(loaded, catalog, catalog_hash(catalog), prompt_version(catalog), grid, tuple(items))


def shard_count(items: int) -> int:
    """How many shards so many items make."""
    if items <= ONE_ITEM_SHARDS:
        return items
    return min(MOST_SHARDS, math.ceil(items / ITEMS_PER_SHARD))


def shard_of(position: int, items: int) -> int:
    """The shard, from 0, of the item at this position: neighbours, who share a prompt prefix, stay together."""
    return position * shard_count(items) // items


def identity_of(plan: Plan, simulated: bool) -> str:
    """SHA-256 of what decides which conversations are written.

    Budget, speed, quality and export may change without making another job; simulated and real never meet.
    """
    spec = plan.spec
    content = {
        "name": spec.name,
        "grid": spec.grid.model_dump(mode="json"),
        "model": spec.generate.model,
        "max_tokens": spec.generate.max_tokens,
        "catalog": plan.catalog_hash,
        "prompts": plan.prompt_version,
        "simulated": simulated,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class OpenedJob:
    """A job that a build goes on with, and whether it was there before."""

    job: Job
    adopted: bool
    changed: str | None = None
    """What is to be told of a job whose spec is another now."""


def open_job(database: Database, plan: Plan, simulated: bool, new: bool = False) -> OpenedJob:
    """The job of this plan: the newest of the same identity, or a new one. Raises as `actor`."""
    identity = identity_of(plan, simulated)
    spec = plan.spec.model_dump(mode="json")
    with database.writing() as connection:
        signed = actor(connection)  # a token that does not hold is refused whatever comes of it
        there = latest_job(connection, identity)
        if there and not new and owner_is_alive(there):
            return OpenedJob(there, adopted=True)  # whoever claims it next will see that it is busy
        if there and not new:
            changed = adopt(connection, there, spec)
            return OpenedJob(get_job(connection, there.id), adopted=True, changed=changed)
        run_number = there.run_number + 1 if there else 1
        job_id = f"{plan.spec.name}-{identity[:8]}" + (f"-{run_number}" if run_number > 1 else "")
        create_job(
            connection,
            NewJob(
                id=job_id,
                name=plan.spec.name,
                identity=identity,
                run_number=run_number,
                spec=spec,
                spec_origin=plan.loaded.source.name,
                catalog_hash=plan.catalog_hash,
                catalog_json=plan.catalog.model_dump_json(),
                prompt_version=plan.prompt_version,
                code_version=__version__,
                simulated=simulated,
                budget_usd=plan.spec.generate.budget_usd,
                actor=signed,
            ),
            [
                (item_id(job_id, item), shard_of(position, len(plan.items)), item)
                for position, item in enumerate(plan.items)
            ],
        )
        return OpenedJob(get_job(connection, job_id), adopted=False)


def item_id(job_id: str, item: Item) -> str:
    """The item's id: the same for the same job and place in the grid."""
    return "i" + hashlib.blake2b(f"{job_id}/{item.key}".encode(), digest_size=9).hexdigest()


def _shown(folder: Path) -> Path:
    """The folder as a person would write it: relative to where they are, if it is below."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _check_price(loaded: LoadedSpec, home: Path | None) -> None:
    """A model without a price is a problem of the spec, and has its line there."""
    prices = load_prices(home)
    try:
        prices.of(loaded.spec.generate.model)
    except ProblemsError as error:
        found = [loaded.source.problem(("generate", "model"), problem.message) for problem in error.problems]
        raise ProblemsError("The spec cannot be used", found) from error


def _refuse_folder(loaded: LoadedSpec, folder: Path) -> None:
    parent = folder.parent
    beside = sorted(p.name for p in parent.glob("*") if (p / "catalog.yaml").is_file()) if parent.is_dir() else []
    there = nearest(folder.name, beside) or (f"; {_shown(parent)} holds {', '.join(beside)}" if beside else "")
    message = f"`catalog`: there is no folder {loaded.spec.catalog!r}{there}"
    raise ProblemsError(
        "The spec cannot be used", [Problem(loaded.source.name, loaded.source.line(("catalog",)), message)]
    )
