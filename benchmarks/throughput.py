"""How fast conversations are generated, and what a call costs: the whole generate stage beside a bare loop of the SDK.

    python benchmarks/throughput.py                     10,000 items at 16, 64 and 256 in flight (about seven minutes)
    python benchmarks/throughput.py --items 1000 --in-flight 64
    python benchmarks/throughput.py --memory            peak memory of 2,000 items and of 20,000
    ... --json FILE                                     the figures as JSON, too

All run against one server on this machine that answers after 50 ms with a conversation of 17 kB (reply_server.py), each
in a process of its own (generating_clients.py), in turn: bare, ours, bare, so that a machine that is disturbed shows.
Ours is the stage as a build runs it: Prefect's mapped tasks with our own Prefect server, the lane, the ledger on SQLite
with `synchronous=FULL`, the parse. CPU is the process's own; that of Prefect's server stands apart. A client without
the SDK (`cheap`) shows that the server is not the limit. Everything lies in `--folder`, whose disk is part of what is
measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from brightrun.local_server import LocalServer, ensure_server, stop_server
from brightrun.store.database import open_database, sqlite_url
from brightrun.store.jobs import adopt_spec, get_job

HERE = Path(__file__).resolve().parent
LATENCY_S = 0.05
CLIENT_BOUND_S = 1800
MEMORY_ITEMS = (2_000, 20_000)
MEMORY_IN_FLIGHT = 64


@dataclass
class Run:
    """One process, measured."""

    kind: str
    items: int
    in_flight: int
    replies: int
    seconds: float
    cpu_s: float
    settle_s: float
    server_cpu_s: float
    prefect_cpu_s: float
    rss_before_kb: int
    rss_peak_kb: int

    @property
    def rate(self) -> float:
        return self.replies / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU of a call, in the process that makes it."""
        return self.cpu_s / self.replies * 1000


class Bench:
    """A planned job, a reply server and a Prefect server to run clients against."""

    def __init__(self, folder: Path, server_pid: int, url: str, prefect: LocalServer) -> None:
        self.url = url
        self._folder = folder
        self._server_pid = server_pid
        self._prefect = prefect

    def run(self, kind: str, items: int, in_flight: int) -> Run:
        """Run one client on a fresh copy of the job."""
        planned, home = self._planned(items), self._folder / "home"
        for old in home.glob("brightrun.db*"):
            old.unlink()
        shutil.copy(planned / "brightrun.db", home / "brightrun.db")
        job_id = (planned / "job").read_text()
        set_concurrency(home / "brightrun.db", job_id, in_flight)
        command = [sys.executable, str(HERE / "generating_clients.py"), kind, self.url, job_id, str(in_flight)]
        unset = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "BRIGHTRUN_DATABASE_URL", "PREFECT_API_URL")
        environment = {name: value for name, value in os.environ.items() if name not in unset}
        environment |= {"BRIGHTRUN_HOME": str(home), "PYTHONPATH": str(HERE.parent)}
        return self.measure(kind, items, in_flight, command, environment)

    def measure(
        self,
        kind: str,
        items: int,
        in_flight: int,
        command: list[str],
        environment: dict[str, str],
        messages: IO[str] | None = None,
    ) -> Run:
        """Run a client's process, whose last line on stdout are its figures; its stderr goes to `messages`."""
        server_before, prefect_before = cpu_s([self._server_pid]), cpu_s(session_of(self._prefect.pid))
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=messages,
            timeout=CLIENT_BOUND_S,
            check=True,
        )
        figures = json.loads(done.stdout.splitlines()[-1])
        run = Run(
            kind,
            items,
            in_flight,
            **figures,
            server_cpu_s=cpu_s([self._server_pid]) - server_before,
            prefect_cpu_s=cpu_s(session_of(self._prefect.pid)) - prefect_before,
        )
        if run.replies != items:
            raise RuntimeError(f"{kind} brought {run.replies} of {items} conversations")
        show(run)
        return run

    def _planned(self, items: int) -> Path:
        """A folder with a job of so many items, planned once, in a process of its own."""
        home = self._folder / f"planned-{items}"
        if not home.exists():
            home.mkdir()
            command = [sys.executable, str(HERE / "planned_job.py"), str(home), str(items), str(home / "replies.json")]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=CLIENT_BOUND_S, check=True)
            (home / "job").write_text(done.stdout.split()[-1])
        return home


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Servers up while inside."""
    home, replies_home = folder / "home", folder / "replies"
    for made in (home, replies_home):
        made.mkdir()
    replies = folder / "replies.json"
    subprocess.run(
        [sys.executable, str(HERE / "planned_job.py"), str(replies_home), "64", str(replies)],
        stdout=subprocess.DEVNULL,
        timeout=CLIENT_BOUND_S,
        check=True,
    )
    command = [sys.executable, str(HERE / "reply_server.py"), str(replies), str(LATENCY_S)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        prefect = ensure_server(home, lambda line: print(line, file=sys.stderr))
        try:
            yield Bench(folder, server.pid, url, prefect)
        finally:
            stop_server(home)
            assert server.stdin is not None
            server.stdin.close()


def set_concurrency(path: Path, job_id: str, in_flight: int) -> None:
    database = open_database(sqlite_url(path))
    with database.writing() as connection:
        job = get_job(connection, job_id)
        spec = {**job.spec, "generate": {**job.spec["generate"], "concurrency": in_flight}}
        adopt_spec(connection, job_id, spec, job.budget_usd)
    database.close()


def session_of(pid: int) -> list[int]:
    """The processes of the session that `pid` leads."""
    return [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if fields_of(stat)[3:4] == [str(pid)]]


def cpu_s(pids: list[int]) -> float:
    """CPU seconds these processes have used."""
    used = [fields_of(Path(f"/proc/{pid}/stat")) for pid in pids]
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in used if fields)
    return ticks / os.sysconf("SC_CLK_TCK")


def fields_of(stat: Path) -> list[str]:
    """The fields of a process after its name; none when it has ended."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def show(run: Run) -> None:
    server_share = run.server_cpu_s / run.seconds
    settle = f", settled in {run.settle_s:.1f} s, Prefect's server {run.prefect_cpu_s:.1f} s" if run.settle_s else ""
    memory = f"{run.rss_before_kb / 1024:7.0f} → {run.rss_peak_kb / 1024:.0f} MB"
    print(
        f"{run.kind:5} {run.items:6,} items{run.in_flight:5} in flight{run.rate:8.0f}/s{run.cpu_ms:7.2f} ms CPU"
        f"{memory}, reply server {server_share:.0%} of a core{settle}",
        flush=True,
    )


def speed(bench: Bench, items: int, in_flight: list[int]) -> list[Run]:
    """Bare, ours, bare at each number in flight, and the cheap client once at the highest."""
    runs = [bench.run("cheap", items, max(in_flight))]
    ratios = []
    for number in in_flight:
        first, our, second = (bench.run(kind, items, number) for kind in ("bare", "ours", "bare"))
        runs += [first, our, second]
        bare_rate, bare_cpu_ms = (first.rate + second.rate) / 2, (first.cpu_ms + second.cpu_ms) / 2
        disturbed = abs(first.rate - second.rate) / bare_rate
        ratios.append(
            f"{number:3} in flight: {our.rate / bare_rate:.2f} of the bare loop's throughput, "
            f"{our.cpu_ms / bare_cpu_ms:.2f} of its CPU per call (the two bare runs differ by {disturbed:.0%})"
        )
    print(*ratios, sep="\n")
    return runs


def memory(bench: Bench) -> list[Run]:
    """Peak memory of a short job and of a long one."""
    runs = [bench.run("ours", items, MEMORY_IN_FLIGHT) for items in MEMORY_ITEMS]
    short, long = (run.rss_peak_kb for run in runs)
    print(f"{MEMORY_ITEMS[1]:,} items take {long / short:.2f} of the memory of {MEMORY_ITEMS[0]:,}")
    return runs


def write_figures(path: Path, runs: Sequence[Run], **more: object) -> None:
    """The runs as JSON, with where and when they were."""
    facts = {
        "at": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "latency_s": LATENCY_S,
        **more,
        "runs": [{**asdict(run), "rate": run.rate, "cpu_ms": run.cpu_ms} for run in runs],
    }
    path.write_text(json.dumps(facts, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[16, 64, 256])
    parser.add_argument("--memory", action="store_true", help="measure memory, not speed")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--folder", type=Path, help="where the databases lie (default: the system's temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, bench(Path(folder)) as ready:
        runs = memory(ready) if options.memory else speed(ready, options.items, options.in_flight)
    if options.json:
        write_figures(options.json, runs)


if __name__ == "__main__":
    main()
