"""What the documentation says is so: generated parts are up to date, and whatever a page names exists."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from pydantic import BaseModel
from rich.console import Console
from typer.main import get_command
from typer.testing import CliRunner

from brightrun.cli import app
from brightrun.simulator.command import main as simulator_main
from brightrun.spec import DatasetSpec
from brightrun.store.states import JobStatus
from brightrun.summary import BuildSummary, ReleaseSummary
from brightrun.terminal import show_summary

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
SOURCE_FOLDERS = ("brightrun", "flows", "tasks", "tests", "benchmarks", "deployments", "docs")
TOP_FOLDERS = (*SOURCE_FOLDERS, "catalogs", "datasets", "expectations", "supabase", ".ci")

MADE_BY_THE_READER = re.compile(r"my_catalog|expectations/mine\.json|<|NAME|SPEC|JOB|…|\*")
"""What `init` makes, what a page tells people to write, and placeholders."""

IN_THE_HOME = ("datasets/", "conversation-files/", "batch-logs/", "prefect/", "data-docs/")
"""Folders of the store, which are no folders of the repository; of `datasets` there is one in both."""

FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"\b(?:BRIGHTRUN|ANTHROPIC|SUPABASE|PREFECT)_[A-Z0-9_]+\b")
SPEC_FIELD = re.compile(r"^(?:grid|generate|quality|review|export)\.[a-z_.]+(?=:|$)")


def of_pages(*pages: Path) -> Any:
    return pytest.mark.parametrize("page", pages or PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def fences(text: str, *kinds: str) -> Iterator[str]:
    return (fence["body"] for fence in FENCE.finditer(text) if fence["kind"] in kinds)


def inline_code(text: str) -> Iterator[str]:
    return (code[1] for code in INLINE.finditer(FENCE.sub("", text)))


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    found = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs" / "generate.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a key; nothing here may use it."""
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)


@of_pages()
def test_generated_parts_are_up_to_date(page: Path, generator: ModuleType) -> None:
    assert text_of(page) == generator.generated(text_of(page)), "run .venv/bin/python docs/generate.py"


def test_every_command_has_its_help_text_in_the_reference(generator: ModuleType) -> None:
    documented = set(re.findall(r"<!-- generated: help ([\w ]+) -->", text_of(ROOT / "docs/reference/commands.md")))
    assert documented == {" ".join(command) for command in generator.command_names()}


def test_every_part_of_a_spec_has_its_table() -> None:
    documented = set(re.findall(r"<!-- generated: fields (\w+) -->", text_of(ROOT / "docs/reference/spec.md")))
    assert documented == {"DatasetSpec", *DatasetSpec.model_json_schema()["$defs"]}


@of_pages()
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCE.sub("", text_of(page))):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(there), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@of_pages()
def test_paths_exist(page: Path) -> None:
    text = text_of(page)
    code = [*inline_code(text), *(word for body in fences(text, "sh") for word in body.split())]
    for word in code:
        path = word.split(":")[0].rstrip(",;")
        if not path.startswith(tuple(f"{folder}/" for folder in TOP_FOLDERS)) or MADE_BY_THE_READER.search(path):
            continue
        if path.startswith(IN_THE_HOME) and not path.endswith((".yaml", ".yml")):
            continue
        assert (ROOT / path).exists(), f"{page.name}: {path}"


@of_pages()
def test_variables_are_read_somewhere(page: Path) -> None:
    named = set(VARIABLE.findall(text_of(page)))
    unknown = {name for name in named if not is_known_variable(name)}
    assert not unknown


def is_known_variable(name: str) -> bool:
    if name.startswith("PREFECT_"):
        from prefect.settings import get_current_settings

        known = get_current_settings().to_environment_variables(exclude_unset=False, include_secrets=True)
        return name in known or name in sources()
    return name in sources()


def sources() -> str:
    if not _sources:
        files = [path for folder in SOURCE_FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
        _sources.append("\n".join(path.read_text(encoding="utf-8") for path in files if path != Path(__file__)))
    return _sources[0]


_sources: list[str] = []


@of_pages()
def test_spec_fields_exist(page: Path) -> None:
    for code in inline_code(text_of(page)):
        if found := SPEC_FIELD.match(code):
            assert is_field(DatasetSpec, found[0].split(".")), f"{page.name}: {code}"


def is_field(model: type[BaseModel], names: list[str]) -> bool:
    field = model.model_fields.get(names[0])
    if field is None or len(names) == 1:
        return field is not None
    inner = field.annotation
    options = [inner, *getattr(inner, "__args__", ())]
    models = [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
    return any(is_field(option, names[1:]) for option in models) or not models


@of_pages()
def test_pieces_of_specs_would_be_read(page: Path) -> None:
    """A YAML example whose first keys are a spec's has no key that a spec does not have."""
    for body in fences(text_of(page), "yaml"):
        try:
            data = yaml.safe_load(body)
        except yaml.YAMLError:
            continue  # an example with parts left out
        if isinstance(data, dict) and set(data) <= set(DatasetSpec.model_fields) and set(data) & {"grid", "quality"}:
            for part, content in data.items():
                for key in content if isinstance(content, dict) else ():
                    assert is_field(DatasetSpec, [part, key]), f"{page.name}: {part}.{key}"


@of_pages()
def test_commands_exist(page: Path) -> None:
    for words in commands_of(text_of(page)):
        refuse_unknown(words)


def commands_of(text: str) -> Iterator[list[str]]:
    """Every command of this program and every target of make, in shell examples and in running text."""
    shell = (line for body in fences(text, "sh", "console", "") for line in body.splitlines())
    return commands_among((*shell, *inline_code(text)))


def commands_among(lines: Iterable[str]) -> Iterator[list[str]]:
    for line in lines:
        line = re.sub(r"^\$ |^\.venv/bin/", "", line.strip())
        if re.match(r"(brightrun|make) \S", line):
            try:
                yield shlex.split(line, comments=True)
            except ValueError:
                continue  # no shell


def refuse_unknown(words: list[str]) -> None:
    if words[0] == "make":
        targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        assert set(words[1:]) <= targets, words
        return
    command: Any = get_command(app)
    rest = words[1:]
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        name = rest.pop(0)
        assert name in command.commands, words
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    given = {word.split("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    assert given <= known, words


@of_pages(ROOT / "docs/guide/simulator.md")
def test_options_of_the_simulator_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        simulator_main(["--help"])
    known = capsys.readouterr().out
    for line in (line for body in fences(text_of(page), "", "sh") for line in body.splitlines()):
        if "brightrun.simulator" in line:
            assert all(option in known for option in re.findall(r"--[a-z-]+", line)), line


def test_the_readme_leads_from_init_to_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's own-dataset steps, as they stand there; of those after `init`, that their spec can be planned."""
    section = text_of(ROOT / "README.md").split("## Your own dataset")[1]
    steps = [words for words in commands_among(next(fences(section, "sh")).splitlines()) if words[0] == "brightrun"]
    assert [step[1] for step in steps] == ["init", "preview", "build"]
    (tmp_path / "expectations").symlink_to(ROOT / "expectations")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIGHTRUN_HOME", str(tmp_path / "home"))
    runner = CliRunner()
    assert runner.invoke(app, steps[0][1:]).exit_code == 0
    specs = {step[2] for step in steps[1:]}
    assert len(specs) == 1
    planned = runner.invoke(app, ["plan", specs.pop()])
    assert planned.exit_code == 0, planned.output
    assert "expected cost" in planned.output


def test_the_readme_shows_what_a_build_prints() -> None:
    """The labels of the README's example are those of a summary, in its order."""
    release = ReleaseSummary(version="0", path="release", files=[])
    numbers = {"planned": 8, "accepted": 8, "rejected": 0, "undecided": 0, "failed": 0, "cancelled": 0}
    tokens = {"calls": 8, "possibly_paid_calls": 0, "input_tokens": 100, "output_tokens": 1, "cache_read_tokens": 42}
    money = {"spent_usd": Decimal("0.1"), "budget_usd": Decimal(2), "cache_saved_usd": Decimal("0.05")}
    summary = BuildSummary(
        job_id="job",
        status=JobStatus.DONE,
        message=None,
        simulated=True,
        reasons={},
        release=release,
        flow_run_id=None,
        ui_url="link",
        log="log",
        **numbers,
        **tokens,
        **money,
    )
    printed = StringIO()
    show_summary(Console(file=printed, width=100), summary)
    section = text_of(ROOT / "README.md").split("## What a build prints")[1]
    shown = next(fences(section, "text")).splitlines()[1:]  # the first line announces the simulator
    assert shown[0] == printed.getvalue().splitlines()[0]
    assert [line.split()[0] for line in shown] == [line.split()[0] for line in printed.getvalue().splitlines()]


def test_each_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    page = text_of(ROOT / "docs/dependencies.md")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    documented = {
        section.splitlines()[0]: set(re.findall(r"^\| `([^`]+)` \| \S", section, re.MULTILINE)) for section in sections
    }
    assert documented["The program"] == names(project["project"]["dependencies"])
    for extra, packages in project["project"].get("optional-dependencies", {}).items():
        assert documented[f"The extra `{extra}`"] == names(packages)
    assert documented["For development"] == names(project["dependency-groups"]["dev"])


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda lock: lock.name)
def test_locks_name_no_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.findall(r"^.*https?://.*$", text, re.MULTILINE)
    assert not re.findall(r"^\s*(?:-i|--index-url|--extra-index-url|--find-links|--trusted-host)\b", text, re.MULTILINE)


@of_pages()
def test_pages_name_no_machine(page: Path) -> None:
    assert not re.findall(r"(?<![\w.])/(?:home|root|Users|work)/", text_of(page))
    assert os.path.expanduser("~/") not in text_of(page)  # noqa: PTH111
