"""The job's log: one file per job in the bucket `batch-logs`, appended, ordered, free of secrets."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brightrun.configuration import redacted
from brightrun.store.files import BATCH_LOGS, LocalFiles

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
    path = log_path(files, job_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(_Redacting("%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S"))
    logger = logging.getLogger(JOB_LOGGER)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        handler.close()
