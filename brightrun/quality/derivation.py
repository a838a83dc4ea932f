"""Whether an amount follows from others: given before, or one or two steps of arithmetic from what was given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations

from brightrun.quality.amounts import Amount, AmountKind

TIMES = tuple(Decimal(n) for n in (2, 3, 4, 10, 12, 24, 26, 52))
"""What people multiply and divide by without saying so: halves, quarters, months, paychecks, weeks."""
MOST_OPERANDS = 30
"""Of each kind, the latest: a conversation with more numbers than that is a table."""
HEDGED_SHARE = Decimal("0.05")
HUNDRED, THOUSAND, ONE, YEAR = Decimal(100), Decimal(1_000), Decimal(1), Decimal(12)
LONGEST_YEARS = Decimal(60)


class Derivation:
    """The numbers of a conversation so far, and what follows from them."""

    def __init__(self, facts: Iterable[Amount] = ()) -> None:
        self._money: dict[Decimal, None] = {}
        self._percents: dict[Decimal, None] = {}
        self._counts: dict[Decimal, None] = {}
        self.add(facts)

    def add(self, amounts: Iterable[Amount]) -> None:
        """These numbers are known from now on."""
        for amount in amounts:
            kind = {AmountKind.MONEY: self._money, AmountKind.PERCENT: self._percents, AmountKind.COUNT: self._counts}
            kind[amount.kind].pop(amount.value, None)
            kind[amount.kind][amount.value] = None

    def add_counts(self, counts: Iterable[int]) -> None:
        """These numbers, written as words, are known from now on."""
        self._counts |= dict.fromkeys(map(Decimal, counts))

    def explains(self, amount: Amount) -> bool:
        """Whether the amount is known, or follows."""
        if amount.value in self._money or amount.value in self._percents or amount.value in self._counts:
            return True
        allowed = max(amount.step, HEDGED_SHARE * amount.value) if amount.is_hedged else amount.step / 2
        known = (*self._money, *self._percents, *self._counts, *(THOUSAND * n for n in self._counts if n < THOUSAND))
        if any(abs(value - amount.value) <= allowed for value in known):
            return True
        allowed = max(allowed, amount.step)
        derived = self._percentages() if amount.is_percent else self._sums_of_money()
        return any(abs(value - amount.value) <= allowed for value in derived)

    def _operands(self) -> tuple[list[Decimal], list[Decimal], list[Decimal]]:
        money = list(self._money)[-MOST_OPERANDS:]
        counts = [n for n in list(self._counts)[-MOST_OPERANDS:] if n]
        return money, list(self._percents)[-MOST_OPERANDS:], counts

    def _percentages(self) -> Iterator[Decimal]:
        money, percents, counts = self._operands()
        for a, b in combinations(percents, 2):
            yield from (a + b, abs(a - b))
        for a, b in combinations([*money, *counts], 2):
            if a and b:
                yield from (HUNDRED * a / b, HUNDRED * b / a)
                yield from (abs(HUNDRED - HUNDRED * a / b), abs(HUNDRED - HUNDRED * b / a))
        for p in percents:
            yield from (HUNDRED - p, *(p * n for n in TIMES), *(p / n for n in TIMES))

    def _sums_of_money(self) -> Iterator[Decimal]:
        money, percents, counts = self._operands()
        amounts = [*money, *counts]  # "rent is 1100" gives an amount as well
        yield sum(money, Decimal(0))
        for a, b in combinations(amounts, 2):
            yield from (a + b, abs(a - b), a * b)
            if a and b:
                yield from (a / b, b / a)
        for a, b, c in combinations(money[-12:], 3):
            yield from (a + b + c, abs(a + b - c), abs(a - b - c), abs(a - b + c))
        for a in (*money, *(n for n in counts if n >= HUNDRED)):
            for n in (*TIMES, *counts):
                yield from (a * n, a / n, a * n * YEAR, a / (n * YEAR))
                for b in money[-12:]:
                    yield abs(a - b * n)
                    yield abs(a - b) * n
                    yield abs(a - b) / n
            for p in percents:
                share = a * p / HUNDRED
                yield from (share, a + share, a - share, share / YEAR)
                yield from (share * n for n in counts)
                yield from self._grown(a, p, counts)

    @staticmethod
    def _grown(a: Decimal, percent: Decimal, counts: list[Decimal]) -> Iterator[Decimal]:
        """A sum, and a monthly payment, with interest after the years that were spoken of."""
        for years in counts:
            if years != int(years) or not 1 <= years <= LONGEST_YEARS or not 0 < percent <= HUNDRED:
                continue
            growth = (ONE + percent / HUNDRED) ** int(years)
            yield a * growth
            yield a * YEAR * (growth - ONE) / (percent / HUNDRED)
