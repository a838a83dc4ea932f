"""Others go away: the Prefect server, the API."""

from __future__ import annotations

import os
import signal
import time

from brightrun.local_server import find_server
from brightrun.simulator.fault_plan import FaultPlan, FaultRule
from brightrun.simulator.faults import Fault
from chaos.place import Place
from chaos.trial import Trial, trial
from chaos.weather import change_weather

SERVER_AWAY_S = 20.0
API_AWAY_S = 60.0


def prefect_killed(place: Place) -> Trial:
    """The job's own Prefect server is killed in the middle; the build starts it again."""
    with trial(place, "prefect-killed", 300) as job:
        running = job.build()
        job.wait_for_replies(80, running)
        _kill_server(place)
        job.end(running, 0)
    return job


def prefect_away(place: Place) -> Trial:
    """A Prefect server that is not the job's own is killed, and somebody starts it again 20 s later."""
    with trial(place, "prefect-away", 300) as job:
        running = job.build(PREFECT_API_URL=place.start_server())
        job.wait_for_replies(80, running)
        _kill_server(place)
        time.sleep(SERVER_AWAY_S)
        place.start_server()
        job.end(running, 0)
    return job


def api_away(place: Place) -> Trial:
    """The API refuses connections for 60 s in the middle."""
    with trial(place, "api-away", 300, FaultPlan()) as job:
        running = job.build()
        job.wait_for_replies(80, running)
        change_weather(job.books.simulator_url, FaultRule(fault=Fault.CONNECTION_REFUSED, at="1", seconds=API_AWAY_S))
        job.end(running, 0)
    return job


def _kill_server(place: Place) -> None:
    server = find_server(place.home)
    assert server is not None
    os.killpg(server.pid, signal.SIGKILL)
