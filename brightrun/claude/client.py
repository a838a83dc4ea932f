"""The one door to the API: where it is, and the SDK's client for it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import anthropic
import httpx2

from brightrun.errors import RequestError

PROBE_TIMEOUT_S = 5.0

CONNECT_TIMEOUT_S = 15.0
"""To be connected takes no longer than this; the time allowed for a reply is for the reply."""


DEFAULT_BASE_URL = "https://api.anthropic.com"


@dataclass(frozen=True)
class Endpoint:
    """Where calls go, and with which key. The key never shows in a repr."""

    base_url: str | None
    api_key: str = field(repr=False)
    simulated: bool = False


def configured_endpoint() -> Endpoint | None:
    """The endpoint the environment names, or None where it names none: then the simulator is used.

    A base URL without a key is for servers that want none. Whether a simulator answers there is asked.
    """
    key = os.environ.get("ANTHROPIC_API_KEY", "").strip()
    base_url = os.environ.get("ANTHROPIC_BASE_URL", "").strip() or None
    if not key and not base_url:
        return None
    if base_url and not base_url.startswith(("http://", "https://")):
        raise RequestError(f"ANTHROPIC_BASE_URL must begin with http:// or https://; it is {base_url!r}")
    simulated = base_url is not None and _is_simulator(base_url)
    return Endpoint(base_url=base_url, api_key=key or "none", simulated=simulated)


def make_client(
    endpoint: Endpoint, timeout_s: float, http: httpx2.AsyncClient | None = None
) -> anthropic.AsyncAnthropic:
    """The SDK's client: aiohttp transport (less CPU a call), and no retries of its own."""
    return anthropic.AsyncAnthropic(
        api_key=endpoint.api_key,
        base_url=endpoint.base_url or DEFAULT_BASE_URL,
        max_retries=0,
        timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
        http_client=http or anthropic.DefaultAioHttpClient(),
    )


class MessagesDoor:
    """Posts requests that are ready as bytes: the SDK's address, headers, transport and errors.

    `messages.create` copies, transforms and dumps each body, builds its headers anew and parses each reply, at three
    times the CPU (docs/performance.md).
    """

    def __init__(self, endpoint: Endpoint, timeout_s: float) -> None:
        self._http = anthropic.DefaultAioHttpClient()
        self._sdk = make_client(endpoint, timeout_s, self._http)
        url = f"{str(self._sdk.base_url).rstrip('/')}/v1/messages"
        headers = {name: value for name, value in self._sdk.default_headers.items() if isinstance(value, str)}
        headers["x-stainless-retry-count"] = "0"
        self._like = self._http.build_request("POST", url, headers=headers, timeout=self._sdk.timeout)
        del self._like.headers["content-length"]  # each has its own

    async def post(self, body: bytes) -> httpx2.Response:
        """The answer to a request, read whole. Raises the SDK's errors for one that is none, or did not come."""
        like = self._like
        request = httpx2.Request("POST", like.url, headers=like.headers, content=body, extensions=like.extensions)
        try:
            response = await self._http.send(request)
        except httpx2.TimeoutException as error:
            raise anthropic.APITimeoutError(request=request) from error
        except Exception as error:
            raise anthropic.APIConnectionError(request=request) from error
        if not response.is_success:
            raise _status_error(response)
        return response

    async def count_tokens(self, body: dict[str, Any]) -> int:
        return (await self._sdk.messages.count_tokens(**body)).input_tokens

    async def close(self) -> None:
        await self._sdk.close()


def _status_error(response: httpx2.Response) -> anthropic.APIStatusError:
    """The SDK's error for an answer that is one, whatever its body is."""
    message, body = f"Error code: {response.status_code}", response.text.strip()
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return anthropic.APIStatusError(body or message, response=response, body=body)
    return anthropic.APIStatusError(f"{message} - {parsed}", response=response, body=parsed)


def _is_simulator(base_url: str) -> bool:
    request = urllib.request.Request(f"{base_url.rstrip('/')}/_simulator", method="GET")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PROBE_TIMEOUT_S) as response:  # noqa: S310
            return bool(json.load(response).get("simulator"))
    except (urllib.error.URLError, OSError, ValueError, AttributeError):
        return False  # an API that is none of ours, or away: the calls will tell
