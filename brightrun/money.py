"""Amounts of money as text: exact, and never in powers of ten."""

from __future__ import annotations

from decimal import Decimal


def exact_text(amount: Decimal) -> str:
    """The amount in plain digits, without zeros at its end."""
    return f"{amount.normalize():f}"
