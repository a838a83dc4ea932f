"""What the experiments came to, as tables for a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; numbers stand to the right."""
    filled = [[str(cell) for cell in row] for row in rows]
    numeric = [bool(filled) and all(_is_number(row[i]) for row in filled) for i in range(len(heads))]
    lines = [heads, ["---:" if number else "---" for number in numeric], *filled]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace(",", "").lstrip("-").isdigit()
