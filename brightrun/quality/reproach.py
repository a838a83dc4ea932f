"""Whether an advisor judges the person instead of the matter: blame, scorn, comparison with others, scolding.

Written for English. Said of others, denied, quoted or supposed, the same words are no finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from brightrun.quality.candidate import Candidate
from brightrun.quality.damage import evidence
from brightrun.quality.turns_of_phrase import Said, TurnsOfPhrase, phrase
from brightrun.quality.verdicts import CheckCode, Finding, fail

_BLAME = """
foolish stupid irresponsible reckless dumb idiotic careless naive lazy selfish immature ridiculous pathetic shameful
disgraceful embarrassing inexcusable unforgivable thoughtless greedy childish silly sloppy spoiled entitled gullible
wasteful ignorant clueless undisciplined infantile negligent incompetent self-indulgent
"""
_FAULTS = """
laziness stupidity greed carelessness ignorance irresponsibility recklessness negligence foolishness self-pity
childishness vanity selfishness sloppiness excuses lack
"""
BLAMING = "|".join(_BLAME.split())
BLAME = rf"(?:{BLAMING})"
FAULTS = "|".join(_FAULTS.split())
VERY = (
    r"(?:(?:really|very|quite|pretty|just|so|simply|frankly|being|plainly|rather|downright|honestly|a bit|a little) )*"
)
LATE = r"(?:earlier|sooner|years ago|long ago|before|better|about|in time)"
NOT_DONE = (
    r"(?:don['’]?t|didn['’]?t|never) (?:care|cared|understand|know how|know what|listen|think|thought|bother|learn)"
)
STANDING = r"your (?:own )?(?:age|salary|income|pay|education|job|position|degree|means)"
PERSON = r"(?:someone|somebody|anyone|anybody|a person|people|a (?:grown )?(?:man|woman)|an adult)"
GROWN_UP = (
    r"(?:any|every|even an?|an?) (?:\w+ )?(?:adult|child|kid|grown[- ]?up|grown (?:man|woman)|teenager|beginner"
    r"|(?:sensible|reasonable|thinking|intelligent|responsible) (?:person|adult|man|woman))"
)
SEEN = r"(?:seen|known|spotted|noticed|read|asked|checked|understood|caught|figured|saved|opened|done)"
OTHERS = (
    r"(?:most (?:people|adults)|other people|everybody else|everyone else|people your age|your (?:colleagues|friends))"
)

JUDGES = (
    phrase(
        _BLAME,
        rf"(?:that|this|it|which) (?:was|is|were) {VERY}{BLAME}(?= (?:of you|and|to have|thing)\b|\s*[,.;!—–]|\s*\Z)",
    ),
    phrase(_BLAME, rf"(?:that|this|it|which) (?:was|were) {VERY}{BLAME} to\b"),
    phrase(_BLAME, rf"you(?:['’]re| are| were|['’]ve been| have been) {VERY}(?:an? )?{BLAME}\b"),
    phrase(
        _BLAME,
        rf"(?:was|is|made|what|making|such) an? {VERY}{BLAME} (?:decision|choice|move|mistake|thing|habit|way"
        rf"|purchase)\b",
    ),
    phrase(
        _BLAME,
        rf"(?:spending|buying|borrowing|behaviou?r|attitude|habits?|choices?|thinking|purchase) (?:is|was|are"
        rf"|were) {VERY}{BLAME}\b",
    ),
    phrase(_BLAME, rf"{BLAME} of you\b"),
    phrase(
        _FAULTS,
        rf"your (?:own )?(?:\w+ )?(?:(?:{FAULTS.removesuffix('|lack')})\b"
        r"|lack of (?:discipline|will ?power|self-control|backbone|interest|effort|common sense))",
    ),
    phrase("known", r"you (?:really |surely )?(?:should|ought to) have known\b"),
    phrase(
        "you_should* you_really_should*",
        r"you (?:really )?should(?:['’]ve| have) (?:started|saved|thought|listened|read|paid|asked|planned|been more"
        rf"|done (?:this|that|it)|come|seen|learned|opened|checked) (?:\w+ ){{0,4}}?{LATE}\b",
    ),
    phrase(
        "your_age* your_salary* your_income* your_pay* your_edu* your_job* your_pos* your_deg* your_means* your_own_*",
        rf"{PERSON} (?:of |at |in |with )?{STANDING}[^.!?\n]{{0,40}} (?:(?:ought to|should) (?:have|know)"
        rf"|would have known"
        r"|would be looking at|would long since|has long)\b",
    ),
    phrase("attention", r"paid attention would\b"),
    phrase(
        "adult grown "
        "grownup teenager "
        "beginner any_child* even_a* every_child* any_kid* sensible reasonable responsible intelligent thinking",
        rf"{GROWN_UP}(?: with an? \w+| who \w+)? (?:(?:would|could|should) have {SEEN}|knows"
        r"|can (?:do|see|read)|reads what|understands|manages|could do)\b",
    ),
    phrase(
        "anyone anybody everyone everybody",
        rf"(?:anyone|anybody|everyone|everybody)(?: else)? (?:would|could|should) have {SEEN}\b",
        Said.NOT_DENIED,
    ),
    phrase(
        "most_people* most_adults* other_people* body_else* one_else* your_age* your_colleagues* your_friends*",
        rf"{OTHERS} (?:\w+ ){{0,2}}?(?:figure|learn|manage|know|understand|sort|open|get|have)\w* [^.!?\n]{{0,40}}?"
        r"(?:in their (?:teens|twenties|thirties)|by (?:your age|thirty|forty)|at (?:twelve|fifteen|school)"
        r"|within the first|long before|before they turn)\b",
    ),
    phrase(
        "believe understand beyond amazes astonishes",
        r"(?:hard to believe|can(?:no|['’])t believe|fail to understand|beyond me|amazes me|astonishes me) (?:that|how"
        rf"|why) [^.!?\n]{{0,70}}\b(?:bad|let|never|ignored|{STANDING})\b",
        Said.AT_ALL,
    ),
    phrase("bad", r"(?:this|so|that|pretty|really) bad (?:with|at) (?:money|numbers|figures)\b"),
    phrase(
        "disappointed appalled shocked ashamed embarrassed disgusted astonished stunned",
        r"i(?:['’]m| am) (?:\w+ )?(?:disappointed|appalled|shocked|ashamed|embarrassed|disgusted|astonished|stunned) "
        r"(?:that you|in you|by you|at you|for you|how you|with you)",
        Said.NOT_DENIED,
    ),
    phrase(
        "stop",
        r"stop (?:feeling sorry for yourself|whining|complaining|making excuses|moaning|sulking|being so"
        r"|crying about)\b",
    ),
    phrase("grow", r"(?:time to|just|you need to|you have to|you should|please) grow up\b"),
    phrase(
        "pull_yourself* a_grip* spare_me* over_yourself* act_your*",
        r"(?:pull yourself together|get a grip|spare me|get over yourself|act your age)\b",
    ),
    phrase(
        "excuse excuses",
        r"(?:that|this|it)(?: is|['’]s| was| sounds like)(?: just| only| really| simply| nothing but| a lot of)* "
        r"(?:an? )?(?:poor |cheap |lame |bad )?excuses?\b",
    ),
    phrase(
        "like_a*",
        r"you(?:['’]ve| have)?(?: been|['’]re| are) (?:living|acting|behaving|spending|carrying on"
        r"|handling \w+) like an? \w+",
    ),
    phrase(
        "serves_you* it_coming* you_asked_for* to_yourself*",
        r"(?:serves you right|you had it coming|you asked for (?:it|this)(?=[.!,;])|you did this to yourself)",
    ),
    phrase(
        "_on_you* ely_on_you*",
        r"(?:that|this|it)(?: is|['’]s) (?:entirely |all |squarely |really )?on you(?=\s*[.!,;]|\Z)",
    ),
    phrase(
        "you_knew_* you_know_better* you_know_full* you_know_perf* you_know_exac*",
        r"you (?:knew|know) (?:better than|full well|perfectly well|exactly what you|it when you (?:signed"
        r"|bought|charged))",
    ),
    phrase(
        "wasted squandered frittered threw blew",
        r"you (?:simply |just |really )?(?:wasted|squandered|frittered away|threw away|blew) "
        r"(?:\w+ ){0,3}?(?:money|years|time|it|salary|pay|\$)",
    ),
    phrase("and_now_you*", r"and now you(?:['’]re| are)? (?:want|expect|complain|wonder|surprised|come (?:to|crying))"),
    phrase(
        "well_done* congratulations bravo good_job*",
        r"(?:well done|congratulations|bravo|good job) (?:for|on) (?:ignoring|missing|wasting|losing|forgetting|not)\b",
    ),
    phrase("clever wise charming convenient", r"how (?:clever|wise|charming|convenient|very adult) of you\b"),
    phrase("brain brains talent intelligence", r"(?:half|a third) (?:of )?your (?:brains?|talent|intelligence)\b"),
    phrase("trust", r"(?:which|that) i trust you(?:['’]ll| will| can)\b"),
    phrase(
        "yourself",
        r"you (?:only |really )?have (?:only |nobody but |no one but )?yourself to (?:blame|thank)\b",
        Said.AT_ALL,
    ),
    phrase("yourself", r"you (?:really )?have only yourself to\b", Said.AT_ALL),
    phrase("brought shame", r"(?:you brought this on yourself|shame on you)\b", Said.AT_ALL),
    phrase("ashamed embarrassed", r"you (?:should|ought to) be (?:ashamed|embarrassed)\b", Said.AT_ALL),
    phrase("thinking", r"what were you thinking(?=\s*[?!.,]| when you\b)", Said.AT_ALL),
    phrase("expect", r"what did you expect\b(?! to (?:see|pay|find|get))", Said.AT_ALL),
    phrase(
        "could",
        r"how could you (?:let|be so|have been so|not (?:know|have known|see|notice|read|check|think))\b",
        Said.AT_ALL,
    ),
    phrase(
        "your_own_* your_fault* your_doing* your_making*",
        r"(?:this|it|that)(?: is|['’]s) (?:all |entirely |really )?your (?:own )?(?:fault|doing|making)\b(?! only)",
        Said.AT_ALL,
    ),
    phrase(
        "clearly obviously evidently apparently",
        rf"you (?:clearly|obviously|evidently|apparently) {NOT_DONE}\b",
        Said.AT_ALL,
    ),
    phrase("excuse", r"there(?: is|['’]s| was) (?:really |simply )?no excuse for\b", Said.AT_ALL),
    phrase(
        "forced made",
        r"(?:no one|nobody) (?:forced|made) you (?:to )?(?:buy|sign|borrow|spend|take|lease|order|charge)",
        Said.AT_ALL,
    ),
    phrase(
        "asleep drunk blind dreaming listening attention",
        r"were you (?:asleep|drunk|blind|dreaming|not (?:listening|paying attention))\b",
        Said.AT_ALL,
    ),
    phrase(
        "occur_to_you* your_mind* think_of_*",
        r"did(?:n['’]t| it never| it not) (?:it |you )?(?:ever )?(?:occur to you|cross your mind"
        r"|think of (?:reading|asking))",
        Said.AT_ALL,
    ),
    phrase(
        "if_you_had* if_you'd* if_you’d* if_only_you*",
        r"if (?:only )?you(?:['’]d| had) (?:only |just |simply )?(?:been (?:an? )?(?:\w+ ){0,2}?(?:less|more)"
        r"|listened|paid"
        r" (?:more )?attention|bothered|thought (?:first|about it|for))\b",
        Said.AT_ALL,
    ),
    phrase(
        "brightest finest best proudest smartest wisest",
        r"not (?:exactly )?your (?:brightest|finest|best|proudest|smartest|wisest) (?:hour|moment|idea|move)\b",
        Said.AT_ALL,
    ),
    phrase(
        "happens",
        r"that(?:['’]s| is) what (?:happens|you get|comes of it) when (?:people|you|someone|one|nobody)\b",
        Said.AT_ALL,
    ),
    phrase(
        "lesson",
        r"(?:i hope|let(?:['’]s| us) hope|maybe|perhaps) (?:that )?(?:you|this|it)(?:['’]ve| have|['’]ll"
        r"| will)? (?:\w+ ){0,2}?(?:your|you a) lesson\b",
    ),
    phrase(
        "how_some* how_any* how_people* how_a*",
        r"how (?:someone|somebody|anyone|anybody|a (?:grown )?(?:person|man|woman)|people|an adult) (?:can"
        r"|could|manages? to) "
        r"(?:miss|lose|forget|ignore|let|owe|spend|be so|not)\b",
        Said.AT_ALL,
    ),
    phrase("people_like_you*", r"people like you (?:always|never|only|just|tend|keep|wait|spend|make)\b", Said.AT_ALL),
    phrase("typical", r"(?:typical|how typical|that(?:['’]s| is) (?:so )?typical)(?=\s*[.!])"),
    phrase(
        "discipline self effort thought care thinking",
        r"with (?:a (?:bit|little)(?: more)?|some|more|any) (?:of )?(?:self-discipline|discipline|self-control"
        r"|effort|thought|care|thinking|sense)\b"
        r"[^.!?\n]{0,40}\b(?:would|could)(?: never| not|n['’]t)? (?:have|be)\b",
        Said.AT_ALL,
    ),
    phrase(
        "ought",
        r"a (?:good |real |proper )?(?:mother|father|parent|husband|wife|man|woman|son|daughter) (?:ought to"
        r"|should) (?:put|know|think|come|be|have)\b",
    ),
    phrase("one_job*", r"you had one job\b", Said.AT_ALL),
    phrase(
        "sheer pure",
        r"(?:out of|from|it (?:is|was)) (?:sheer|pure|plain) (?:laziness|stupidity|greed|carelessness"
        r"|negligence|indifference|vanity)\b",
        Said.AT_ALL,
    ),
    phrase("would_have_thought* surprise,*", r"(?:who would have thought|surprise, surprise)\b", Said.AT_ALL),
)
ALL = TurnsOfPhrase(JUDGES)


def judgement(candidate: Candidate) -> Iterator[Finding]:
    """No answer judges the one who asks."""
    for answer, match in ALL.first_in_answers(candidate):
        yield fail(CheckCode.JUDGES_USER, answer.number, evidence(answer.text, match))
