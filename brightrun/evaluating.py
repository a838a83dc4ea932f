"""The evaluation files that a spec names, and what a conversation must not have in common with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from brightrun.conversation import Conversation
from brightrun.errors import Problem, ProblemsError
from brightrun.quality.evaluation_files import SUFFIXES, EvaluationFile
from brightrun.quality.evaluation_overlap import EvaluationIndex
from brightrun.quality.neighbour_codes import NeighbourCode, NeighbourFinding
from brightrun.quality.verdicts import Severity
from brightrun.spec import DatasetSpec, LoadedSpec
from brightrun.yaml_source import YamlSource

FOUND_MOST = 5
"""Places that are named for one conversation."""
NAMED_MOST = 10
"""Files that are named where one is missing."""


@dataclass(frozen=True)
class EvaluationGuard:
    """The evaluation files of a spec, read, and what an overlap with them counts as."""

    index: EvaluationIndex
    severity: Severity

    def findings(self, conversation: Conversation) -> list[NeighbourFinding]:
        """What the conversation has in common with the files: the words, the file and the line."""
        return [
            NeighbourFinding(
                code=NeighbourCode.EVALUATION_OVERLAP,
                severity=self.severity,
                turn=overlap.turn,
                quote=f"{overlap.words} ({overlap.file}:{overlap.line})",
            )
            for overlap in self.index.overlaps([turn.content for turn in conversation.turns])[:FOUND_MOST]
        ]


def guard_of(spec: DatasetSpec, spec_origin: str) -> EvaluationGuard | None:
    """The guard of a job's spec, which came from `spec_origin`; None where the spec names no files."""
    return evaluation_guard(LoadedSpec(spec=spec, source=YamlSource(name=spec_origin)))


def evaluation_guard(loaded: LoadedSpec) -> EvaluationGuard | None:
    """Read the evaluation files that a spec names. Raises ProblemsError with file and line for what cannot be used."""
    evaluation = loaded.spec.quality.evaluation
    if evaluation == "off":
        return None
    problems: list[Problem] = []
    stamped: list[_Stamped] = []
    for position, name in enumerate(evaluation.files):
        path = loaded.resolve(name)
        if message := _unusable(loaded, name, path):
            problems.append(loaded.source.problem(("quality", "evaluation", "files", position), message))
        else:
            stat = path.stat()
            stamped.append(_Stamped(name, path, stat.st_mtime_ns, stat.st_size))
    if problems:
        raise ProblemsError("The spec cannot be used", problems)
    return EvaluationGuard(_index(tuple(stamped), evaluation.words), Severity(evaluation.counts_as))


@dataclass(frozen=True)
class _Stamped:
    """A file as it is at the moment."""

    name: str
    path: Path
    modified_ns: int
    size: int


@lru_cache(maxsize=2)
def _index(files: Sequence[_Stamped], words: int) -> EvaluationIndex:
    """Read once for plan, checks and export of one process, and again when a file has changed."""
    return EvaluationIndex([EvaluationFile(file.name, file.path) for file in files], words)


def _unusable(loaded: LoadedSpec, name: str, path: Path) -> str | None:
    allowed = f"evaluation files are {', '.join(SUFFIXES)}"
    if path.suffix.lower() not in SUFFIXES:
        return f"`quality.evaluation.files`: {name!r} is of no kind that can be read; {allowed}"
    if not path.is_file():
        folder = (Path(loaded.source.name).resolve().parent / name).parent
        others = sorted(other.name for other in folder.glob("*") if other.suffix.lower() in SUFFIXES)
        there = f"; in {folder}: {', '.join(others[:NAMED_MOST])}" if others else ""
        return f"`quality.evaluation.files`: there is no file {name!r}{there}; {allowed}"
    return None
