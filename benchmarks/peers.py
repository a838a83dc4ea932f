"""The same work by others: NeMo Data Designer and Bespoke Curator beside a bare loop of the SDK and beside us.

    python benchmarks/peers.py                          1,000 conversations at 16 and at 64 in flight
    python benchmarks/peers.py --items 200 --in-flight 64 --peer data-designer
    ... --json FILE                                     the figures as JSON, too

Each peer is installed from the package index, at the version named here, into an environment of its own in `--folder`,
and is used the way its documentation shows for many prompts and a server of one's own (the scripts in `peers/`, which
its environment runs). All send the prompts of one job to one server on this machine, which answers after 50 ms with
17 kB, in turn: bare, ours, the peers, bare. A peer first sends a few prompts that are not measured. It reports no usage
to its makers, and is refused any other machine. One that does not install, or does not bring every conversation, is
named with the reason and left out.

A peer gets its prompts ready and keeps each reply as text. Ours also writes the prompt, commits each call to the ledger
before and after, parses the reply into a conversation, and keeps the books of the budget. With 200 items or fewer each
is a task of its own in Prefect, so a short run of ours measures Prefect's tasks.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from planned_job import plan_of
from throughput import Bench, Run, bench, write_figures

from brightrun.prompts import PromptWriter

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / "build" / "peers"
INSTALL_BOUND_S = 1800
OURS, BARE = "ours", "bare"
REFUSED = "refused a connection to "
"""How a peer's process says it (peers/peer_process.py)."""


QUIET = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}
"""For libraries that several peers stand on."""


@dataclass(frozen=True)
class Peer:
    """A generator to stand beside: what to install, the script that uses it, and its own switches."""

    name: str
    version: str
    script: str
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


PEERS = (
    Peer("data-designer", "0.9.7", "with_data_designer.py", {"NEMO_TELEMETRY_ENABLED": "false"}),
    Peer(
        "bespokelabs-curator",
        "0.1.31",
        "with_curator.py",
        {
            "TELEMETRY_ENABLED": "false",
            "CURATOR_VIEWER": "false",
            "CURATOR_DISABLE_RICH_DISPLAY": "1",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        },
    ),
)


class UnusableError(Exception):
    """A peer cannot be measured here; the message says why."""


def install(peer: Peer, folder: Path) -> Path:
    """The Python of the peer's environment in `folder`, which is made if it is not there."""
    home = folder / peer.name
    python, installed = home / "bin" / "python", home / "installed"
    if installed.exists() and installed.read_text() == peer.requirement:
        return python
    print(f"Installing {peer.requirement} into {home} (minutes) ...", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", peer.requirement]
    for command in ([sys.executable, "-m", "venv", str(home)], pip):
        try:
            subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_BOUND_S, check=True)
        except subprocess.CalledProcessError as error:
            raise UnusableError(f"it does not install: {last_line(error.stderr)}") from error
        except subprocess.TimeoutExpired as error:
            raise UnusableError(f"it does not install within {INSTALL_BOUND_S} s") from error
    installed.write_text(peer.requirement)
    return python


def write_prompts(path: Path, items: int) -> None:
    """The prompts of the job that throughput.py plans, for those who bring no prompt writer."""
    plan = plan_of(items)
    writer = PromptWriter(plan.catalog)
    prompts = [writer.write(item) for item in plan.items]
    path.write_text(json.dumps([{"system": "\n\n".join(each.system), "user": each.user} for each in prompts]))


def run_peer(ready: Bench, peer: Peer, python: Path, prompts: Path, items: int, in_flight: int) -> Run:
    """The peer's run, in a home of its own that is thrown away."""
    with tempfile.TemporaryDirectory(dir=prompts.parent, prefix=f"{peer.name}-") as home:
        environment = {
            "HOME": home,
            "PATH": os.environ["PATH"],
            "ANTHROPIC_API_KEY": "a-key",
            **QUIET,
            **peer.settings,
        }
        script = HERE / "peers" / peer.script
        command = [str(python), str(script), ready.url, str(prompts), str(in_flight), home]
        log = Path(home) / "messages"
        try:
            with log.open("w") as messages:
                return ready.measure(peer.name, items, in_flight, command, environment, messages)
        except subprocess.CalledProcessError as error:
            raise UnusableError(f"it ended with code {error.returncode}: {last_line(log.read_text())}") from error
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise UnusableError(str(error)) from error
        finally:
            name_refused(peer, log.read_text())


def name_refused(peer: Peer, messages: str) -> None:
    """Say which other machines the peer asked for, in spite of its settings."""
    hosts = {line.removeprefix(REFUSED) for line in messages.splitlines() if line.startswith(REFUSED)}
    if hosts:
        print(f"{peer.name} was refused: {', '.join(sorted(hosts))}", flush=True)


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1]


def compare(ready: Bench, peers: Sequence[tuple[Peer, Path]], prompts: Path, items: int, in_flight: int) -> list[Run]:
    """All clients at one number in flight, and their table."""
    runs = [ready.run(BARE, items, in_flight), ready.run(OURS, items, in_flight)]
    for peer, python in peers:
        try:
            runs.append(run_peer(ready, peer, python, prompts, items, in_flight))
        except UnusableError as error:
            print(f"{peer.name} left out at {in_flight} in flight: {error}", flush=True)
    runs.append(ready.run(BARE, items, in_flight))
    return runs


def table(runs: Sequence[Run], peers: Sequence[Peer]) -> str:
    """The runs as a table for the documentation; what is compared with is the mean of the bare loop's two."""
    versions = {peer.name: peer.version for peer in peers}
    lines = [
        "| | in flight | conversations/s | of the bare loop | CPU a call | of the bare loop's | peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for in_flight in dict.fromkeys(run.in_flight for run in runs):
        level = [run for run in runs if run.in_flight == in_flight]
        bare = [run for run in level if run.kind == BARE]
        rate, cpu_ms = (sum(run.rate for run in bare) / len(bare), sum(run.cpu_ms for run in bare) / len(bare))
        rss_mb = max(run.rss_peak_kb for run in bare) / 1024
        rates = " and ".join(f"{run.rate:.0f}" for run in bare)
        lines.append(f"| bare loop of the SDK | {in_flight} | {rates} | 1 | {cpu_ms:.1f} ms | 1 | {rss_mb:.0f} MB |")
        for run in level:
            if run.kind != BARE:
                name = "Bright Run" if run.kind == OURS else f"{run.kind} {versions[run.kind]}"
                lines.append(
                    f"| {name} | {in_flight} | {run.rate:.0f} | {run.rate / rate:.2f} | {run.cpu_ms:.1f} ms "
                    f"| {run.cpu_ms / cpu_ms:.1f} | {run.rss_peak_kb / 1024:.0f} MB |"
                )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--peer", choices=[peer.name for peer in PEERS], nargs="+", help="only these (default: all)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument(
        "--folder", type=Path, default=ENVIRONMENTS, help="where the environments are (default: build/peers)"
    )
    options = parser.parse_args()

    installed = []
    for peer in PEERS:
        if not options.peer or peer.name in options.peer:
            try:
                installed.append((peer, install(peer, options.folder.resolve())))
            except UnusableError as error:
                print(f"{peer.name} left out: {error}", flush=True)

    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as ready:
        prompts = Path(folder) / "prompts.json"
        write_prompts(prompts, options.items)
        runs = [
            run for number in options.in_flight for run in compare(ready, installed, prompts, options.items, number)
        ]
    print(table(runs, PEERS))
    if options.json:
        write_figures(options.json, runs, peers=[peer.requirement for peer, _ in installed])


if __name__ == "__main__":
    main()
