"""The HTTP server: the Messages API's routes, and the simulator's own."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2b, sha256
from importlib import metadata

from aiohttp import web

from brightrun.errors import ProblemsError
from brightrun.simulator.account import Account
from brightrun.simulator.call import Call, Written
from brightrun.simulator.errors import ApiError, invalid_request, not_found, too_large, unauthorized
from brightrun.simulator.faults import Fault, FaultKind, Route
from brightrun.simulator.http_faults import Refusal, refusal
from brightrun.simulator.message import message_of
from brightrun.simulator.message_request import MessageRequest, parse_request
from brightrun.simulator.models import MODELS
from brightrun.simulator.prompt_cache import CacheUse, PromptCache
from brightrun.simulator.rate_limits import CountingLimits, RateLimits
from brightrun.simulator.reply import write_reply
from brightrun.simulator.reply_faults import spoiled
from brightrun.simulator.settings import SimulatorSettings
from brightrun.simulator.weather import Strike, Weather
from brightrun.simulator.wire_faults import WireFaults, reset, write_whole

BODY_LIMIT = 32 * 1024 * 1024
JSON = "application/json"
MARK = {"x-brightrun-simulator": "1"}
LIMITS = "limits"
"""The key under which a request holds the rate limits that its answer tells of."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Simulator:
    """One simulated organization: its limits, its prompt cache, its weather and its account.

    `refuse_for` makes it unreachable for so many seconds; `busy` are the connections that await an answer.
    """

    def __init__(self, settings: SimulatorSettings, refuse_for: Callable[[float], None]) -> None:
        self._settings = settings
        self._weather = Weather(settings.faults, settings.seed)
        self._wire = WireFaults(refuse_for)
        self._limits: defaultdict[str, RateLimits] = defaultdict(lambda: RateLimits(settings))
        self._counting_limits = CountingLimits(settings)
        self._cache = PromptCache()
        self.account = Account()
        self.busy: set[web.RequestHandler] = set()
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
                web.get("/_simulator/faults", self._faults),
                web.post("/_simulator/faults", self._play),
            ]
        )
        return app

    # The Messages API

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        self.account.received[request.path] += 1
        self.account.in_flight += 1
        call = Call(request["request_id"])
        try:
            body = await request.read()
            call.body_sha256 = sha256(body).digest()
            self._authorize(request)
            call.asked = parse_request(body)
            request[LIMITS] = self._limits[call.asked.model.key]
            strike = self._weather.strike(Route.MESSAGES, call.body_sha256)
            call.fault = None if strike is None else strike.rule.fault.value
            if strike is not None:
                await self._refuse(request, strike)
            return await self._reply(request, call.asked, call, strike)
        except (ApiError, Refusal) as refused:
            call.status = refused.status
            raise
        finally:
            self.account.in_flight -= 1
            self.account.add(call.entry())

    async def _reply(
        self, request: web.Request, asked: MessageRequest, call: Call, strike: Strike | None
    ) -> web.StreamResponse:
        lookup = self._cache.look_up(asked.model.key, asked.segments)
        self._admit(asked, lookup.use)
        seed = blake2b(call.body_sha256, key=self._seed, digest_size=16).digest()
        reply = write_reply(asked, seed)
        if strike is not None and strike.rule.fault.facts.kind is FaultKind.REPLY:
            wrong = spoiled(reply, strike, asked)
            reply, call.fault = (reply, None) if wrong is None else (wrong, call.fault)
        await self._wait(seed)
        self._cache.begin_answer(lookup)
        self._limits[asked.model.key].wrote(reply.output_tokens)
        call.status = 200
        call.written = Written(request["request_id"].replace("req_", "msg_", 1), reply, lookup.use)
        message = message_of(call.written.message_id, asked, reply, lookup.use)
        response = self._response(request, message)
        call.delivered = await self._deliver(request, response, strike)
        return response

    async def _count_tokens(self, request: web.Request) -> web.StreamResponse:
        self.account.received[request.path] += 1
        body = await request.read()
        self._authorize(request)
        asked = parse_request(body, counting=True)
        request[LIMITS] = self._counting_limits
        strike = await self._met(request, Route.COUNT_TOKENS, sha256(body).digest())
        self._counting_limits.admit()
        return await self._answer(request, {"input_tokens": asked.input_tokens}, strike)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        self.account.received[request.path] += 1
        self._authorize(request)
        strike = await self._met(request, Route.MODELS, b"")
        keys = list(MODELS)
        listing = {
            "data": [model.as_json() for model in MODELS.values()],
            "first_id": keys[0],
            "has_more": False,
            "last_id": keys[-1],
        }
        return await self._answer(request, listing, strike)

    async def _one_model(self, request: web.Request) -> web.StreamResponse:
        self.account.received["/v1/models"] += 1
        self._authorize(request)
        strike = await self._met(request, Route.MODELS, b"")
        model = MODELS.get(request.match_info["model"])
        if model is None:
            raise not_found(f"model: {request.match_info['model']}")
        return await self._answer(request, model.as_json(), strike)

    # Faults

    async def _met(self, request: web.Request, route: Route, body_sha256: bytes) -> Strike | None:
        """The fault that a request meets on another route than that of messages, unless it is refused for it."""
        strike = self._weather.strike(route, body_sha256)
        if strike is not None:
            self.account.played(route, strike.rule.fault.value)
            await self._refuse(request, strike)
        return strike

    async def _refuse(self, request: web.Request, strike: Strike) -> None:
        """End a request that is not to be carried out; raises what it is answered."""
        rule = strike.rule
        if rule.fault.facts.kind is FaultKind.HTTP:
            await asyncio.sleep(rule.after_s)
            raise refusal(rule, request["request_id"])
        if rule.fault is Fault.RESET_ON_ARRIVAL:
            reset(request)

    async def _deliver(self, request: web.Request, response: web.Response, strike: Strike | None) -> bool:
        """Write an answer; whether it went out whole and undamaged."""
        if strike is not None and strike.rule.fault.facts.kind is FaultKind.WIRE:
            return await self._wire.deliver(request, response, strike.rule)
        await write_whole(request, response)
        return True

    def _admit(self, asked: MessageRequest, use: CacheUse) -> None:
        try:
            self._limits[asked.model.key].admit(use.uncached + use.written_5m + use.written_1h)
        except ApiError:
            self.account.refused_by_limits += 1
            raise

    # The simulator's own

    async def _about(self, request: web.Request) -> web.StreamResponse:
        about = {"simulator": True, "version": metadata.version("brightrun"), "seed": self._settings.seed}
        return self._response(request, about)

    async def _account(self, request: web.Request) -> web.StreamResponse:
        return self._response(request, self.account.as_json(entries=request.query.get("entries") == "1"))

    async def _faults(self, request: web.Request) -> web.StreamResponse:
        plan = self._weather.plan
        return self._response(request, {"faults": []} if plan is None else plan.as_json())

    async def _play(self, request: web.Request) -> web.StreamResponse:
        """Another fault plan, from the next request on."""
        from brightrun.simulator.fault_plan import read_plan  # late: most simulators never need it

        try:
            plan = read_plan(json.loads(await request.read()), "the posted plan")
        except ValueError as error:
            raise invalid_request("The request body is not valid JSON.") from error
        except ProblemsError as error:
            raise invalid_request(str(error)) from error
        self._weather = Weather(plan, self._settings.seed)
        return await self._faults(request)

    # What all routes share

    @web.middleware
    async def _answer_errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Give the request its id, and every failure the API's shape."""
        self._serial += 1
        request["request_id"] = f"req_sim_{self._nonce}{self._serial:014d}"
        self.busy.add(request.protocol)
        try:
            return await handler(request)
        except ConnectionError:
            return web.Response()  # nobody is there to receive it: the connection has ended
        except Refusal as refused:
            return self._raw(request, refused.body, refused.status, refused.content_type, refused.headers)
        except ApiError as error:
            failure = error
        except web.HTTPRequestEntityTooLarge:
            failure = too_large(f"Request exceeds the maximum size of {BODY_LIMIT} bytes")
        except web.HTTPException as error:
            failure = ApiError(
                error.status,
                "not_found_error" if error.status == 404 else "invalid_request_error",
                f"{request.method} {request.path}: {error.reason}",
            )
        finally:
            self.busy.discard(request.protocol)
        body = json.dumps(failure.as_json(request["request_id"])).encode()
        return self._raw(request, body, failure.status, JSON, failure.headers())

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

    async def _answer(self, request: web.Request, data: object, strike: Strike | None) -> web.StreamResponse:
        response = self._response(request, data)
        await self._deliver(request, response, strike)
        return response

    def _response(self, request: web.Request, data: object) -> web.Response:
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        return self._raw(request, body, 200, JSON, {})

    def _raw(
        self, request: web.Request, body: bytes, status: int, content_type: str, headers: Mapping[str, str]
    ) -> web.Response:
        """An answer with what every answer tells: its id, who gave it, and what is left of the limits."""
        limits = request.get(LIMITS)
        told = {} if limits is None else limits.headers()
        return web.Response(
            body=body,
            status=status,
            content_type=content_type,
            headers={"request-id": request["request_id"], **MARK, **told, **headers},
        )
