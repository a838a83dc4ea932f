"""What can be wrong with a judgement or a reading that is JSON and has the shape asked for, or nearly."""

from __future__ import annotations

from random import Random
from typing import Any

from brightrun.simulator.faults import Fault

ABOVE_TEN, ABOVE_ONE = 11.5, 1.4
NEVER_WRITTEN = "Nobody in this conversation has ever put it in these words, zebra by zebra."

Json = dict[str, Any]


def spoil_assessment(data: Json, fault: Fault, rng: Random) -> bool:
    """Change a judgement or a reading as the fault has it. False: it is neither, or has no place for this one."""
    scores, readings = data.get("scores"), data.get("readings")
    if isinstance(scores, dict) and scores:
        return _spoil_scores(scores, fault, rng)
    if isinstance(readings, list) and readings:
        return _spoil_readings(readings, fault, rng)
    return False


def _spoil_scores(scores: Json, fault: Fault, rng: Random) -> bool:
    name = rng.choice(list(scores))
    match fault:
        case Fault.MISSING_PART:
            del scores[name]
        case Fault.OUT_OF_RANGE:
            scores[name] = {**scores[name], "score": ABOVE_TEN}
        case Fault.INVENTED_QUOTE:
            scores[name] = {**scores[name], "quote": NEVER_WRITTEN}
        case _:
            return False
    return True


def _spoil_readings(readings: list[Json], fault: Fault, rng: Random) -> bool:
    at = int(rng.random() * len(readings))
    match fault:
        case Fault.MISSING_PART:
            del readings[at]
        case Fault.OUT_OF_RANGE:
            readings[at]["intensity"] = ABOVE_ONE
        case _:
            return False
    return True
