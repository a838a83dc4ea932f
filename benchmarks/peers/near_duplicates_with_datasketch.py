"""Near-duplicates by datasketch: what benchmarks/quality.py compares with.

    python benchmarks/peers/near_duplicates_with_datasketch.py TEXTS.jsonl

A line is a conversation: the texts of the advisor's messages, and of the user's first one. Each part has a MinHash, as
datasketch's documentation makes it in bulk, and an index of its own; candidates of the index count if their estimated
similarity is at least 0.5, as ours do.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH

SIMILARITY = 0.5
SLOTS = 256
WORDS = 5
SHORTEST_WORDS = 10
WORD = re.compile(r"[^\W_]+(?:['.,][^\W_]+)*")


def shingles(messages: list[str]) -> list[bytes]:
    """Word 5-grams of a part; none of one that is too short to be compared."""
    spoken = [WORD.findall(text.casefold().replace("’", "'")) for text in messages]
    if sum(map(len, spoken)) < SHORTEST_WORDS:
        return []
    return [" ".join(words[i : i + WORDS]).encode() for words in spoken for i in range(len(words) - WORDS + 1)]


def main() -> None:
    indexes = [MinHashLSH(threshold=SIMILARITY, num_perm=SLOTS) for _ in range(2)]
    kept: list[dict[str, MinHash]] = [{}, {}]
    twins = []
    spent = 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Path(sys.argv[1]).open("rb") as lines:
        for number, line in enumerate(lines):
            parts = json.loads(line)
            began = time.process_time()
            alike = False
            for part, index, others in zip(parts, indexes, kept, strict=True):
                if not (grams := shingles(part)):
                    continue
                made = MinHash(num_perm=SLOTS)
                made.update_batch(grams)
                alike = alike or any(made.jaccard(others[key]) >= SIMILARITY for key in index.query(made))
                index.insert(str(number), made)
                others[str(number)] = made
            if alike:
                twins.append(number)
            spent += time.process_time() - began
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"cpu_s": spent, "twins": twins, "grown_mb": grown_mb}))


if __name__ == "__main__":
    main()
