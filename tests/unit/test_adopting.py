"""What is told of a spec that was changed."""

from __future__ import annotations

from brightrun.adopting import LONGEST_VALUE, changed_settings

SPEC = {"name": "d", "generate": {"budget_usd": "2", "judge": None}, "quality": {"rule": {}}, "export": ["messages"]}


def test_the_same_spec_has_changed_in_nothing() -> None:
    assert list(changed_settings(SPEC, dict(SPEC))) == []


def test_each_setting_that_is_another_is_told_by_its_name() -> None:
    now = {
        "name": "d",
        "generate": {"budget_usd": "5", "judge": {"share": 0.5}},
        "quality": {"rule": {"user_echo": "warn"}},
        "export": ["messages", "pairs"],
    }
    assert list(changed_settings(SPEC, now)) == [
        'export ["messages"] -> ["messages", "pairs"]',
        "generate.budget_usd 2 -> 5",
        "generate.judge.share nothing -> 0.5",
        "quality.rule.user_echo nothing -> warn",
    ]


def test_a_long_value_is_cut() -> None:
    (told,) = changed_settings({"note": "a"}, {"note": "b" * 500})
    assert told == f"note a -> {'b' * (LONGEST_VALUE - 1)}…"
