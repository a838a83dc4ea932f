"""The door posts what the SDK would post, and fails as the SDK fails."""

from __future__ import annotations

import asyncio
import json

import adversary as api
import anthropic
import pytest
from adversary import Adversary

from brightrun.claude.client import Endpoint, MessagesDoor, make_client

BODY = {"model": "claude-sonnet-5-5", "max_tokens": 5, "messages": [{"role": "user", "content": "größer"}]}
OF_EACH_REQUEST = {"content-length", "x-stainless-timeout", "x-stainless-read-timeout"}


def test_it_sends_the_headers_of_the_sdk(adversary: Adversary) -> None:
    endpoint = Endpoint(adversary.url, "a-key")

    async def both() -> None:
        sdk, door = make_client(endpoint, 30.0), MessagesDoor(endpoint, 30.0)
        await sdk.messages.create(**BODY)  # type: ignore[call-overload]
        for _ in range(2):
            answer = await door.post(json.dumps(BODY).encode())
        assert answer.json()["type"] == "message"
        await sdk.close()
        await door.close()

    asyncio.run(both())
    of_sdk, *of_door = (
        {name.lower(): value for name, value in received.headers.items() if name.lower() not in OF_EACH_REQUEST}
        for received in adversary.received
    )
    assert of_door == [of_sdk, of_sdk]
    assert [received.json for received in adversary.received] == [BODY] * 3


@pytest.mark.parametrize("status", [400, 401, 429, 500, 529])
def test_it_fails_with_what_the_sdk_knows_of_an_error(adversary: Adversary, status: int) -> None:
    adversary.otherwise = api.refuse(status, "not today", code="a_code", retry_after="7")

    async def both() -> list[anthropic.APIStatusError]:
        endpoint = Endpoint(adversary.url, "a-key")
        sdk, door = make_client(endpoint, 30.0), MessagesDoor(endpoint, 30.0)
        with pytest.raises(anthropic.APIStatusError) as of_sdk:
            await sdk.messages.create(**BODY)  # type: ignore[call-overload]
        with pytest.raises(anthropic.APIStatusError) as of_door:
            await door.post(json.dumps(BODY).encode())
        await sdk.close()
        await door.close()
        return [of_sdk.value, of_door.value]

    facts = [
        (e.status_code, e.type, e.error_code, e.api_message, e.request_id, e.message, e.response.headers["retry-after"])
        for e in asyncio.run(both())
    ]
    assert facts[0] == facts[1]
    assert facts[0][:4] == (status, api.API_ERRORS[status], "a_code", "not today")
