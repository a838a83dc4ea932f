"""Personal data that could be somebody's, and what looks like it and is nobody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from brightrun.quality.candidate import Candidate
from brightrun.quality.privacy import account_numbers, email_addresses, phone_numbers

CandidateOf = Callable[[dict[str, Any]], Candidate]


def found(text: str, candidate_of: CandidateOf) -> list[tuple[str, str]]:
    candidate = candidate_of({"turns": [{"user": text}, {"assistant": "The rent comes first."}]})
    checks = (account_numbers, phone_numbers, email_addresses)
    return [(finding.code.value, finding.quote) for check in checks for finding in check(candidate)]


@pytest.mark.parametrize(
    "text, code",
    [
        ("card 4532015112830366", "card_number"),
        ("card 3782-822463-10005 expires soon", "card_number"),
        ("my ssn is 219-09-7128", "national_id"),
        ("social security number 219097128", "national_id"),
        ("pay it to GB29 NWBK 6016 1331 9268 19", "bank_account"),
        ("call me at 419-321-7740", "phone_number"),
        ("call me at +44 20 7946 1234", "phone_number"),
        ("write to j.doe1977@yahoo.com", "email_address"),
    ],
)
def test_what_could_be_somebodys_is_found_and_not_repeated(text: str, code: str, candidate_of: CandidateOf) -> None:
    ((kind, quote),) = found(text, candidate_of)
    assert kind == code
    assert sum(character.isdigit() for character in quote) <= 2
    assert "j.doe" not in quote


@pytest.mark.parametrize(
    "text",
    [
        "order 4111 1111 1111 1112",  # the checksum is wrong
        "0000 0000 0000 0000",
        "ssn 078-05-1120",  # printed in a wallet, never issued again
        "ssn 666-12-3456",
        "reference 219097128",
        "call 555-0123 or (419) 555-0142",
        "call 1-800-829-1040 or 988 or 911 or 211",
        "write to a@example.com or help@irs.gov",
        "the years 2019-2024 and 401(k), 1099-C, 1040-X",
        "from $1,240,000 to $2,310,000",
        "@home, 3 @ 5 each",
    ],
)
def test_what_is_nobodys_is_left_alone(text: str, candidate_of: CandidateOf) -> None:
    assert found(text, candidate_of) == []
