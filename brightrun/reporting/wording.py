"""Numbers and sums of money as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
SMALL = Decimal("0.005")
FEW = 20


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 conversation", "1,200 conversations"."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def dollars(amount: str) -> str:
    """Exact dollars as a price: "$9.10"; what would round to nothing keeps two digits that say something."""
    exact = Decimal(amount)
    sign = "−" if exact < 0 else ""
    exact = abs(exact)
    if 0 < exact < SMALL:
        return f"{sign}${exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), ROUND_HALF_UP).normalize():f}"
    return f"{sign}${exact.quantize(CENT, ROUND_HALF_UP):,f}"


def percent(share: float) -> str:
    """A share as a percentage; what is not whole is never shown as 0% or 100%."""
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{share:.0%}"


def share_of(count: int, total: int) -> str:
    """A part of a whole: as a percentage, or in numbers where a percentage would claim more than it knows."""
    return f"{count} of {total}" if total < FEW else percent(count / total)
