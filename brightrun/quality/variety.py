"""How varied a dataset is, measured in one pass over its records and in memory that holds no texts (KF-15).

What was intended, labelled and measured keep their names. What was not measured is absent (KF-40, KF-47).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from brightrun.enrich import EnrichedConversation, RecordTurn
from brightrun.quality import neighbours
from brightrun.quality.distinct_counter import DistinctCounter
from brightrun.quality.fingerprints import fingerprint_of
from brightrun.quality.neighbours import NearestNeighbours, NeighbourMeter
from brightrun.quality.openings import closing, opening
from brightrun.quality.phrase_counts import PhraseCounts
from brightrun.quality.spreads import Spread, spread
from brightrun.quality.trajectories import ArcTrajectory, TrajectoryMeter
from brightrun.quality.words import message_ngrams, words_of

LENGTHS = (1, 2, 3)
THANKS = frozenset({"thank", "thanks", "thankyou", "thx"})


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DistinctShares(_Figures):
    """Different word n-grams of one role's messages, as a share of all of them; absent where there are none.

    They fall as a dataset grows: compare datasets of the same number of words.
    """

    words: int
    distinct_1: float | None
    distinct_2: float | None
    distinct_3: float | None


class Commonest(_Figures):
    """A phrase that more conversations have than any other one, and their share of all."""

    phrase: str
    conversations: int
    share: float


class IntendedOutcome(_Figures):
    """How many conversations were to end in one way, and end in one way by the writer's label."""

    intended_outcome: str
    labelled_outcome: str
    conversations: int


class MeasuredEnd(_Figures):
    """How many conversations were to end in one feeling, and end in one as a reader saw it."""

    intended_end_emotion: str
    measured_end_emotion: str
    conversations: int


class Variety(_Figures):
    """The measures of a dataset. docs/guide/variety.md says how to read them."""

    conversations: int
    user: DistinctShares
    advisor: DistinctShares
    first_opening: Commonest | None
    answer_opening: Commonest | None
    closing: Commonest | None
    nearest: tuple[NearestNeighbours, ...]
    words_per_user_turn: Spread | None
    words_per_advisor_turn: Spread | None
    exchanges: Spread | None
    user_turns: int
    thanking_user_turns: int
    thanking_share: float | None
    labelled_outcomes: tuple[IntendedOutcome, ...]
    measured_ends: tuple[MeasuredEnd, ...]
    trajectories: tuple[ArcTrajectory, ...]

    def figures(self) -> dict[str, float | None]:
        """The single numbers by name, flat: a row that an expectation can look at. Absent ones are None."""
        figures: dict[str, float | None] = {"conversations": self.conversations}
        for role, shares in (("user", self.user), ("advisor", self.advisor)):
            figures |= {f"distinct_{n}_{role}_share": getattr(shares, f"distinct_{n}") for n in LENGTHS}
        for name in ("first_opening", "answer_opening", "closing"):
            commonest: Commonest | None = getattr(self, name)
            figures[f"commonest_{name}_share"] = commonest.share if commonest else None
        for name in ("words_per_user_turn", "words_per_advisor_turn", "exchanges"):
            measured: Spread | None = getattr(self, name)
            figures |= {f"{name}_{f}": getattr(measured, f) if measured else None for f in ("p50", "p95", "mean")}
        as_intended = sum(o.conversations for o in self.labelled_outcomes if o.intended_outcome == o.labelled_outcome)
        read = sum(end.conversations for end in self.measured_ends)
        felt = sum(e.conversations for e in self.measured_ends if e.intended_end_emotion == e.measured_end_emotion)
        return figures | {
            "thanking_user_turn_share": self.thanking_share,
            "labelled_outcome_as_intended_share": _share(as_intended, self.conversations),
            "measured_end_as_intended_share": _share(felt, read),
            **neighbours.named(self.nearest),
        }


class VarietyMeter:
    """Takes a dataset's records one by one. About 2 kB of signatures a conversation, and counters."""

    def __init__(self, ngram_words: int = 5) -> None:
        """`ngram_words` is what near-duplicates are found by, so that similarities mean the same."""
        self._ngram_words = ngram_words
        self._conversations = 0
        self._said = {"user": _Said(), "assistant": _Said()}
        self._thanking_user_turns = 0
        self._exchanges: Counter[int] = Counter()
        self._phrases = {name: PhraseCounts() for name in ("first_opening", "answer_opening", "closing")}
        self._neighbours = NeighbourMeter()
        self._labelled_outcomes: Counter[tuple[str, str]] = Counter()
        self._measured_ends: Counter[tuple[str, str]] = Counter()
        self._trajectories = TrajectoryMeter()

    def add(self, record: EnrichedConversation) -> None:
        """One accepted conversation."""
        self._conversations += 1
        said: dict[str, list[tuple[str, ...]]] = {role: [] for role in self._said}
        for turn in record.turns:
            said[turn.role].append(words_of(turn.content))
        for role, messages in said.items():
            self._said[role].add(messages)
        self._thanking_user_turns += sum(map(thanks, said["user"]))
        self._exchanges[len(said["user"])] += 1
        self._add_phrases(record.turns)
        printed = fingerprint_of([(turn.role, turn.content) for turn in record.turns], self._ngram_words)
        self._neighbours.add(record.conversation_id, f"{record.persona}/{record.arc}/{record.topic}", printed)
        self._labelled_outcomes[record.intended_outcome, record.labelled_outcome] += 1
        if record.measured_end_emotion is not None:
            self._measured_ends[record.intended_end_emotion, record.measured_end_emotion] += 1
        self._trajectories.add(record)

    def result(self) -> Variety:
        """The measures of what was added so far. The order in which it was added does not change them."""
        user, advisor = self._said["user"], self._said["assistant"]
        user_turns = sum(user.lengths.values())
        return Variety(
            conversations=self._conversations,
            user=user.shares(),
            advisor=advisor.shares(),
            first_opening=self._commonest("first_opening"),
            answer_opening=self._commonest("answer_opening"),
            closing=self._commonest("closing"),
            nearest=self._neighbours.result(),
            words_per_user_turn=spread(user.lengths),
            words_per_advisor_turn=spread(advisor.lengths),
            exchanges=spread(self._exchanges),
            user_turns=user_turns,
            thanking_user_turns=self._thanking_user_turns,
            thanking_share=_share(self._thanking_user_turns, user_turns),
            labelled_outcomes=tuple(
                IntendedOutcome(intended_outcome=intended, labelled_outcome=labelled, conversations=count)
                for (intended, labelled), count in sorted(self._labelled_outcomes.items())
            ),
            measured_ends=tuple(
                MeasuredEnd(intended_end_emotion=intended, measured_end_emotion=measured, conversations=count)
                for (intended, measured), count in sorted(self._measured_ends.items())
            ),
            trajectories=self._trajectories.result(),
        )

    def _add_phrases(self, turns: Sequence[RecordTurn]) -> None:
        answers = [turn.content for turn in turns if turn.role == "assistant"]
        self._phrases["first_opening"].add({opening(turns[0].content)} - {""})
        self._phrases["answer_opening"].add({opening(answer) for answer in answers} - {""})
        self._phrases["closing"].add({closing(answer) for answer in answers[-1:]} - {""})

    def _commonest(self, name: str) -> Commonest | None:
        found = self._phrases[name].commonest()
        if found is None:
            return None
        phrase, count = found
        return Commonest(phrase=phrase, conversations=count, share=round(count / self._conversations, 6))


class _Said:
    """What one role said: lengths of messages, and how many n-grams there are."""

    def __init__(self) -> None:
        self.lengths: Counter[int] = Counter()
        self._distinct = {length: DistinctCounter() for length in LENGTHS}
        self._totals: Counter[int] = Counter()

    def add(self, messages: Sequence[tuple[str, ...]]) -> None:
        """The messages of one conversation, given by their words."""
        self.lengths.update(map(len, messages))
        for length, distinct in self._distinct.items():
            grams = message_ngrams(messages, length)
            distinct.add(grams)
            self._totals[length] += len(grams)

    def shares(self) -> DistinctShares:
        shares = {n: _share(distinct.count, self._totals[n]) for n, distinct in self._distinct.items()}
        return DistinctShares(words=self._totals[1], distinct_1=shares[1], distinct_2=shares[2], distinct_3=shares[3])


def thanks(words: Sequence[str]) -> bool:
    """Whether a message thanks: "thank you", "thanks", but not "thanks to my brother"."""
    return not THANKS.isdisjoint(words) and any(
        word in THANKS and (word == "thank" or words[place + 1 : place + 2] != ("to",))
        for place, word in enumerate(words)
    )


def _share(part: int, whole: int) -> float | None:
    return round(min(part / whole, 1.0), 6) if whole else None
