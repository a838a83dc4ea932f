"""The API's errors, in the API's shape."""

from __future__ import annotations


class ApiError(Exception):
    """An answer that is an error: status, error type and message as the API words them."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message

    def as_json(self, request_id: str) -> dict[str, object]:
        return {
            "type": "error",
            "error": {"type": self.kind, "message": self.message},
            "request_id": request_id,
        }


def invalid_request(message: str) -> ApiError:
    return ApiError(400, "invalid_request_error", message)


def not_found(message: str) -> ApiError:
    return ApiError(404, "not_found_error", message)


def unauthorized(message: str) -> ApiError:
    return ApiError(401, "authentication_error", message)


def too_large(message: str) -> ApiError:
    return ApiError(413, "request_too_large", message)
