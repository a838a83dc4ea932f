"""The fault plan: which faults are played, on which route, how often; read from YAML, JSON or flags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from brightrun.errors import Problem, ProblemsError
from brightrun.simulator.faults import Fault, FaultKind, RefusalCategory, Route
from brightrun.yaml_source import YamlSource, problems_of, read_yaml, validated

UNUSABLE = "The fault plan cannot be used"
MOST_RULES = 200
LONGEST_S = 3600.0
ROUNDING = 1e-9

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=80)]
Positions = Annotated[str, StringConstraints(pattern=r"^\d+(-\d+)?(,\d+(-\d+)?)*$", max_length=2000)]


class PlanPart(BaseModel):
    """A part of a fault plan: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class FaultRule(PlanPart):
    """One fault, and the requests that meet it. With neither `probability`, `at` nor `every`: all of them."""

    fault: Fault
    """Its name, from the tables above."""
    route: Route = Route.MESSAGES
    """The part of the API; faults of replies are for `messages` only."""
    probability: float | None = Field(default=None, gt=0, le=1)
    """Share of the requests that meet it, drawn from the seed."""
    at: Positions | None = None
    """The requests that meet it, counted from 1 on this route: `3`, `3,7-9` or `[3, 7-9]`."""
    every: int | None = Field(default=None, ge=1)
    """`10`: every tenth request meets it."""
    first: int = Field(default=1, ge=1)
    """Not before this request."""
    until: int | None = Field(default=None, ge=1)
    """Not after this request."""
    after_s: float = Field(default=0.0, ge=0, le=LONGEST_S)
    """Seconds before a refusal is answered."""
    retry_after_s: int = Field(default=1, ge=0)
    """What `retry-after` says."""
    seconds: float = Field(default=5.0, gt=0, le=LONGEST_S)
    """How long it lasts."""
    code: Word | None = None
    """`error.details.error_code` of the answer."""
    category: RefusalCategory = RefusalCategory.GENERAL_HARMS
    """`stop_details.category`."""
    stop_reason: Word = "paused_by_reviewer"
    """What `stop_reason` says."""
    role: Literal["user", "assistant"] | None = None
    """Whose turn it is that suffers; null draws one."""

    @field_validator("at", mode="before")
    @classmethod
    def _as_one_text(cls, at: object) -> object:
        if isinstance(at, int) and not isinstance(at, bool):
            return str(at)
        if isinstance(at, list) and all(isinstance(part, (str, int)) for part in at):
            return ",".join(str(part) for part in at)
        return at.replace(" ", "") if isinstance(at, str) else at

    @field_validator("at")
    @classmethod
    def _counts_from_one_upwards(cls, at: str | None) -> str | None:
        for low, high in _ranges(at):
            if not 1 <= low <= high:
                raise ValueError(f"{low}-{high} is no range; requests are counted from 1, the lower number first")
        return at

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        ways = [way for way in ("probability", "at", "every") if getattr(self, way) is not None]
        if len(ways) > 1:
            raise ValueError(f"give {' or '.join(ways)}, not both")
        if self.at is not None and self.model_fields_set & {"first", "until"}:
            raise ValueError("`at` says which requests; `first` and `until` do not go with it")
        if self.until is not None and self.until < self.first:
            raise ValueError(f"`until` ({self.until}) is before `first` ({self.first})")
        if self.fault.facts.kind is FaultKind.REPLY and self.route is not Route.MESSAGES:
            raise ValueError(f"`{self.fault.value}` is a fault of replies, and {self.route.value} gets none")
        taken = self.fault.facts.parameters
        for name in sorted(self.model_fields_set & PARAMETERS - set(taken)):
            known = ", ".join(f"`{parameter}`" for parameter in taken) or "no parameters"
            raise ValueError(f"`{name}` means nothing to `{self.fault.value}`, which takes {known}")
        return self

    def positions(self) -> list[tuple[int, int]]:
        """What `at` says, as ranges: `3,7-9` as (3, 3), (7, 9)."""
        return list(_ranges(self.at))

    def in_bounds(self, number: int) -> bool:
        """Does a request of this number lie between `first` and `until`?"""
        return self.first <= number and (self.until is None or number <= self.until)


PARAMETERS = frozenset({"after_s", "retry_after_s", "seconds", "code", "category", "stop_reason", "role"})
"""Fields of a rule that belong to some faults only."""


class FaultPlan(PlanPart):
    """All that goes wrong. What is listed first is played where several rules meet a request."""

    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Another seed draws other requests; null takes the simulator's own."""
    faults: tuple[FaultRule, ...] = Field(default=(), max_length=MOST_RULES)
    """The rules."""

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        for route in Route:
            drawn = [rule for rule in self.faults if rule.route is route and rule.probability is not None]
            for start in {rule.first for rule in drawn}:
                together = sum(rule.probability or 0 for rule in drawn if rule.in_bounds(start))
                if together > 1 + ROUNDING:
                    raise ValueError(
                        f"the probabilities on {route.value} add up to {together:g} from request {start} on; "
                        "together they may be 1"
                    )
        return self

    def with_rules_of(self, other: FaultPlan) -> FaultPlan:
        """Both plans' rules, under this plan's seed. Raises ProblemsError where they do not fit together."""
        return read_plan({"seed": self.seed, "faults": [*self.faults, *other.faults]}, "the faults together")

    def as_json(self) -> dict[str, Any]:
        """The plan as it would be written: what is left as it is by itself does not stand there."""
        return self.model_dump(mode="json", exclude_unset=True)


def load_fault_plan(path: Path) -> FaultPlan:
    """The plan in a YAML file. Raises ProblemsError naming file and line."""
    try:
        source = read_yaml(path)
    except OSError as error:
        raise ProblemsError(UNUSABLE, [Problem(str(path), 0, error.strerror or str(error))]) from error
    problems = list(source.problems)
    plan = None if problems else validated(FaultPlan, source, problems)
    if plan is None:
        raise ProblemsError(UNUSABLE, problems)
    return plan


def read_plan(data: object, name: str) -> FaultPlan:
    """The plan in data from elsewhere than a file. Raises ProblemsError; `name` says where it came from."""
    try:
        return FaultPlan.model_validate(data)
    except ValidationError as error:
        raise _refused(error, FaultPlan, data, name) from error


def plan_of(*flags: str, seed: int | None = None) -> FaultPlan:
    """A plan of flags such as `overloaded:0.05`, `stalled_body@3,7-9,seconds=2` or `refusal,every=10`.

    NAME[:PROBABILITY | @REQUESTS][,FIELD=VALUE …], the fields being those of FaultRule. Raises ProblemsError.
    """
    return read_plan({"seed": seed, "faults": [_rule(flag) for flag in flags]}, "the faults together")


def _rule(flag: str) -> FaultRule:
    parts = flag.split(",")
    head = ",".join(part for part in parts if "=" not in part)
    data: dict[str, Any] = dict(part.split("=", 1) for part in parts if "=" in part)
    found = re.fullmatch(r"(?P<fault>[^:@]*)(?::(?P<probability>.*)|@(?P<at>.*))?", head, re.DOTALL)
    data |= {name: value for name, value in (found.groupdict() if found else {"fault": head}).items() if value}
    try:
        return FaultRule.model_validate(data)
    except ValidationError as error:
        raise _refused(error, FaultRule, data, f"fault {flag!r}") from error


def _refused(error: ValidationError, model: type[BaseModel], data: object, name: str) -> ProblemsError:
    found = problems_of(error, model, YamlSource(name, data))
    return ProblemsError(UNUSABLE, [Problem(name, 0, problem.message) for problem in found])


def _ranges(at: str | None) -> Iterator[tuple[int, int]]:
    for part in at.split(",") if at else ():
        low, _, high = part.partition("-")
        yield int(low), int(high or low)
