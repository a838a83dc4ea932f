"""What the peers' processes share: prompts in, figures out, and no way off this machine.

It runs in a peer's own environment, so it needs nothing but the standard library.
"""

from __future__ import annotations

import ipaddress
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODEL = "claude-sonnet-5-5"
MAX_TOKENS = 8192
TIMEOUT_S = 120
API_KEY = "a-key"

WARM_UP = 8
"""So many prompts go first, unmeasured: what a peer imports and opens at its first call is not counted."""

REFUSED = "refused a connection to"


@dataclass(frozen=True)
class PeerTask:
    """What a peer is asked to do: a conversation for each prompt, so many calls at a time, its files in a folder."""

    url: str
    prompts: list[dict[str, str]]
    """Each with `system` and `user`."""
    in_flight: int
    folder: Path


def peer_task() -> PeerTask:
    """The task that stands on the command line: URL PROMPTS.json IN_FLIGHT FOLDER."""
    url, prompts, in_flight, folder = sys.argv[1:]
    return PeerTask(url, json.loads(Path(prompts).read_text()), int(in_flight), Path(folder))


class Stopwatch:
    """Time, CPU and memory of this process from now on; the last lap counts."""

    def __init__(self) -> None:
        self._rss_before_kb = memory_kb("VmRSS")
        self._began, self._began_cpu = time.perf_counter(), time.process_time()
        self.lap()

    def lap(self) -> None:
        self._seconds = time.perf_counter() - self._began
        self._cpu_s = time.process_time() - self._began_cpu
        self._rss_peak_kb = memory_kb("VmHWM")

    def figures(self, replies: int) -> dict[str, Any]:
        return {
            "replies": replies,
            "seconds": self._seconds,
            "cpu_s": self._cpu_s,
            "settle_s": 0.0,
            "rss_before_kb": self._rss_before_kb,
            "rss_peak_kb": self._rss_peak_kb,
        }


def memory_kb(name: str) -> int:
    """A line of /proc/self/status: VmRSS, or VmHWM for the peak. (The peak of getrusage would count the parent's.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def stay_on_loopback() -> None:
    """From now on Python code in this process that looks up or connects to another machine gets a ConnectionError."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            host = arguments[0]
        elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return
        if not is_loopback(host):
            print(f"{REFUSED} {host}", file=sys.stderr, flush=True)
            raise ConnectionRefusedError(f"{host} is another machine")

    sys.addaudithook(refuse)


def is_loopback(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
