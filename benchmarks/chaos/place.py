"""A home to experiment in: commands as a user types them, the store as it is on disk, the runs Prefect knows of."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from brightrun.local_server import ensure_server, find_server, stop_server

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "brightrun.cli"]
COMMAND_BOUND_S = 900.0
TREE_BOUND_S = 10.0
POLL_S = 0.05
PAGE = 200
FINAL = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")
OPEN = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")


class NotInTimeError(RuntimeError):
    """Something that was waited for did not come about within its bound."""


@dataclass
class Running:
    """A command under way, in a session of its own, its output in files."""

    command: str
    process: subprocess.Popen[bytes]
    out: Path
    err: Path
    began: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def end(self, bound_s: float = COMMAND_BOUND_S) -> int:
        """Its exit code. NotInTimeError, and the tree is killed, if it does not end."""
        try:
            return self.process.wait(bound_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise NotInTimeError(f"`{self.command}` did not end within {bound_s:g} s; see {self.err}") from None

    def kill(self) -> None:
        """SIGKILL to the whole tree: all of the command's session, and so neither simulator nor Prefect's server."""
        deadline = time.monotonic() + TREE_BOUND_S
        while members := processes_of_session(self.process.pid):
            for pid in members:
                _kill(pid)
            self.process.poll()  # a zombie of ours is no member any more once it is waited for
            if time.monotonic() > deadline:
                raise NotInTimeError(f"processes {members} outlive SIGKILL")
            time.sleep(0.005)
        self.process.wait(TREE_BOUND_S)

    @property
    def summary(self) -> dict[str, Any]:
        """What it printed as JSON on its last line; empty if it printed nothing."""
        lines = self.out.read_text(errors="replace").strip().splitlines()
        found: dict[str, Any] = json.loads(lines[-1]) if lines else {}
        return found


@dataclass(frozen=True)
class Place:
    """A folder with a BRIGHTRUN_HOME in it and a Prefect server of its own."""

    folder: Path
    commands: list[Running] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def database(self) -> Path:
        return self.home / "brightrun.db"

    def environment(self, **more: str) -> dict[str, str]:
        """The caller's environment without what would lead elsewhere, and with this home."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "PREFECT_"))}
        kept.pop("BRIGHTRUN_DATABASE_URL", None)
        return {**kept, "BRIGHTRUN_HOME": str(self.home), "COLUMNS": "200", **more}

    def start(self, *arguments: str, **more: str) -> Running:
        """A `brightrun` command, with more variables if given."""
        number = len(list(self.folder.glob("*.out"))) + 1
        out, err = (self.folder / f"{number:03d}-{arguments[0]}.{kind}" for kind in ("out", "err"))
        with out.open("wb") as out_file, err.open("wb") as err_file:
            process = subprocess.Popen(
                [*COMMAND, *arguments],
                cwd=ROOT,
                env=self.environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=out_file,
                stderr=err_file,
                start_new_session=True,
            )
        self.commands.append(Running(" ".join(arguments), process, out, err))
        return self.commands[-1]

    def leave(self) -> None:
        """End whatever runs here still, the Prefect server included."""
        for command in self.commands:
            command.kill()
        stop_server(self.home)

    def start_server(self) -> str:
        """The API of this home's Prefect server, started if it does not run."""
        return ensure_server(self.home).url

    def write_spec(self, name: str, conversations: int, **changes: Any) -> Path:
        """A spec for so many conversations, drawn from all combinations by the name."""
        per_cell = max(1, round(conversations / 120))
        spec: dict[str, Any] = {
            "name": name,
            "catalog": str(ROOT / "catalogs/financial_planning"),
            "grid": {
                "edge_share": 0,
                "per_cell": per_cell,
                "sample": {"method": "random", "size": max(1, conversations // per_cell), "seed": sum(name.encode())},
            },
            "generate": {"concurrency": 16, "budget_usd": 50},
            "quality": {"suite": str(ROOT / "expectations/conversations.json")},
        }
        for part, values in changes.items():
            spec[part] = {**spec[part], **values}
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(spec))
        return path

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the store as it is on disk; none where there is no such table yet."""
        if not self.database.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=60)) as connection:
            try:
                return connection.execute(query, values).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def job_of(self, name: str) -> str | None:
        """The newest job of a dataset."""
        found = self.rows("SELECT id FROM batch_jobs WHERE name = ? ORDER BY created_at DESC LIMIT 1", name)
        return str(found[0][0]) if found else None


@dataclass(frozen=True)
class PrefectRuns:
    """What a Prefect API has recorded."""

    api: str

    def flow_runs(self, states: tuple[str, ...] = FINAL + OPEN) -> dict[str, str]:
        """State of every flow run, by id."""
        return {run["id"]: run["state_type"] for run in self._all("flow_runs", states)}

    def open_task_runs(self) -> int:
        return int(self._post("/task_runs/count", {"task_runs": {"state": {"type": {"any_": list(OPEN)}}}}))

    def _all(self, what: str, states: tuple[str, ...]) -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = []
        while True:
            body = {what: {"state": {"type": {"any_": list(states)}}}, "limit": PAGE, "offset": len(runs)}
            page = self._post(f"/{what}/filter", body)
            runs += page
            if len(page) < PAGE:
                return runs

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return httpx.post(f"{self.api}{path}", json=body, timeout=60).raise_for_status().json()


def prefect_runs(place: Place) -> PrefectRuns:
    """The runs in the home's own server, which must be running."""
    server = find_server(place.home)
    return PrefectRuns(server.url if server else place.start_server())


def wait_until(condition: Callable[[], bool], what: str, bound_s: float = COMMAND_BOUND_S) -> None:
    deadline = time.monotonic() + bound_s
    while not condition():
        if time.monotonic() > deadline:
            raise NotInTimeError(f"waited {bound_s:g} s for {what}")
        time.sleep(POLL_S)


def processes_of_session(session: int) -> list[int]:
    """Processes of a session that are more than zombies."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(stat.parent.name))
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
