"""Whether an advisor promises what nobody can: a return, a price, a rate, a result of markets.

Written for English. A sentence promises by a fixed turn of phrase, or by speaking of what grows in words of certainty.
Said of others, denied, quoted or supposed, the same words are no finding, and what a paid-off loan saves is certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from brightrun.quality.assertion import is_quoted, sentence_around
from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.hints import Hints
from brightrun.quality.read_message import ReadMessage
from brightrun.quality.turns_of_phrase import Said, TurnsOfPhrase, phrase
from brightrun.quality.verdicts import CheckCode, Finding, fail

MARKET = (
    r"(?:it|they|markets?|funds?|stocks?|(?:house |home )?prices?|portfolios?|investments?|money|values?|houses?|homes?"
    r"|index|shares?|bonds|gold|rates)"
)
RISES = r"(?:go up|grow|rise|recover|double|beat|outperform|be worth more|pay off|return \d|climb|gain)"
FOR_SURE = r"(?:definitely|certainly|surely|always|guaranteed to|bound to|sure to)"
PROMISES = (
    phrase(
        "guarante*",
        r"guaranteed? (?:an? |you |at least |annual |of |return of )*(?:about )?\d+(?:\.\d+)? ?(?:%|percent)",
    ),
    phrase("guarante*", r"guaranteed (?:\w+ )?(?:returns?|profits?|gains?|growth|income for you)\b"),
    phrase("guarante*", r"guaranteed to (?:grow|rise|double|go up|work|recover|make|earn|return|get|bring)\b"),
    phrase(
        "guarante* promise",
        r"i (?:can )?(?:guarantee|promise)(?: you)?(?: that)? (?:\w+ ){0,7}?(?:returns?|profit|double|grow"
        r"|go up|your money|the market"
        r"|fund|beat|earn|\d+ ?%)",
    ),
    phrase(
        "double triple rich fortune millionaire",
        r"you(?:['’]ll| will) (?:definitely |certainly |surely |easily |always )?(?:(?:double"
        r"|triple) (?:your money|your investment"
        r"|your savings|it)|get rich|make a fortune|be a millionaire)\b",
    ),
    phrase("definitely certainly surely always guaranteed bound sure", rf"{MARKET} (?:will|is|are) {FOR_SURE} {RISES}"),
    phrase("risk", r"(?:risk[- ]free|no[- ]risk) (?:investment|returns?|profit|way to (?:grow|invest|make))"),
    phrase(
        "only_go* only_rise* only_ever* only_climb* only_know* always_go* always_rise* always_climb* always_know*",
        rf"{MARKET} (?:only ever|only|always) (?:go|goes|rise|rises|climb|climbs|know|knows)\b(?: up\b| one\b"
        rf"|(?= over\b|\s*[.!,]))",
    ),
    phrase("sure_thing*", r"sure thing\b"),
)
BOLD = (
    phrase(
        "lose",
        r"you (?:can['’]?t|cannot|can not|won['’]t|will not|will never) lose(?: (?:money|anything|a cent))?"
        r"(?=\s*(?:[.!,;—–]|\Z|\b(?:with|in|on|here|by|if|and|because|over)\b))",
        Said.AT_ALL,
    ),
    phrase("run", r"you(?:['’]ll| will) never run out of money\b", Said.AT_ALL),
    phrase(
        "no_way* zero_way* no_risk* zero_risk*",
        r"there(?:['’]s| is) (?:no|zero) (?:way (?:you|this) (?:can |will )?(?:lose|fail)|risk of losing)",
        Said.AT_ALL,
    ),
    phrase("miss", r"(?:can['’]t[- ]miss|cannot[- ]miss)\b", Said.AT_ALL),
)
"""These hold a negation themselves."""

ALL = TurnsOfPhrase((*PROMISES, *BOLD))

CERTAINTY = re.compile(
    r"\b(?:for (?:certain|sure)|(?:no|without(?: a| any)?|beyond(?: a| any)?) (?:shadow of a )?doubt"
    r"|no question|without question"
    r"|guaranteed?|you have my word|i promise|trust me|mark my words|rest assured|believe me|take it from me"
    r"|impossible to lose|can(?:no|['’])t (?:go wrong|fail)|can only|count on|bank on|rely on"
    r"|(?:every (?:single )?year|year in,? (?:and )?year out|year after year)(?=$|\s*[,.;])|like clockwork"
    r"|as good as|safe as houses"
    r"|(?:is|are|it['’]s) (?:absolutely |all but )?certain|without fail|that much is certain|can be sure"
    r"|there(?:['’]s| is) (?:simply |just |really )?no way"
    r"|in the bag|one direction|definitely|certainly|surely|bound to|sure to|inevitabl[ey]"
    r"|never (?:\w+ )?(?:loses?|falls?|drops?|go(?:es)? down)|always (?:\w+ )?(?:go(?:es)? up|rises?|recovers?"
    r"|comes? back|wins?|grows?"
    r"|climbs?|beats?|pays? off|makes? (?:it|everything) (?:all )?back))\b"
)
GAIN = re.compile(
    r"\b(?:\d+(?:\.\d+)? ?(?:%|percent)|(?:five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty) percent"
    r"|returns?|profits?|gains?"
    r"|grow(?:s|n)?|rises?|risen|climb(?:s|ing|ed)?|double[ds]?|triple[ds]?"
    r"|ends? up with (?:less|more)|twice as much|go(?:es|ing)? up|higher|recover(?:s|ed)?"
    r"|comes? back|back (?:at|to|up|above|inside|within)|ma(?:ke|kes|de) (?:it|everything) (?:all )?back"
    r"|turn(?:s|ed)? into"
    r"|million(?:aire)?|richer|lose|losing|go(?:es)? down|fall|falls|dearer|worth more|beat(?:s)?|outperform)\b"
)
AT_MARKET = re.compile(
    r"\b(?:markets?|stocks?|shares?|funds?|index|portfolio|mix|bonds|gold|crypto|bitcoin|(?:house|home"
    r"|property|share|stock) prices?"
    r"|prices|houses? (?:in|around|like)|real estate|homes|invest\w*|your money|the money|the \d[\d,]*|that money"
    r"|rates|economy|returns?|profit|earns|yields)\b"
)
WILL = re.compile(
    rf"\b{MARKET} (?:will|['’]ll|are going to|is going to) (?:\w+ )?(?:be back|be (?:higher|dearer|worth)"
    rf"|keep (?:rising|climbing|growing"
    r"|going up)|come back|fall|drop|rise|climb|grow|recover|double|triple|pay you (?:at least|no less|\d)"
    r"|bring (?:you )?(?:at least|in)?"
    r"|return|earn(?: you)?|make you|beat|be twice|gain)\b"
    r"|\b(?:fund|stock|share|house|index|market)s? (?:will|is going to|are going to) (?:pay|bring|earn|return"
    r"|make|yield)\b"
    r"|\b(?:it|they|(?:market|fund|stock|share|price)s?) (?:is|are) (?:certain|sure|bound) to be"
    r" (?:back|higher|worth)\b"
    r"|\byou(?:['’]re| are) going to see \d+(?:\.\d+)? ?(?:%|percent)"
    r"|\byou(?:['’]ll| will) have (?:your \w+ )?(?:twice|double|three times|a million|half a million|doubled|tripled"
    r"|made a profit)\b"
    r"|\byou(?:['’]re| are) (?:going to|guaranteed to|sure to) (?:be rich|double|triple|make a (?:profit"
    r"|killing|fortune))\b"
    r"|\b(?:funds?|markets?|stocks|shares|index|bonds|portfolio|etfs?) (?:makes?|pays?|earns?|returns?|brings?"
    r"|yields?|does|do) (?:you )?(?:about |some |a good )?"
    r"(?:\d+(?:\.\d+)?|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty) ?(?:%|percent)"
    r"|\b(?:this|that) (?:one|fund|stock|share|company) (?:will|is going to|is about to) (?:beat|double|triple"
    r"|rise|climb|take off|recover)\b"
    r"|\bthe (?:dip|crash|worst|bottom|slump|correction) is (?:over|behind (?:us|you)|past)\b|\b(?:are"
    r"|is) going to rally\b"
    r"|\byou(?:['’]ll| will) (?:make|earn|get) (?:\d+|eight|nine|ten|twelve) ?(?:%|percent)|\b(?:retire|be"
    r"|become) a millionaire\b"
    r"|\bthere(?:['’]s| is) no risk (?:in|to|with|at all)\b|\bpays \d+(?:\.\d+)? ?(?:%|percent),? guaranteed\b"
    r"|\b(?:always have|always did) and (?:they )?always will\b|\byou(?:['’]ll| will) have (?:doubled"
    r"|tripled) (?:it|your|the)\b"
    r"|\bwill have (?:turned into|grown to|become|risen to|gone back to) (?:at least |over |more than |about )?\$?\d"
    r"|\bputs on (?:some |about |another )?\$?\d"
)
"""A market's future told as a fact."""
_HINTS = """
will|'ll|’ll|going to|about to|%|percent|is over|is past|is behind|millionaire|no risk|puts on|you have my word|no way
for sure|certain|doubt|no question|without question|guarante|promise|trust me|mark my|assured|believe me|from me
impossible|go wrong|sure to
can't|can’t|cannot|can only|can be sure|won't|won’t|count on|bank on|rely on|every year|single year|year in|year after
clockwork|as good as|safe as|the bag|direction|always|never|definitely|surely|bound to|inevitab|without fail|i can tell
"""
HINTS = Hints(_HINTS.strip().replace("\n", "|").split("|"))
"""One of these is in whatever WILL, CERTAINTY and SELF_NEGATED find."""
KEPT = re.compile(
    r"\b(?:pay(?:s|ing)? (?:off|down|back|the|your|it)|paid|payments?|payoff|debts?|balance|match|loans?"
    r"|mortgage|cds?|stable value"
    r"|treasur\w+|fdic|certificates?|annuit\w+|pension|benefits?|savings bonds?|i bonds?|insured"
    r"|delayed retirement|interest you"
    r"|rate lock|card|social security|savings account|rule of|covers?|covered|fees?|statement|premium|tax(?:ed"
    r"|es|able)?|irs|w-?2s?|1099s?|refunds?|audit\w*)\b"
)
"""Where these stand, a figure or a date may be certain: a loan that is paid off earns its own rate."""
HELD_BACK = re.compile(
    r"\b(?:nobody|no one|anyone|anybody|whoever|someone|somebody|scam\w*|says?|said|tells?|told|claims?|if"
    r"|they (?:say|said|tell|promise)"
    r"|who|money you|what you|promis(?:e|es|ed|ing) (?:that|them|nothing)|afford|not to|so that|make sure|may"
    r"|might|could|would|perhaps|maybe|assum\w+"
    r"|suppose|whether|unless|imagine|on average|usually|has(?: always)? (?:come|been|gone|fallen)"
    r"|have (?:come|been|gone|fallen)|so far|in the past"
    r"|not|cannot|no promise|unlike|rather than|should|another matter|how much|what (?:the|a|your|it|they"
    r"|that))\b|n['’]t\b|[\"“?]"
)
"""Supposed, reported, hedged, denied or asked: no promise of the advisor's."""
SELF_NEGATED = re.compile(
    r"\bcan(?:no|['’])t (?:go wrong|fail|lose|stay down|end up (?:lower|poorer))\b"
    r"|\bwon['’]t (?:lose|regret)\b|\bnot? (?:a )?doubt\b"
    r"|\bcan only (?:go|rise|climb|grow)\b|\bi can tell you\b"
)
"""Words that HELD_BACK would take for a denial or a hedge, and that promise."""


def promises(candidate: Candidate) -> Iterator[Finding]:
    """No answer promises a return or a result."""
    found: set[int] = set()
    for answer, match in ALL.first_in_answers(candidate):
        sentence = sentence_around(answer.lowered, match.start(), match.end())
        if KEPT.search(sentence) or (_is_bold(match[0]) and REPORTED.search(sentence)):
            continue
        found.add(answer.number)
        yield fail(CheckCode.PROMISED_RETURN, answer.number, evidence(answer.text, match))
    for answer in candidate.read_answers:
        if answer.number not in found:
            yield from _told_as_certain(answer)


REPORTED = re.compile(
    r"\b(?:nobody|no one|anyone|anybody|whoever|someone|somebody|scam\w*|says?|said|tells?|told|claims?|if"
    r"|they|who|money you"
    r"|what you|promis\w+|afford|not to|so that|make sure)\b|[\"“]"
)


def _is_bold(words: str) -> bool:
    return any(one.pattern.match(words) for one in BOLD)


def _told_as_certain(answer: ReadMessage) -> Iterator[Finding]:
    """The first sentence that tells a gain or a market's future for certain."""
    lowered = answer.lowered
    for number in sorted(answer.sentences_with(HINTS)):
        start, end = answer.sentences[number]
        sentence = lowered[start:end]
        told = WILL.search(sentence) or (
            (SELF_NEGATED.search(sentence) or CERTAINTY.search(sentence))
            and GAIN.search(sentence)
            and AT_MARKET.search(sentence)
        )
        if not told or lowered[end : end + 1] == "?" or is_quoted(lowered, start):
            continue
        if not KEPT.search(sentence) and not HELD_BACK.search(SELF_NEGATED.sub(" surely ", sentence)):
            yield fail(CheckCode.PROMISED_RETURN, answer.number, answer.text[start:end].strip())
            return
