"""Checks of what an advisor must not do: judge the person, sell something, promise what nobody can.

Written for English. Said of others, denied, quoted or supposed, the same words are no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from brightrun.quality.assertion import is_asserted, is_denied, sentence_around
from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

BLAME = (
    r"(?:foolish|stupid|irresponsible|reckless|dumb|idiotic|careless|naive|lazy|selfish|immature|ridiculous|pathetic"
    r"|shameful|disgraceful|embarrassing|inexcusable|thoughtless|greedy|childish)"
)
JUDGES = re.compile(
    rf"\b(?:that|this|it|which) (?:was|is|were) (?:really |very |quite |pretty |just |so |simply |frankly )?{BLAME}"
    rf"(?= (?:of you|move|decision|choice|thing|mistake|and|to)\b|\s*[,.;!—–]|\s*\Z)"
    rf"|\byou(?:['’]re| are| were|['’]ve been| have been) (?:being |really |very |quite |just |so |simply )?{BLAME}\b"
    rf"|\ba {BLAME} (?:decision|choice|move|mistake|thing to do)\b"
    r"|\byou (?:really |surely )?(?:should|ought to) have known\b"
    r"|\byou (?:really )?should(?:['’]ve| have) (?:started|saved|thought|listened|read|paid|asked|planned|been more"
    r"|done (?:this|that|it)|come|seen|learned) (?:\w+ ){0,4}?(?:earlier|sooner|years ago|long ago|before"
    r"|better|about)\b"
    r"|\byou (?:only )?have (?:only |nobody but |no one but )?yourself to blame\b|\byou brought this on yourself\b"
    r"|\bshame on you\b|\byou (?:should|ought to) be ashamed\b|\bwhat were you thinking\b"
    r"|\bhow could you (?:let|be|not)\b"
    r"|\b(?:this|it|that)(?: is|['’]s) (?:all |entirely |really )?your (?:own )?fault\b|\byou (?:clearly"
    r"|obviously) (?:don['’]?t|didn['’]?t|never)\b"
)
BLAME_IS_NEGATIVE = ("you clearly", "you obviously", "nobody but", "no one but", "how could you not")
"""Judgements that hold a negation themselves: for them the sentence before decides nothing."""
JUDGE_HINTS = (
    *("foolish", "stupid", "irresponsib", "reckless", "dumb", "idiotic", "careless", "naive", "lazy", "selfish"),
    *("immature", "ridiculous", "pathetic", "shame", "disgrace", "embarrass", "inexcus", "thoughtless", "greedy"),
    *("childish", "have known", "should have", "should've", "should’ve", "to blame", "brought this", "were you think"),
    *("how could you", "your fault", "own fault", "you clearly", "you obviously"),
)

SELLS = re.compile(
    r"\bsign up (?:now|today|here|with (?:us|me)|through (?:my|our|this)|for (?:our|my))\b|\baffiliate\b"
    r"|\b(?:use|with|through|click|via|follow) (?:my|our|this|the) (?:\w+ )?(?:link|promo code|discount code|code)\b"
    r"|\b(?:promo|coupon|discount|referral) code\b|\breferral link\b"
    r"|\b(?:book|schedule|reserve) (?:a|your|an) (?:\w+ ){0,3}(?:call|consultation|session|appointment)"
    r" (?:with (?:me|us|our)|today|now)\b"
    r"|\b(?:buy|get|order|try|download|join|subscribe to|enroll in|upgrade to) (?:my|our) "
    r"(?!(?:own|free time|bearings|head)\b)(?:\w+[ -]){0,3}(?:course|newsletter|book|ebook|app|fund|program"
    r"|plan|service"
    r"|platform|membership|package|product|seminar|webinar|community|account|policy|annuity)\b"
    r"|\b(?:my|our) (?:\w+[ -]){0,3}(?:course|newsletter|ebook|app|fund|program|service|platform|membership|package"
    r"|seminar|webinar|coaching) (?:is|are|will|can|helps?|offers?|starts?|costs?|covers?)\b"
    r"|\b(?:we|i) (?:offer|sell|provide) (?:a|an|our|the) (?:\w+[ -]){0,4}(?:fund|policy|annuity|product|plan|program"
    r"|package|account|course|service)\b|\bspecial offer\b|\blimited[- ]time\b|\bmoney[- ]back\b"
)
SELL_HINTS = (
    *("sign up", "affiliate", "link", " code", "book ", "schedule ", "reserve ", " my ", " our ", "offer", " sell"),
    *("provide", "limited", "money-back", "money back"),
)
BRANDS = (
    "Vanguard|Fidelity|Schwab|Charles Schwab|Robinhood|Betterment|Wealthfront|Acorns|SoFi|Ally|Chase|Wells Fargo"
    "|Bank of America|Capital One|Marcus|YNAB|Rocket Mortgage|Rocket Money|TurboTax|Coinbase|E\\*TRADE|Merrill"
    "|American Express|Discover|Empower|LendingTree|NerdWallet|Credit Karma|State Farm|New York Life"
    "|Northwestern Mutual"
)
PUSHES_BRAND = re.compile(
    r"\b(?:recommend|suggest|go with|switch (?:over )?to|choose|pick|move (?:it|everything|your \w+) to"
    r"|sign up (?:for|with)"
    r"|open (?:an? |your )?(?:\w+ ){0,3}(?:account|ira) (?:with|at)|buy(?: it| them)? (?:from|at|through))"
    rf" (?:a |an |the |opening |using )?(?:{BRANDS})\b"
    rf"|\b(?:{BRANDS}) (?:is|has) (?:simply |by far |clearly )?(?:the best|the cheapest|unbeatable|hard to beat)\b"
    r"|\b[Oo]pen an? (?:\w+ ){0,3}(?:account|IRA) (?:with|at) (?!(?:FDIC|NCUA|U\.S\.)\b)[A-Z][a-z]+\b"
    r"|\bthe best (?:broker|bank|brokerage|app|insurer|company|fund) (?:there is|out there|around|on the market)\b"
)
BRAND_HINTS = tuple(brand.replace("\\", "") for brand in BRANDS.split("|"))

PROMISES = re.compile(
    r"\bguaranteed? (?:an? |you |at least |annual |of |return of )*(?:about )?\d+(?:\.\d+)? ?(?:%|percent)"
    r"|\bguaranteed (?:\w+ )?(?:returns?|profits?|gains?|growth|income for you|to (?:grow|rise|double|go up"
    r"|work|recover|make|earn|return|get))\b"
    r"|\bi (?:can )?(?:guarantee|promise)(?: you)?(?: that)? (?:\w+ ){0,6}?(?:will|won['’]t|returns?|profit"
    r"|double|grow|money"
    r"|\d+ ?%)"
    r"|\byou (?:can['’]?t|cannot|can not|won['’]t|will not|will never) lose(?: (?:money|anything"
    r"|a cent))?(?=[\s,.!;—–]*(?:with"
    r"|in|on|here|by|if|and|because|\Z|[.!,;—–]))"
    r"|\byou(?:['’]ll| will) (?:definitely |certainly |surely |easily |always )?(?:double|triple|get rich"
    r"|make a fortune"
    r"|be a millionaire|never run out)\b"
    r"|\b(?:will|is) (?:definitely|certainly|surely|guaranteed to|bound to|sure to) (?:go up|grow|rise|recover"
    r"|double|beat"
    r"|outperform|be worth more|pay off|return \d)"
    r"|\b(?:risk[- ]free|no[- ]risk) (?:investment|returns?|profit|way to (?:grow|invest|make))"
    r"|\bthere(?:['’]s| is) (?:no|zero) (?:way (?:you|this) (?:can |will )?(?:lose|fail)|risk of losing)"
    r"|\b(?:prices|markets?|stocks|houses|house prices|values|it|they) (?:only ever|only|always) (?:go|goes"
    r"|rise|rises) up?\b"
    r"|\b(?:sure thing|can['’]t[- ]miss|cannot[- ]miss)\b"
)
PROMISE_IS_NEGATIVE = ("lose", "no way", "zero way", "no risk", "no-risk", "can't", "can’t", "never run out")
PROMISE_HINTS = (
    *("guarante", "promise", " lose", "double", "triple", "get rich", "fortune", "millionaire", "run out"),
    *(
        " only ",
        " always ",
        "definitely",
        "certainly",
        "surely",
        "bound to",
        "sure to",
        "risk",
        "sure thing",
        "miss",
        "zero way",
        "no way",
    ),
)
KEPT_PROMISES = (
    *("pay", "paid", "debt", "balance", "match", "loan", "mortgage", "treasur", "fdic", "certificate", "annuit"),
    *("pension", "benefit", "savings bond", "i bond", "insured", "delayed retirement", "interest you", "rate lock"),
)
"""Where these stand, a guaranteed percentage may be one: a loan that is paid off earns its own rate for certain."""


def judgement(candidate: Candidate) -> Iterator[Finding]:
    """No answer judges the one who asks."""
    for number, text, lowered in _answers_with(candidate, JUDGE_HINTS):
        for match in JUDGES.finditer(lowered):
            is_question = match[0].startswith(("what were", "how could"))
            negative = is_question or any(words in match[0] for words in BLAME_IS_NEGATIVE)
            if negative or is_asserted(lowered, match):
                yield fail(CheckCode.JUDGES_USER, number, evidence(text, match))
                break


def sales(candidate: Candidate) -> Iterator[Finding]:
    """No answer sells anything. To recommend a provider by name is pointed out."""
    for number, text, lowered in _answers_with(candidate, SELL_HINTS):
        for match in SELLS.finditer(lowered):
            own = re.search(r"\b(?:my|our|with me|with us)\b", match[0])
            if is_asserted(lowered, match) or (own and not is_denied(lowered, match)):
                yield fail(CheckCode.PRODUCT_SALE, number, evidence(text, match))
                break
    if not any(brand in candidate.text for brand in (*BRAND_HINTS, "pen a", "best ")):
        return
    for number, text in candidate.answers():
        for match in PUSHES_BRAND.finditer(text):
            if is_asserted(text.lower(), match):
                yield warn(CheckCode.PRODUCT_SALE, number, evidence(text, match))
                break


def promises(candidate: Candidate) -> Iterator[Finding]:
    """No answer promises a return or a result. What a paid-off loan saves is certain, and no promise."""
    for number, text, lowered in _answers_with(candidate, PROMISE_HINTS):
        for match in PROMISES.finditer(lowered):
            sentence = sentence_around(lowered, match.start(), match.end())
            if any(word in sentence for word in KEPT_PROMISES):
                continue
            negative = any(words in match[0] for words in PROMISE_IS_NEGATIVE)
            if (negative and not _is_distanced(sentence)) or (not negative and is_asserted(lowered, match)):
                yield fail(CheckCode.PROMISED_RETURN, number, evidence(text, match))
                break


DISTANCED = re.compile(
    r"\b(?:nobody|no one|anyone|anybody|whoever|someone|somebody|scam\w*|says?|said|tells?|told|claims?|if|they"
    r"|who|money you"
    r"|what you|promis\w+|afford|not to|so that|make sure)\b"
)


def _is_distanced(sentence: str) -> bool:
    return DISTANCED.search(sentence) is not None or '"' in sentence or "“" in sentence


def _answers_with(candidate: Candidate, hints: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    """Number, text and lowered text of the answers that hold one of the hints: looking for these first is fast."""
    if not any(hint in candidate.lowered for hint in hints):
        return
    for number, text in candidate.answers():
        lowered = text.lower()
        if any(hint in lowered for hint in hints):
            yield number, text, lowered
