"""Finding near-duplicates beside datasketch, for `quality.py --datasketch`.

datasketch is installed at the version named here into an environment of its own, as in peers.py. Both get the same
texts, split them into words in the same way, and look each one up before they add it, advisor and first user turn
apart; both have 256 slots and begin at a similarity of 0.5. `found` is how many of the near-copies were.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import orjson
from peers import Peer, install
from quality_data import is_copy, write_replies
from quality_memory import peak_mb

from brightrun.conversation import parse_conversation
from brightrun.quality.duplicates import DuplicateIndex

HERE = Path(__file__).resolve().parent
DATASKETCH = Peer("datasketch", "2.0.0", "near_duplicates_with_datasketch.py")


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
            if index.nearest(conversation, printed) is not None:
                twins.append(number)
            index.add(str(number), printed)
            spent += time.process_time() - began
    return {"cpu_s": spent, "twins": twins, "grown_mb": peak_mb() - before}
