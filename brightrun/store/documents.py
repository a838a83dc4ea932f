"""How the values of JSON columns are written and read."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from brightrun import quick_json

read_document = quick_json.loads


def written_document(value: Any) -> str:
    """A value for a JSON column; a model writes itself, many times faster."""
    return value.model_dump_json() if isinstance(value, BaseModel) else json.dumps(value)
