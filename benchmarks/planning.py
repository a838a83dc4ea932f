"""How long planning takes: a grid of 3 × 10 × 65 = 1,950 combinations, and how that divides.

    python benchmarks/planning.py [per_cell]

The financial catalog is planned with `unsuitable: keep` and `edge_share: null`, so that all of its product is
there. `ratio` compares the CPU of each part with that of reading the catalog in the same run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from brightrun.catalog_loading import load_catalog
from brightrun.grid import plan_grid
from brightrun.items import plan_items
from brightrun.planning import make_plan
from brightrun.rehearsal import rehearse
from brightrun.spec import DatasetSpec, load_spec

T = TypeVar("T")
CATALOG = Path(__file__).parents[1] / "catalogs" / "financial_planning"


def timed(name: str, work: Callable[[], T], unit: float | None = None) -> tuple[T, float]:
    """The result of `work`, and the CPU seconds it took, printed with their ratio to `unit`."""
    began, began_cpu = time.perf_counter(), time.process_time()
    result = work()
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    ratio = f"  ratio {cpu / unit:5.1f}" if unit else ""
    print(f"{name:28} {cpu:7.2f} s of CPU  {seconds:7.2f} s{ratio}")
    return result, cpu


def main() -> None:
    per_cell = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    grid = {"unsuitable": "keep", "edge_share": None, "per_cell": per_cell}
    spec = DatasetSpec.model_validate(
        {"name": "benchmark", "catalog": str(CATALOG), "grid": grid, "generate": {"budget_usd": 1}}
    )
    loaded = load_spec(spec)
    catalog, unit = timed("read and check the catalog", lambda: load_catalog(CATALOG))
    planned, _ = timed("grid", lambda: plan_grid(loaded, catalog), unit)
    items, _ = timed("items", lambda: plan_items(planned, catalog, 7, 0.1), unit)
    timed("rehearsal of the prompts", lambda: rehearse(items, catalog, CATALOG), unit)
    plan, seconds = timed("all of it (make_plan)", lambda: make_plan(spec), unit)
    combinations, conversations = len(plan.grid.quotas), len(plan.items)
    each = f"{seconds * 1e3 / conversations:.2f} ms of CPU each"
    print(f"{combinations:,} combinations, {conversations:,} conversations: {each}")


if __name__ == "__main__":
    main()
