"""JSON read quickly says what the standard library says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun import quick_json

documents: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


@given(document=documents, ascii_only=st.booleans())
def test_it_reads_what_the_standard_library_reads(document: Any, ascii_only: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only)
    if "Infinity" not in text:
        assert quick_json.loads(text) == json.loads(text)


def test_half_of_a_surrogate_pair_is_read_and_left_to_whoever_keeps_it() -> None:
    assert quick_json.loads('"\\ud800"') == "\ud800"


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", b"\xff", '"a\nb"'])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        quick_json.loads(text)
