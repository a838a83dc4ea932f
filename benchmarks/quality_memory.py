"""Peak memory of what is kept of a dataset's conversations, for `quality.py --memory`: short ones and long ones.

Each figure is of a process of its own; two run at a time. The texts are invented and share nothing, so that every
conversation is kept as one of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from planned_job import plan_of
from quality_data import as_conversation, as_record, invented_texts

from brightrun.quality.duplicates import DuplicateIndex
from brightrun.quality.phrases import PhraseBook
from brightrun.quality.variety import VarietyMeter

SHORT, MIDDLE, LONG = 1_500, 6_000, 17_000
COMMAND = Path(__file__).with_name("quality.py")


def memory(count: int) -> dict[str, object]:
    """Print a table of a tenth as many long conversations, and so many of two lengths."""
    print("| conversations | characters each | texts together | peak memory | of it before the first | of it arrays |")
    print("|---|---|---|---|---|---|")
    figures: dict[str, object] = {}
    sizes = ((count // 10, LONG), (count, SHORT), (count, MIDDLE))
    with ThreadPoolExecutor(2) as threads:
        for (some, characters), held in zip(sizes, threads.map(held_by_child, sizes), strict=True):
            figures[f"{some} x {characters}"] = held
            print(
                f"| {some:,} | {characters:,} | {some * characters / 1e6:,.0f} MB | {held['peak_mb']:.0f} MB "
                f"| {held['before_mb']:.0f} MB | {held['arrays_mb']:.0f} MB |",
                flush=True,
            )
    return figures


def held_by_child(size: tuple[int, int]) -> dict[str, float]:
    command = [sys.executable, str(COMMAND), "--hold", *map(str, size)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    held: dict[str, float] = json.loads(printed.splitlines()[-1])
    return held


def hold(count: int, characters: int) -> None:
    """The child: as many conversations of that size, and what they leave in memory."""
    plan = plan_of(1)
    index, book, meter = DuplicateIndex(), PhraseBook(), VarietyMeter()
    before = peak_mb()
    for number, messages in enumerate(invented_texts(count, characters)):
        conversation = as_conversation(messages)
        printed = index.fingerprint(conversation)
        phrasing = book.phrasing(conversation)
        index.nearest(conversation, printed)
        book.overused(phrasing)
        index.add(f"c-{number:06d}", printed)
        book.add(phrasing)
        meter.add(as_record(f"c-{number:06d}", plan.items[0], conversation, plan.catalog))
    print(json.dumps({"before_mb": before, "peak_mb": peak_mb(), "arrays_mb": index.size_bytes / 1e6}))


def peak_mb() -> float:
    """Of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
