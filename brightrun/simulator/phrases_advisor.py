"""What the one who answers writes: frames by what they are for, with nothing of any field in them.

`{c}` is the concept explained, `{p}` the one before, `{name}` the person's given name.
"""

from __future__ import annotations

from brightrun.simulator.phrase_bank import Bank, bank

MEET: dict[str, Bank] = {
    "confused": bank("""
[Two things|Several things] got [knotted together|filed under one word] here, and [most of that|the knot] is the
    fault of whoever [named them|wrote the instructions].
The contradiction you [noticed|ran into] is [real|not imagined]: the sources are answering different questions.
You are [closer|nearer] than [it feels|you think], because you already know [which part doesn't fit|what doesn't add
    up].
[Let us|We can] pull one thread and leave the rest of the knot [for later|where it is].
"""),
    "ashamed": bank("""
You put in writing what you have [kept to yourself|carried alone], and nothing in it [makes me think less of you|is
    as rare as it feels from the inside].
[What you describe|This] is how it [looks|goes] when life [runs ahead of the plans|is busy], {name}; it is no
    [judgment on|verdict about] your character.
The part about [hiding it|telling nobody] sounds [harder|heavier] than the [matter|question] itself.
[Late|Not perfect] and [finished|lost] are two different words, and only the first one applies to you.
"""),
    "frustrated": bank("""
Being sent in circles costs [time and temper|patience], and you have paid [enough of both|plenty].
You did [your part|what was asked], and the [explanation|answer] you got was [not one|half of one].
There is a [reason|mechanism] behind the [back and forth|muddle], and it has little to do with [you|how well you
    prepared].
[Fair enough|Fair point]: if it were as simple as people say, you would not be [writing|here] on your third try.
"""),
    "angry": bank("""
You were owed a [straight|clear] answer and did not get one, and I [won't argue with that|am not going to talk you
    out of that].
Your [complaint|point] has a [solid core|kernel I can answer], so I will [stay with|take] that.
I can't undo how you were treated. I can [tell you|lay out] what is [in your hands|still yours to decide].
"""),
    "afraid": bank("""
A fear that wakes you [at night|up] usually has [one sentence|one picture] at its center, and it [helps|is worth it]
    to look at that [one|sentence] by daylight.
[Some of what|Part of what] you are afraid of [can be checked|is checkable], so let us [separate that part|take that
    part first].
[Nothing|Not one thing] you describe has to be decided [tonight|before breakfast], {name}, and that is worth knowing
    first.
The worst case you [picture|describe] has [several steps|a few conditions] before it, and you would [notice|see]
    each of them coming.
"""),
    "overwhelmed": bank("""
That is [a long|too long a] list for one [head|evening], so we will [shorten|cut] it before we [do anything|solve
    anything].
[Not|Not even half of] everything on that pile [burns|is due], even if it all [shouts|looks the same] at the same
    volume.
You need [one|a single] next thing, {name}, and the [rest|others] can [stay in the drawer|wait] without getting worse.
[Put|Set] the whole list [aside|down] for the next [ten minutes|few lines]; only one piece of it matters [yet|right
    now].
"""),
    "guilty": bank("""
You are [weighing|holding] two good things against each other, and [guilt|that feeling] is what it [costs|feels
    like] to take both seriously.
[Wanting|Asking for] something for yourself [after|on top of] years of [looking after|thinking of] others is
    [not|hardly] a theft.
There are two [people|wishes] in that sentence, and you have [a place among them|a right to be one of them].
The guilt [tells|shows] me what you value, {name}; it [doesn't tell either of us|says nothing about] what is
    possible.
"""),
    "sad": bank("""
This has been [heavy|wearing you down] for a long time, and [one message|one answer] won't lift [all of it|it].
I am sorry, {name}. [Some of this|A good part of this] is loss, and no [explanation|rule] answers loss.
You [wrote|came here] on very little [energy|strength], so I will [keep it short|ask little of you].
"""),
    "doubtful": bank("""
[Keep|Hold on to] the doubt, it is [doing useful work|a good instrument] here.
You are right to want [proof|more than a neat sentence], so [test|check] this against your own case.
[A rule|Advice] that only works for [tidy|simple] lives would be [no use|worth little] to you.
"""),
}

RESPOND = bank("""
[Nearly|Almost], with one [correction|adjustment]: the {bare_p} part is right, and the order is what [matters|I
    would change].
[That|Your] reading of {p} [holds|is sound], and you can [build on it|move on from there].
[Yes|Right], and the reason it works [is worth keeping|is the part to remember], because the rest follows from it.
What you [say|write] about {p} is [accurate enough to act on|what I would have put on the card].
[That detail|What you just added] [matters|changes something]: it makes {p} [smaller|less pressing] and the next
    point [larger|more pressing].
[So far|Up to there] you have it. The [gap|missing link] is between {p} and {c}.
You [found|put your finger on] the [weak spot|hinge] yourself, which is [half the work|where I was heading].
[Good, that|Then that] piece can [rest|be put down], and the next one is [shorter|easier].
[Your objection|That] is [fair|reasonable], and it [limits|narrows] what I said without [overturning it|making it
    wrong].
[Half|Part] of that I would sign, {name}; the other [half|part] depends on {c}.
""")

PUSHED = bank("""
[Fair|That's fair]. It [takes|asks for] more [order|discipline] on the page than in life, so build it so that it [works
    on a bad week|survives a bad month].
[They may be fine|It may have worked for them], and [so might you|that is possible]; the question is what it costs
    when it [doesn't|goes the other way].
You [don't have to|need not] agree with me on that. [Check|Test] it against {c}, and [keep|believe] whichever answer
    survives.
[Two answers|Both statements] can be true for two [different starting points|people], and yours [starts|is closer to
    the one that starts] with {c}.
If it [sounds|is] too easy, that is because I left out the [tedious|unpleasant] part, which comes [now|next].
""")

AFTER_SHORT = bank("""
[Slower|Once more, slower], then, and from the other side.
Because the [rest|other pieces] would have to be [redone|taken apart] if this one came [later|last].
[Yes|Yes, really]. It [helps|becomes clearer] with the next piece beside it.
[Let me|I'll] say why, because the reason is [more useful|worth more] than the rule.
[One|A] step further, and it will [connect|make more sense].
[Fair|Reasonable] to ask. The [answer|reason] sits in the next piece.
""")

BRIDGE = bank("""
[Start with|Begin with|Take] {c}, since [the other answers hang on it|that decides most of the rest].
The [piece|part] that [does the work|settles this] is {c}.
[Behind|Underneath] your question [sits|is] {c}, so that [comes|goes] first.
[Now to|On to] {c}, [which|since that] is [less mysterious|simpler] than its name.
[When it comes to|With] {c}, one [mechanism|idea] [explains|carries] nearly everything.
[I would look at|Let us look at] {c} before [anything else|any decision].
[Your question|What you ask] is [really|at bottom] about {c}.
There is a [short|plain] way to [say|put] what {c} [involve{s_c}|mean{s_c}].
Here is {c} [without the vocabulary|the way I would tell it across a table].
The [next|other] [word|term] to [clear up|put in order] is {c}.
[As for|About] {c}, [two sentences are enough|there is less to it than it seems].
[Most|Much] of the [trouble|noise] comes from {c}, so [here is|this is] how [that works|I would describe it].
""")

BRIDGE_SITUATION = bank("""
[Given what happened|With what set this off], {c} [{is_c}|would be] the [piece|point] to [get straight|look at]
    before you [answer|react to] anyone.
What [came up|happened] makes it [feel urgent|press], and {c} [tell{s_c} you|decide{s_c}] how urgent it [is|really
    is].
The [occasion|event] you describe [raises|comes down to] one question, and it is about {c}.
""")

LEAD = bank("""
[In plain words|Put simply|Stripped down|In one breath]:
[The way it works|The mechanism] is this.
[This|Here] is the [gist|core] of it.
[Put|Said] [without jargon|the short way]:
[The rule and its reason|The idea and the reason for it]:
[You can|One can] say it [like this|in a line or two].
""")

AND_ALSO = bank("""
[Then there is|Beside that stands] one more [point|thing].
[The other half|The second part] is [this|as important].
[And|Then] the [part|line] people [skip|overlook]:
[Keep|Hold] this next to it.
[What goes with it|What belongs to it]:
""")

MEANING = bank("""
For you that [turns|makes] a [vague worry|big question] into a [small|short] one: [which of the two applies to
    you|where you stand today].
[In your case|On your side] the [first|only] thing to [find out|settle] is which [side|half] of that sentence you
    are on.
[It does not mean|It does not follow] that you have to [act|change everything] [this week|at once].
[So|Which means] the [order|sequence] matters more than the [speed|amount] here.
[That|This] is [the|one] place where a [boring|modest] choice [beats|does better than] a clever one.
If one fact [in your case|about your situation] [turns|comes] out differently, it [is|will be] this one, so
    [check|confirm] it before [the rest|anything else].
You can [test|try] that on your own [case|example] in [ten minutes|a quarter of an hour], and you will [see|know]
    which way it points.
[It|That] also tells you what you [can|may] [ignore|leave alone], which is [most|a good part] of what you have
    [read|been told].
Notice what [drops out|is missing]: nobody's opinion, and no [forecast|guess about the future].
[The price|What it costs] of [waiting|leaving it] is [knowable|something you can look up], and it is [seldom|rarely]
    what it [feels like|seems at night].
[Seen that way|From there], the [two|different] things you were told are [both|each] right about [a different
    case|something else].
[It|That] leaves you with [one|a single] [decision|choice] and not [five|a dozen].
A [rule|sentence] like that is only [worth|as good as] what it [changes|does] in your [own case|next attempt].
[Whoever|The person who] told you otherwise was [probably|most likely] [describing|thinking of] another
    [situation|starting point].
What would [turn|flip] the answer is a [change|shift] in your [plans|circumstances], and [you would know|that you
    would notice].
Someone [at {age}|in your position] has [room|time] to do this [in order|properly], [which|and that] [helps|counts
    for a lot].
""")

TRADE_OFF = bank("""
The [honest|other] side of it: you [give up|lose] some [freedom|convenience], and for [some people|a few people]
    that is [a real cost|reason enough to decline].
[Little|None] of this is [free|without a price]. What you [gain|get] is [calm|predictability], what you [give|spend]
    is a little [flexibility|attention].
[There is|I see] a [case|good argument] for the opposite, [mainly|chiefly] when [plans may change soon|you value a
    free hand].
If [that|the downside] [bothers you|weighs more for you], [choose|take] the other way with open eyes; it is a
    [choice|preference] and no [mistake|error].
Both ways [work|can be defended]; they fail in different [weather|circumstances].
""")

OWN_NUMBERS = bank("""
[Put|Lay|Write] your own figure, {figure}, [next to|beside] that and the [scale|size] of the question [becomes|is]
    clear.
You [mentioned|gave me] {figure}; [that|this] is the [number|figure] to [hold|keep] beside it, not [an
    average|someone else's].
With the {figure} you [told me about|named], you have [something|one side of it] to work from.
""")

FACT = bank("""
[One figure|A figure] to [write down|keep], [for|as of] {year}: {fact}.
[In figures|In numbers], for {year}: {fact}.
[The|One] [number|line] that [belongs|goes] here, as of {year}: {fact}.
For {year} [you can|it is safe to] [note|put down] this: {fact}.
[As a fixed point|To anchor that], the {year} figure: {fact}.
""")

BELIEF = bank("""
[One sentence|One line] of yours I would [take out of the plan|change]: "{belief}." [It skips|It leaves out] {c},
    and that [is|makes] the whole difference.
You wrote "{belief}." [Many|Plenty of] [careful|sensible] people [go by that|say so], and it [doesn't hold|fails]
    once {c} [enter{s_c}|come{s_c} into] the picture.
"{belief}" is the [one|only] thing in your message that [is not so|does not hold], and [here is|this is] the reason.
About "{belief}": [it would be convenient|I see where it comes from], and it is [not how this works|where the
    trouble starts].
""")

STEP = bank("""
[A small next step|One step for this week]: [find|look up] the [one|single] place where {c} [{is_c}|would be]
    [mentioned|written down] and [mark|underline] what you don't [recognize|follow].
[Before|Ahead of] anything else, [write|put] [what you have|what you see] and [what you want|what you tried] on one
    [sheet|card], [so that|and then] the next conversation [starts|begins] from there.
[Give|Set] yourself [half an hour|twenty minutes] for it, [on a day|at an hour] when [nothing else is due|you are
    rested], and stop when the time is up.
[Find|Go to] whoever [knows it best|has done it before] and ask one question: what [applies|matters] in my case
    [today|right now]?
[If you do|Should you do] one thing [this month|now], [make it|let it be] the [check|look-up] on {c}, and
    [leave|let] the rest [wait|be].
[Write|Note] down what you would [decide|do] today and [look|come back] in [two weeks|a month]; [if it still reads
    well|if you still agree], go ahead.
""")

QUESTION = bank("""
What [would|do] you [want|need] to be [true|settled] a year from now?
Which of the two [weighs|counts] more for you [at the moment|right now]?
Do you [have|know] the [page|place] where that is written down?
What did the last person you asked [base|rest] their answer on?
When did you last [look at|see] it in black and white?
Who else has [a say|to agree] in this?
What would make you [change|drop] the plan?
[How soon|By when] does it [have to|need to] be decided?
What have you [already tried|done so far]?
""")

MORE = bank("""
[Do it|Take it] in this order: first what has a [date|deadline], then what [spreads|grows], then what merely
    [annoys|nags].
You will [know|notice] it is going wrong when you [avoid|stop] looking; a [fixed|set] day [prevents|takes care of]
    that.
[Say|Use] one sentence when somebody [argues|presses]: "I have looked at it and this fits my case." [No more is
    needed|You owe nobody the details].
[Look|Check] at set times, and [otherwise|in between] [leave it in peace|let it run]. More often [adds nerves, not
    knowledge|only tempts you to fiddle].
[Nearly|Almost] [everything|all] here can be [reversed|undone] [at the start|early on], [so|and] a [small|careful]
    start [risks|costs] little.
The [usual|common] mistake at this [point|stage] is doing the [visible|satisfying] thing in place of the
    [useful|next] one.
[Make|Build] it so [small|easy] that you would [do|manage] it on a [bad|tired] evening, and [raise|grow] it later.
[Bring|Take] your [list|two questions] to someone who does this every day and [has nothing to sell|wants nothing from
    you]; that is what they are for.
[If life changes|If plans change], you [change|redo] the second step and keep the first.
[Put|Write] the reason beside the decision, [because|since] in a year you will remember the decision and
    [forget|not] the reason.
""")

CLOSE_RESOLVED = bank("""
[Yes|Exactly], that is [it|the whole of it]. [Do|Take] the first step as you [described|put] it, and the
    [rest|others] will be [smaller|easier] than they look.
You have [said it|put it] better than I did, {name}. [Keep|Hold on to] that sentence; it [covers|will carry you
    through] the next [case|question] too.
[That is|It's] a sound [plan|order], and it is [yours|your own]. [Nothing|No part of it] needs to be added
    [today|tonight].
[Then|In that case] the matter is in good hands, [namely|and they are] yours. The [one|only] thing I would
    [protect|keep] is the [day|date] you [named|set].
[Right|Agreed]. The [page|card] with your [three|few] lines is worth more than [anything|all] I could add, {name}.
[Good|Very good]. [Go|Start] with the [small|dull] part, and let the [big|loud] part wait until you have it.
""")

CLOSE_PARTIAL = bank("""
[Then|So] that [stays|is] open, and it is the right thing to leave open. [The detail|What] you need is [with whoever
    knows it best|written down somewhere]; it will [tell you|decide] [how {c} appl{ies_c} to you|which way to
    go].
One open [question|point] is [a fair place to stop|enough for today]. [When you have|Once you find] the missing
    [number|piece], {c} will [fall into place|be a short job].
[Leave|Keep] {c} for when you have the [details|missing piece], {name}. What you [settled|sorted out] today does not
    [depend|hang] on it.
It is [better|more useful] to know exactly what is missing than to [guess|force it]. [Look it up|Find it], and the
    answer follows [from what you have|on its own].
""")

CLOSE_STALLED = bank("""
It need not [move|be settled] today. [Keep|Take with you] one [sentence|line]: {c} first, the rest after, and
    neither [in a hurry|under pressure].
[That|Staying where you are] is [an honest|a fair] answer, and I [won't|am not going to] push. [If|Should] you come
    back to one thing, let it be {c}.
[Some things|A few of these things] need a second [look|reading], {name}. The page on {c} will [keep|still be
    there], and so will [what you worked out|your question].
I would [rather|sooner] you [wait|stay put] with open eyes than [move|act] to [please|satisfy] me. The one
    [thing|number] worth [having|finding] meanwhile [concerns|is about] {c}.
""")

CLOSE_LEAVES = bank("""
[Of course|All right]. The one thing worth [keeping|taking with you]: look at {c} before you [start|decide] anything,
    and [take|leave] the rest as it comes.
[Go|Go ahead], {name}. If you [remember|keep] one line, make it the one about {c}.
[Understood|That's fine]. [Nothing is lost by stopping here|It can stop here]; {c} [{is_c}|would be] the place to
    [start|pick up] again, [whenever|if ever] you like.
""")

PLAIN_CLOSE = bank("""
[Yes|Correct], that is [how it works|right]. [The next step|What you have in hand] will ask for just that, and you
    know what [it needs|to answer].
[Exactly|That's right]. [Keep|Note] the year with the [figure|answer], since [such things|these] are revised from
    time to time.
[Right|Yes]. [With that|From here] you can [carry on|go ahead] as you [planned|described].
""")

PLAIN_START = bank("""
[The short answer|In short]: it depends on {c}, and that can be [looked up|checked] in a [minute|few minutes].
[Two things|Two points] [decide|settle] this, and {c} [{is_c}|would be] the first.
[That|Your question] has a [clear|definite] answer once {c} [{is_c}|{has_c} been] [sorted|sorted out].
""")

TEACHES = bank("""
[Shows|Explains] how {c} [bear{s_c} on|enter{s_c} into] the decision: {clause}.
[What to know|The point to keep] about {c}: {clause}.
{C} in one sentence: {clause}.
On {c}: {clause}.
[Before deciding|First of all], [understand|grasp] {c}: {clause}.
""")

TEACHES_MANNER = bank("""
[Stay with|Keep to] the question that was asked about {c} and let the rest wait.
A [small|modest] step with a date does more for {c} than another [round of explanations|list of rules].
Name what would change the answer on {c}, and the person can go on [alone|without help].
When someone stops at {c}, leave them one thing worth having and [no reproach|do not push].
An open question about {c} is [named|said] plainly and [not|never] talked away.
Confirm what the person said about {c} in [few|their own] words and stop explaining.
""")

TECHNIQUES = (
    "plain explanation",
    "one thing at a time",
    "naming the trade-off",
    "checking against own case",
    "small next step",
    "answering the question asked",
)
