"""Fault plans: what is read, and what is refused with place and nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from brightrun.errors import ExitCode, ProblemsError
from brightrun.simulator.command import simulate
from brightrun.simulator.fault_plan import FaultPlan, load_fault_plan, plan_of, read_plan
from brightrun.simulator.faults import Fault, Route


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "weather.yaml"
    path.write_text(text)
    return path


def test_a_file_a_posted_plan_and_flags_say_the_same(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "seed: 3\n"
        "faults:\n"
        "  - {fault: overloaded, probability: 0.05}\n"
        "  - {fault: stalled_body, at: [3, 7-9], seconds: 2}\n"
        "  - {fault: rate_limited, route: count_tokens, every: 10, first: 5, until: 80, retry_after_s: 4}\n",
    )
    from_file = load_fault_plan(path)
    from_flags = plan_of(
        "overloaded:0.05",
        "stalled_body@3,7-9,seconds=2",
        "rate_limited,route=count_tokens,every=10,first=5,until=80,retry_after_s=4",
        seed=3,
    )
    assert from_file == from_flags == read_plan(from_flags.as_json(), "posted")
    assert from_file.faults[1].at == "3,7-9"
    assert from_file.faults[2].route is Route.COUNT_TOKENS


def test_a_file_and_flags_add_up(tmp_path: Path) -> None:
    path = written(tmp_path, "seed: 3\nfaults: [{fault: overloaded}]\n")
    both = load_fault_plan(path).with_rules_of(plan_of("no_text:0.5"))
    assert (both.seed, [rule.fault for rule in both.faults]) == (3, [Fault.OVERLOADED, Fault.NO_TEXT])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("faults:\n  - fault: overloded\n", 2, "allowed: 'rate_limited', 'rate_limited_bare'"),
        ("faults:\n  - fault: overloded\n", 2, "(did you mean `overloaded`?)"),
        (
            "faults:\n  - fault: refusal\n    categry: bio\n",
            3,
            "unknown key `faults.0.categry` (did you mean `category`?)",
        ),
        ("faults:\n  - fault: refusal\n    category: bios\n", 3, "(did you mean `bio`?)"),
        ("faults:\n  - fault: no_text\n    route: mesages\n", 3, "(did you mean `messages`?)"),
        (
            "faults:\n  - fault: no_text\n    route: models\n",
            2,
            "`no_text` is a fault of replies, and models gets none",
        ),
        ("faults:\n  - fault: no_text\n    seconds: 3\n", 2, "`seconds` means nothing to `no_text`, which takes no"),
        ("faults:\n  - fault: no_text\n    probability: 1.5\n", 3, "less than or equal to 1 (it is 1.5)"),
        ("faults:\n  - fault: no_text\n    at: 9-7\n", 3, "9-7 is no range"),
        ("faults:\n  - {fault: no_text, at: 3, every: 2}\n", 2, "give at or every, not both"),
        ("faults:\n  - {fault: no_text, at: 3, until: 2}\n", 2, "`first` and `until` do not go with it"),
        ("faults:\n  - {fault: no_text, first: 3, until: 2}\n", 2, "`until` (2) is before `first` (3)"),
        (
            "faults:\n  - {fault: no_text, probability: 0.6}\n  - {fault: refusal, probability: 0.6, first: 10}\n",
            1,
            "the probabilities on messages add up to 1.2 from request 10 on",
        ),
        ("fault: []\n", 1, "unknown key `fault` (did you mean `faults`?)"),
        ("faults: [\n", 2, "is not valid YAML"),
    ],
)
def test_a_bad_plan_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ProblemsError) as refused:
        load_fault_plan(path)
    assert f"{path}:{line}: " in str(refused.value)
    assert said in str(refused.value)
    assert refused.value.exit_code is ExitCode.BAD_REQUEST


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("overloded:0.1", "fault 'overloded:0.1': `fault` is 'overloded', allowed: "),
        ("overloded:0.1", "(did you mean `overloaded`?)"),
        ("overloaded:often", "`probability`: Input should be a valid number"),
        ("overloaded@0", "requests are counted from 1"),
        ("overloaded@soon", "`at`: String should match pattern"),
        ("overloaded,retry_after_s=2", "`retry_after_s` means nothing to `overloaded`, which takes `after_s`"),
        ("", "`fault` is missing"),
    ],
)
def test_a_bad_flag_is_refused_and_shown(flag: str, said: str) -> None:
    with pytest.raises(ProblemsError) as refused:
        simulate("127.0.0.1", 0, 0, "0:0", fault=[flag])
    assert said in str(refused.value)


def test_a_plan_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match=r"missing\.yaml: No such file"):
        load_fault_plan(tmp_path / "missing.yaml")


def test_shares_that_never_meet_need_not_add_up_to_less_than_one() -> None:
    plan_of("no_text:0.8,until=10", "refusal:0.8,first=11", "overloaded:0.8,route=count_tokens")


def test_nothing_goes_wrong_unless_it_is_asked_for() -> None:
    assert FaultPlan().faults == ()
