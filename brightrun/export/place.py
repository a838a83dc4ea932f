"""Where a release is put: it appears whole or not at all.

A release is written in a hidden folder beside its place, and renamed when it is complete. A lock file
beside the hidden folder is held while its process lives; one that nobody holds marks what a killed
process left behind, and is cleaned up by the next export.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from brightrun.errors import ExportError
from brightrun.export.context import ReleaseFile
from brightrun.export.files import digest, sync

UNFINISHED = ".writing-"


@contextmanager
def unfinished(home: Path) -> Iterator[Path]:
    """A hidden folder in `home` to write a release in; it is gone afterwards unless it was renamed."""
    missing = [path for path in (home, *home.parents) if not path.exists()]
    lock = FileLock(home / f"{UNFINISHED}{uuid4().hex}.lock")
    folder = home / Path(lock.lock_file).stem
    try:
        home.mkdir(parents=True, exist_ok=True)
        with lock:
            _clean_up(home)
            try:
                folder.mkdir()
                yield folder
            finally:
                _remove(folder)
                Path(lock.lock_file).unlink(missing_ok=True)
    finally:
        for parent in missing:
            with suppress(OSError):  # it was never made, or holds something: this release, or another's
                parent.rmdir()


def publish(folder: Path, place: Path, files: tuple[ReleaseFile, ...]) -> None:
    """Make the finished `folder` visible as `place`, or adopt the same release that is there already.

    Raises ExportError where what is there is not what was written.
    """
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)
    if not place.exists():
        try:
            folder.rename(place)
        except OSError:
            if not place.exists():
                raise
        else:
            sync(place.parent)
            return
    changed = [file.path for file in files if not _is_intact(place / file.path, file)]
    if changed:
        raise ExportError(
            f"The release {place} is there already and was changed after it was written: "
            f"{', '.join(changed[:5])}. Move it away, then export again."
        )


def _is_intact(path: Path, file: ReleaseFile) -> bool:
    return path.is_file() and digest(path) == (file.bytes, file.sha256)


def _clean_up(home: Path) -> None:
    """Remove what dead processes left: their locks are free."""
    for path in home.glob(f"{UNFINISHED}*.lock"):
        lock = FileLock(path)
        try:
            with lock.acquire(timeout=0):
                _remove(home / path.stem)
                path.unlink(missing_ok=True)
        except Timeout:
            continue


def _remove(folder: Path) -> None:
    """Remove a folder if it is there. What cannot be removed is hidden, and tried again by the next export."""
    shutil.rmtree(folder, ignore_errors=True)
