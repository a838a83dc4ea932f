"""docs/quality.md: its example of a new check is followed to the letter, in a copy of the package."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "quality.md"
TRY_IT = """
import sys, yaml
from pathlib import Path
from brightrun.catalog_loading import load_catalog
from brightrun.conversation import Conversation
from brightrun.grid import Cell, Grid
from brightrun.items import plan_items
from brightrun.quality.checks import CHECKS_VERSION, check_conversation

catalog = load_catalog(Path(sys.argv[1]))
cell = Cell(persona="careful_saver", arc="worry_to_calm", topic="monthly_bills")
(item,) = plan_items(Grid({cell: 1}, (), 1), catalog, seed=7, plain_share=0.0)
user = {"role": "user", "content": "WHICH BILL DO I PAY FIRST", "emotion": "worry", "intensity": 0.5}
answer = {"role": "assistant", "content": "The rent comes first.", "technique": "t", "teaches": "t"}
speaker = {"name": item.identity.name, "age": item.identity.age}
reply = {"speaker": speaker, "topic": "monthly_bills", "outcome": item.outcome.value, "turns": [user, answer]}
judgement = check_conversation(Conversation.model_validate(reply), item, catalog)
found = [(f.code.value, f.severity.value, f.turn, f.code.meaning) for f in judgement.findings]
print(("shouting", "warn", 1, "The user writes in capitals only.") in found)
print([r.outcome.value for r in judgement.results if r.name == "shouting"])
print(CHECKS_VERSION)
"""


def blocks(kind: str) -> list[str]:
    section = PAGE.read_text(encoding="utf-8").split("## Add a check", 1)[1]
    return re.findall(rf"```{kind}\n(.*?)```", section, re.DOTALL)


def apply(diff: str, files: list[Path]) -> None:
    """Adds the lines with a + after the one line of a file that the line before them names."""
    anchor, *added = diff.splitlines()
    target = next(file for file in files if anchor[1:] in file.read_text(encoding="utf-8").splitlines())
    lines = target.read_text(encoding="utf-8").splitlines()
    assert lines.count(anchor[1:]) == 1
    at = lines.index(anchor[1:]) + 1
    lines[at:at] = [line[1:] for line in added]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_check_of_the_page_works_when_it_is_added_as_the_page_says(tmp_path: Path) -> None:
    package = tmp_path / "brightrun"
    shutil.copytree(ROOT / "brightrun", package, ignore=shutil.ignore_patterns("__pycache__"))
    quality = package / "quality"
    (function,) = blocks("python")
    (quality / "shouting.py").write_text(function, encoding="utf-8")
    diffs = blocks("diff")
    for diff in diffs:
        apply(diff, [quality / "verdicts.py", quality / "checks.py"])
    written = len(function.split("\n\n\n")[1].splitlines()) + sum(len(d.splitlines()) - 1 for d in diffs)
    assert written <= 10  # "a check takes ten lines", imports of the new file apart

    command = [sys.executable, "-c", TRY_IT, str(ROOT / "tests" / "data" / "small_catalog")]
    environment = {"PYTHONPATH": str(tmp_path), "PATH": ""}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=120)
    assert ran.returncode == 0, ran.stderr
    found, outcome, version = ran.stdout.splitlines()
    assert (found, outcome) == ("True", "['warn']")
    page = (ROOT / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
    assert version not in page  # a new check is another version
