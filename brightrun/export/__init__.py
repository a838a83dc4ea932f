"""Enriched conversations become a release: files that trainers load as they are, a manifest and a card."""

from brightrun.export.context import Release, ReleaseContext, ReleaseCounts, ReleaseFile, Shortfall
from brightrun.export.release import Records, write_release

__all__ = [
    "Records",
    "Release",
    "ReleaseContext",
    "ReleaseCounts",
    "ReleaseFile",
    "Shortfall",
    "write_release",
]
