"""How people of the simulator type."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from random import Random

from brightrun.simulator.writing_style import WritingStyle, is_rude, written

ROOT = Path(__file__).parents[3]


def test_no_slip_makes_a_swear_word_of_a_clean_one() -> None:
    """Of any word that the catalog or the simulator has: county, account, pension, result."""
    sources = chain((ROOT / "catalogs").rglob("*.yaml"), (ROOT / "brightrun" / "simulator").glob("phrases_*.py"))
    words = sorted(
        {word for path in sources for word in re.findall(r"\b[a-z]{5,}\b", path.read_text(encoding="utf-8"))}
    )
    clean = [word for word in words if not is_rude(word)]
    assert {"county", "account", "pension", "results"} <= set(clean)
    style, rng = WritingStyle(typo_share=1.0), Random(3)
    slips = {written(word, style, rng) for word in clean for _ in range(12)}
    assert len(slips) > 2 * len(clean)
    assert [slip for slip in sorted(slips) if is_rude(slip)] == []


def test_slips_are_the_same_each_time_and_leave_names_and_figures_alone() -> None:
    text, style = (
        "My account at Crescent has 21,750 dollars, because the county paid late.",
        WritingStyle(typo_share=0.3),
    )
    first, again = (written(text, style, Random(5)) for _ in range(2))
    assert first == again != text
    assert "Crescent has 21,750" in first
