"""The API's errors, in the API's shape."""

from __future__ import annotations


class ApiError(Exception):
    """An answer that is an error: status, error type, message and code as the API words them."""

    def __init__(
        self, status: int, kind: str, message: str, *, code: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.code = code
        self.retry_after_s = retry_after_s

    def as_json(self, request_id: str) -> dict[str, object]:
        error: dict[str, object] = {"type": self.kind, "message": self.message}
        if self.code is not None:
            error["details"] = {"error_code": self.code}
        return {"type": "error", "error": error, "request_id": request_id}

    def headers(self) -> dict[str, str]:
        return {} if self.retry_after_s is None else {"retry-after": str(self.retry_after_s)}


def invalid_request(message: str) -> ApiError:
    return ApiError(400, "invalid_request_error", message)


def not_found(message: str) -> ApiError:
    return ApiError(404, "not_found_error", message)


def unauthorized(message: str) -> ApiError:
    return ApiError(401, "authentication_error", message)


def too_large(message: str) -> ApiError:
    return ApiError(413, "request_too_large", message)
