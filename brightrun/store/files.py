"""Files: buckets with paths, behind one interface; and the local disk, where every file is written first."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol
from uuid import uuid4

from brightrun.errors import FileMissingError, FilesError, FileTakenError

CONVERSATION_FILES = "conversation-files"
BATCH_LOGS = "batch-logs"
DATASETS = "datasets"
BUCKETS = (CONVERSATION_FILES, BATCH_LOGS, DATASETS)

CONVERSATION_KINDS = ("raw", "enriched")
"""Of files in their bucket: replies as they arrived, and records."""

DATA_DOCS = "data-docs"
"""Folder of Great Expectations' own pages, beside a dataset's releases."""

ANSWER_S = 60.0
"""The longest wait for the next byte of a store that is reached over the network, in either direction."""

LINK_S = 3600
"""So long a signed link holds, unless asked otherwise."""

NAME = re.compile(r"[A-Za-z0-9_/!\-.*'() &$@=;:+,?]+")
"""The characters that Supabase Storage takes in a name."""

FOLDER_ID = ".folder-id"

OTHER_CONTENT_TYPE = "application/octet-stream"
CONTENT_TYPES = {
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".txt": "text/plain;charset=utf-8",
    ".md": "text/markdown;charset=utf-8",
    ".html": "text/html;charset=utf-8",
}


@dataclass(frozen=True)
class StoredFile:
    """A file as it is listed."""

    name: str
    bytes: int
    changed_at: datetime


class FileStore(Protocol):
    """Where files are kept. Names are relative to their bucket; ValueError for one that is no name of a file.

    Besides what is said, every method may raise FilesError: FilesAwayError when the same may work later,
    FilesDeniedError when the key is wrong or has no right, FileRefusedError when it is this file that is not taken.
    """

    def put(self, bucket: str, name: str, data: bytes | Path, *, replace: bool = True) -> None:
        """Write a file, whole or not at all; what is there already with the same content is left as it is.

        Raises FileTakenError where another content is there and `replace` is off.
        """

    def get(self, bucket: str, name: str) -> bytes:
        """The content. Raises FileMissingError."""

    def exists(self, bucket: str, name: str) -> bool: ...

    def delete(self, bucket: str, *names: str) -> None:
        """Remove files. One that is not there is removed already."""

    def listed(self, bucket: str, prefix: str = "") -> Iterator[StoredFile]:
        """The files whose names begin so, by name."""

    def link(self, bucket: str, name: str, valid_s: int = LINK_S) -> str:
        """A link to the file for whoever gets it. Made on demand: it expires. Raises FileMissingError."""


def size_of(data: bytes | Path) -> int:
    """Bytes of a file, or of what is to become one."""
    return len(data) if isinstance(data, bytes) else data.stat().st_size


def conversation_folders(job_id: str) -> list[str]:
    """Where the files of a job's conversations lie in their bucket, each ending in a slash."""
    return [f"{kind}/{job_id}/" for kind in CONVERSATION_KINDS]


def data_docs_folder(dataset: str, job_id: str) -> str:
    """Where the Data Docs of a job lie among its dataset's releases."""
    return f"{dataset}/{DATA_DOCS}/{job_id}"


def check_name(bucket: str, name: str) -> None:
    """Raises ValueError for what names no file: no such bucket, a way out of it, characters that Storage refuses."""
    if bucket not in BUCKETS:
        raise ValueError(f"there is no bucket {bucket!r}")
    if not NAME.fullmatch(name) or any(not part or part.startswith(".") for part in name.split("/")):
        raise ValueError(f"{name!r} is no name of a file")


def content_type(name: str) -> str:
    return CONTENT_TYPES.get(PurePosixPath(name).suffix, OTHER_CONTENT_TYPE)


def sha256_of(data: bytes | Path) -> str:
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    with data.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class LocalFiles:
    """Buckets as folders under one root. A file appears whole or not at all.

    `mirrored`: what is written here goes up to Storage as well.
    """

    def __init__(self, root: Path, mirrored: bool = False) -> None:
        self._root = root
        self.mirrored = mirrored

    @cached_property
    def folder_id(self) -> str:
        """What tells this folder from those of other machines; made when it is first asked for."""
        place = self._root / FOLDER_ID
        try:
            if not place.exists():
                self._root.mkdir(parents=True, exist_ok=True)
                made = self._root / f"{FOLDER_ID}-{uuid4().hex}"
                made.write_text(uuid4().hex[:12], encoding="ascii")
                try:
                    place.hardlink_to(made)
                except FileExistsError:
                    pass  # another process was faster, and its id counts
                finally:
                    made.unlink()
            return place.read_text(encoding="ascii").strip()
        except OSError as error:
            raise FilesError(f"The folder {self._root} cannot be used: {error.strerror}") from error

    def path(self, bucket: str, name: str) -> Path:
        """Where a file lies. Names are relative and stay inside their bucket."""
        if bucket not in BUCKETS:
            raise ValueError(f"there is no bucket {bucket!r}")
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts:
            raise ValueError(f"{name!r} leads out of its bucket")
        return self._root / bucket / pure

    def put(self, bucket: str, name: str, data: bytes | Path, *, replace: bool = True) -> None:
        check_name(bucket, name)
        target = self.path(bucket, name)
        try:
            if not replace and target.exists():
                if sha256_of(target) != sha256_of(data):
                    raise FileTakenError(f"Another file is at {target} already, and is not replaced.")
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    _write(data, stream)
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise FilesError(f"The file {target} cannot be written: {error.strerror}") from error

    def get(self, bucket: str, name: str) -> bytes:
        check_name(bucket, name)
        try:
            return self.path(bucket, name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise FileMissingError(f"There is no file {self.path(bucket, name)}.") from error
        except OSError as error:
            raise FilesError(f"The file {self.path(bucket, name)} cannot be read: {error.strerror}") from error

    def exists(self, bucket: str, name: str) -> bool:
        check_name(bucket, name)
        return self.path(bucket, name).is_file()

    def delete(self, bucket: str, *names: str) -> None:
        for name in names:
            check_name(bucket, name)
            try:
                self.path(bucket, name).unlink(missing_ok=True)
            except OSError as error:
                raise FilesError(f"The file {self.path(bucket, name)} cannot be removed: {error.strerror}") from error

    def listed(self, bucket: str, prefix: str = "") -> Iterator[StoredFile]:
        root = self.path(bucket, "")
        start = self.path(bucket, prefix.rpartition("/")[0])
        for path in sorted(_files_in(start), key=lambda found: found.relative_to(root).as_posix()):
            name = path.relative_to(root).as_posix()
            if name.startswith(prefix):
                try:
                    facts = path.stat()
                except FileNotFoundError:
                    continue  # removed meanwhile
                yield StoredFile(name, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))

    def link(self, bucket: str, name: str, valid_s: int = LINK_S) -> str:  # noqa: ARG002
        """As FileStore says; a link to this disk is good for this machine, and for as long as the file is there."""
        if not self.exists(bucket, name):
            raise FileMissingError(f"There is no file {self.path(bucket, name)}.")
        return self.path(bucket, name).resolve().as_uri()


def _write(data: bytes | Path, stream: BinaryIO) -> None:
    if isinstance(data, bytes):
        stream.write(data)
        return
    with data.open("rb") as source:
        shutil.copyfileobj(source, stream)


def _files_in(folder: Path) -> Iterator[Path]:
    """The files in a folder and below; hidden ones are not there yet."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place) / name for name in names if not name.startswith("."))
