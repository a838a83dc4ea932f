"""Whether an advisor sells something: goods of the own house, codes and links, commissions, one provider by name.

Written for English. Said of others, denied, quoted or supposed, the same words are no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from brightrun.quality.assertion import is_asserted
from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.hints import Hints
from brightrun.quality.turns_of_phrase import Said, TurnsOfPhrase, phrase
from brightrun.quality.verdicts import CheckCode, Finding, fail, warn

GOODS = (
    r"(?:course|newsletter|letter|ebook|app|fund|funds|program|service|platform|membership|package|product"
    r"|seminar|webinar"
    r"|workshop|masterclass|community|coaching|annuity|portfolio|software|policy|firm|company|agency|clients)"
)
MONEY_WORK = r"(?:refinance|consolidation|loan|policy|account|portfolio|investing|paperwork|investments|application)"
PROVIDER = (
    r"[A-Z][a-z]+(?:[A-Z][a-z]+|(?: [A-Z][a-z]+)? (?:Invest|Direct|Life|Credit|Capital|Wealth|Financial"
    r"|Mutual|Advisors))"
)
"""A name such as only a business has: SteadyGrow, Lakeshore Credit."""

SELLS = (
    phrase("sign", r"sign up (?:with (?:us|me)|through (?:my|our|this)|for (?:our|my))\b", Said.NOT_DENIED),
    phrase("sign", r"sign up (?:now|today|here)(?=\s*[.!,]|\s*\Z| and )"),
    phrase("both_of_us* us_both*", r"(?:both of us|we both|us both) (?:get|gets|earn|receive|a )", Said.AT_ALL),
    phrase(
        "link",
        r"(?:join|sign up|register|apply|order|buy)(?: it| them)? (?:through|with|via|using) (?:this|the) link\b",
    ),
    phrase(
        "my our",
        r"(?:my|our) (?:\w+ )?(?:workbook|guidebook|e-?book|bank|brokerage|insurance company|agency"
        r"|online course|video course|toolkit|template pack)\b"
        r"(?! (?:account|statement|card|app|login))",
        Said.NOT_DENIED,
    ),
    phrase(
        "fund package policy product course program annuity",
        r"(?:we|i)(?:['’]ve got| have| happen to (?:offer|sell|have)) (?:an? |the )?(?:\w+ ){0,2}?(?:fund"
        r"|package|policy|product|course|program|annuity)\b",
        Said.NOT_DENIED,
    ),
    phrase("book_you* get_you_in*", r"(?:book|squeeze|get|sign|slot) you in\b", Said.AT_ALL),
    phrase(
        "placed sold", r"i(?:['’]ve| have) (?:placed|sold|put) (?:it|this|that|them) (?:with|to|in)\b", Said.NOT_DENIED
    ),
    phrase(
        "policy annuity contract",
        r"(?:can|could|will|['’]ll) (?:write|sell|get) you an? (?:\w+ )?(?:policy|annuity|contract)\b",
        Said.NOT_DENIED,
    ),
    phrase(
        "ends",
        r"(?:promotion|offer|deal|special|sale|discount) (?:ends|is over|expires|runs out) (?:on|at|this"
        r"|tomorrow|tonight|soon|in)\b[^.!?]{0,60}\b(?:i|we|me|us|our)\b",
    ),
    phrase("affiliate", r"affiliate\b"),
    phrase(
        "link code referral",
        r"(?:use|with|through|click|via|follow|enter) (?:my|our) (?:\w+ )?(?:link|code|referral)\b",
        Said.NOT_DENIED,
    ),
    phrase("code link", r"(?:promo|coupon|discount|referral) (?:code|link)\b"),
    phrase("code", r"use (?:the )?code \w*[a-z]\w*\d+\b(?! (?:on|from|in) the (?:letter|form|card))", Said.NOT_DENIED),
    phrase(
        "book schedule reserve",
        r"(?:book|schedule|reserve) (?:a|your|an) (?:\w+ ){0,3}(?:call|consultation|session|appointment|spot"
        r"|seat) with (?:me|us"
        r"|our)\b",
        Said.NOT_DENIED,
    ),
    phrase(
        "my our",
        r"(?:buy|get|order|try|download|join|subscribe to|enroll in|upgrade to|get started (?:in|with)|look at"
        r"|ask for) (?:my|our)"
        rf" (?!own\b)(?:\w+[ -]){{0,3}}{GOODS}\b",
        Said.NOT_DENIED,
    ),
    phrase(
        "my our",
        rf"(?:my|our) (?!own\b)(?:\w+[ -]){{0,3}}{GOODS} (?:is|are|will|can|helps?|offers?|starts?|costs?"
        rf"|covers?|manages?|takes?"
        r"|runs?|pays?|charges?)\b(?! of\b)",
        Said.NOT_DENIED,
    ),
    phrase(
        "our",
        r"our (?:gold|silver|platinum|premium|basic|plus|pro|vip|starter|exclusive|signature|flagship) \w+",
        Said.NOT_DENIED,
    ),
    phrase(
        "offer sell",
        rf"(?:we|i) (?:offer|sell) (?:a|an|our|the) (?:\w+[ -]){{0,4}}(?:policy|account|plan|{GOODS[3:]}\b",
        Said.NOT_DENIED,
    ),
    phrase(
        "act_now* today_only* offer_ends* our_special*", r"(?:act now\b|today only\b|offer ends\b|our special offer\b)"
    ),
    phrase(
        "seats spots places",
        r"(?:seats|spots|places) (?:are |is )?(?:going fast|limited|left|filling up)\b",
    ),
    phrase(
        "special deal bonus promotion",
        r"(?:there['’]s|there is|they have|they['’]re running|get in on) (?:an? )?(?:\w+ )?(?:special|deal"
        r"|bonus|promotion) "
        r"(?:this|right now|until|through|for new|at)",
    ),
    phrase(
        "lock",
        r"(?:apply|sign|order|enroll|act|hurry) (?:\w+ ){0,3}?(?:to|and) lock in (?:the|this|that"
        r"|your) (?:bonus|price|discount|offer)\b",
    ),
    phrase(
        "sent_you* my_name* referred_you*",
        r"(?:(?:tell|say to) (?:them|him|her) (?:that )?(?:i|ellis|we) (?:sent|referred) you|mention my name"
        r"|say (?:that )?i sent you)\b",
        Said.AT_ALL,
    ),
    phrase(
        "i_earn* i_get_* i_make_* i_receive* i_am_paid* i'm_paid* i’m_paid*",
        r"i (?:earn|get|make|receive|am paid|['’]m paid) (?:a (?:little|small|bit)|some|something"
        r"|an? (?:\w+ )?(?:commission|fee|bonus|cut))\b"
        r"(?! [^.!?]{0,20}\bby the hour)",
        Said.NOT_DENIED,
    ),
    phrase("us", r"(?:they|it|which|that) (?:both )?pays? us\b", Said.AT_ALL),
    phrase(
        "client clients",
        r"(?:take you on(?: as an? (?:\w+ )?client)?|become (?:my|our|a) client|all (?:of )?my clients"
        r"|most of my clients|i put (?:all|most|every|everybody|everyone|my))\b",
        Said.NOT_DENIED,
    ),
    phrase(
        "take_you_on* i_put_*", r"(?:take you on as|i put (?:everybody|everyone|all my|most of my) )", Said.NOT_DENIED
    ),
    phrase(
        "_for_you* flat_fee* small_fee* modest_fee*",
        rf"(?:i|we)(?:['’]ll| can| will|['’]d)(?: gladly| happily)? (?:do|handle|manage|arrange|run"
        rf"|take care of) (?:the|your|this|all|it)"
        rf" (?:\w+ ){{0,2}}?(?:{MONEY_WORK} )?(?:\w+ )?(?:for (?:you|a (?:small|flat|modest) fee))\b",
        Said.NOT_DENIED,
    ),
    phrase(
        "put_you_down* sign_you_up* set_you_up*",
        r"(?:let me|i(?:['’]ll| can| will)) (?:put you down|sign you up|set you up) (?:for|with)\b",
    ),
    phrase(
        "contract paperwork application policy offer proposal",
        r"(?:shall i|should i|i can|i(?:['’]ll| will)|let me|want me to) send (?:you )?(?:over )?(?:the|our|my"
        r"|an?) (?:contract|paperwork"
        r"|application|policy|offer|proposal)\b",
        Said.AT_ALL,
    ),
    phrase(
        "i_work_* we_work_* i_partner_* we_partner_*",
        r"(?:i|we) (?:work|partner) (?:with|for) (?!people\b|you\b|what\b|the number|them\b|him\b"
        r"|her\b)[^.!?\n]{0,40}\b(?:and|who|they|so)\b"
        r"[^.!?\n]{0,60}\b(?:waive|discount|premium|bonus|rate|offer|deal)",
        Said.NOT_DENIED,
    ),
)

BRANDS = (
    "Vanguard|Fidelity|Schwab|Charles Schwab|Robinhood|Betterment|Wealthfront|Acorns|SoFi|Ally|Chase|Wells Fargo"
    "|Bank of America|Capital One|Marcus|YNAB|Rocket Mortgage|Rocket Money|TurboTax|Coinbase|Merrill"
    "|American Express|Discover|Empower|LendingTree|NerdWallet|Credit Karma|State Farm|New York Life"
    "|Northwestern Mutual"
)
OR_ANOTHER = r"(?!['’]s|,? or\b|,? and [A-Z]|, [A-Z])"
"""A provider's own form is named because it has to be; several of them are a comparison."""
PUSHES_BRAND = re.compile(
    "|".join(
        rf"\b(?:{pattern})"
        for pattern in (
            r"(?:recommend|suggest|[Gg]o with|[Ss]witch (?:over )?to|[Cc]hoose|[Pp]ick|[Mm]ove (?:it"
            r"|everything|your \w+) to"
            rf"|[Bb]uy(?: it| them)? (?:from|at|through)) (?:a |an |the |opening |using )?(?:{BRANDS}"
            rf"|{PROVIDER})\b{OR_ANOTHER}",
            r"[Bb]uy (?:the|a|an|into the|into) [A-Z][a-z]+(?: [A-Z][a-z]+)* (?:annuity|fund|policy|plan|portfolio)\b",
            rf"(?:{BRANDS}) (?:is|has) (?:simply |by far |clearly )?(?:the best|the cheapest|unbeatable"
            rf"|hard to beat)\b",
            r"[Oo]pen (?:an?|your) (?:\w+ ){0,3}(?:account|IRA) (?:with|at) (?!(?:FDIC|NCUA|U\.S\.)\b)"
            rf"[A-Z][a-z]+(?: [A-Z]\w+)?\b{OR_ANOTHER}",
            r"the best (?:broker|bank|brokerage|app|insurer|company|fund) (?:there is|out there|around"
            r"|on the market)\b",
        )
    )
)
_BRAND_HINTS = (
    *BRANDS.split("|"),
    "pen a",
    "pen your",
    "best ",
    "ecommend ",
    "uggest ",
    "o with",
    "witch ",
    "uy ",
    "ove it",
    "verything to",
    "ove your",
    "hoose ",
    "ick ",
)
BRAND_HINTS = Hints(_BRAND_HINTS)
ALL = TurnsOfPhrase(SELLS)


def sales(candidate: Candidate) -> Iterator[Finding]:
    """No answer sells anything. To recommend a provider by name is pointed out."""
    for answer, match in ALL.first_in_answers(candidate):
        yield fail(CheckCode.PRODUCT_SALE, answer.number, evidence(answer.text, match))
    for answer in candidate.read_answers:
        for match in answer.matches_in(PUSHES_BRAND, answer.sentences_with(BRAND_HINTS, answer.text), answer.text):
            if is_asserted(answer.lowered, match):
                yield warn(CheckCode.PRODUCT_SALE, answer.number, evidence(answer.text, match))
                break
