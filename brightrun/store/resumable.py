"""Large files sent to Supabase Storage in parts, so that an outage costs one part and not the whole file.

Storage speaks the protocol TUS 1.0 for it (https://tus.io/protocols/resumable-upload), with parts of 6 MiB. The
Python client for it, tuspy, gives its requests no time limit, which is why this asks by itself.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx
from storage3.exceptions import StorageApiError

from brightrun.store.files import size_of

PART_BYTES = 6 * 1024 * 1024
"""Storage takes no other size, but for the last part."""
MOST_FAILURES = 3
"""So many requests for a file may fail before the rest of it waits for another time."""
DUPLICATE = "Duplicate"
"""Storage's code for a file that is there already."""
FOUND, CREATED, NOTHING_TO_SAY, CONFLICT, FAULT_OF_SERVER = 200, 201, 204, 409, 500
GONE = frozenset({404, 410})


@dataclass(frozen=True)
class _Upload:
    """A file on its way. `target` names bucketName, objectName, contentType and cacheControl."""

    target: Mapping[str, str]
    digest: str
    size: int
    over: bool

    @property
    def key(self) -> tuple[str, ...]:
        return self.target["bucketName"], self.target["objectName"], self.digest, str(self.over)

    @property
    def headers(self) -> dict[str, str]:
        return {"x-upsert": "true" if self.over else "false"}

    def description(self) -> dict[str, str]:
        """What the upload is begun with."""
        said = {**self.target, "metadata": json.dumps({"sha256": self.digest})}
        pairs = [f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items()]
        return {**self.headers, "Upload-Length": str(self.size), "Upload-Metadata": ",".join(pairs)}


class ResumableUploads:
    """Uploads of one project. One that breaks off goes on where it stopped, for as long as this process lives.

    May be used by several threads at once.
    """

    def __init__(self, http: httpx.Client, url: str, key: str) -> None:
        self._http = http
        self._endpoint = f"{url.rstrip('/')}/storage/v1/upload/resumable"
        self._headers = {"apikey": key, "Authorization": f"Bearer {key}", "Tus-Resumable": "1.0.0"}
        self._begun: dict[tuple[str, ...], str] = {}
        self._guard = threading.Lock()

    def send(self, target: Mapping[str, str], data: bytes | Path, digest: str, *, over: bool) -> None:
        """Send a file. `target` names bucketName, objectName, contentType and cacheControl.

        Raises StorageApiError for what Storage answers, httpx.HTTPError where it does not.
        """
        upload = _Upload(target, digest, size_of(data), over)
        with BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
            try:
                self._send_all(upload, file)
            except StorageApiError as error:
                if int(error.status) < FAULT_OF_SERVER:
                    self._forget(upload)
                raise
        self._forget(upload)

    def _send_all(self, upload: _Upload, file: BinaryIO) -> None:
        address, offset = self._place(upload)
        failures = 0
        while offset < upload.size:
            try:
                offset = self._send_part(upload, address, file, offset)
            except httpx.HTTPError:
                failures += 1
                if failures == MOST_FAILURES:
                    raise
                address, offset = self._place(upload)

    def _place(self, upload: _Upload) -> tuple[str, int]:
        """Where the file is sent to and how much of it is there: of a try that broke off, or a new one.

        Where all of it is, nobody said whether a file was made of it: so that is begun anew, too.
        """
        with self._guard:
            begun = self._begun.get(upload.key)
        if begun is not None:
            try:
                offset = self._offset(upload, begun)
            except StorageApiError as error:
                if int(error.status) not in GONE:
                    raise
            else:
                if offset < upload.size:
                    return begun, offset
        answer = self._http.post(self._endpoint, headers=self._headers | upload.description())
        _check(answer, CREATED)
        # No more than the name of the upload is taken from the answer: the key goes nowhere but to the project.
        address = f"{self._endpoint}/{urlsplit(answer.headers['Location']).path.rstrip('/').rsplit('/', 1)[-1]}"
        with self._guard:
            self._begun[upload.key] = address
        return address, 0

    def _forget(self, upload: _Upload) -> None:
        with self._guard:
            self._begun.pop(upload.key, None)

    def _send_part(self, upload: _Upload, address: str, file: BinaryIO, offset: int) -> int:
        """Returns how much is there then."""
        file.seek(offset)
        asked = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        headers = self._headers | upload.headers | asked
        answer = self._http.patch(address, content=file.read(PART_BYTES), headers=headers)
        _check(answer, NOTHING_TO_SAY)
        return int(answer.headers["Upload-Offset"])

    def _offset(self, upload: _Upload, address: str) -> int:
        """How much is there already."""
        answer = self._http.head(address, headers=self._headers | upload.headers)
        _check(answer, FOUND)
        return int(answer.headers["Upload-Offset"])


def _check(answer: httpx.Response, expected: int) -> None:
    """Raises StorageApiError, as the client does for other routes: here the status is that of the answer itself."""
    if answer.status_code != expected:
        code = DUPLICATE if answer.status_code == CONFLICT else answer.reason_phrase
        raise StorageApiError(answer.text.strip(), code, answer.status_code)
