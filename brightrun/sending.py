"""The files of a job go up to Storage at its end, as far as there is time for it; the outbox has the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from brightrun.draining import DrainReport, drain
from brightrun.errors import BrightRunError
from brightrun.joblog import JOB_LOGGER
from brightrun.store.outbox import queue_log
from brightrun.workplace import Workplace, remote_files

AT_MOST_S = 20.0
"""So long a job that has ended sends files. What is left goes up with the next job's files or with upkeep's."""

SHORT_ANSWER_S = 10.0
"""The longest wait for Storage's next byte at a job's end; upkeep has more patience."""

logger = logging.getLogger(JOB_LOGGER)


@contextmanager
def files_sent(here: Workplace, job_id: str, stopped: Callable[[], bool]) -> Iterator[None]:
    """While inside a job's log counts as to be sent, should the process be killed; then its files are sent."""
    if here.files.mirrored:
        with here.database.writing() as connection:
            queue_log(connection, here.files, job_id)
    try:
        yield
    finally:
        send_files(here, job_id, stopped)


def send_files(
    here: Workplace,
    job_id: str,
    stopped: Callable[[], bool] = lambda: False,
    *,
    at_most_s: float = AT_MOST_S,
    answer_s: float = SHORT_ANSWER_S,
) -> None:
    """Have the job's log sent as it is now, and send what waits. What keeps files here is a line in the log.

    Nothing where files stay on this machine. After a stop files are queued and left.
    """
    if not here.files.mirrored:
        return
    try:
        with here.database.writing() as connection:
            queue_log(connection, here.files, job_id)
        remote = remote_files(here.config, answer_s)
        if remote is None or stopped():
            return
        remote.prepare()
        report = drain(here.database, here.files, remote, time_limit_s=at_most_s, stopped=stopped)
    except BrightRunError as error:
        logger.warning("files wait for Storage: %s", error)
        return
    if not report.is_done:
        logger.warning("%s", what_is_left(report))


def what_is_left(report: DrainReport) -> str:
    """The files that did not get to Storage, and what Storage said."""
    left = report.left
    said = report.stopped_by or "; ".join(report.said)
    counts = f"{left.waiting} files wait for Storage, {left.refused} were refused, {left.lost} are gone"
    return f"{counts}: {said}" if said else counts
