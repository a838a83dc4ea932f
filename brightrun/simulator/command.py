"""Starting a simulator from the command line: `python -m brightrun.simulator`."""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from brightrun.errors import RequestError
from brightrun.simulator.settings import API_KEY_VARIABLE, SettingsError, SimulatorSettings, latency_range

EXIT_WRONG_REQUEST = 2
PARENT_POLL_S = 1.0
SHUTDOWN_S = 2.0
GARBAGE_THRESHOLD = 20_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run a simulator until SIGINT or SIGTERM; the result is the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = SimulatorSettings(
            host=arguments.host,
            port=arguments.port,
            seed=arguments.seed,
            latency_s=latency_range(arguments.latency),
            requests_per_minute=arguments.requests_per_minute,
            input_tokens_per_minute=arguments.input_tokens_per_minute,
            output_tokens_per_minute=arguments.output_tokens_per_minute,
            api_key=os.environ.get(API_KEY_VARIABLE) or None,
        )
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_WRONG_REQUEST
    return run(settings, ready_file=arguments.ready_file, parent_pid=arguments.parent_pid)


def simulate(host: str, port: int, seed: int, latency: str) -> int:
    """Run a simulator for `brightrun simulate`; the result is the exit code.

    RequestError names the option that cannot work.
    """
    try:
        settings = SimulatorSettings(
            host=host,
            port=port,
            seed=seed,
            latency_s=latency_range(latency),
            api_key=os.environ.get(API_KEY_VARIABLE) or None,
        )
    except SettingsError as error:
        raise RequestError(f"--{error}") from error
    return run(settings)


def run(settings: SimulatorSettings, *, ready_file: Path | None = None, parent_pid: int | None = None) -> int:
    """Serve until SIGINT or SIGTERM, or until `parent_pid` is no longer this process's parent.

    When it listens, the URL is printed and `ready_file` written: JSON with `url` and `pid`, whole or
    not at all. 0: stopped; 2: the address cannot be listened on.
    """
    return asyncio.run(_serve(settings, ready_file, parent_pid))


def _parser() -> argparse.ArgumentParser:
    defaults = SimulatorSettings()
    low, high = defaults.latency_s
    parser = argparse.ArgumentParser(
        prog="python -m brightrun.simulator",
        description="A fake Claude: speaks the Messages API, costs nothing, knows only what it is sent. "
        f"With {API_KEY_VARIABLE} set, no other key is accepted.",
    )
    parser.add_argument("--host", default=defaults.host)
    parser.add_argument("--port", type=int, default=defaults.port, help="0: any free port")
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--latency", default=f"{low}:{high}", metavar="LOW:HIGH", help="seconds")
    for name in ("requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(defaults, name))
    parser.add_argument("--ready-file", type=Path, help="written when listening: JSON with url and pid")
    parser.add_argument("--parent-pid", type=int, help="exit when this is no longer the parent process")
    return parser


async def _serve(settings: SimulatorSettings, ready_file: Path | None, parent_pid: int | None) -> int:
    from aiohttp import web  # late: importing this package must be cheap

    from brightrun.simulator.server import Simulator

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    # What is loaded stays: without this, the collector looks through all of it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    runner = web.AppRunner(
        Simulator(settings).application(), access_log=None, shutdown_timeout=SHUTDOWN_S, keepalive_timeout=75
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.host, settings.port, backlog=1024).start()
        except OSError as error:
            print(_refused(settings, error), file=sys.stderr)
            return EXIT_WRONG_REQUEST
        host, port = runner.addresses[0][:2]
        _announce(f"http://{f'[{host}]' if ':' in host else host}:{port}", ready_file)
        await _until_stopped(stop, parent_pid)
        return 0
    finally:
        await runner.cleanup()


async def _until_stopped(stop: asyncio.Event, parent_pid: int | None) -> None:
    while parent_pid is None or os.getppid() == parent_pid:
        try:
            await asyncio.wait_for(stop.wait(), None if parent_pid is None else PARENT_POLL_S)
        except TimeoutError:
            continue
        return


def _announce(url: str, ready_file: Path | None) -> None:
    if ready_file is not None:
        unfinished = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
        unfinished.write_text(json.dumps({"url": url, "pid": os.getpid()}))
        unfinished.replace(ready_file)
    print(f"Simulated Claude at {url} (Ctrl-C stops it)", flush=True)


def _refused(settings: SimulatorSettings, error: OSError) -> str:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"error: {where} is in use by another process; give another --port, or 0 for any free one"
    return f"error: cannot listen on {where}: {error.strerror or error}"
