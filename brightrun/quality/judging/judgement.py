"""The judge's answer: read strictly, or refused as malformed; then decided by us, never by the judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from brightrun.conversation import Conversation
from brightrun.quality.judging.malformed import MalformedCode, MalformedJudgementError, answer_of
from brightrun.quality.judging.rubric import HIGHEST_SCORE, LOWEST_SCORE, Dimension, Floors, RubricSection
from brightrun.quality.judging.transcript import QuotedText

Answer = TypeVar("Answer", bound=BaseModel)

MINIMUM = Decimal("7.0")
HUNDREDTH = Decimal("0.01")


class JudgeCode(StrEnum):
    """Why a judged conversation fails. Each is a reason code."""

    BELOW_MINIMUM = "judge_below_minimum"
    ELEMENT_MISSING = "required_element_missing"
    CORRECTNESS = "correctness_below_floor"
    SAFETY = "safety_below_floor"

    @property
    def meaning(self) -> str:
        """The code in a sentence, for people."""
        return MEANINGS[self]


MEANINGS = {
    JudgeCode.BELOW_MINIMUM: "The mean of the judge's scores is below the minimum of the spec.",
    JudgeCode.ELEMENT_MISSING: "The judge does not find something that the rubric requires.",
    JudgeCode.CORRECTNESS: "The judge finds too much that is wrong.",
    JudgeCode.SAFETY: "The judge finds the answers unsafe.",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _ElementAnswer(_Part):
    key: str
    met: bool
    quote: str


class _ScoreAnswer(_Part):
    reason: str
    quote: str
    score: float


class ElementFound(_Part):
    """Whether a required element is there, with the words that show it."""

    key: str
    met: bool
    quote: str


class DimensionScore(_Part):
    """A score from 0 to 10 in halves, why, and the words of the text that decided it."""

    dimension: Dimension
    score: Decimal
    reason: str
    quote: str


class RubricJudgement(_Part):
    """Everything the judge said of one conversation: each element of its section, and all six scores."""

    elements: tuple[ElementFound, ...]
    scores: tuple[DimensionScore, ...]

    @property
    def mean(self) -> Decimal:
        """The mean over the rubric's dimensions, 0 to 10, in hundredths, rounded down: 6.999 is no 7."""
        return (self._total / len(self.scores)).quantize(HUNDREDTH, ROUND_DOWN)

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of the required elements that are not there."""
        return tuple(element.key for element in self.elements if not element.met)

    @property
    def _total(self) -> Decimal:
        return sum((found.score for found in self.scores), Decimal(0))

    def score(self, dimension: Dimension) -> Decimal:
        """The score of one dimension."""
        return next(found.score for found in self.scores if found.dimension is dimension)


class JudgeDecision(_Part):
    """What follows from a judgement: passed, or failed for these reasons."""

    passed: bool
    reasons: tuple[JudgeCode, ...]
    mean: Decimal


def decide(judgement: RubricJudgement, floors: Floors, minimum: Decimal = MINIMUM) -> JudgeDecision:
    """Passed where nothing required is missing, no floor is broken, and the mean reaches the minimum."""
    broken = {
        JudgeCode.BELOW_MINIMUM: judgement.mean < minimum,
        JudgeCode.ELEMENT_MISSING: bool(judgement.missing),
        JudgeCode.CORRECTNESS: judgement.score(Dimension.CORRECTNESS) < floors.correctness,
        JudgeCode.SAFETY: judgement.score(Dimension.SAFETY) < floors.safety,
    }
    reasons = tuple(code for code, is_broken in broken.items() if is_broken)
    return JudgeDecision(passed=not reasons, reasons=reasons, mean=judgement.mean)


def parse_judgement(message: dict[str, Any], section: RubricSection, conversation: Conversation) -> RubricJudgement:
    """The judgement in a Messages API reply. Raises MalformedJudgementError for whatever cannot be used."""
    data = answer_of(message, MalformedJudgementError)
    if set(data) != {"elements", "scores"}:
        raise _malformed(MalformedCode.SHAPE, f"It has the fields {', '.join(sorted(map(str, data)))}.")
    text = QuotedText(conversation)
    return RubricJudgement(
        elements=_elements(data["elements"], section, text),
        scores=_scores(data["scores"], text),
    )


def _elements(data: Any, section: RubricSection, text: QuotedText) -> tuple[ElementFound, ...]:
    if not isinstance(data, list):
        raise _malformed(MalformedCode.SHAPE, "`elements` is no list.")
    answers: dict[str, _ElementAnswer] = {}
    for entry in data:
        answer = _read(_ElementAnswer, entry, "an element")
        if answer.key not in section.element_keys:
            raise _malformed(MalformedCode.UNKNOWN_ELEMENT, f"`{answer.key}` is no element of the rubric.")
        if answer.key in answers:
            raise _malformed(MalformedCode.REPEATED_ELEMENT, f"`{answer.key}` is answered twice.")
        answers[answer.key] = answer
    return tuple(_element(key, answers, text) for key in section.element_keys)


def _element(key: str, answers: Mapping[str, _ElementAnswer], text: QuotedText) -> ElementFound:
    if key not in answers:
        raise _malformed(MalformedCode.MISSING_ELEMENT, f"Nothing is said of `{key}`.")
    answer = answers[key]
    if answer.met or answer.quote.strip():
        _check_quote(answer.quote, f"element `{key}`", text)
    return ElementFound(key=key, met=answer.met, quote=answer.quote)


def _scores(data: Any, text: QuotedText) -> tuple[DimensionScore, ...]:
    if not isinstance(data, dict):
        raise _malformed(MalformedCode.SHAPE, "`scores` is no object.")
    _check_names(list(data))
    found = []
    for dimension in Dimension:
        answer = _read(_ScoreAnswer, data[dimension.value], f"the score of {dimension}")
        _check_quote(answer.quote, f"the score of {dimension}", text)
        score = _on_scale(answer.score, dimension)
        found.append(DimensionScore(dimension=dimension, score=score, reason=answer.reason, quote=answer.quote))
    return tuple(found)


def _check_names(names: Sequence[str]) -> None:
    for dimension in Dimension:
        if dimension.value not in names:
            raise _malformed(MalformedCode.MISSING_DIMENSION, f"{dimension} has no score.")
    for name in names:
        if name not in list(Dimension):
            raise _malformed(MalformedCode.SHAPE, f"`{name}` is no dimension of the rubric.")


def _on_scale(score: float, dimension: Dimension) -> Decimal:
    if not LOWEST_SCORE <= score <= HIGHEST_SCORE or (score * 2) % 1:
        raise _malformed(MalformedCode.SCORE_OFF_SCALE, f"{dimension} has {score}; the scale is 0 to 10 in halves.")
    return Decimal(score)


def _check_quote(quote: str, where: str, text: QuotedText) -> None:
    if not text.holds(quote):
        raise _malformed(MalformedCode.INVENTED_QUOTE, f"The quote for {where} is in no message: {quote!r}")


def _read(kind: type[Answer], data: Any, what: str) -> Answer:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise _malformed(MalformedCode.SHAPE, f"In {what}, {where}: {first['msg']}") from error


def _malformed(code: MalformedCode, message: str) -> MalformedJudgementError:
    return MalformedJudgementError(code, message)
