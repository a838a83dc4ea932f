"""The HTTP server: the Messages API's routes, and the simulator's own."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from decimal import Decimal
from hashlib import blake2b, sha256
from importlib import metadata

from aiohttp import web

from brightrun.simulator.account import Account, Entry
from brightrun.simulator.errors import ApiError, invalid_request, not_found, too_large, unauthorized
from brightrun.simulator.faults import Faults, no_faults
from brightrun.simulator.message_request import MessageRequest, parse_request
from brightrun.simulator.models import MODELS
from brightrun.simulator.prompt_cache import CacheUse, PromptCache
from brightrun.simulator.rate_limits import RateLimits
from brightrun.simulator.reply import Reply, write_reply
from brightrun.simulator.settings import SimulatorSettings

BODY_LIMIT = 32 * 1024 * 1024
MARK = {"x-brightrun-simulator": "1"}
NO_COST = Decimal(0)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Simulator:
    """One simulated organization: its limits, its prompt cache and its account."""

    def __init__(self, settings: SimulatorSettings, faults: Faults = no_faults) -> None:
        self._settings = settings
        self._faults = faults
        self._limits = RateLimits(settings)
        self._cache = PromptCache()
        self.account = Account()
        self._nonce = secrets.token_hex(4)
        self._serial = 0
        self._seed = settings.seed.to_bytes(16, "big", signed=True)

    def application(self) -> web.Application:
        """The routes. A further part of the API adds its own here."""
        app = web.Application(middlewares=[self._answer_errors], client_max_size=BODY_LIMIT)
        app.add_routes(
            [
                web.post("/v1/messages", self._messages),
                web.post("/v1/messages/count_tokens", self._count_tokens),
                web.get("/v1/models", self._models),
                web.get("/v1/models/{model}", self._one_model),
                web.get("/_simulator", self._about),
                web.get("/_simulator/account", self._account),
            ]
        )
        return app

    # The Messages API

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        self.account.received[request.path] += 1
        self.account.in_flight += 1
        request_id = request["request_id"]
        body = b""
        try:
            body = await request.read()
            self._authorize(request)
            asked = parse_request(body)
            fault = self._faults(asked)
            if fault is not None:
                raise fault
        except ApiError as error:
            self.account.add(_failed(request_id, body, error.status))
            raise
        else:
            return await self._reply(request, asked, body)
        finally:
            self.account.in_flight -= 1

    async def _reply(self, request: web.Request, asked: MessageRequest, body: bytes) -> web.StreamResponse:
        digest = sha256(body).digest()
        seed = blake2b(digest, key=self._seed, digest_size=16).digest()
        reply = write_reply(asked, seed)
        await self._wait(seed)
        use = self._cache.use(asked.model.key, asked.segments)
        self._limits.requests.take(1)
        self._limits.input_tokens.take(use.uncached + use.written_5m + use.written_1h)
        self._limits.output_tokens.take(reply.output_tokens)
        message_id = request["request_id"].replace("req_", "msg_", 1)
        message = _message(message_id, asked, reply, use)
        response = web.Response(
            body=json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(),
            content_type="application/json",
            headers={"request-id": request["request_id"], **MARK, **self._limits.headers()},
        )
        delivered = False
        try:
            await _write_whole(request, response)
            delivered = True
        finally:
            self.account.add(_replied(request["request_id"], message_id, asked, reply, use, digest, delivered))
        return response

    async def _count_tokens(self, request: web.Request) -> web.StreamResponse:
        self.account.received[request.path] += 1
        self._authorize(request)
        asked = parse_request(await request.read(), counting=True)
        return self._json(request, {"input_tokens": asked.input_tokens})

    async def _models(self, request: web.Request) -> web.StreamResponse:
        self.account.received[request.path] += 1
        self._authorize(request)
        keys = list(MODELS)
        listing = {
            "data": [model.as_json() for model in MODELS.values()],
            "first_id": keys[0],
            "has_more": False,
            "last_id": keys[-1],
        }
        return self._json(request, listing)

    async def _one_model(self, request: web.Request) -> web.StreamResponse:
        self.account.received["/v1/models"] += 1
        self._authorize(request)
        model = MODELS.get(request.match_info["model"])
        if model is None:
            raise not_found(f"model: {request.match_info['model']}")
        return self._json(request, model.as_json())

    # The simulator's own

    async def _about(self, request: web.Request) -> web.StreamResponse:
        about = {"simulator": True, "version": metadata.version("brightrun"), "seed": self._settings.seed}
        return self._json(request, about)

    async def _account(self, request: web.Request) -> web.StreamResponse:
        return self._json(request, self.account.as_json(entries=request.query.get("entries") == "1"))

    # What all routes share

    @web.middleware
    async def _answer_errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Give the request its id, and every failure the API's shape."""
        self._serial += 1
        request["request_id"] = f"req_sim_{self._nonce}{self._serial:014d}"
        try:
            return await handler(request)
        except ApiError as error:
            return self._json(request, error.as_json(request["request_id"]), error.status)
        except web.HTTPRequestEntityTooLarge:
            failure = too_large(f"Request exceeds the maximum size of {BODY_LIMIT} bytes")
        except web.HTTPException as error:
            failure = ApiError(
                error.status,
                "not_found_error" if error.status == 404 else "invalid_request_error",
                f"{request.method} {request.path}: {error.reason}",
            )
        return self._json(request, failure.as_json(request["request_id"]), failure.status)

    def _authorize(self, request: web.Request) -> None:
        key = self._settings.api_key
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key is not None and key not in (request.headers.get("x-api-key"), bearer):
            raise unauthorized("invalid x-api-key")
        if "anthropic-version" not in request.headers:
            raise invalid_request("anthropic-version: header is required")

    async def _wait(self, seed: bytes) -> None:
        low, high = self._settings.latency_s
        if high > 0:
            await asyncio.sleep(low + (high - low) * int.from_bytes(seed[:4], "big") / 0xFFFFFFFF)

    def _json(self, request: web.Request, data: object, status: int = 200) -> web.Response:
        return web.Response(
            body=json.dumps(data).encode(),
            status=status,
            content_type="application/json",
            headers={"request-id": request["request_id"], **MARK},
        )


def _message(message_id: str, asked: MessageRequest, reply: Reply, use: CacheUse) -> dict[str, object]:
    """The message in the shape of SDK 2.12."""
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": asked.model.key,
        "content": [{"type": "text", "text": reply.text}],
        "stop_reason": reply.stop_reason,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": {
            "input_tokens": use.uncached,
            "cache_creation_input_tokens": use.written_5m + use.written_1h,
            "cache_read_input_tokens": use.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": use.written_5m,
                "ephemeral_1h_input_tokens": use.written_1h,
            },
            "output_tokens": reply.output_tokens,
            "output_tokens_details": {"thinking_tokens": 0},
            "server_tool_use": None,
            "service_tier": "standard",
            "inference_geo": "global",
            "speed": "standard",
        },
    }


async def _write_whole(request: web.Request, response: web.Response) -> None:
    """Return when the operating system has the last byte; raises ConnectionError when the peer has gone."""
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client went away before its reply")
    if isinstance(transport, asyncio.WriteTransport):
        transport.set_write_buffer_limits(high=0)
    await response.prepare(request)
    await response.write_eof()


def _failed(request_id: str, body: bytes, status: int) -> Entry:
    digest = sha256(body).digest()
    return Entry(request_id, None, None, digest, None, status, False, 0, 0, 0, 0, NO_COST)


def _replied(
    request_id: str,
    message_id: str,
    asked: MessageRequest,
    reply: Reply,
    use: CacheUse,
    digest: bytes,
    delivered: bool,
) -> Entry:
    return Entry(
        request_id=request_id,
        message_id=message_id,
        model=asked.model.key,
        body_sha256=digest,
        user_id=asked.user_id,
        status=200,
        delivered=delivered,
        input_tokens=use.uncached,
        cache_creation_input_tokens=use.written_5m + use.written_1h,
        cache_read_input_tokens=use.read,
        output_tokens=reply.output_tokens,
        cost_usd=asked.model.cost_usd(use.uncached, use.written_5m, use.written_1h, use.read, reply.output_tokens),
    )
