"""Starting a simulator from the command line: `python -m brightrun.simulator`."""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from brightrun.errors import RequestError
from brightrun.garbage import rarely_collected
from brightrun.simulator.settings import API_KEY_VARIABLE, SettingsError, SimulatorSettings, latency_range

if TYPE_CHECKING:
    from brightrun.simulator.fault_plan import FaultPlan

EXIT_WRONG_REQUEST = 2
PARENT_POLL_S = 1.0
SHUTDOWN_S = 2.0


LIMITS = ("requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a simulator until SIGINT or SIGTERM; the result is the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = SimulatorSettings(
            host=arguments.host,
            port=arguments.port,
            seed=arguments.seed,
            latency_s=latency_range(arguments.latency),
            **{name: getattr(arguments, name) for name in LIMITS},
            api_key=os.environ.get(API_KEY_VARIABLE) or None,
            faults=fault_plan(arguments.faults, arguments.fault),
        )
    except (SettingsError, RequestError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_WRONG_REQUEST
    return run(settings, ready_file=arguments.ready_file, parent_pid=arguments.parent_pid)


def simulate(
    host: str,
    port: int,
    seed: int,
    latency: str,
    limits_per_minute: Mapping[str, int | None] | None = None,
    faults: Path | None = None,
    fault: Sequence[str] = (),
) -> int:
    """Run a simulator for `brightrun simulate`; the result is the exit code.

    `limits_per_minute` by `requests`, `input_tokens` and `output_tokens`; None: never in the way.
    RequestError names the option that cannot work.
    """
    limits = {f"{name}_per_minute": limit for name, limit in (limits_per_minute or {}).items() if limit is not None}
    try:
        settings = SimulatorSettings(
            host=host,
            port=port,
            seed=seed,
            latency_s=latency_range(latency),
            **limits,
            api_key=os.environ.get(API_KEY_VARIABLE) or None,
            faults=fault_plan(faults, fault),
        )
    except SettingsError as error:
        raise RequestError(f"--{error}") from error
    return run(settings)


def fault_plan(file: Path | None, flags: Sequence[str]) -> FaultPlan | None:
    """What is in the file, and after it what the flags say. Raises ProblemsError."""
    if file is None and not flags:
        return None
    from brightrun.simulator.fault_plan import FaultPlan, load_fault_plan, plan_of  # late: most need none

    from_file = FaultPlan() if file is None else load_fault_plan(file)
    return from_file.with_rules_of(plan_of(*flags)) if flags else from_file


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
    for name in LIMITS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(defaults, name))
    parser.add_argument("--faults", type=Path, metavar="FILE", help="fault plan, a YAML file")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="a fault, as NAME:PROBABILITY, NAME@REQUESTS or NAME, with ,FIELD=VALUE behind; may be repeated",
    )
    parser.add_argument("--ready-file", type=Path, help="written when listening: JSON with url and pid")
    parser.add_argument("--parent-pid", type=int, help="exit when this is no longer the parent process")
    return parser


async def _serve(settings: SimulatorSettings, ready_file: Path | None, parent_pid: int | None) -> int:
    from aiohttp import web  # late: importing this package must be cheap

    from brightrun.simulator.listener import Listener
    from brightrun.simulator.server import Simulator

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    simulator = Simulator(settings, lambda seconds: listener.refuse_for(seconds))
    runner = web.AppRunner(simulator.application(), access_log=None, shutdown_timeout=SHUTDOWN_S, keepalive_timeout=75)
    await runner.setup()
    assert runner.server is not None
    listener = Listener(runner.server, simulator.busy, settings.host, settings.port)
    with rarely_collected():
        try:
            try:
                url = await listener.open()
            except OSError as error:
                print(_refused(settings, error), file=sys.stderr)
                return EXIT_WRONG_REQUEST
            _announce(url, ready_file)
            await _until_stopped(stop, parent_pid)
            return 0
        finally:
            listener.close()
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
