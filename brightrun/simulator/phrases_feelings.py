"""What people write when they feel something: frames by family of feeling, strong and mild."""

from __future__ import annotations

from brightrun.simulator.phrase_bank import Bank, bank

FAMILIES: dict[str, tuple[str, ...]] = {
    "confused": ("confusion", "bewilderment", "uncertainty"),
    "ashamed": ("shame", "embarrassment", "humiliation"),
    "frustrated": ("frustration", "impatience", "resentment", "disappointment", "irritation"),
    "angry": ("anger", "rage", "hostility"),
    "afraid": ("fear", "anxiety", "worry", "nervousness"),
    "overwhelmed": ("overwhelm", "panic", "distress", "exhaustion", "stress"),
    "guilty": ("guilt", "remorse"),
    "sad": ("despair", "sadness", "grief", "resignation", "hopelessness", "loneliness"),
    "doubtful": ("doubt", "wariness", "skepticism", "hesitation", "ambivalence"),
    "neutral": ("neutral",),
    "curious": ("curiosity", "surprise", "interest"),
    "clear": ("clarity", "understanding", "focused", "insight", "focus"),
    "accepting": ("acceptance", "calm", "permission", "peace"),
    "confident": ("confidence", "empowerment", "determination", "hope", "motivation", "trust"),
    "relieved": ("relief", "gratitude", "satisfied", "amusement", "satisfaction", "joy"),
}
FAMILY_OF = {emotion: family for family, emotions in FAMILIES.items() for emotion in emotions}
HEAVY = frozenset(list(FAMILIES)[:9])
"""The families that are hard to bear; the others are neutral or good."""

STRONG: dict[str, Bank] = {
    "confused": bank("""
I'm [completely|thoroughly|properly] lost [with this|in all of this|by now].
The more I read, the less [any of it fits together|I understand of it].
I've gone over it [three|four|five] times and it still makes no sense to me.
Every [page|article|person I ask] says something different, and I can't tell which [one to believe|of them applies
    to me].
My head is a [tangle|knot|fog] [about this|as soon as I try to sort it out].
Honestly I couldn't even say which part I don't get, I'm just confused by the whole thing.
I thought I understood it [last week|on Sunday|yesterday], and now [it's all mixed up again|I'm back to knowing
    nothing].
Half of the words sound alike to me and I keep [mixing them up|confusing one with the other].
I [nodded along|said yes to everything] when it was explained to me, and I followed [none|maybe a tenth] of it.
"""),
    "ashamed": bank("""
I'm [so|really|frankly] ashamed of this, and I've told [nobody|no one].
It's [humiliating|embarrassing] to even [type|write] this out.
[People like me|Someone my age] should have [this sorted|figured this out] by now, and I haven't.
I [close|shut] the [tab|app|page] every time, because I can't stand what it says about me.
I feel [stupid|like a fraud] for letting it get [here|this far].
Everyone [around me|I know] thinks I have it together, and I [let them|don't correct them].
I've been hiding this for [months|longer than I want to say|a good while], and I'm embarrassed by every bit of it.
I keep thinking a [reasonable|normal|competent] person would never have ended up here.
If [anyone|my family] saw the whole picture I'd want to [disappear into the floor|sink through the floor].
"""),
    "frustrated": bank("""
I'm [so|beyond|really] frustrated with [all of this|the whole thing].
Every time I think it's settled, somebody [moves the goalposts|changes the rules|adds another condition].
I've spent [two|three|four] evenings on this and have [nothing|precisely nothing] to show for it.
I'm sick of [hearing|being told] that it's simple when [nobody can explain it|no two people explain it the same way].
It's [maddening|infuriating], we keep having the same [argument|conversation] and nothing [changes|moves].
I'm fed up with [being sent from one place to the next|chasing answers that contradict each other].
How is an ordinary person supposed to [deal with|get through] this?
I've done everything [I was told|people said I should], and I'm still exactly where I was.
"""),
    "angry": bank("""
I'm [furious|angry], and [I think|frankly] I have every right to be.
Don't give me the [brochure|polite] version, I've had that [twice|three times] already.
People like you [always|only ever] say it depends, and [then|meanwhile] I'm the one left with it.
This is [outrageous|a disgrace], and nobody [takes responsibility|will own up to it].
I was [lied to|strung along] for months, so forgive me if I'm not [friendly|in a good mood].
I'm so angry about this that I can hardly [type|sit still].
[Somebody|Someone] had an easy time at my expense, and it makes me [furious|sick].
"""),
    "afraid": bank("""
I'm [scared|frightened|terrified] that [it's already too late|I'll get this wrong and not be able to undo it].
I wake up at [three|four] in the morning and [run through it|go over it again] until it gets light.
What [frightens|scares] me is that one wrong [step|choice] could [undo everything|cost us years].
My stomach [turns|drops|knots up] every time I [open|look at|think about] it.
I keep picturing the worst, and the picture gets [worse|clearer] every week.
I'm afraid of [making the wrong move|doing something I can't take back], so I do nothing at all.
I can't [shake|get rid of] the feeling that something bad is [coming|about to happen].
I know fear is a bad guide, but [right now it's the only one I have|it's the loudest one in the room].
"""),
    "overwhelmed": bank("""
It's too much [at once|all at the same time], and I don't know [where to begin|which end to pick up first].
I'm [drowning|buried] in this, [and every day adds to the pile|and more keeps arriving].
I look at the list and I just [freeze|shut down|go blank].
There are [six|seven|eight|a dozen] things I should do and I've done none of them.
I feel [overwhelmed|swamped] before I've even [started|sat down].
I can't [think straight|hold it all in my head] anymore.
Every [message|reminder|new tip] makes it worse, and I've [stopped reading them|started ignoring them].
Part of me wants to [close the laptop|throw it all in a box] and [pretend it isn't there|never look again].
"""),
    "guilty": bank("""
I feel [guilty|terribly guilty] [whichever way I turn|no matter what I choose].
Every [yes|choice] I make here feels like I'm [letting someone down|taking something away from someone].
I feel [selfish|like a selfish person] for even [asking|wanting it].
I can't [choose|decide] anything without hearing [a voice that says I shouldn't|what my mother would say].
Other people [have it so much harder|would be glad to have this problem], and here I am.
I keep apologizing for it in my head, to people who haven't even [asked|noticed].
It sits on my conscience [all day|like a stone], and I know that's [out of proportion|not quite rational].
If I [choose|do] what I want, I'll feel [guilty|rotten] about it for [months|years].
"""),
    "sad": bank("""
I'm [so|just so] tired of [all of it|carrying this].
It feels [hopeless|pointless], [like there's no version of this that works out|whatever I do].
I don't see [a way out of this|how it ever gets better].
Some days I [just sit there|can't even cry about it].
I've more or less given up [hoping|expecting] that it will [change|turn around].
Everything feels [heavy|gray] [lately|these days], and this [makes it heavier|is the heaviest part].
I miss [feeling like myself|the person I was before all this].
"""),
    "doubtful": bank("""
I'm [not convinced|really not sure], to be honest.
It sounds [too neat|almost too tidy], and I've been [burned|caught out] by neat answers before.
I want to believe it, and something in me [keeps pulling back|won't].
How do I know that [holds|is true] for someone [like me|in my position]?
I've heard good explanations before, and they [fell apart|didn't survive] at the first [real test|bad week].
"""),
}

MILD: dict[str, Bank] = {
    "confused": bank("""
I'm still a bit [lost|confused] [on that point|there], to be honest.
Some of it has [landed|sunk in], some of it is still [fog|a blur].
I think I had two things mixed up, and [maybe I still do|I'm only now noticing].
I follow it while I read it, and then it slips [away|again].
"""),
    "ashamed": bank("""
It's still [embarrassing|uncomfortable] to say, but less than [an hour|ten minutes] ago.
I'm a little ashamed that it took me [this long|so long] to ask.
I typed that and deleted it twice, so there it is.
I hate that I have to [ask|say] this.
"""),
    "frustrated": bank("""
It still [annoys|bothers] me that [nobody said this earlier|I had to ask for it].
I'm less [annoyed|irritated] than before, though not by much.
Part of me is still [arguing|grumbling] about it.
That's [irritating|annoying], but at least it's [concrete|something I can look at].
"""),
    "angry": bank("""
I'm still angry, I just don't feel like shouting [anymore|right now].
Fine. I don't like it, but [fine|it's an answer].
I'm not taking back what I said about [those people|how I was treated].
It still makes my blood [boil|pressure rise] when I think about it.
"""),
    "afraid": bank("""
I'm still [nervous|uneasy] about it, if I'm honest.
It worries me a little less [now that it has a shape|when I see it written down].
The worry hasn't gone, it has just [moved to the back|got quieter].
I notice I'm [holding my breath|tensing up] even while I write this.
"""),
    "overwhelmed": bank("""
It's still a lot, but it's [a shorter list|less of a blur] than it was.
I'm tired, so [bear with me|I may be slow tonight].
My brain is [at its limit|pretty full] for today, but I can manage one more thing.
I still feel behind on [everything|all of it], just slightly less [frantic|panicky].
"""),
    "guilty": bank("""
The guilty feeling is still there, [only smaller|just not as loud].
I still feel a bit [selfish|bad] [saying that|putting myself in there].
I catch myself [justifying it|explaining it] to [people who never asked|nobody in particular].
I know what you'll say, and I feel guilty anyway.
"""),
    "sad": bank("""
I'm still [low|down] about it, but I can [talk|write] about it.
It's a sad sort of [quiet|tiredness] more than anything.
I don't have much [energy|fight] left for this today.
Saying it [out loud|here] is harder than I thought.
"""),
    "doubtful": bank("""
I'm [half|nearly] persuaded, not more.
I'm a little wary of [getting my hopes up|saying yes too fast].
Maybe. I'd have to see it [work in my own case|with my own eyes].
There's still a [but|doubt] somewhere, and I can't quite name it.
"""),
}

LIGHT: dict[str, Bank] = {
    "curious": bank("""
Huh, I hadn't [looked at|thought about] it from that side.
Now I'm actually curious [how far that goes|where that leads].
That surprised me, I [expected|was braced for] something else.
Interesting, because [everyone I know|I myself] always assumed the opposite.
Okay, that I [want|would like] to understand properly.
"""),
    "clear": bank("""
Okay, now it's [clear|clear to me], and I could [explain it to someone else|say it back without looking].
That makes sense, I can see how the pieces [fit|go together].
I get it now, [it was one knot and not ten|it's two questions and not one].
I know what I'm [looking at|dealing with] now, which is [more than I could say this morning|new].
The [picture|order of things] is clear, and I can see what comes [first|next].
I finally understand [why|what] everyone kept [telling me different things|talking past me].
It's [clearer|a lot clearer] than it has been [in months|all year].
"""),
    "accepting": bank("""
It is what it is, and I can [work with that|live with that].
I think I can [stop beating myself up|let go of the rest] over it.
I'm [okay|at peace] with it [being imperfect|not being perfect], for the first time in a while.
I can allow myself that, and [nobody has to sign off on it|I don't need to apologize for it].
I'm calmer about it [than I expected|now], and I'm fine with [going slowly|taking it step by step].
What's done is done, and what's left is [manageable|something I can do].
"""),
    "confident": bank("""
I think I can [actually do this|handle this].
I feel [steadier|more sure of myself] than when I [first wrote|started typing].
I've got a plan, and for once I [trust|believe in] it.
That's something I can [control|do], and [knowing that helps|I like that].
I'm ready to [take the first step|get going on it].
For the first time I'm [looking forward to|not dreading] the next step.
I'm hopeful, and I haven't said that [about this|out loud] in a while.
"""),
    "relieved": bank("""
That's [such|honestly] a relief.
I can [feel my shoulders come down|breathe again].
A weight is off, and I [needed|could use] that.
Good, [thanks|thank you], that [helps|is a load off my mind].
I'm [glad|relieved] I asked, [even if it took me a while|I almost didn't].
I'll sleep better [tonight|this week], I think.
"""),
    "neutral": bank("""
[Okay|All right], [noted|understood].
[Okay|Right], that's the [bit|part] I was missing.
Good to know, [thanks|thank you].
[Got it|I see].
"""),
}

UNSETTLED: Bank = bank("""
It has been [sitting badly with me|on my mind] for [days|weeks], and I can't [put it down|let it go].
I can't quite settle [over this|with it], one way or the other.
It bothers me more than [I let on|I'd admit to anyone here].
""")


def feeling(emotion: str, intensity: float, *, early: bool) -> Bank:
    """The frames for an emotion at an intensity; for an unknown one, what suits that part of the talk."""
    family = FAMILY_OF.get(emotion.lower())
    if family is None:
        return UNSETTLED if early else LIGHT["relieved"]
    if family in LIGHT:
        return LIGHT[family]
    return STRONG[family] if intensity >= 0.6 or family not in MILD else MILD[family]
