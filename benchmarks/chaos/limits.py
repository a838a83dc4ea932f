"""Ends by design: the budget is used up, the API refuses for good."""

from __future__ import annotations

from brightrun.errors import ExitCode
from brightrun.simulator.fault_plan import FaultPlan, FaultRule
from chaos.place import Place
from chaos.trial import Trial, trial
from chaos.weather import ENDS_THE_JOB, change_weather

AFTER_REQUESTS = 15


def budget_too_small(place: Place) -> Trial:
    """The budget ends the job, and `resume --budget` goes on."""
    with trial(place, "budget-too-small", 200, budget_usd=2) as job:
        job.end(job.build(), ExitCode.BUDGET)
        job.say(f"{job.replies()} replies for 2 USD")
        job.end(job.resume("--budget", "3"), ExitCode.BUDGET)
        job.say(f"{job.replies()} for 3")
        job.end(job.resume("--budget", "40"), ExitCode.DONE)
    return job


def api_refuses(place: Place) -> Trial:
    """Every refusal that does not pass ends the job with code 4; each time, `resume` goes on."""
    with trial(place, "api-refuses", 150, FaultPlan()) as job:
        for number, fault in enumerate(ENDS_THE_JOB):
            change_weather(job.books.simulator_url, FaultRule(fault=fault, first=AFTER_REQUESTS))
            before = job.replies()
            job.end(job.resume() if number else job.build(), ExitCode.API)
            job.say(f"{fault.value} after {job.replies() - before}")
        change_weather(job.books.simulator_url)
        job.end(job.resume(), ExitCode.DONE)
    return job
