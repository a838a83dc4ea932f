"""What checking a dataset costs, by step: checks of each conversation, duplicates, phrases, variety.

    python benchmarks/quality.py                        10,000 conversations in two processes
    python benchmarks/quality.py --items 1000 --processes 1
    python benchmarks/quality.py --memory               peak memory of 100,000 conversations, short ones and long ones
    python benchmarks/quality.py --datasketch           finding near-duplicates beside datasketch, in one run
    ... --json FILE                                     the figures as JSON, too

The conversations are made first (quality_data.py), which is not measured: one in twenty nearly copies the one before.
With one process everything is done in turn, as a build does it: the conversations are validated one after the other,
and then variety is measured, in a pass of its own that reads every record anew. With two, both parse, check and take
fingerprints, and this one, in the order of the plan, also looks for twins and overused phrases, adds to both, and
measures variety as a conversation passes. The table has the CPU of each step; making records and what passes between
the processes are in none of the steps, and in the time that passed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import orjson
from peers import ENVIRONMENTS
from planned_job import plan_of
from quality_data import as_record, is_copy, write_replies
from quality_datasketch import beside_datasketch
from quality_memory import hold, memory

from brightrun.conversation import Conversation, parse_conversation
from brightrun.garbage import rarely_collected
from brightrun.items import Item
from brightrun.planning import Plan
from brightrun.quality.checks import check_conversation
from brightrun.quality.duplicates import DuplicateIndex
from brightrun.quality.fingerprints import Fingerprint, fingerprint
from brightrun.quality.phrases import PhraseBook
from brightrun.quality.variety import VarietyMeter
from brightrun.quality.verdicts import Verdict

CHUNK = 25
CHUNKS_AHEAD, CHUNKS_DONE = 2, 40
"""So many chunks lie ready for the other process; at so many that are done and wait for their turn, none is begun."""
STEPS = ("parse", "check", "fingerprint", "twins", "read phrases", "overused phrases", "add phrases", "variety")

Seconds = dict[str, float]
Checked = tuple[list[tuple[bool, Fingerprint]], Seconds]
T = TypeVar("T")


class Timed:
    """CPU seconds of this process by step."""

    def __init__(self) -> None:
        self.seconds: Seconds = defaultdict(float)

    def __call__(self, step: str, work: Callable[[], T]) -> T:
        began = time.process_time()
        made = work()
        self.seconds[step] += time.process_time() - began
        return made

    def add(self, seconds: Seconds) -> None:
        for step, spent in seconds.items():
            self.seconds[step] += spent


_PLANS: list[Plan] = []


def set_up(items: int) -> None:
    _PLANS[:] = [plan_of(items)]


def check_chunk(lines: list[bytes], start: int) -> Checked:
    """The verdict and the fingerprint of each conversation."""
    (plan,) = _PLANS
    timed = Timed()
    with rarely_collected():
        results = [check_one(line, plan.items[start + number], plan, timed) for number, line in enumerate(lines)]
    return [(accepted, printed) for _, accepted, printed in results], dict(timed.seconds)


def check_one(line: bytes, item: Item, plan: Plan, timed: Timed) -> tuple[Conversation, bool, Fingerprint]:
    conversation = timed("parse", lambda: parse_conversation(orjson.loads(line)))
    judgement = timed("check", lambda: check_conversation(conversation, item, plan.catalog))
    printed = timed("fingerprint", lambda: fingerprint(conversation))
    return conversation, judgement.verdict is Verdict.ACCEPTED, printed


class Dataset:
    """What is known of the conversations so far."""

    def __init__(self, plan: Plan, timed: Timed) -> None:
        self._plan, self._timed = plan, timed
        self.index, self.book, self.meter = DuplicateIndex(), PhraseBook(), VarietyMeter()
        self.twins: list[int] = []
        self.accepted = 0

    def take(self, number: int, conversation: Conversation, accepted: bool, printed: Fingerprint) -> None:
        """Hold the next conversation against those before it, and add it to them."""
        if self._timed("twins", lambda: self.index.nearest(conversation, printed)) is not None:
            self.twins.append(number)
        self._timed("twins", lambda: self.index.add(f"c-{number}", printed))
        phrasing = self._timed("read phrases", lambda: self.book.phrasing(conversation))
        self._timed("overused phrases", lambda: self.book.overused(phrasing))
        self._timed("add phrases", lambda: self.book.add(phrasing))
        self.accepted += accepted

    def measure(self, number: int, conversation: Conversation) -> None:
        """Variety, as it is measured of a record."""
        record = as_record(f"c-{number}", self._plan.items[number], conversation, self._plan.catalog)
        self._timed("variety", lambda: self.meter.add(record))

    def finish(self) -> None:
        self._timed("variety", self.meter.result)


def chunks(path: Path) -> Iterator[list[bytes]]:
    with path.open("rb") as file:
        while lines := [line for _, line in zip(range(CHUNK), file, strict=False)]:
            yield lines


def run_in_one(path: Path, items: int) -> tuple[Dataset, float, Seconds]:
    plan, timed = plan_of(items), Timed()
    dataset = Dataset(plan, timed)
    with rarely_collected(), path.open("rb") as lines:
        began = time.perf_counter()
        for number, line in enumerate(lines):
            dataset.take(number, *check_one(line, plan.items[number], plan, timed))
        validated = time.perf_counter()
        lines.seek(0)
        for number, line in enumerate(lines):
            dataset.measure(number, parse_conversation(orjson.loads(line)))
        dataset.finish()
        elapsed = time.perf_counter() - began
    print(f"\n{items / (validated - began):,.0f} conversations a second were validated", end="")
    return dataset, elapsed, dict(timed.seconds)


def run_in_two(path: Path, items: int) -> tuple[Dataset, float, Seconds]:
    """While the next chunk is not done in the other process, this one checks another."""
    set_up(items)
    timed = Timed()
    dataset = Dataset(_PLANS[0], timed)
    with rarely_collected(), ProcessPoolExecutor(1, initializer=set_up, initargs=(items,)) as pool:
        pool.submit(check_chunk, [], 0).result()
        began = time.perf_counter()
        number = 0
        for lines, (results, seconds) in checked_in_order(path, pool):
            timed.add(seconds)
            for line, (accepted, printed) in zip(lines, results, strict=True):
                conversation = timed("parse", lambda line=line: parse_conversation(orjson.loads(line)))
                dataset.take(number, conversation, accepted, printed)
                dataset.measure(number, conversation)
                number += 1
        dataset.finish()
        elapsed = time.perf_counter() - began
    return dataset, elapsed, dict(timed.seconds)


def checked_in_order(path: Path, pool: ProcessPoolExecutor) -> Iterator[tuple[list[bytes], Checked]]:
    source = enumerate(chunks(path))
    waiting: deque[tuple[list[bytes], Future[Checked]]] = deque()
    while True:
        while sum(not future.done() for _, future in waiting) < CHUNKS_AHEAD and len(waiting) < CHUNKS_DONE:
            if (following := next(source, None)) is None:
                break
            place, lines = following
            waiting.append((lines, pool.submit(check_chunk, lines, place * CHUNK)))
        if not waiting:
            return
        if waiting[0][1].done() or len(waiting) >= CHUNKS_DONE or (following := next(source, None)) is None:
            lines, future = waiting.popleft()
            yield lines, future.result()
            continue
        place, lines = following
        here: Future[Checked] = Future()
        here.set_result(check_chunk(lines, place * CHUNK))
        waiting.append((lines, here))


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
    together = sum(seconds.values())
    print(f"| all steps | {together:.1f} | {together / items * 1000:.2f} |")
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
