"""The one door to the API: where it is, and the SDK's client for it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import anthropic
import httpx2

from brightrun.errors import RequestError

PROBE_TIMEOUT_S = 5.0

CONNECT_TIMEOUT_S = 15.0
"""To be connected takes no longer than this; the time allowed for a reply is for the reply."""


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


def make_client(endpoint: Endpoint, timeout_s: float) -> anthropic.AsyncAnthropic:
    """The SDK's client: aiohttp transport (less CPU a call), and no retries of its own."""
    return anthropic.AsyncAnthropic(
        api_key=endpoint.api_key,
        base_url=endpoint.base_url or "https://api.anthropic.com",
        max_retries=0,
        timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
        http_client=anthropic.DefaultAioHttpClient(),
    )


def _is_simulator(base_url: str) -> bool:
    request = urllib.request.Request(f"{base_url.rstrip('/')}/_simulator", method="GET")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PROBE_TIMEOUT_S) as response:  # noqa: S310
            return bool(json.load(response).get("simulator"))
    except (urllib.error.URLError, OSError, ValueError, AttributeError):
        return False  # an API that is none of ours, or away: the calls will tell
