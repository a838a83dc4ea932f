"""Others go away: the Prefect server, the API."""

from __future__ import annotations

import os
import signal
import time

from brightrun.local_server import find_server
from brightrun.simulator.fault_plan import FaultPlan, FaultRule
from brightrun.simulator.faults import Fault
from chaos.place import Place, wait_until
from chaos.trial import Trial, trial
from chaos.weather import change_weather

SERVER_AWAY_S = 20.0
API_AWAY_S = 60.0
ASSESSED = {"judge": {"model": "claude-haiku-5-5"}, "reader": {"model": "claude-haiku-5-5"}}


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


def judge_down(place: Place) -> Trial:
    """Every call is refused as overloaded for as long as the conversations took, once the judge has begun."""
    with trial(place, "judge-down", 200, FaultPlan(), quality=ASSESSED) as job:
        began = time.monotonic()
        running = job.build()
        wait_until(lambda: _assessments(job) >= 40 or not running.alive, "40 assessments")
        change_weather(job.books.simulator_url, FaultRule(fault=Fault.OVERLOADED))
        time.sleep(time.monotonic() - began)
        at_end = _assessments(job)
        change_weather(job.books.simulator_url)
        job.end(running, 0, 1)
        job.say(f"down for the half of its {time.monotonic() - began:.0f} s, with {at_end} assessments made")
        undecided, wrong = (
            place.rows(query, job.books.job)[0][0]
            for query in (
                "SELECT count(*) FROM batch_items WHERE job_id = ? AND state = 'undecided'",
                "SELECT count(*) FROM item_transitions t JOIN batch_items i ON i.id = t.item_id "
                "WHERE i.job_id = ? AND t.from_state = 'undecided' AND t.reason_code = 'overloaded'",
            )
        )
        job.books.expect(undecided == 0, f"{undecided} conversations are undecided in the end")
        job.books.expect(wrong == 0, f"{wrong} conversations were decided by the outage")
    return job


def _assessments(job: Trial) -> int:
    query = "SELECT count(*) FROM assessments a JOIN conversations c ON c.id = a.conversation_id WHERE c.job_id = ?"
    found = job.place.rows(query, job.books.job)
    return int(found[0][0]) if found else 0


def _kill_server(place: Place) -> None:
    server = find_server(place.home)
    assert server is not None
    os.killpg(server.pid, signal.SIGKILL)
