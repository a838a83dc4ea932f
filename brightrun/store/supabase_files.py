"""Files in Supabase Storage: private buckets, reached with the service key, which stays in here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
from storage3.exceptions import StorageApiError
from storage3.types import SearchV2Options
from supabase import create_client
from supabase.client import ClientOptions

from brightrun.configuration import redacted
from brightrun.errors import (
    FileMissingError,
    FileRefusedError,
    FilesAwayError,
    FilesDeniedError,
    FilesError,
    FileTakenError,
)
from brightrun.store.files import ANSWER_S, BUCKETS, LINK_S, StoredFile, check_name, content_type, sha256_of, size_of
from brightrun.store.resumable import DUPLICATE, PART_BYTES, ResumableUploads

PAGE = 1_000
"""So many files are listed with one request; Storage gives no more."""

DENIED_CODES = frozenset({"Unauthorized", "AccessDenied", "InvalidJWT", "SignatureDoesNotMatch", "InvalidSignature"})
DENIED_STATUSES = frozenset({401, 403})
PASSING_STATUSES = frozenset({408, 409, 423, 425, 429})
"""Below 500, and yet they pass with time; of the conflicts, those that are no duplicate."""

MOST_SAID = 500
"""So many characters of what Storage said are kept."""

T = TypeVar("T")


class SupabaseFiles:
    """The buckets of a Supabase project. May be used by several threads at once."""

    def __init__(self, url: str, key: str, timeout_s: float = ANSWER_S) -> None:
        self._url = url
        self._key = key
        # HTTP/1.1: the library for HTTP/2 writes headers, the key among them, to its debug log.
        self._http = httpx.Client(timeout=timeout_s, http2=False, follow_redirects=True)
        options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=self._http)
        self._storage = create_client(url, key, options).storage
        self._in_parts = ResumableUploads(self._http, url, key)
        self._preparing = threading.Lock()
        self._is_prepared = False

    def __repr__(self) -> str:
        return f"SupabaseFiles({self._url!r})"

    def close(self) -> None:
        self._http.close()

    def prepare(self) -> None:
        """Make the buckets that are missing, as private ones. Raises FilesDeniedError for one that is public."""
        with self._preparing:
            if self._is_prepared:
                return
            there = self._buckets()
            for bucket in BUCKETS:
                if bucket not in there:
                    self._make_bucket(bucket)
            exposed = [bucket for bucket in BUCKETS if there.get(bucket)]
            if exposed:
                raise FilesDeniedError(
                    f"Anybody may read the bucket {exposed[0]} of {self._url}. Make it private in the project's "
                    "Storage settings; until then nothing is sent there."
                )
            self._is_prepared = True

    def put(self, bucket: str, name: str, data: bytes | Path, *, replace: bool = True) -> None:
        check_name(bucket, name)
        self.prepare()
        digest = sha256_of(data)
        try:
            try:
                self._upload(bucket, name, data, digest, over=False)
            except FileMissingError:  # of the bucket: it was removed since it was looked at
                self._is_prepared = False
                self.prepare()
                self._upload(bucket, name, data, digest, over=False)
        except FileTakenError:
            if self._digest(bucket, name) == digest:
                return
            if not replace:
                raise
            self._upload(bucket, name, data, digest, over=True)

    def get(self, bucket: str, name: str) -> bytes:
        check_name(bucket, name)
        return self._asked(f"get {bucket}/{name}", partial(self._storage.from_(bucket).download, name))

    def exists(self, bucket: str, name: str) -> bool:
        try:
            self._info(bucket, name)
        except FileMissingError:
            return False
        return True

    def delete(self, bucket: str, *names: str) -> None:
        for name in names:
            check_name(bucket, name)
        for start in range(0, len(names), PAGE):
            page = list(names[start : start + PAGE])
            try:
                removed = self._asked(f"remove {bucket}/{page[0]}", partial(self._storage.from_(bucket).remove, page))
            except FileMissingError:
                return
            told = {entry["name"] for entry in removed}
            for name in page:
                if name not in told and self.exists(bucket, name):  # Storage says nothing where the key has no right
                    raise FilesDeniedError(
                        f"{bucket}/{name} was not removed from {self._url}: the key has no right to."
                    )

    def listed(self, bucket: str, prefix: str = "") -> Iterator[StoredFile]:
        if bucket not in BUCKETS:
            raise ValueError(f"there is no bucket {bucket!r}")
        asked = SearchV2Options(limit=PAGE, prefix=prefix)
        while True:
            try:
                page = self._asked(f"list {bucket}/{prefix}", partial(self._storage.from_(bucket).list_v2, asked))
            except FileMissingError:
                return
            for entry in page.objects:
                yield StoredFile(entry.name, int((entry.metadata or {}).get("size", 0)), entry.updated_at)
            if not page.hasNext:
                return
            if not page.nextCursor or page.nextCursor == asked.get("cursor"):
                raise FilesAwayError(f"{self._url} does not list all of {bucket}/{prefix}.")
            asked["cursor"] = page.nextCursor

    def link(self, bucket: str, name: str, valid_s: int = LINK_S) -> str:
        check_name(bucket, name)
        sign = partial(self._storage.from_(bucket).create_signed_url, name, valid_s)
        return str(self._asked(f"sign {bucket}/{name}", sign)["signedUrl"])

    def _upload(self, bucket: str, name: str, data: bytes | Path, digest: str, *, over: bool) -> None:
        if size_of(data) > PART_BYTES:
            target = {"bucketName": bucket, "objectName": name, "contentType": content_type(name), "cacheControl": "0"}
            send = partial(self._in_parts.send, target, data, digest, over=over)
            self._asked(f"put {bucket}/{name} in parts", send)
            return
        options: Any = {
            "content-type": content_type(name),
            "cache-control": "0",  # a log grows: nobody between is to keep an old one
            "x-upsert": "true" if over else "false",
            "metadata": {"sha256": digest},
        }
        self._asked(f"put {bucket}/{name}", partial(self._storage.from_(bucket).upload, name, data, options))

    def _info(self, bucket: str, name: str) -> dict[str, Any]:
        check_name(bucket, name)
        return self._asked(f"look at {bucket}/{name}", partial(self._storage.from_(bucket).info, name))

    def _digest(self, bucket: str, name: str) -> str:
        """SHA-256 of what is there: as it was said at the upload, else of the content itself."""
        said = (self._info(bucket, name).get("metadata") or {}).get("sha256")
        return str(said) if said else sha256_of(self.get(bucket, name))

    def _buckets(self) -> dict[str, bool]:
        """The buckets that are there, and whether anybody may read them."""
        return {bucket.id: bucket.public for bucket in self._asked("list the buckets", self._storage.list_buckets)}

    def _make_bucket(self, bucket: str) -> None:
        make = partial(self._storage.create_bucket, bucket, options={"public": False})
        try:
            self._asked(f"make the bucket {bucket}", make)
        except FileTakenError as error:
            if bucket not in self._buckets():  # else another process was faster
                raise FilesDeniedError(
                    f"The bucket {bucket} of {self._url} is there, and the key has no right to see it."
                ) from error

    def _asked(self, what: str, ask: Callable[[], T]) -> T:
        """The answer of Storage. Raises FilesError of the kind that its answer is."""
        try:
            return ask()
        except StorageApiError as error:
            # Without the cause: all that it says is said here, and it may repeat the key.
            said = f"{error.status} {error.code}, {error.message}"[:MOST_SAID]
            raise _kind(str(error.status), error.code)(self._failed(what, said)) from None
        except httpx.HTTPError as error:
            raise FilesAwayError(self._failed(what, str(error) or type(error).__name__)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise FilesAwayError(self._failed(what, "the answer was not Storage's")) from error

    def _failed(self, what: str, said: str) -> str:
        return redacted(f"{self._url}: could not {what}: {said}".replace(self._key, "[secret]"))


def _kind(written: str, code: str) -> type[FilesError]:
    """What an error of Storage means, by the status in its body and its code; its words may change."""
    status = int(written) if written.isdecimal() else 500
    if status == 409 and code == DUPLICATE:
        return FileTakenError
    if status in DENIED_STATUSES or code in DENIED_CODES:
        return FilesDeniedError
    if status == 404:
        return FileMissingError
    if status >= 500 or status in PASSING_STATUSES:
        return FilesAwayError
    return FileRefusedError
