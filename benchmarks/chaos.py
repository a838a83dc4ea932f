"""Chaos: builds are killed and disturbed, and the API's account is held against the ledger.

    python benchmarks/chaos.py [--kills 25] [--seed 1] [--scenario NAME ...] [--output chaos.json] [--keep]

The API is the simulator, with faults on a tenth of all requests, and its account is the truth: what it delivered
must be in the ledger, what it charged must be counted there, and nothing may be delivered twice. Tables go to
the standard output, everything to the JSON. The exit code is 1 where a number that must be 0 is not. Without
`--scenario`, all of them are played (about 25 minutes on two cores). Everything happens in a temporary folder,
which is kept where something was found, or with `--keep`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from chaos.accounting import MUST_BE_ZERO, Books
from chaos.kills import Kill, Torment, measure_pace
from chaos.limits import api_refuses, budget_too_small
from chaos.machine import clock_back, suspended, taken_over
from chaos.memory import memory
from chaos.outages import api_away, judge_down, prefect_away, prefect_killed
from chaos.place import Place
from chaos.sharing import workers_killed
from chaos.store_trouble import database_locked, disk_full
from chaos.tables import table
from chaos.trial import SkippedError, Trial

SCENARIOS: dict[str, Callable[[Place], Trial | list[Trial]]] = {
    "prefect-killed": prefect_killed,
    "prefect-away": prefect_away,
    "api-away": api_away,
    "judge-down": judge_down,
    "disk-full": disk_full,
    "database-locked": database_locked,
    "suspended": suspended,
    "taken-over": taken_over,
    "clock-back": clock_back,
    "budget-too-small": budget_too_small,
    "api-refuses": api_refuses,
    "workers-killed": workers_killed,
    "memory": memory,
}
KILLS = "kills"

JOB_COLUMNS = {
    "job": "name",
    "conversations": "items",
    "requests": "requests",
    "met a fault": "faults",
    "delivered": "delivered",
    "kept": "kept",
    "open at a stop": "open_at_stops",
    "timed out": "timed_out",
    "charged $": "charged_usd",
    "counted $": "counted_usd",
    "budget $": "budget_usd",
}


def main() -> int:
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="brightrun-chaos-"))
    began = time.monotonic()
    books: list[Books] = []
    kills: list[Kill] = []
    scenarios: list[dict[str, Any]] = []
    for name in arguments.scenario or [KILLS, *SCENARIOS]:
        place = Place(folder / name)
        place.folder.mkdir()
        try:
            if name == KILLS:
                torment = _torment(place, arguments.kills, arguments.seed)
                books += torment.books
                kills = torment.kills
                continue
            played = SCENARIOS[name](place)
            for trial in played if isinstance(played, list) else [played]:
                books.append(trial.books)
                scenarios.append({"name": trial.books.name, "happened": SCENARIOS[name].__doc__, "said": trial.said})
                _say(f"{trial.books.name}: {'; '.join(trial.said) or 'done'}; {_found_in(trial.books) or 'all 0'}")
        except SkippedError as reason:
            scenarios.append({"name": name, "happened": SCENARIOS[name].__doc__, "skipped": str(reason)})
            _say(f"{name}: SKIPPED: {reason}")
        finally:
            place.leave()
    found = {name: sum(each.counts[name] for each in books) for name in MUST_BE_ZERO}
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": arguments.seed,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "seconds": round(time.monotonic() - began),
        "kills": [asdict(kill) for kill in kills],
        "scenarios": scenarios,
        "jobs": [{"name": each.name, **each.facts, "found": _found_in(each)} for each in books],
        "must_be_zero": found,
        "notes": [note for each in books for note in each.notes],
    }
    arguments.output.write_text(json.dumps(result, indent=1) + "\n")
    _show(result)
    if any(found.values()) or arguments.keep:
        _say(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    return int(any(found.values()))


def _torment(place: Place, kills: int, seed: int) -> Torment:
    torment = Torment(place, Random(seed), measure_pace(place), _say)
    _say(f"an undisturbed build has its first reply after {torment.pace.start_s:.1f} s here")
    while len(torment.kills) < kills:
        torment.one_job(kills - len(torment.kills))
    return torment


def _show(result: dict[str, Any]) -> None:
    """The tables of docs/reliability.md."""
    if kills := result["kills"]:
        heads = ("kill", "job", "after s", "it was at", "replies kept", "calls open")
        rows = [
            (n, kill["job"], kill["after_s"], kill["phase"], kill["replies"], kill["open_calls"])
            for n, kill in enumerate(kills, 1)
        ]
        _say("\n" + table(heads, rows))
    rows = [tuple(_short(job.get(name, "")) for name in JOB_COLUMNS.values()) for job in result["jobs"]]
    _say("\n" + table(list(JOB_COLUMNS), rows))
    _say("\n" + table(("must be 0", "found"), [(MUST_BE_ZERO[name], n) for name, n in result["must_be_zero"].items()]))
    for note in result["notes"]:
        _say(note)


def _short(value: Any) -> Any:
    """Dollars to the cent."""
    return f"{float(value):.2f}" if isinstance(value, str) and value.replace(".", "", 1).isdigit() else value


def _found_in(books: Books) -> dict[str, int]:
    return {name: count for name, count in books.counts.items() if count}


def _say(line: str) -> None:
    print(line, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=25, help="how many have to land")
    parser.add_argument("--seed", type=int, default=1, help="draws sizes, moments and faults")
    parser.add_argument("--scenario", action="append", choices=[KILLS, *SCENARIOS], help="only this; may be repeated")
    parser.add_argument("--output", type=Path, default=Path("chaos.json"))
    parser.add_argument("--keep", action="store_true", help="keep the folder with all stores and logs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
