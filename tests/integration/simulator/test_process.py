"""The simulator as a process: how it starts, what it says, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from brightrun.simulator import SimulatorSettings, SimulatorStartError, start_simulator

BODY = {"model": "claude-sonnet-5-5", "max_tokens": 8192, "messages": [{"role": "user", "content": "About storks"}]}
HEADERS = {"x-api-key": "k", "anthropic-version": "2023-06-01", "content-type": "application/json"}
SCHEMA = {
    "type": "object",
    "properties": {"turns": {"type": "array", "items": {}}},
    "required": ["turns"],
    "additionalProperties": False,
}
CONVERSATION = {**BODY, "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}


def post(url: str, body: dict[str, object]) -> str:
    request = urllib.request.Request(f"{url}/v1/messages", json.dumps(body).encode(), HEADERS)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text: str = json.load(answer)["content"][0]["text"]
    return text


def wait_until(condition: Callable[[], bool], bound_s: float = 10) -> None:
    deadline = time.monotonic() + bound_s
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def settings(seed: int = 0, port: int = 0) -> SimulatorSettings:
    return SimulatorSettings(seed=seed, port=port, latency_s=(0.0, 0.0))


def test_the_same_request_and_seed_give_the_same_reply_in_every_process(tmp_path: Path) -> None:
    texts = []
    for seed in (3, 3, 4):
        running = start_simulator(settings(seed), tmp_path / "log")
        texts.append(post(running.url, CONVERSATION))
        other = post(running.url, {**CONVERSATION, "max_tokens": 8000})
        running.stop()
        assert other != texts[-1]
    assert texts[0] == texts[1] != texts[2]


def test_a_port_in_use_is_said_clearly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "brightrun.simulator", f"--port={port}"],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 2
        assert f"127.0.0.1:{port} is in use" in done.stderr
        with pytest.raises(SimulatorStartError, match="in use"):
            start_simulator(settings(port=port), tmp_path / "log")


def test_a_wrong_setting_is_said_clearly() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "brightrun.simulator", "--latency=2:1"], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 2
    assert "LOW:HIGH" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "brightrun.simulator", "--port=0", "--seed=7", f"--ready-file={ready}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(ready.exists)
    written = json.loads(ready.read_text())
    assert written["pid"] == process.pid
    with urllib.request.urlopen(f"{written['url']}/_simulator", timeout=10) as answer:
        about = json.load(answer)
    assert (about["simulator"], about["seed"]) == (True, 7)
    process.send_signal(number)
    said, complaints = process.communicate(timeout=10)
    assert (process.returncode, complaints) == (0, "")
    assert written["url"] in said


def test_it_has_a_session_of_its_own_and_stops(tmp_path: Path) -> None:
    running = start_simulator(settings(), tmp_path / "logs" / "simulator.log")
    assert os.getsid(running.pid) == running.pid
    assert running.url in (tmp_path / "logs" / "simulator.log").read_text()
    running.stop()
    assert running.process.returncode == 0
    running.stop()


def test_it_ends_by_itself_when_its_parent_is_gone(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from brightrun.simulator import *\n"
        f"print(start_simulator(SimulatorSettings(), Path({str(tmp_path / 'log')!r})).pid, flush=True)\n"
        "os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    pid = int(done.stdout)
    wait_until(lambda: not alive(pid))


def test_importing_it_is_cheap() -> None:
    heavy = {"aiohttp", "anthropic", "prefect", "pydantic", "yaml"}
    script = f"import sys, brightrun.simulator.command; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == "[]"
