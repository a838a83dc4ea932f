"""The job's log: one file per job in the bucket `batch-logs`, appended, ordered, free of secrets."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from brightrun.configuration import redacted
from brightrun.store.files import BATCH_LOGS, LocalFiles

FOLLOW_S = 0.5

JOB_LOGGER = "brightrun.job"


class _Redacting(logging.Formatter):
    """UTC times, and no secret of this process in any line."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def log_path(files: LocalFiles, job_id: str) -> Path:
    return files.path(BATCH_LOGS, f"{job_id}/log.txt")


@contextmanager
def job_log(files: LocalFiles, job_id: str) -> Iterator[logging.Logger]:
    """The logger whose lines go to the job's log while inside."""
    handler = _handler(files, job_id)
    logger = logging.getLogger(JOB_LOGGER)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        handler.close()


def note(files: LocalFiles, job_id: str, told: str | None) -> None:
    """Append a line to the job's log from outside of its run, if there is anything to be told."""
    if told is None:
        return
    said = {"name": JOB_LOGGER, "levelno": logging.INFO, "levelname": "INFO", "msg": told}
    handler = _handler(files, job_id)
    handler.handle(logging.makeLogRecord(said))
    handler.close()


def _handler(files: LocalFiles, job_id: str) -> logging.FileHandler:
    path = log_path(files, job_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(_Redacting("%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S"))
    return handler


def log_lines(path: Path, goes_on: Callable[[], bool]) -> Iterator[str]:
    """The whole lines of a job's log, and those that come for as long as it goes on; none where there is no log yet."""
    read = 0
    while True:
        is_last = not goes_on()
        if path.exists():
            with path.open("rb") as log:
                log.seek(read)
                for line in log:
                    if not line.endswith(b"\n") and not is_last:
                        break
                    read += len(line)
                    yield line.decode(errors="replace").rstrip("\n")
        if is_last:
            return
        time.sleep(FOLLOW_S)
