"""The files: buckets with paths, on the local disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path, PurePosixPath

from brightrun.errors import StoreError

CONVERSATION_FILES = "conversation-files"
BATCH_LOGS = "batch-logs"
DATASETS = "datasets"
BUCKETS = (CONVERSATION_FILES, BATCH_LOGS, DATASETS)


class LocalFiles:
    """Buckets as folders under one root. A file appears whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, bucket: str, name: str) -> Path:
        """Where a file lies. Names are relative and stay inside their bucket."""
        if bucket not in BUCKETS:
            raise ValueError(f"there is no bucket {bucket!r}")
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts:
            raise ValueError(f"{name!r} leads out of its bucket")
        return self._root / bucket / pure

    def put(self, bucket: str, name: str, data: bytes) -> None:
        """Write a file, in place of one of the same name."""
        target = self.path(bucket, name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(data)
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(f"The file {target} cannot be written: {error.strerror}") from error

    def get(self, bucket: str, name: str) -> bytes:
        return self.path(bucket, name).read_bytes()

    def exists(self, bucket: str, name: str) -> bool:
        return self.path(bucket, name).is_file()
