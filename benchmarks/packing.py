"""What packing raw replies saves, and what it costs: the bytes of 64 prepared replies, and the CPU of each way.

    python benchmarks/packing.py

The replies are those of throughput.py (planned_job.py): what the simulator writes, made as long as real ones. Real
prose repeats itself less; a reply that loses less than a fifth is left as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from planned_job import plan_of, reply_texts
from reply_server import message
from sqlalchemy.dialects.sqlite import dialect

from brightrun.store.tables import PACKED, Packable, packed

ROUNDS = 20


def cpu_ms(work: Callable[[bytes], object], values: list[bytes]) -> float:
    """Milliseconds of CPU for one of the values."""
    began = time.process_time()
    for _ in range(ROUNDS):
        for value in values:
            work(value)
    return (time.process_time() - began) / ROUNDS / len(values) * 1000


def main() -> None:
    replies = [message(text) for text in reply_texts(plan_of(64))]
    smaller = [packed(reply) for reply in replies]
    assert all(value.startswith(PACKED) for value in smaller)
    column, sqlite = Packable(), dialect()
    size, small = sum(map(len, replies)) / len(replies), sum(map(len, smaller)) / len(smaller)
    print(f"a reply of {size:,.0f} bytes is kept in {small:,.0f}, {small / size:.0%}")
    print(f"packing it takes {cpu_ms(packed, replies):.2f} ms of CPU")
    print(f"reading it takes {cpu_ms(lambda value: column.process_result_value(value, sqlite), smaller):.2f} ms more")


if __name__ == "__main__":
    main()
