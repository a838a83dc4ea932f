"""Refusals: how a request is answered that is not carried out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from brightrun.simulator.errors import ApiError
from brightrun.simulator.faults import Fault

if TYPE_CHECKING:
    from brightrun.simulator.fault_plan import FaultRule

JSON = "application/json"
HTML = "text/html"
PAGE = (
    "<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body>\r\n"
    "<center><h1>500 Internal Server Error</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
LATIN_TEXT = "Erreur interne du serveur : requête abandonnée, réessayez plus tard.".encode("latin-1")

RATE_LIMIT = (429, "rate_limit_error", "This request would exceed your organization's rate limit.")
SPEND_LIMIT = (429, "rate_limit_error", "Your organization has reached its limit on spending.")
INTERNAL = (500, "api_error", "Internal server error")

ERRORS: dict[Fault, tuple[int, str, str]] = {
    Fault.RATE_LIMITED: RATE_LIMIT,
    Fault.RATE_LIMITED_BARE: RATE_LIMIT,
    Fault.RAMP_LIMIT: (429, "rate_limit_error", "Your usage is growing faster than is allowed."),
    Fault.ENFORCED_SPEND_LIMIT: SPEND_LIMIT,
    Fault.CONTRACT_SPEND_LIMIT: SPEND_LIMIT,
    Fault.CUSTOMER_SPEND_LIMIT: (400, "billing_error", "You have reached your specified API usage limits."),
    Fault.OVERLOADED: (529, "overloaded_error", "Overloaded"),
    Fault.SERVER_ERROR: INTERNAL,
    Fault.SERVER_ERROR_TRUNCATED: INTERNAL,
    Fault.GATEWAY_TIMEOUT: (504, "timeout_error", "The request timed out while it was processed."),
    Fault.UNAUTHORIZED: (401, "authentication_error", "invalid x-api-key"),
    Fault.PAYMENT_REQUIRED: (402, "billing_error", "Your credit balance is too low to access the API."),
    Fault.FORBIDDEN: (403, "permission_error", "Your API key does not have permission to use this resource."),
    Fault.TOO_LARGE: (413, "request_too_large", "Request exceeds the maximum size"),
}
"""Status, type and message of the refusals that have the API's shape."""

BODIES: dict[Fault, tuple[int, bytes, str]] = {
    Fault.SERVER_ERROR_HTML: (500, PAGE.encode(), HTML),
    Fault.SERVER_ERROR_NOT_UTF8: (500, LATIN_TEXT, "text/plain"),
    Fault.BAD_GATEWAY_EMPTY: (502, b"", HTML),
}
"""Status, body and content type of those that have not."""

CODES = {
    Fault.RAMP_LIMIT: "ramp_limit_exceeded",
    Fault.ENFORCED_SPEND_LIMIT: "enforced_spend_limit_reached",
    Fault.CONTRACT_SPEND_LIMIT: "contract_spend_limit_reached",
}
WITH_RETRY_AFTER = frozenset({Fault.RATE_LIMITED, Fault.RAMP_LIMIT})


class Refusal(Exception):
    """An answer that carries nothing out, whatever its body is."""

    def __init__(self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = headers or {}


def refusal(rule: FaultRule, request_id: str) -> Refusal:
    """The answer that an HTTP fault gives."""
    fault = rule.fault
    if fault in BODIES:
        return Refusal(*BODIES[fault])
    error = ApiError(
        *ERRORS[fault],
        code=CODES.get(fault, rule.code),
        retry_after_s=rule.retry_after_s if fault in WITH_RETRY_AFTER else None,
    )
    body = json.dumps(error.as_json(request_id)).encode()
    if fault is Fault.SERVER_ERROR_TRUNCATED:
        body = body[: len(body) // 2]
    return Refusal(error.status, body, JSON, error.headers())
