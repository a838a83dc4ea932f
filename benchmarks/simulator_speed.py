"""How fast the simulator is: CPU per conversation text, and replies a second and core of the server.

    python benchmarks/simulator_speed.py [requests] [in flight]

The requests are real ones: those of datasets/financial_planning.yaml, over and over, each with another `user_id`, so
that every reply is written anew. CPU is the server's own, read from /proc, so that the client does not
count; `ratio` compares a conversation with the shortest reply the same server gives.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from brightrun.conversation import reply_schema
from brightrun.planning import make_plan
from brightrun.prompts import PromptWriter
from brightrun.simulator import RunningSimulator, SimulatorSettings, start_simulator
from brightrun.simulator.conversation_reply import conversation_reply

SPEC = Path(__file__).parents[1] / "datasets" / "financial_planning.yaml"
HEADERS = {"x-api-key": "any", "anthropic-version": "2023-06-01", "content-type": "application/json"}


def request_bodies() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The requests of the whole plan, and their reply schema."""
    plan = make_plan(SPEC)
    writer = PromptWriter(plan.catalog)
    schema = reply_schema(plan.catalog.info.emotions)
    bodies = []
    for item in plan.items:
        prompt = writer.write(item)
        system: list[dict[str, Any]] = [{"type": "text", "text": text} for text in prompt.system]
        system[-1]["cache_control"] = {"type": "ephemeral"}
        bodies.append(
            {
                "model": "claude-sonnet-5-5",
                "max_tokens": 8192,
                "system": system,
                "messages": [{"role": "user", "content": prompt.user}],
                "output_config": {"format": {"type": "json_schema", "schema": schema}},
            }
        )
    return bodies, schema


def text_ms(bodies: list[dict[str, Any]], schema: dict[str, Any], count: int) -> float:
    """Milliseconds of CPU for the text of one conversation, JSON included."""
    texts = [(*(b["text"] for b in body["system"]), body["messages"][0]["content"]) for body in bodies]
    for one in texts:
        json.dumps(conversation_reply(schema, one, Random(0)))
    start = time.process_time()
    for i in range(count):
        json.dumps(conversation_reply(schema, texts[i % len(texts)], Random(i)), ensure_ascii=False)
    return (time.process_time() - start) / count * 1000


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def drive(url: str, payloads: list[bytes], in_flight: int) -> None:
    waiting = iter(payloads)

    async def worker(session: aiohttp.ClientSession) -> None:
        for payload in waiting:
            async with session.post(f"{url}/v1/messages", data=payload, headers=HEADERS) as answer:
                if answer.status != 200:
                    raise RuntimeError(await answer.text())
                await answer.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:
        await asyncio.gather(*(worker(session) for _ in range(in_flight)))


def server_ms(simulator: RunningSimulator, payloads: list[bytes], in_flight: int) -> tuple[float, float]:
    """Milliseconds of server CPU a reply, and replies a second as the client saw them."""
    asyncio.run(drive(simulator.url, payloads[:200], in_flight))
    used, start = cpu_s(simulator.pid), time.perf_counter()
    asyncio.run(drive(simulator.url, payloads, in_flight))
    elapsed = time.perf_counter() - start
    return (cpu_s(simulator.pid) - used) / len(payloads) * 1000, len(payloads) / elapsed


def main() -> None:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    in_flight = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    bodies, schema = request_bodies()
    payloads = [
        json.dumps({**bodies[i % len(bodies)], "metadata": {"user_id": str(i)}}).encode() for i in range(requests)
    ]
    short = {"model": "claude-sonnet-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}
    shorts = [json.dumps({**short, "metadata": {"user_id": str(i)}}).encode() for i in range(requests)]
    print(f"text of a conversation: {text_ms(bodies, schema, 2000):.2f} ms CPU")
    with tempfile.TemporaryDirectory() as folder:
        settings = SimulatorSettings(latency_s=(0.0, 0.0))
        simulator = start_simulator(settings, Path(folder) / "simulator.log")
        try:
            bare_ms, bare_rate = server_ms(simulator, shorts, in_flight)
            full_ms, full_rate = server_ms(simulator, payloads, in_flight)
        finally:
            simulator.stop()
    print(f"short reply:  {bare_ms:.2f} ms server CPU, {1000 / bare_ms:.0f} a second and core, {bare_rate:.0f}/s seen")
    print(f"conversation: {full_ms:.2f} ms server CPU, {1000 / full_ms:.0f} a second and core, {full_rate:.0f}/s seen")
    print(f"ratio: {full_ms / bare_ms:.1f}")


if __name__ == "__main__":
    main()
