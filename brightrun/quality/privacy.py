"""Checks for personal data that could be somebody's: account and card numbers, national ids, phones, mail addresses.

What is meant for examples (555-01xx, example.com, the ids that were never issued), toll-free numbers and
whatever stands in the catalog itself is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from stdnum import iban, luhn
from stdnum.us import itin, ssn

from brightrun.catalog import Catalog
from brightrun.quality.candidate import MANY_DIGITS, Candidate
from brightrun.quality.verdicts import CheckCode, Finding, fail

CARD = re.compile(r"(?<![\w.,$-])\d(?:[ -]?\d){12,18}(?![\w-])")
CARD_ISSUERS = re.compile(r"4|5[1-5]|2[2-7]|3[47]|3[068]|6")
NATIONAL = re.compile(r"(?<![\w.,$-])\d{3}([- ]?)\d{2}\1\d{4}(?![\w-])")
SPEAKS_OF_NATIONAL_ID = re.compile(r"\b(?:ssn|social security|social|itin|taxpayer id)\b")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}\b")
NOBODYS_DOMAINS = re.compile(
    r"(?:\A|\.)(?:example\.(?:com|org|net|edu)|gov|mil|example|test|invalid|localhost|local)\Z"
)
FICTIONAL = re.compile(r"55501\d\d\Z")
REGION = {
    "United States": "US",
    "Canada": "CA",
    "United Kingdom": "GB",
    "Ireland": "IE",
    "Australia": "AU",
    "Germany": "DE",
}
"""Where a number without a country's prefix is looked for, by the catalog's jurisdiction."""
LENIENCY = phonenumbers.Leniency.STRICT_GROUPING
"""A valid number, grouped as numbers are: an invoice's is mostly neither."""
PUBLIC_KINDS = frozenset(
    (
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.UAN,
    )
)


MAY_BE_IBAN = re.compile(r"[A-Z][A-Z]\d\d")
"""Found many times faster than what begins at a word."""


def account_numbers(candidate: Candidate) -> Iterator[Finding]:
    """No card number that checks out, no social security number that may have been issued, no bank account."""
    if not candidate.has_many_digits and not MAY_BE_IBAN.search(candidate.text):
        return
    for number, turn in enumerate(candidate.conversation.turns, 1):
        text = turn.content
        for match in CARD.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if CARD_ISSUERS.match(digits) and len(set(digits)) > 2 and luhn.is_valid(digits):
                yield fail(CheckCode.CARD_NUMBER, number, _masked(match[0]))
        for match in NATIONAL.finditer(text):
            if not match[1] and not SPEAKS_OF_NATIONAL_ID.search(
                text[max(0, match.start() - 40) : match.end() + 20].lower()
            ):
                continue  # nine digits without dashes are a number like any other
            if ssn.is_valid(match[0].replace(" ", "-")) or itin.is_valid(match[0].replace(" ", "-")):
                yield fail(CheckCode.NATIONAL_ID, number, _masked(match[0]))
        for match in IBAN.finditer(text):
            if iban.is_valid(match[0]):
                yield fail(CheckCode.BANK_ACCOUNT, number, _masked(match[0]))


WRITTEN_AS_PHONE = re.compile(r"(?<![\d(-])(?:\(\d{3}\) ?|\d{3}-)(?!555)\d{3}-\d{4}(?![\d-])")
TOLL_FREE = re.compile(r"\(?8(?:00|33|44|55|66|77|88)\b")


def phone_numbers(candidate: Candidate) -> Iterator[Finding]:
    """No telephone number that could be a person's, nor one in the United States' form that was made up."""
    if not candidate.has_many_digits:
        return
    region = REGION.get(candidate.catalog.info.jurisdiction)
    for number, turn in enumerate(candidate.conversation.turns, 1):
        if not MANY_DIGITS.search(turn.content):
            continue
        told: list[str] = []
        for match in phonenumbers.PhoneNumberMatcher(turn.content, region, leniency=LENIENCY):
            national = str(match.number.national_number)
            kind = phonenumbers.number_type(match.number)
            told.append(match.raw_string)
            if (
                not FICTIONAL.search(national)
                and kind not in PUBLIC_KINDS
                and national not in _digits_of(candidate.catalog)
            ):
                yield fail(CheckCode.PHONE_NUMBER, number, _masked(match.raw_string))
        for made_up in WRITTEN_AS_PHONE.findall(turn.content) if region == "US" else ():
            known = re.sub(r"\D", "", made_up) in _digits_of(candidate.catalog)
            if not known and not TOLL_FREE.match(made_up) and not any(made_up in each for each in told):
                yield fail(CheckCode.PHONE_NUMBER, number, _masked(made_up))


def email_addresses(candidate: Candidate) -> Iterator[Finding]:
    """No mail address at a domain where somebody may receive it."""
    if "@" not in candidate.text:
        return
    for number, turn in enumerate(candidate.conversation.turns, 1):
        for match in EMAIL.finditer(turn.content):
            domain = match[0].rsplit("@", 1)[1].lower()
            if not NOBODYS_DOMAINS.search(domain):
                yield fail(CheckCode.EMAIL_ADDRESS, number, f"…@{domain}")


def _masked(text: str) -> str:
    """The evidence without what makes it somebody's: all digits but the last two are hidden."""
    digits = sum(character.isdigit() for character in text)
    shown = []
    for character in text:
        if character.isdigit():
            digits -= 1
            character = character if digits < 2 else "•"
        shown.append(character)
    return "".join(shown)


def _digits_of(catalog: Catalog) -> str:
    """All digits of the catalog's arcs and advisor in a row: the numbers it names are public."""
    texts = [*catalog.advisor.boundaries, *catalog.advisor.principles]
    for arc in catalog.arcs.values():
        texts += [*arc.principles, *(technique.how for technique in arc.techniques)]
    return _digits(tuple(texts))


@lru_cache(maxsize=16)
def _digits(texts: tuple[str, ...]) -> str:
    return "\n".join(re.sub(r"[ ().-]", "", text) for text in texts)
