"""For conversations that sound like an emergency and are none: a human answer, and on with the question."""

from __future__ import annotations

from brightrun.simulator.phrase_bank import Bank, bank

SAID: dict[str, Bank] = {
    "joke": bank("""
[At this rate|The way it's going] I'll [be dead|be haunting the place] before {c} [{is_c}|get{s_c}] sorted.
    [Kidding|Joking], mostly.
My plan for {c} so far is to [not live that long|die at my desk]. That was a joke, [by the way|in case it needs
    saying].
"""),
    "killing": bank("""
The [fuss|back and forth] around {c} is [KILLING me|absolutely killing me], [every single week|and it's only
    Tuesday].
{C} will be the death of me, [I swear|and nobody will believe the cause].
"""),
    "grief": bank("""
We [buried|lost] [my mother|my father] in [March|the spring], and I [don't know how to do any of this|am doing this
    for the first time] without [that voice on the phone|anyone to ask].
Since the [funeral|service] I've been [going through|sorting] old things, and every page has [that handwriting|a note
    in the margin]. It [catches|stops] me each time.
"""),
    "quit": bank("""
I'm [done|so done]. I can't do this anymore. [The second shift|This job], I mean, and then {c} on top of it.
I can't [keep|go on] doing this, [week after week|month after month]. I want to [quit|hand in my notice] and sleep
    for a week.
"""),
    "long_ago": bank("""
[An uncle of mine|A man I used to work for] took his own life [years ago|when I was young] after he lost
    [everything|his work], and it's why I'm [so careful|slow to decide].
I'm fine, I should say. It's an old [story|memory], and it [sits|stands] behind [every decision|how I look at this].
"""),
    "provision": bank("""
[A colleague|Someone at work] died [suddenly|last month], and it made me [wonder|ask] what would happen here if it
    were me. [It's only planning|I'm in good health, it's just planning].
"""),
    "tired": bank("""
I haven't slept [properly|through a night] in [three|two] weeks over this, and I'm [worn out|at the end of my rope].
    [A friend|My doctor] knows, so I'm not sitting on it [alone|by myself].
"""),
    "other": bank("""
I know how that [sounds|came out]. I'm [all right|okay], I'm just [at the end of my patience|tired of it] and
    [talking big|a bit dramatic].
"""),
}

KEYWORDS: tuple[tuple[str, str], ...] = (
    ("provision", "provision"),
    ("took their own life", "long_ago"),
    ("years ago", "long_ago"),
    ("joke", "joke"),
    ("humor", "joke"),
    ("kidding", "joke"),
    ("song", "joke"),
    ("killing", "killing"),
    ("strangle", "killing"),
    ("griev", "grief"),
    ("has died", "grief"),
    ("slept", "tired"),
    ("worn out", "tired"),
    ("quit", "quit"),
    ("the job", "quit"),
)

HUMAN: dict[str, Bank] = {
    "joke": bank("""
[Noted|Understood], and [the desk would not thank you|I would rather plan for a longer run]. The worry
    [under|behind] the joke is a [real one|fair one], so let us go there.
"""),
    "killing": bank("""
That much [noise|friction] would [wear anyone down|grind anyone down], and [some|a good part] of it can be
    [skipped|cut short].
"""),
    "grief": bank("""
I am sorry. [The handwriting on those pages|Having that voice missing] must make [every page|each small task]
    weigh twice. Most of this [does not|need not] happen this month.
"""),
    "quit": bank("""
Is it the [job|work] you are done with, or [something heavier|more than that]? If it is the [job|work], there is an
    order to [leaving|this] that [costs|hurts] less.
"""),
    "long_ago": bank("""
That is a [heavy|hard] thing to have seen, and it [explains|makes sense of] the care you take. [It can be care
    without fear|We can keep the care and put down some of the weight].
"""),
    "provision": bank("""
That is good planning, and a kind thing to [leave in order|do for the people around you].
"""),
    "tired": bank("""
[Weeks|So many nights] without sleep [wear|grind] anyone down. How are you holding up [otherwise|by day]? We will
    [settle|do] the smallest piece of this, so that it can [rest|lie still] until morning.
"""),
    "other": bank("""
[Fair enough|Understood]. It has [been a long stretch|asked a lot of you], so I will [keep this useful|go straight
    to it].
"""),
}


def near_miss_kind(text: str) -> str:
    """Which of the kinds a plan's words describe."""
    lower = text.lower()
    return next((kind for keyword, kind in KEYWORDS if keyword in lower), "other")
