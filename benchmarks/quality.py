"""What checking a dataset costs, by step: checks of each conversation, duplicates, phrases, variety.

    python benchmarks/quality.py                        10,000 conversations in two processes
    python benchmarks/quality.py --items 1000 --processes 1
    python benchmarks/quality.py --memory               peak memory of 100,000 conversations, short ones and long ones
    python benchmarks/quality.py --datasketch           finding near-duplicates beside datasketch, in one run
    ... --json FILE                                     the figures as JSON, too

The conversations are made first (quality_data.py), which is not measured: one in twenty nearly copies the one before.
With two processes one parses, checks and takes fingerprints, and the other one, in order, looks for twins and overused
phrases, adds to both, and measures variety. With one process everything is done in turn. The table has the CPU of each
step; what passes between the processes is in none of the steps, and in the time that passed.

For `--datasketch` it is installed at the version named here into an environment of its own, as in peers.py. Both get
the same texts, split them into words in the same way, and look each one up before they add it, advisor and first user
turn apart; both have 256 slots and begin at a similarity of 0.5. `found` is how many of the near-copies were.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import orjson
from peers import ENVIRONMENTS, Peer, install
from planned_job import plan_of
from quality_data import invented_texts, is_copy, write_replies

from brightrun.conversation import AssistantTurn, Conversation, Speaker, UserTurn, parse_conversation
from brightrun.items import Item
from brightrun.planning import Plan
from brightrun.quality.checks import check_conversation
from brightrun.quality.duplicates import DuplicateIndex
from brightrun.quality.fingerprints import Fingerprint, fingerprint
from brightrun.quality.phrases import PhraseBook
from brightrun.quality.verdicts import Verdict

HERE = Path(__file__).resolve().parent
DATASKETCH = Peer("datasketch", "2.0.0", "near_duplicates_with_datasketch.py")
CHUNK = 50
STEPS = ("parse", "check", "fingerprint", "twins", "overused phrases", "add phrases")
SHORT, LONG = 2_000, 17_000

Seconds = dict[str, float]


class Timed:
    """CPU seconds by step."""

    def __init__(self) -> None:
        self.seconds: Seconds = defaultdict(float)
        self._last = time.process_time()

    def begin(self) -> None:
        self._last = time.process_time()

    def end(self, step: str) -> None:
        now = time.process_time()
        self.seconds[step] += now - self._last
        self._last = now


_PLANS: list[Plan] = []


def set_up(items: int) -> None:
    _PLANS.append(plan_of(items))


def check_chunk(lines: list[bytes], start: int) -> tuple[list[tuple[bool, Fingerprint]], Seconds]:
    """What one process does: the verdict and the fingerprint of each conversation."""
    (plan,) = _PLANS
    timed = Timed()
    results = [check_one(line, plan.items[start + number], plan, timed) for number, line in enumerate(lines)]
    return [(accepted, printed) for _, accepted, printed in results], dict(timed.seconds)


def check_one(line: bytes, item: Item, plan: Plan, timed: Timed) -> tuple[Conversation, bool, Fingerprint]:
    timed.begin()
    conversation = parse_conversation(orjson.loads(line))
    timed.end("parse")
    accepted = check_conversation(conversation, item, plan.catalog).verdict is Verdict.ACCEPTED
    timed.end("check")
    printed = fingerprint(conversation)
    timed.end("fingerprint")
    return conversation, accepted, printed


class Dataset:
    """What is known of the conversations so far."""

    def __init__(self) -> None:
        self.index, self.book = DuplicateIndex(), PhraseBook()
        self.twins: list[int] = []
        self.accepted = 0

    def take(self, number: int, conversation: Conversation, accepted: bool, printed: Fingerprint, timed: Timed) -> None:
        timed.begin()
        if self.index.nearest(printed) is not None:
            self.twins.append(number)
        self.index.add(f"c-{number}", printed)
        timed.end("twins")
        self.book.overused(conversation)
        timed.end("overused phrases")
        self.book.add(conversation)
        timed.end("add phrases")
        self.accepted += accepted


def chunks(path: Path) -> Iterator[list[bytes]]:
    with path.open("rb") as file:
        while lines := [line for _, line in zip(range(CHUNK), file, strict=False)]:
            yield lines


def run_in_one(path: Path, items: int) -> tuple[Dataset, float, Seconds]:
    plan, dataset, timed = plan_of(items), Dataset(), Timed()
    began = time.perf_counter()
    number = 0
    for lines in chunks(path):
        for line in lines:
            conversation, accepted, printed = check_one(line, plan.items[number], plan, timed)
            dataset.take(number, conversation, accepted, printed, timed)
            number += 1
    return dataset, time.perf_counter() - began, dict(timed.seconds)


def run_in_two(path: Path, items: int) -> tuple[Dataset, float, Seconds]:
    """This process asks for as many chunks ahead as keep the other one busy, and no more."""
    dataset, timed = Dataset(), Timed()
    with ProcessPoolExecutor(1, initializer=set_up, initargs=(items,)) as pool:
        pool.submit(check_chunk, [], 0).result()
        began = time.perf_counter()
        waiting = []
        number = asked = 0
        source = chunks(path)
        while True:
            while len(waiting) < 8 and (lines := next(source, None)) is not None:
                waiting.append((lines, pool.submit(check_chunk, lines, asked)))
                asked += len(lines)
            if not waiting:
                break
            lines, future = waiting.pop(0)
            results, seconds = future.result()
            for step, spent in seconds.items():
                timed.seconds[step] += spent
            for line, (accepted, printed) in zip(lines, results, strict=True):
                timed.begin()
                conversation = parse_conversation(orjson.loads(line))
                timed.end("parse")
                dataset.take(number, conversation, accepted, printed, timed)
                number += 1
        elapsed = time.perf_counter() - began
    return dataset, elapsed, dict(timed.seconds)


def speed(items: int, processes: int, folder: Path) -> dict[str, object]:
    path = folder / "replies.jsonl"
    print(f"Making {items} conversations ...", flush=True)
    copies = write_replies(path, items, processes=2)
    dataset, elapsed, seconds = (run_in_two if processes == 2 else run_in_one)(path, items)
    found = sum(is_copy(number) for number in dataset.twins)
    print(f"\n{items} conversations of {path.stat().st_size / items / 1000:.1f} kB in {processes} process(es)")
    print("| step | CPU s | ms a conversation |\n|---|---|---|")
    for step in STEPS:
        print(f"| {step} | {seconds[step]:.1f} | {seconds[step] / items * 1000:.2f} |")
    print(f"| all, as time passed | {elapsed:.1f} | {elapsed / items * 1000:.2f} |")
    print(f"accepted by the checks: {dataset.accepted}; near-copies found: {found} of {copies}; ", end="")
    print(f"others with a twin: {len(dataset.twins) - found}", flush=True)
    return {
        "items": items,
        "processes": processes,
        "elapsed_s": elapsed,
        "cpu_s": seconds,
        "near_copies": copies,
        "near_copies_found": found,
        "others_with_a_twin": len(dataset.twins) - found,
    }


def hold(count: int, characters: int) -> None:
    """The child of `--memory`: as many conversations of that size, and what they leave in memory."""
    dataset = Dataset()
    before = peak_mb()
    for number, messages in enumerate(invented_texts(count, characters)):
        conversation = as_conversation(messages)
        dataset.index.add(f"c-{number:06d}", conversation)
        dataset.book.add(conversation)
    print(json.dumps({"before_mb": before, "peak_mb": peak_mb(), "index_mb": dataset.index.size_bytes / 1e6}))


def as_conversation(messages: list[str]) -> Conversation:
    turns: list[UserTurn | AssistantTurn] = [
        AssistantTurn(role="assistant", content=text, technique="t", teaches="t")
        if number % 2
        else UserTurn(role="user", content=text, emotion="worry", intensity=0.5)
        for number, text in enumerate(messages)
    ]
    return Conversation(speaker=Speaker(name="A", age=40), topic="t", outcome="resolved", turns=tuple(turns))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory(count: int) -> dict[str, object]:
    print("| conversations | characters each | texts together | peak memory | of it before the first | index |")
    print("|---|---|---|---|---|---|")
    figures: dict[str, object] = {}
    for some, characters in ((count // 10, LONG), (count, SHORT), (count, LONG)):
        command = [sys.executable, __file__, "--hold", str(some), str(characters)]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        held = json.loads(printed.splitlines()[-1])
        figures[f"{some} x {characters}"] = held
        print(
            f"| {some:,} | {characters:,} | {some * characters / 1e6:,.0f} MB | {held['peak_mb']:.0f} MB "
            f"| {held['before_mb']:.0f} MB | {held['index_mb']:.0f} MB |",
            flush=True,
        )
    return figures


def beside_datasketch(items: int, folder: Path, environments: Path) -> dict[str, object]:
    replies, texts = folder / "replies.jsonl", folder / "texts.jsonl"
    python = install(DATASKETCH, environments)
    print(f"Making {items} conversations ...", flush=True)
    copies = write_replies(replies, items, processes=2)
    with replies.open("rb") as lines, texts.open("wb") as file:
        for line in lines:
            turns = orjson.loads(line)["turns"]
            said = {role: [t["content"] for t in turns if t["role"] == role] for role in ("user", "assistant")}
            file.write(orjson.dumps([said["assistant"], said["user"][:1]]) + b"\n")
    ours = twins_of(replies)
    script = HERE / "peers" / DATASKETCH.script
    command = [str(python), str(script), str(texts)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    theirs = json.loads(printed.splitlines()[-1])
    runs = {"Bright Run": ours, DATASKETCH.requirement.replace("==", " "): theirs}
    print("| | CPU s | ms a conversation | found | others with a twin | memory of it |\n|---|---|---|---|---|---|")
    for name, run in runs.items():
        found = sum(is_copy(number) for number in run["twins"])
        others = len(run["twins"]) - found
        print(
            f"| {name} | {run['cpu_s']:.1f} | {run['cpu_s'] / items * 1000:.2f} | {found} of {copies} | {others} "
            f"| {run['grown_mb']:.0f} MB |"
        )
    print(f"ratio: {theirs['cpu_s'] / ours['cpu_s']:.1f}", flush=True)
    return {name: {**run, "twins": len(run["twins"])} for name, run in runs.items()}


def twins_of(replies: Path) -> dict[str, object]:
    """Ours, from conversations that are parsed already, as theirs begins with texts that are parsed."""
    index, twins, spent, before = DuplicateIndex(), [], 0.0, peak_mb()
    with replies.open("rb") as lines:
        for number, line in enumerate(lines):
            conversation = parse_conversation(orjson.loads(line))
            began = time.process_time()
            printed = index.fingerprint(conversation)
            if index.nearest(printed) is not None:
                twins.append(number)
            index.add(str(number), printed)
            spent += time.process_time() - began
    return {"cpu_s": spent, "twins": twins, "grown_mb": peak_mb() - before}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, help="10,000 unless said; 100,000 with --memory, 2,000 with --datasketch")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=2)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--memory", action="store_true")
    what.add_argument("--datasketch", action="store_true")
    what.add_argument("--hold", type=int, nargs=2, metavar=("COUNT", "CHARACTERS"), help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--folder", type=Path, default=ENVIRONMENTS, help="where datasketch's environment is")
    options = parser.parse_args()
    if options.hold:
        hold(*options.hold)
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.memory:
            figures = memory(options.items or 100_000)
        elif options.datasketch:
            figures = beside_datasketch(options.items or 2_000, Path(folder), options.folder)
        else:
            figures = speed(options.items or 10_000, options.processes, Path(folder))
    if options.json:
        facts = {"at": time.strftime("%Y-%m-%d"), "python": platform.python_version(), "cores": os.cpu_count()}
        options.json.write_text(json.dumps({**facts, **figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
