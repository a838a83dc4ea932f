"""The files of a job that somebody may want: its newest release and its log, with links where they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

from brightrun.store.files import BATCH_LOGS, DATASETS, FileStore
from brightrun.store.jobs import get_job, latest_release
from brightrun.workplace import Workplace


@dataclass(frozen=True)
class JobFile:
    """A file by its bucket and name. `link`: to it, if it was asked for."""

    bucket: str
    name: str
    bytes: int
    link: str | None = None


def files_of(here: Workplace, remote: FileStore | None, job_id: str, link_hours: float | None = None) -> list[JobFile]:
    """The files of the job's newest release, then its log, where it has them.

    Links are to `remote`, which is Supabase Storage, or without it to this disk; they are kept nowhere.
    Raises JobUnknownError, and FileMissingError for one that was not sent yet.
    """
    with here.database.reading() as connection:
        job = get_job(connection, job_id)
        release = latest_release(connection, job.id)
    found = []
    if release:
        found = [JobFile(DATASETS, f"{release['path']}/{file['path']}", file["bytes"]) for file in release["files"]]
    found += [JobFile(BATCH_LOGS, file.name, file.bytes) for file in here.files.listed(BATCH_LOGS, f"{job.id}/")]
    if link_hours is None:
        return found
    store = remote or here.files
    return [
        JobFile(file.bucket, file.name, file.bytes, store.link(file.bucket, file.name, round(link_hours * 3600)))
        for file in found
    ]
