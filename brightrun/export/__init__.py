"""Enriched conversations become a release: files that trainers load as they are, a manifest and a card."""

from brightrun.export.context import Release, ReleaseContext, ReleaseCounts, ReleaseFile, Shortfall
from brightrun.export.plan import ReleasePlan, plan_release
from brightrun.export.release import write_release

__all__ = [
    "Release",
    "ReleaseContext",
    "ReleaseCounts",
    "ReleaseFile",
    "ReleasePlan",
    "Shortfall",
    "plan_release",
    "write_release",
]
