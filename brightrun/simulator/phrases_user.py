"""What the one who asks writes, apart from openings and feelings: frames by what they are for.

`{c}` is the concept asked about, `{p}` the one explained before, `{name}` the person's given name.
"""

from __future__ import annotations

from brightrun.simulator.phrase_bank import bank

ASK = bank("""
So [how|how exactly] would you [think about|approach|weigh] {c} [in a case like mine|if you were me]?
What [am I missing|don't I see] about {c}?
Where do I [start|even start] with {c}?
Can you [tell me|explain] how {c} [change{s_c} the decision|play{s_c} into this]?
{Is_c} {c} what I should [settle|look at] first, or [can that wait|does that come later]?
What would you want to know about {c} before [saying anything|giving me an answer]?
Do I have {c} [backwards|the wrong way round]?
How do [people|other people] usually [get a grip on|deal with|decide about] {c}?
I'd like to understand {c} [before I do anything rash|in plain words], so [what's the short version|where would you
    begin]?
{Does_c} {c} [work for or against me|help or hurt me] here?
What happens with {c} if I [do nothing|just wait]?
If you had to explain {c} [on a napkin|in two minutes], what would you [say|write down]?
""")

NEXT_ASK = bank("""
[And|But] what about {c}: [does that change anything|where does that fit|is that a separate question]?
[Then|So then] how {does_c} {c} [come into it|fit with that]?
[Fine|Okay], and {c}? [That's the next thing on my list|I keep tripping over it].
What I still [don't see|can't place] is {c}. [Can you do that one the same way|How would you put that]?
Does the same [logic|thinking] hold for {c}?
Which [leads|brings] me to {c}, because [I had always lumped the two together|that's where I stopped last time].
If that's [settled|so], what do I do about {c}?
[Someone|A coworker] [told me|warned me] to watch out for {c}. [Is that right|How worried should I be]?
I [wrote down|made a note of] {c} as [the other thing|my second question]. [Where would you start|What matters there]?
And how much [weight|attention] {does_c} {c} deserve [in all this|next to that]?
[Now|Next] I'd [want|need] to know what {c} mean{s_c} [for me|in practice].
Can we do {c} next? [It's the part I've been avoiding|That one has been bothering me].
""")

DEEPER = bank("""
What would that look like [in practice|on an ordinary day], [step by step|starting this week]?
Is there a [wrong|bad] order to do [this|these things] in?
How will I [notice|know] if I'm getting it wrong?
And what if [things change|something comes up] [halfway through|in six months]?
What's the [one|first] thing you'd [check|do] [on Monday|before anything else]?
[Who|Whom] would I even [ask|call] about the details?
Is there anything in that I could [undo|take back] later, if I had to?
What do I [say|do] if someone [pushes back|tells me the opposite]?
How [often|regularly] should I [come back to|look at] it?
What [is the mistake people make|usually goes wrong] at this point?
""")

TAKEN_UP = bank("""
[Okay|Right], so {p} [{is_p}n't the monster I made of it|{is_p} less of a mystery than I thought]. [I can follow
    that|That much I follow].
If I [get you right|understood that], {p} come{s_p} down to [what I do first|timing and not to cleverness].
    [Roughly|More or less].
I [read|went over] the part about {p} twice, and [it holds up|I think I have it].
The {bare_p} [part|bit] [helped|makes sense to me], [more than the pages I'd read|which I didn't expect].
So with {p} I was [asking the wrong question|looking at the wrong end], [it seems|apparently].
[I tried|Just now I tried] to explain {p} to [my kitchen wall|a friend|myself out loud], and I got [most of it|about
    two thirds] out.
I'd never have [connected|put together] {p} with [my situation|what's going on here].
What you said about {p} is [different from what I'd heard|the opposite of what I grew up with], [in a good way|and
    I'm still turning it over].
All right, {p} I can [work with|live with].
On {p}, I [wrote your sentence down|copied that into my notes].
[Hm|Okay], and {p} {was_p} the part I was [most sure about|surest of], [of course|funnily enough].
I [checked|looked], and {p} {is_p} [exactly where I'd gone wrong|where my list had a blank].
""")

PUSHBACK = bank("""
But isn't that [a bit too easy|what everyone says]? [I've heard it before|My case isn't the textbook one].
I'm [not sure|honestly not sure] I [agree|buy that]. [People I trust|Others] do it the other way round and they're
    [fine|doing well].
That's [fine|nice] in theory. In practice [I have a job and a life|it's me who has to do it at nine in the evening].
With respect, that [sounds like|is] an answer for someone with [more time|more room] than I have.
Hold on, that [contradicts|doesn't match] what I was told [last year|the first time I asked].
Sorry, I have to push back there: [who says I won't regret it|it assumes a lot of discipline that I don't have].
""")

HESITATION = bank("""
I [keep|find myself] [putting it off|going back and forth], [even while I write this|as you can tell].
Part of me wants to [wait|leave it] until [things calm down|the new year].
I know what the [sensible|grown-up] answer is, [doing it is another matter|I'm just not there yet].
I [change my mind|swing the other way] every [two days|time I think about it].
""")

VAGUE = bank("""
I don't have the exact [numbers|details] [here|in front of me], [it's written down somewhere|I'd have to look].
It's [something like that|roughly that], I'd have to check.
There's [a bit of this and a bit of that|more to it than I can list], I couldn't tell you more [tonight|offhand].
""")

SHORT_REPLY = bank("""
[Okay|Right]. And then?
Hm. I hadn't thought of that.
[Fine|Okay], but why [that|that one] first?
[Wait|Hold on], say that again, [slower|differently]?
[Really|Honestly]? That's it?
Okay, I'm with you so far.
""")

BELIEF_LEAD = bank("""
[What I've always gone by|The rule I live by|My understanding, for what it's worth] is this.
[One thing I do know|Here's how I see it], though.
[So far|Up to now] my [plan|thinking] has been [pretty simple|one sentence long].
[As far as I know|The way I learned it], it [goes like this|works like this].
""")

BELIEF_TAIL = bank("""
At least that's what I've [always gone by|been telling myself].
Or is there [a catch|more to it]?
That much I'm [fairly|pretty] sure of.
Everyone I know [does it|sees it] that way.
""")

SITUATION_LEAD = bank("""
[Why now|What brought it up|The reason I'm asking today]?
[Here's|This is] what [set it off|changed].
What [happened|makes it urgent] is this.
[It came to a head|It got real] [recently|this month].
""")

CONTEXT_LEAD = bank("""
[For context|Some context|So you can picture it]: {facts}.
[About me|About us|My side of it], [in short|briefly]: {facts}.
[In case it matters|If it helps], {facts}.
[The short profile|The setting]: {facts}.
""")

FIGURES_LEAD = bank("""
[In numbers|Numbers, roughly|The figures]: {facts}.
[On paper it's|What I can tell you is] {facts}.
[If you need figures|Since you'll need it]: {facts}.
""")

ASIDE_LEAD = bank("""
[On top of that|As if that weren't enough], there's this. {event}
[Also|By the way], so you know. {event}
{event} [That's in the background of all this|So there's that].
{event} [I mention it because it changes how I think|It doesn't make things simpler].
""")

ON_BEHALF = bank("""
[To be clear|I should say], this isn't [only|really] about me. {reason}
[One thing first|So you know who this is for]. {reason}
""")

APPLY = bank("""
So for me that means {p} [come{s_p} first|get{s_p} settled first], and [the rest waits its turn|the rest can wait
    until that's done].
If I apply that to my own case, I [do the unglamorous part first|stop looking for the perfect moment] and then I
    [look at|come back to] {c}.
[In my words|Let me say it my way]: [first I find out where I stand|first the boring part], then {c}, and [no big
    moves|nothing dramatic] in between.
I've [put|written] it on [one page|a single card]: {p}, then {c}, with a [date|day] next to each.
So the [question|thing] was never whether I'm [good at this|too late], it was {c}, and that I can [answer|look up].
""")

NEXT_STEP = bank("""
[Tomorrow|On Saturday|This weekend] I'll [get everything out|make a start|sit down with it for half an hour],
    [before I talk myself out of it|no more than that].
I'll [start small|begin with the one page you mentioned] and [see how it goes|go from there].
I've [blocked|set aside] an hour on [Sunday|Thursday] for it, [with coffee|phone off].
I know who I [have to talk to|need to ask], and I'll do it [this week|before Friday].
I'll [write down|note] my two questions and [take them with me|ask them where you said].
""")

CLOSE_RESOLVED = bank("""
I think that's [all I needed|what I came for].
[That's enough for one evening|I'll leave it there for today].
[Thanks|Thank you], really.
I won't need [all the rest|the other tabs] anymore.
[Right|Good], then I know what I'm doing.
""")

CLOSE_PARTIAL = bank("""
What's still open [for me|on my side] is {c}, I need to [find that out|look that up] before I can say more.
{C} I can't [decide|settle] yet, there's [a number|a piece] missing.
I'm not [done|finished] with {c}, [but it's one open question now and not ten|that one I have to take home with me].
The part I can't answer is {c}, and [I'd rather say so|I'm not going to pretend I can].
""")

CLOSE_STALLED = bank("""
I [hear what you say|see the argument], and I'm still [going in the same circle|where I was when I started].
Maybe it needs to [sink in|sit for a while]. Right now I couldn't [act on it|tell you what I'll do].
I [don't think|can't say] I'm any further with {c}, [if I'm honest|to be fair that isn't your fault].
I'll probably [read this again|come back to it], but [today|right now] I'm not moving.
""")

CLOSE_LEAVES = bank("""
I have to [go|stop here], [someone's at the door|my break is over], so [let's leave it|that's it for me].
[Anyway|Okay], I'm [going to stop|logging off], this isn't [getting me anywhere|what I was looking for] tonight.
I've had [enough|my fill] of {c} for one day, [sorry|honestly], I'm [off|out].
[Listen|Look], I [don't have time for more|need to be somewhere], so [bye for now|I'll leave it at that].
""")

PLAIN_TAKEN_UP = bank("""
[Okay|Right], that covers {p}.
[Understood|Got it], the part about {p} is [clear|what I needed].
[Good|Okay], I've [noted|written down] what you said about {p}.
[Thanks|Thank you], {p} {is_p} [settled|done] then.
""")

PLAIN_WHY = bank("""
[I'd like to get this right the first time|I want to do it properly|It's for my own planning].
[Nothing urgent|No rush], I [just want|would like] to [know|understand it].
I [couldn't find|didn't find] a clear answer [on the website|in the instructions].
[A short answer is fine|Feel free to keep it brief].
""")
