"""The rule by which findings become a verdict: each code's own severity, unless the spec says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import ConfigDict, Field, RootModel, field_validator

from brightrun.quality.verdicts import CheckCode, Finding, Severity
from brightrun.yaml_source import nearest


class Ruling(StrEnum):
    """What a finding of some code is to count as."""

    FAIL = "fail"
    WARN = "warn"
    OFF = "off"


class VerdictRule(RootModel[dict[str, Ruling]]):
    """What findings count as, by code. A code that is not named keeps the severity its check gives it."""

    model_config = ConfigDict(frozen=True)

    root: dict[str, Ruling] = Field(default_factory=dict)

    @field_validator("root", mode="before")
    @classmethod
    def _off_is_no_falsehood(cls, value: Any) -> Any:
        """YAML reads a bare `off` as false."""
        if not isinstance(value, Mapping):
            return value
        return {code: Ruling.OFF if ruling is False else ruling for code, ruling in value.items()}

    @field_validator("root")
    @classmethod
    def _codes_exist(cls, value: dict[str, Ruling]) -> dict[str, Ruling]:
        codes = [code.value for code in CheckCode if code is not CheckCode.CHECK_FAILED]
        for code in value:
            if code not in codes:
                raise ValueError(f"`{code}` is no code of a check that a rule may change{nearest(code, codes)}")
        return value

    @cached_property
    def rulings(self) -> dict[CheckCode, Ruling]:
        return {CheckCode(code): ruling for code, ruling in self.root.items()}

    def apply(self, finding: Finding) -> Finding | None:
        """The finding with the severity it counts as, or None where the rule has it off."""
        ruling = self.rulings.get(finding.code)
        if ruling is None:
            return finding
        if ruling is Ruling.OFF:
            return None
        return finding.model_copy(update={"severity": Severity(ruling.value)})
