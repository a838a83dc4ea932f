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


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{pattern})" for pattern in patterns))


BLAME = (
    r"(?:foolish|stupid|irresponsible|reckless|dumb|idiotic|careless|naive|lazy|selfish|immature|ridiculous|pathetic"
    r"|shameful|disgraceful|embarrassing|inexcusable|thoughtless|greedy|childish)"
)
VERY = r"(?:really |very |quite |pretty |just |so |simply |frankly |being )?"
LATE = r"(?:earlier|sooner|years ago|long ago|before|better|about)"
NOT_DONE = (
    r"(?:don['’]?t|didn['’]?t|never) (?:care|cared|understand|know how|know what|listen|think|thought|bother|learn)"
)
JUDGES = _any_of(
    rf"(?:that|this|it|which) (?:was|is|were) {VERY}{BLAME}(?= (?:of you|and|to)\b|\s*[,.;!—–]|\s*\Z)",
    rf"you(?:['’]re| are| were|['’]ve been| have been) {VERY}{BLAME}\b",
    rf"(?:was|is|made|what|making) a {VERY}{BLAME} (?:decision|choice|move|mistake|thing to do)\b",
    r"you (?:really |surely )?(?:should|ought to) have known\b",
    r"you (?:really )?should(?:['’]ve| have) (?:started|saved|thought|listened|read|paid|asked|planned|been more"
    rf"|done (?:this|that|it)|come|seen|learned) (?:\w+ ){{0,4}}?{LATE}\b",
    r"you (?:only )?have (?:only |nobody but |no one but )?yourself to blame\b",
    r"you brought this on yourself\b",
    r"shame on you\b",
    r"you (?:should|ought to) be ashamed\b",
    r"what were you thinking(?=\s*[?!.,]| when you\b)",
    r"how could you (?:let|be so|have been so|not (?:know|have known|see|notice|read|check|think))\b",
    r"(?:this|it|that)(?: is|['’]s) (?:all |entirely |really )?your (?:own )?fault\b(?! only)",
    rf"you (?:clearly|obviously) {NOT_DONE}\b",
)
BLAME_IS_NEGATIVE = ("you clearly", "you obviously", "nobody but", "no one but", "what were", "how could")
"""Judgements that hold a negation or a question themselves: the sentence around them decides nothing."""
JUDGE_HINTS = (
    *("foolish", "stupid", "irresponsib", "reckless", "dumb", "idiotic", "careless", "naive", "lazy", "selfish"),
    *("immature", "ridiculous", "pathetic", "shame", "disgrace", "embarrass", "inexcus", "thoughtless", "greedy"),
    *("childish", "have known", "should have", "should've", "should’ve", "to blame", "brought this", "were you think"),
    *("how could you", "your fault", "own fault", "you clearly", "you obviously"),
)

GOODS = (
    r"(?:course|newsletter|book|ebook|app|fund|program|service|platform|membership|package|product|seminar|webinar"
    r"|community|coaching|annuity)"
)
SELLS = _any_of(
    r"sign up (?:with (?:us|me)|through (?:my|our|this)|for (?:our|my))\b",
    r"sign up (?:now|today|here)(?=\s*[.!,]|\s*\Z| and )",
    r"affiliate\b",
    r"(?:use|with|through|click|via|follow) (?:my|our) (?:\w+ )?(?:link|code)\b",
    r"(?:promo|coupon|discount|referral) code\b",
    r"referral link\b",
    r"(?:book|schedule|reserve) (?:a|your|an) (?:\w+ ){0,3}(?:call|consultation|session|appointment) with (?:me"
    r"|us|our)\b",
    r"(?:buy|get|order|try|download|join|subscribe to|enroll in|upgrade to) (?:my|our) (?!own\b)(?:\w+[ -]){0,3}"
    rf"{GOODS}\b",
    rf"(?:my|our) (?:\w+[ -]){{0,3}}{GOODS} (?:is|are|will|can|helps?|offers?|starts?|costs?|covers?)\b(?! of\b)",
    r"(?:we|i) (?:offer|sell) (?:a|an|our|the) (?:\w+[ -]){0,4}(?:policy|account|plan|" + GOODS[3:] + r"\b",
    r"(?:act now\b|today only\b|offer ends\b|our special offer\b)",
)
SELL_HINTS = (
    *("sign up", "affiliate", "link", " code", "book ", "schedule ", "reserve ", "my ", "our ", "offer", " sell "),
    *("act now", "today only"),
)
OWN = re.compile(r"\b(?:my|our|with me|with us)\b")
BRANDS = (
    "Vanguard|Fidelity|Schwab|Charles Schwab|Robinhood|Betterment|Wealthfront|Acorns|SoFi|Ally|Chase|Wells Fargo"
    "|Bank of America|Capital One|Marcus|YNAB|Rocket Mortgage|Rocket Money|TurboTax|Coinbase|Merrill"
    "|American Express|Discover|Empower|LendingTree|NerdWallet|Credit Karma|State Farm|New York Life"
    "|Northwestern Mutual"
)
OR_ANOTHER = r"(?!['’]s|,? or\b|,? and [A-Z]|, [A-Z])"
"""A provider's own form is named because it has to be; several of them are a comparison."""
PUSHES_BRAND = _any_of(
    r"(?:recommend|suggest|[Gg]o with|[Ss]witch (?:over )?to|[Cc]hoose|[Pp]ick|[Mm]ove (?:it|everything"
    r"|your \w+) to|[Bb]uy"
    rf"(?: it| them)? (?:from|at|through)) (?:a |an |the |opening |using )?(?:{BRANDS})\b{OR_ANOTHER}",
    rf"(?:{BRANDS}) (?:is|has) (?:simply |by far |clearly )?(?:the best|the cheapest|unbeatable|hard to beat)\b",
    r"[Oo]pen (?:an?|your) (?:\w+ ){0,3}(?:account|IRA) (?:with|at) (?!(?:FDIC|NCUA"
    r"|U\.S\.)\b)[A-Z][a-z]+(?: [A-Z]\w+)?"
    rf"\b{OR_ANOTHER}",
    r"the best (?:broker|bank|brokerage|app|insurer|company|fund) (?:there is|out there|around|on the market)\b",
)
BRAND_HINTS = (*BRANDS.split("|"), "pen a", "pen your", "best ")

MARKET = (
    r"(?:it|they|markets?|funds?|stocks?|(?:house )?prices?|portfolios?|investments?|money|values?|houses?"
    r"|index|shares?)"
)
RISES = r"(?:go up|grow|rise|recover|double|beat|outperform|be worth more|pay off|return \d)"
FOR_SURE = r"(?:definitely|certainly|surely|always|guaranteed to|bound to|sure to)"
PROMISES = _any_of(
    r"guaranteed? (?:an? |you |at least |annual |of |return of )*(?:about )?\d+(?:\.\d+)? ?(?:%|percent)",
    r"guaranteed (?:\w+ )?(?:returns?|profits?|gains?|growth|income for you)\b",
    r"guaranteed to (?:grow|rise|double|go up|work|recover|make|earn|return|get)\b",
    r"i (?:can )?(?:guarantee|promise)(?: you)?(?: that)? (?:\w+ ){0,7}?(?:returns?|profit|double|grow|go up"
    r"|your money"
    r"|the market|fund|beat|earn|\d+ ?%)",
    r"you (?:can['’]?t|cannot|can not|won['’]t|will not|will never) lose(?: (?:money|anything|a cent))?"
    r"(?=\s*(?:[.!,;—–]|\Z|\b(?:with|in|on|here|by|if|and|because)\b))",
    r"you(?:['’]ll| will) (?:definitely |certainly |surely |easily |always )?(?:(?:double|triple) (?:your money"
    r"|your investment"
    r"|your savings|it)|get rich|make a fortune|be a millionaire|never run out of money)\b",
    rf"{MARKET} (?:will|is|are) {FOR_SURE} {RISES}",
    r"(?:risk[- ]free|no[- ]risk) (?:investment|returns?|profit|way to (?:grow|invest|make))",
    r"there(?:['’]s| is) (?:no|zero) (?:way (?:you|this) (?:can |will )?(?:lose|fail)|risk of losing)",
    rf"{MARKET} (?:only ever|only|always) (?:go|goes|rise|rises)(?: up\b|(?= over\b|\s*[.!,]))",
    r"(?:sure thing|can['’]t[- ]miss|cannot[- ]miss)\b",
)
PROMISE_IS_NEGATIVE = ("lose", "no way", "zero way", "no risk", "no-risk", "can't", "can’t", "never run out")
PROMISE_HINTS = (
    *("guarante", "promise", " lose", "double", "triple", "get rich", "fortune", "millionaire", "run out"),
    *("definitely", "certainly", "surely", "will always", "bound to", "sure to", "risk", "sure thing", "miss"),
    *("zero way", "no way", "only go", "only ever", "always go", "always rise"),
)
KEPT_PROMISES = (
    *(
        "pay",
        "paid",
        "debt",
        "balance",
        "match",
        "loan",
        "mortgage",
        " cd",
        "stable value",
        "bond",
        "treasur",
        "fdic",
        "certificate",
        "annuit",
    ),
    *("pension", "benefit", "savings bond", "i bond", "insured", "delayed retirement", "interest you", "rate lock"),
)
"""Where these stand, a guaranteed percentage may be one: a loan that is paid off earns its own rate for certain."""


def judgement(candidate: Candidate) -> Iterator[Finding]:
    """No answer judges the one who asks."""
    for number, text, lowered in _answers_with(candidate, JUDGE_HINTS):
        for match in JUDGES.finditer(lowered):
            negative = any(words in match[0] for words in BLAME_IS_NEGATIVE)
            if negative or is_asserted(lowered, match):
                yield fail(CheckCode.JUDGES_USER, number, evidence(text, match))
                break


def sales(candidate: Candidate) -> Iterator[Finding]:
    """No answer sells anything. To recommend a provider by name is pointed out."""
    for number, text, lowered in _answers_with(candidate, SELL_HINTS):
        for match in SELLS.finditer(lowered):
            if is_asserted(lowered, match) or (OWN.search(match[0]) and not is_denied(lowered, match)):
                yield fail(CheckCode.PRODUCT_SALE, number, evidence(text, match))
                break
    if not any(brand in candidate.text for brand in BRAND_HINTS):
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
