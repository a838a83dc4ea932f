"""Several commands work at one job, and are killed and started again at random."""

from __future__ import annotations

import time
from random import Random

from chaos.outages import ASSESSED
from chaos.place import NotInTimeError, Place, Running, wait_until
from chaos.trial import Trial, trial

WORKERS = 4
KILLS = 10
BETWEEN_S = (2.0, 7.0)


def workers_killed(place: Place) -> Trial:
    """Four commands share a job; ten times one of them, the one that leads as likely as another, gets SIGKILL."""
    rng = Random(sum(place.folder.name.encode()))
    with trial(place, "workers-killed", 500, quality=ASSESSED) as job:
        at_work = [job.build()]
        job.wait_for_replies(20, at_work[0])
        at_work += [job.resume() for _ in range(WORKERS - 1)]
        kills = 0
        while kills < KILLS:
            time.sleep(rng.uniform(*BETWEEN_S))
            at_work = [running for running in at_work if running.alive]
            if not at_work or _is_over(job):
                break
            victim = at_work.pop(rng.randrange(len(at_work)))
            victim.kill()
            job.books.after_kill(victim.process.pid)
            kills += 1
            at_work.append(job.resume())
        _end(job, at_work)
        job.say(f"{kills} kills; {WORKERS} at work at a time")
    return job


def _end(job: Trial, at_work: list[Running]) -> None:
    """All come to their end, and one more finds nothing to do."""
    for running in at_work:
        try:
            code = running.end()
        except NotInTimeError as error:
            job.books.found("hung", 1, str(error))
            continue
        job.books.expect(code in (0, 1), f"exit code {code}; see {running.err}")
    wait_until(lambda: _is_over(job), "the end of the job", 60)
    job.end(job.resume(), 0, 1)


def _is_over(job: Trial) -> bool:
    rows = job.place.rows("SELECT status FROM batch_jobs WHERE id = ?", job.books.job)
    return bool(rows) and rows[0][0] != "running"
