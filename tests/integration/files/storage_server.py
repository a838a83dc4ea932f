"""A Supabase Storage of the tests' own: the routes that are used, with the answers of the real server.

As there, an error's HTTP status is mostly 400, and what it means stands in its body.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from aiohttp import web

SERVICE_KEY = "service-key-of-the-test-project-0123456789abcdef"
RESTRICTED_KEY = "key-without-any-right-0123456789abcdef0123456"
SECRET = "the-secret-that-signs-the-links-of-the-test-project"
KEY = re.compile(r"^(\w|/|!|-|\.|\*|'|\(|\)| |&|\$|@|=|;|:|\+|,|\?)+$", re.ASCII)

PART_BYTES = 6 * 1024 * 1024

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


def failure(status: str, error: str, message: str, http_status: int = 400) -> web.Response:
    body = {"statusCode": status, "error": error, "message": message}
    return web.json_response(body, status=http_status)


def answered(body: bytes, http_status: int, content_type: str = "application/json") -> Behaviour:
    """These bytes, whatever was asked."""

    async def behave(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=http_status, content_type=content_type)

    return behave


def failing(status: str, error: str, message: str = "no", http_status: int = 400) -> Behaviour:
    return answered(json.dumps({"statusCode": status, "error": error, "message": message}).encode(), http_status)


async def dropped(request: web.Request) -> web.StreamResponse:
    """The connection breaks after the request was read."""
    await request.read()
    assert request.transport is not None
    request.transport.abort()  # type: ignore[attr-defined]
    return web.Response()


def stalling(until: threading.Event, storage: Storage) -> Behaviour:
    """The file is taken, and the answer does not come before `until` is set."""

    async def behave(request: web.Request) -> web.StreamResponse:
        answer = await storage.answer(request)
        while not until.is_set():
            await asyncio.sleep(0.005)
        return answer

    return behave


@dataclass
class Object:
    data: bytes
    content_type: str
    user_metadata: dict[str, Any] | None
    cache_control: str
    updated_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def metadata(self) -> dict[str, Any]:
        etag = hashlib.md5(self.data, usedforsecurity=False).hexdigest()
        return {"size": len(self.data), "mimetype": self.content_type, "eTag": f'"{etag}"'}


@dataclass
class Bucket:
    public: bool = False
    objects: dict[str, Object] = field(default_factory=dict)
    largest_bytes: int = 50_000_000
    content_types: list[str] | None = None


@dataclass
class PartialUpload:
    """A file of which not all parts have come."""

    said: dict[str, str]
    length: int
    received: bytearray = field(default_factory=bytearray)


@dataclass
class Storage:
    """What the project holds, and what the next requests meet: `script` first, then `otherwise` if it is set."""

    url: str = ""
    buckets: dict[str, Bucket] = field(default_factory=dict)
    script: deque[Behaviour] = field(default_factory=deque)
    otherwise: Behaviour | None = None
    requests: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    page: int = 1_000
    keeps_user_metadata: bool = True
    partial: dict[str, PartialUpload] = field(default_factory=dict)
    parts: list[int] = field(default_factory=list)
    """Sizes of the parts that came."""

    def names(self, bucket: str) -> list[str]:
        return sorted(self.buckets[bucket].objects) if bucket in self.buckets else []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        behave = self.script.popleft() if self.script else self.otherwise
        return await (behave or self.answer)(request)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        parts = request.path.removeprefix("/storage/v1/").strip("/").split("/")
        if request.method == "GET" and parts[:2] == ["object", "sign"]:
            return self._signed(request, parts[2], "/".join(parts[3:]))
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given not in (SERVICE_KEY, RESTRICTED_KEY):
            return failure("403", "Unauthorized", "Invalid Compact JWS")
        may = given == SERVICE_KEY
        if parts == ["bucket"]:
            return await self._of_buckets(request, may)
        if parts[:2] == ["upload", "resumable"]:
            return await self._in_parts(request, parts[2:], may)
        route = parts[1] if parts[1] in ("info", "sign", "list-v2") else ""
        bucket, name = parts[2 if route else 1], "/".join(parts[3 if route else 2 :])
        there = self.buckets.get(bucket) if may or request.method == "POST" else Bucket()
        if there is None:
            return failure("404", "Bucket not found", "Bucket not found")
        if request.method == "DELETE":
            return web.json_response(self._remove(there, (await request.json())["prefixes"]))
        if route == "list-v2":
            return self._listed(there if may else Bucket(), await request.json())
        if request.method in ("POST", "PUT") and not route:
            return await self._upload(request, there, bucket, name, may)
        found = there.objects.get(name) if may else None
        if found is None:
            return failure("404", "not_found", "Object not found")
        if route == "sign":
            return self._sign(bucket, name, int((await request.json())["expiresIn"]))
        if route == "info":
            said = found.user_metadata if self.keeps_user_metadata else None
            return web.json_response({"name": name, "size": len(found.data), "metadata": said})
        return web.Response(body=found.data, headers={"content-type": found.content_type})

    async def _of_buckets(self, request: web.Request, may: bool) -> web.Response:
        if request.method == "GET":
            shown = self.buckets if may else {}
            return web.json_response([_bucket_row(name, bucket) for name, bucket in shown.items()])
        asked = await request.json()
        if asked["id"] in self.buckets:
            return failure("409", "Duplicate", "The resource already exists")
        if not may:
            return failure("403", "Unauthorized", "new row violates row-level security policy")
        self.buckets[asked["id"]] = Bucket(public=asked.get("public", False))
        return web.json_response({"name": asked["id"]})

    async def _upload(self, request: web.Request, there: Bucket, bucket: str, name: str, may: bool) -> web.Response:
        if not KEY.match(name):
            return failure("400", "InvalidKey", f"Invalid key: {name}")
        form = await request.post()
        sent = form["file"]
        assert isinstance(sent, web.FileField)
        data = sent.file.read()
        if not may:
            return failure("403", "Unauthorized", "new row violates row-level security policy")
        if there.content_types is not None and sent.content_type not in there.content_types:
            return failure("415", "invalid_mime_type", f"mime type {sent.content_type} is not supported")
        if len(data) > there.largest_bytes:
            return failure("413", "Payload too large", "The object exceeded the maximum allowed size")
        if name in there.objects and request.method == "POST" and request.headers.get("x-upsert") != "true":
            return failure("409", "Duplicate", "The resource already exists")
        said = json.loads(str(form["metadata"])) if "metadata" in form else None
        there.objects[name] = Object(data, sent.headers["content-type"], said, str(form["cacheControl"]))
        self.uploads.append(f"{bucket}/{name}")
        return web.json_response({"Key": f"{bucket}/{name}", "Id": "00000000-0000-4000-8000-000000000000"})

    async def _in_parts(self, request: web.Request, rest: list[str], may: bool) -> web.Response:
        """The protocol TUS, in which errors have the status they mean, and plain text."""
        assert request.headers["Tus-Resumable"] == "1.0.0"
        over = request.headers.get("x-upsert") == "true"
        if request.method == "POST":
            return self._begin(request, over, may)
        there = self.partial.get(rest[0])
        if there is None:
            return web.Response(status=404, text="The file for this url was not found\n")
        if request.method == "HEAD":
            return web.Response(headers={"Upload-Offset": str(len(there.received)), "Upload-Length": str(there.length)})
        if int(request.headers["Upload-Offset"]) != len(there.received):
            return web.Response(status=409, text="Upload-Offset conflict\n")
        assert request.headers["Content-Type"] == "application/offset+octet-stream"
        part = await request.read()
        self.parts.append(len(part))
        there.received += part
        assert len(part) == PART_BYTES or len(there.received) == there.length
        if len(there.received) == there.length and (refused := self._complete(there, over)):
            return refused
        return web.Response(status=204, headers={"Upload-Offset": str(len(there.received))})

    def _begin(self, request: web.Request, over: bool, may: bool) -> web.Response:
        pairs = (pair.split(" ") for pair in request.headers["Upload-Metadata"].split(","))
        said = {name: base64.b64decode(value).decode() for name, value in pairs}
        if not may:
            return web.Response(status=403, text="new row violates row-level security policy")
        bucket, length = self.buckets.get(said["bucketName"]), int(request.headers["Upload-Length"])
        if bucket is None:
            return web.Response(status=404, text="Bucket not found")
        if length > bucket.largest_bytes:
            return web.Response(status=413, text="Maximum size exceeded\n")
        if bucket.content_types is not None and said["contentType"] not in bucket.content_types:
            return web.Response(status=415, text=f"mime type {said['contentType']} is not supported")
        if said["objectName"] in bucket.objects and not over:
            return web.Response(status=409, text="The resource already exists")
        upload = base64.urlsafe_b64encode(f"{said['objectName']}/{len(self.partial)}".encode()).decode().rstrip("=")
        self.partial[upload] = PartialUpload(said, length)
        return web.Response(status=201, headers={"Location": f"https://elsewhere.test/upload/resumable/{upload}"})

    def _complete(self, there: PartialUpload, over: bool) -> web.Response | None:
        said = there.said
        objects = self.buckets[said["bucketName"]].objects
        if said["objectName"] in objects and not over:
            return web.Response(status=409, text="The resource already exists")
        about = json.loads(said["metadata"])
        objects[said["objectName"]] = Object(bytes(there.received), said["contentType"], about, said["cacheControl"])
        self.uploads.append(f"{said['bucketName']}/{said['objectName']}")
        return None

    @staticmethod
    def _remove(there: Bucket, names: list[str]) -> list[dict[str, str]]:
        return [{"name": name} for name in names if there.objects.pop(name, None)]

    def _listed(self, there: Bucket, asked: dict[str, Any]) -> web.Response:
        after = base64.b64decode(asked.get("cursor", "")).decode()
        names = [name for name in sorted(there.objects) if name.startswith(asked.get("prefix", "")) and name > after]
        shown = names[: min(self.page, asked.get("limit", 100))]
        body: dict[str, Any] = {
            "hasNext": len(names) > len(shown),
            "folders": [],
            "objects": [_object_row(name, there.objects[name]) for name in shown],
        }
        if body["hasNext"]:
            body["nextCursor"] = base64.b64encode(shown[-1].encode()).decode()
        return web.json_response(body)

    def _sign(self, bucket: str, name: str, valid_s: int) -> web.Response:
        now = int(time.time())
        token = jwt.encode({"url": f"{bucket}/{name}", "iat": now, "exp": now + valid_s}, SECRET, algorithm="HS256")
        return web.json_response({"signedURL": f"/object/sign/{bucket}/{name}?token={token}"})

    def _signed(self, request: web.Request, bucket: str, name: str) -> web.Response:
        try:
            said = jwt.decode(request.query.get("token", ""), SECRET, algorithms=["HS256"])
        except jwt.PyJWTError as error:
            return failure("400", "InvalidJWT", str(error))
        if said["url"] != f"{bucket}/{name}":
            return failure("400", "InvalidSignature", "Invalid signature")
        found = self.buckets[bucket].objects.get(name)
        if found is None:
            return failure("404", "not_found", "Object not found")
        return web.Response(body=found.data, headers={"content-type": found.content_type})


def _bucket_row(name: str, bucket: Bucket) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {
        "id": name,
        "name": name,
        "owner": "",
        "public": bucket.public,
        "created_at": at,
        "updated_at": at,
        "file_size_limit": bucket.largest_bytes,
        "allowed_mime_types": bucket.content_types,
    }


def _object_row(name: str, found: Object) -> dict[str, Any]:
    at = found.updated_at.isoformat()
    return {"id": name, "name": name, "created_at": at, "updated_at": at, "metadata": found.metadata}


class StorageThread:
    """A Storage that listens, in a thread of its own."""

    def __init__(self, port: int = 0, storage: Storage | None = None) -> None:
        self.storage = storage or Storage()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="storage", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(port), self._loop).result(10)

    async def _start(self, port: int) -> None:
        app = web.Application(client_max_size=256 * 1024 * 1024)
        app.router.add_route("*", "/storage/v1/{rest:.*}", self.storage.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True).start()
        host, self.port = self._runner.addresses[0][:2]
        self.storage.url = f"http://{host}:{self.port}"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
