"""Text from outside, made fit to be stored, logged and printed."""

from __future__ import annotations

EXCERPT_CHARACTERS = 500


def excerpt(text: str, most: int = EXCERPT_CHARACTERS) -> str:
    """At most `most` characters of the text, with what no database and no terminal takes shown as its code."""
    short = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(
        character if character.isprintable() or character == "\n" else f"\\u{ord(character):04x}" for character in short
    )
