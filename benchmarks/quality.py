"""What checking a dataset costs, by step: checks of each conversation, duplicates, phrases, variety.

    python benchmarks/quality.py                        10,000 conversations in two processes
    python benchmarks/quality.py --items 1000 --processes 1
    python benchmarks/quality.py --all-long             as long as the longest that were seen of real models
    python benchmarks/quality.py --memory               peak memory of 100,000 conversations, short ones and long ones
    python benchmarks/quality.py --datasketch           finding near-duplicates beside datasketch, in one run
    ... --json FILE                                     the figures as JSON, too

The conversations are made first (quality_data.py), which is not measured: one in twenty nearly copies the one before.
They are validated in the order of the plan: parsed, checked, held against those before them for twins and overused
phrases, and added to those. With two processes both do what concerns one conversation alone, and this one, in order,
what concerns those before it. Then variety is measured, as an export does it: in a pass of its own that reads every
record anew. The table has the CPU of each step; what passes between the processes is in none of the steps, and in the
time that passed.
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
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import orjson
from peers import ENVIRONMENTS
from planned_job import plan_of
from quality_data import as_record, is_copy, write_replies
from quality_datasketch import beside_datasketch
from quality_memory import hold, memory

from brightrun.conversation import parse_conversation
from brightrun.garbage import rarely_collected
from brightrun.items import Item
from brightrun.planning import Plan
from brightrun.quality.checks import check_conversation
from brightrun.quality.duplicates import DuplicateIndex
from brightrun.quality.fingerprints import Fingerprint, fingerprint
from brightrun.quality.phrases import PhraseBook, Phrasing
from brightrun.quality.variety import VarietyMeter
from brightrun.quality.verdicts import Verdict

CHUNK = 25
CHUNKS_AHEAD, CHUNKS_DONE = 2, 40
"""So many chunks lie ready for the other process; at so many that are done and wait for their turn, none is begun."""
VALIDATION = ("parse", "check", "fingerprint", "twins", "read phrases", "overused phrases", "add phrases")
STEPS = (*VALIDATION, "variety")

Seconds = dict[str, float]
One = tuple[bool, Fingerprint, Phrasing]
"""A conversation's verdict (whether it is accepted), and what is compared with others."""
Checked = tuple[list[One], Seconds]
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
_WHOLE_LIFE = ExitStack()


def set_up(items: int) -> None:
    """For as long as the other process lives."""
    _PLANS[:] = [plan_of(items)]
    _WHOLE_LIFE.enter_context(rarely_collected())


def check_chunk(lines: list[bytes], start: int) -> Checked:
    (plan,) = _PLANS
    timed = Timed()
    results = [check_one(line, plan.items[start + number], plan, timed) for number, line in enumerate(lines)]
    return results, dict(timed.seconds)


BOOK = PhraseBook()
"""Finds phrases; what comes again is counted in the dataset's own book."""


def check_one(line: bytes, item: Item, plan: Plan, timed: Timed) -> One:
    conversation = timed("parse", lambda: parse_conversation(orjson.loads(line)))
    judgement = timed("check", lambda: check_conversation(conversation, item, plan.catalog))
    printed = timed("fingerprint", lambda: fingerprint(conversation))
    phrasing = timed("read phrases", lambda: BOOK.phrasing(conversation))
    return judgement.verdict is Verdict.ACCEPTED, printed, phrasing


class Dataset:
    """What is known of the conversations so far."""

    def __init__(self, plan: Plan, timed: Timed) -> None:
        self._plan, self._timed = plan, timed
        self.index, self.book, self.meter = DuplicateIndex(), PhraseBook(), VarietyMeter()
        self.twins: list[int] = []
        self.accepted = 0

    def take(self, number: int, line: bytes, one: One) -> None:
        """Hold the next conversation against those before it, and add it to them."""
        accepted, printed, phrasing = one
        if self._timed("twins", lambda: self.index.nearest(printed)) is not None:
            conversation = self._timed("parse", lambda: parse_conversation(orjson.loads(line)))
            self._timed("twins", lambda: self.index.nearest(conversation, printed))  # with what both say
            self.twins.append(number)
        self._timed("twins", lambda: self.index.add(f"c-{number}", printed))
        self._timed("overused phrases", lambda: self.book.overused(phrasing))
        self._timed("add phrases", lambda: self.book.add(phrasing))
        self.accepted += accepted

    def measure(self, path: Path) -> None:
        """Variety, as it is measured of records."""
        with path.open("rb") as lines:
            for number, line in enumerate(lines):
                conversation = parse_conversation(orjson.loads(line))
                record = as_record(f"c-{number}", self._plan.items[number], conversation, self._plan.catalog)
                self._timed("variety", lambda record=record: self.meter.add(record))
        self._timed("variety", self.meter.result)


def chunks(path: Path) -> Iterator[list[bytes]]:
    with path.open("rb") as file:
        while lines := [line for _, line in zip(range(CHUNK), file, strict=False)]:
            yield lines


def validate_in_one(path: Path, dataset: Dataset, plan: Plan, timed: Timed) -> float:
    """Returns the seconds that passed."""
    began = time.perf_counter()
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            dataset.take(number, line, check_one(line, plan.items[number], plan, timed))
    return time.perf_counter() - began


def validate_in_two(path: Path, dataset: Dataset, plan: Plan, timed: Timed) -> float:
    """While the next chunk is not done in the other process, this one checks another. Returns the time, in seconds."""
    _PLANS[:] = [plan]
    with ProcessPoolExecutor(1, initializer=set_up, initargs=(len(plan.items),)) as pool:
        pool.submit(check_chunk, [], 0).result()
        began = time.perf_counter()
        number = 0
        for lines, (results, seconds) in checked_in_order(path, pool):
            timed.add(seconds)
            for line, one in zip(lines, results, strict=True):
                dataset.take(number, line, one)
                number += 1
        return time.perf_counter() - began


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


def speed(items: int, processes: int, folder: Path, *, all_long: bool) -> dict[str, object]:
    path = folder / "replies.jsonl"
    print(f"Making {items} conversations ...", flush=True)
    copies = write_replies(path, items, processes=2, all_long=all_long)
    plan, timed = plan_of(items), Timed()
    dataset = Dataset(plan, timed)
    with rarely_collected():
        elapsed = (validate_in_two if processes == 2 else validate_in_one)(path, dataset, plan, timed)
        dataset.measure(path)
    seconds = timed.seconds
    found = sum(is_copy(number) for number in dataset.twins)
    print(f"\n{items} conversations of {path.stat().st_size / items / 1000:.1f} kB in {processes} process(es)")
    print("| step | CPU s | ms a conversation |\n|---|---|---|")
    for step in STEPS:
        print(f"| {step} | {seconds[step]:.1f} | {seconds[step] / items * 1000:.2f} |")
    validated, together = sum(seconds[step] for step in VALIDATION), sum(seconds.values())
    print(f"| with variety | {together:.1f} | {together / items * 1000:.2f} |")
    print(f"| without it | {validated:.1f} | {validated / items * 1000:.2f} |")
    print(f"| without it, as time passed | {elapsed:.1f} | {elapsed / items * 1000:.2f} |")
    print(f"accepted by the checks: {dataset.accepted}; near-copies found: {found} of {copies}; ", end="")
    print(f"others with a twin: {len(dataset.twins) - found}", flush=True)
    return {
        "items": items,
        "processes": processes,
        "validated_in_s": elapsed,
        "cpu_s": dict(seconds),
        "near_copies": copies,
        "near_copies_found": found,
        "others_with_a_twin": len(dataset.twins) - found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, help="10,000 unless said; 100,000 with --memory, 2,000 with --datasketch")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=2)
    parser.add_argument("--all-long", action="store_true", help="17 kB each, instead of 3 to 17")
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
            figures = speed(options.items or 10_000, options.processes, Path(folder), all_long=options.all_long)
    if options.json:
        facts = {"at": time.strftime("%Y-%m-%d"), "python": platform.python_version(), "cores": os.cpu_count()}
        options.json.write_text(json.dumps({**facts, **figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
