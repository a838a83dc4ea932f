"""A real simulator process, and the real SDK talking to it."""

from __future__ import annotations

from brightrun.simulator.pytest_fixture import simulator

__all__ = ["simulator"]
