"""The sign of an emotion: heavy, neutral or light, for the emotions that catalogs usually name.

A list of our own, whole words only (KF-48): `hopelessness` is not hope. What is not in it has no sign, and nothing is
concluded from it.
"""

from __future__ import annotations

HEAVY = """
agitation ambivalence anger anguish annoyance anxiety apprehension bewilderment bitterness confusion defeat defensiveness
denial despair desperation disappointment disbelief discouragement disgust distress distrust doubt dread embarrassment envy
exasperation exhaustion fear frustration grief guilt heaviness helplessness hesitation hopelessness hostility humiliation hurt
impatience indignation insecurity irritation isolation jealousy loneliness longing mistrust nervousness numbness outrage
overwhelm overwhelmed panic pessimism powerlessness rage regret remorse resentment resignation sadness self_doubt shame
shock skepticism sorrow stress suspicion terror tiredness uncertainty unease urgency weariness wariness worry
""".split()
NEUTRAL = "attentiveness curiosity neutral referred surprise".split()
LIGHT = """
acceptance affection agency amusement appreciation calm clarity comfort compassion competence confidence contentment
courage delight determination eagerness ease empowerment encouragement enthusiasm excitement focus focused gratitude
happiness hope hopefulness insight inspiration interest joy lightness motivation openness optimism peace permission pride
readiness reassurance relief resolve safety satisfaction satisfied serenity trust understanding warmth
""".split()

_SIGNS = dict.fromkeys(HEAVY, -1) | dict.fromkeys(NEUTRAL, 0) | dict.fromkeys(LIGHT, 1)


def sign_of(emotion: str) -> int | None:
    """-1 for an emotion that is hard to bear, 0 for a neutral one, 1 for a good one; None where it is not listed."""
    return _SIGNS.get(emotion)
