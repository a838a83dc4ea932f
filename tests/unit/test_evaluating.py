"""The evaluation files of a spec: found, read and refused like its other paths."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
import yaml

from brightrun.conversation import AssistantTurn, Conversation, UserTurn
from brightrun.errors import ProblemsError
from brightrun.evaluating import EvaluationGuard, evaluation_guard, guard_of
from brightrun.planning import make_plan
from brightrun.quality.neighbour_codes import NeighbourCode
from brightrun.quality.verdicts import Severity
from brightrun.spec import load_spec

ROOT = Path(__file__).parents[2]
QUESTION = "how much may a grandparent put into a savings plan in one year before anybody has to report it"


def spec_file(folder: Path, **evaluation: object) -> Path:
    path = folder / "spec.yaml"
    spec = {
        "name": "held-against",
        "catalog": str(ROOT / "catalogs" / "financial_planning"),
        "grid": {"personas": ["anxious_planner"], "arcs": ["confusion_to_clarity"], "topics": ["grandparent_529"]},
        "generate": {"budget_usd": 1},
        "quality": {"evaluation": evaluation},
    }
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return path


def guard(path: Path) -> EvaluationGuard:
    made = evaluation_guard(load_spec(path))
    assert made
    return made


def told(*messages: str) -> Conversation:
    turns = [
        AssistantTurn(role="assistant", content=content, technique="counting", teaches="One thing.")
        if number % 2
        else UserTurn(role="user", content=content, emotion="worry", intensity=0.5)
        for number, content in enumerate(messages)
    ]
    return Conversation.model_construct(turns=tuple(turns))


def test_files_are_relative_to_the_spec_and_what_is_shared_is_a_finding(tmp_path: Path) -> None:
    held_out = tmp_path / "held-out.jsonl"
    held_out.write_text(f'{{"q": "one"}}\n{{"q": "{QUESTION}"}}\n')
    made = guard(spec_file(tmp_path, files=["held-out.jsonl"]))
    (file,) = made.index.files
    assert (file.path, file.sha256) == ("held-out.jsonl", hashlib.sha256(held_out.read_bytes()).hexdigest())
    (finding,) = made.findings(told("Hello", f"You ask {QUESTION.title()}?"))
    assert (finding.code, finding.severity, finding.turn) == (NeighbourCode.EVALUATION_OVERLAP, Severity.FAIL, 2)
    assert finding.quote == f"{' '.join(QUESTION.split()[:13])} (held-out.jsonl:2)"
    assert made.findings(told("Hello", "Nothing of the kind")) == []


def test_it_counts_as_the_spec_says(tmp_path: Path) -> None:
    (tmp_path / "held-out.txt").write_text(QUESTION)
    made = guard(spec_file(tmp_path, files=["held-out.txt"], words=5, counts_as="warn"))
    (finding,) = made.findings(told("Hello", "Ask how much may a grandparent put in"))
    assert finding.severity is Severity.WARN


def test_a_stored_spec_finds_its_files_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "held-out.txt").write_text(QUESTION)
    path = spec_file(tmp_path, files=["held-out.txt"])
    made = guard_of(load_spec(path).spec, str(path))
    assert made
    assert made.findings(told(QUESTION))


def test_files_are_read_once_and_again_when_they_change(tmp_path: Path) -> None:
    held_out = tmp_path / "held-out.txt"
    held_out.write_text(QUESTION)
    path = spec_file(tmp_path, files=["held-out.txt"])
    first = guard(path)
    assert guard(path).index is first.index
    held_out.write_text(QUESTION.replace("grandparent", "stepmother!"))
    os.utime(held_out, ns=(1, 1))
    assert guard(path).index is not first.index
    assert guard(path).findings(told(QUESTION))[0].quote.startswith("put into a savings")


@pytest.mark.parametrize(
    "name, message",
    [
        (
            "held-uot.jsonl",
            "there is no file 'held-uot.jsonl'; in {folder}: held-out.jsonl; evaluation files are .jsonl",
        ),
        ("held-out.csv", "'held-out.csv' is of no kind that can be read; evaluation files are .jsonl, .ndjson, .txt"),
    ],
)
def test_what_is_missing_or_of_another_kind_is_refused_with_the_specs_line(
    tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "held-out.jsonl").write_text("{}\n")
    path = spec_file(tmp_path, files=["held-out.jsonl", name])
    with pytest.raises(ProblemsError) as raised:
        make_plan(path)
    (problem,) = raised.value.problems
    line = 1 + path.read_text().splitlines().index(f"    - {name}")
    assert (problem.file, problem.line) == (str(path), line)
    assert message.format(folder=tmp_path) in problem.message


def test_a_damaged_file_is_refused_with_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "held-out.jsonl").write_text('{"q": "one"}\n{"q": \n')
    with pytest.raises(ProblemsError) as raised:
        make_plan(spec_file(tmp_path, files=["held-out.jsonl"]))
    (problem,) = raised.value.problems
    assert (problem.file, problem.line) == ("held-out.jsonl", 2)
