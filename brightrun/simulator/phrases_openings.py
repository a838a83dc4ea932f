"""How a first message begins, by kind of opening. The first words vary most: they are what gets counted."""

from __future__ import annotations

from brightrun.simulator.phrase_bank import Bank, bank

OPENINGS: dict[str, Bank] = {
    "question": bank("""
[Okay|So|Right|Well], [simple|blunt|honest|practical|possibly silly|half-formed] question[, or maybe not so simple|,
    and I'd like a straight answer|]: where {does_c} {c} come into all this?
[Does anyone|Do people|Does a normal person|Do you|Does anybody out there] [really|actually|honestly|ever]
    [get|understand|see through|follow|make sense of] {c}, or [do we all just guess|is it only me who doesn't]?
[What|And what|So what|Tell me, what|Now what] [would|should|could|can] [someone|a person|somebody|a {age}-year-old]
    [like me|in my shoes|in my spot] [do|look at|start with] [first|tonight|this week] about {c}?
[{Is_c}|So {is_c}|Tell me, {is_c}|And {is_c}] {c} [really|truly|actually|honestly] worth [all the trouble|the fuss
    people make|losing sleep over]?
[How|And how|So how] [much|far|badly|seriously] {does_c} {c} [really|actually] [matter|weigh|count] [when|once|if]
    [you've|you have] [left it|put it off] [this long|for years] like me?
[Can|Could|Would] [you|somebody|someone] [please|finally|just once|kindly] [explain|walk me through|spell
    out|untangle] {c} [for me|without the jargon|the way you'd tell a friend]?
"""),
    "apology": bank("""
[Sorry|Apologies|Forgive me|Excuse me|Pardon me] [if|in case] [this|what follows|the next part|my message] [is|comes
    out|sounds|turns out] [a mess|long|muddled|basic|all over the place], I'm [typing|writing] it [on the bus|in the
    car|between two meetings|from the couch|in one go].
[Sorry|Apologies|I'm sorry] [in advance|already|up front], [this|it] [may|might|will|could] [ramble|wander|get
    long|jump around] a [bit|little].
[I|I really|I honestly] feel [silly|foolish|awkward|odd|daft] [asking|writing|bringing up] [this|something this
    basic|such a small thing], but here [goes|it is].
[You've|You have] [probably|surely|no doubt] [heard|answered|read] [this|that] [a hundred|a thousand|countless]
    times[ already|], and I'm asking anyway.
"""),
    "number": bank("""
[About|Roughly|Around|Exactly|Something like|Just over|Not quite|Call it] {amount}[, that's|. That's] [what I'm looking
    at|what I have to go by|the number in question], and {c} {is_c} what I [can't judge|don't know enough
    about].
{amount}[, give or take|, more or less|, on paper|, last I looked|, as things stand], and [not a clue|no
    idea|no plan] about {c}.
[Two|Three|Four|Five|Six|Seven|Eight|Nine|Eleven|Twelve] [browser tabs|phone
    calls|articles|notebooks|videos|late nights|opinions|unread emails|sticky notes] [later|on|in|and
    counting], and I [still|really] [have no answer|can't say what I should do] about {c}.
[One|Two|Three|Four|Five|Six|Ten] [weeks|months|days|evenings|weekends] of [reading|putting
    off|arguing|worrying|thinking|going in circles] [about|over|around] {c}, and [here I am|this is where I ended
    up|nothing to show for it].
[At|Being|I'm] {age}[,| and] [I|with] [thought|assumed|figured|expected] [I'd|I would] [know|understand|have sorted
    out] [this|{c}] by now[, and I don't|].
{age} [years old|years in|birthdays behind me], and [I've|I have] [never|hardly ever|not once] [looked|sat down to
    look|dared to look] at {c} [properly|head on|without flinching].
"""),
    "story": bank("""
[Last|This past|On] [Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday] [I|I finally|we] [sat down|got
    everything out|opened the notes|logged in|made a list|cleared the table] and [tried|wanted|meant] to [deal
    with|look at|sort out] {c}.
[Yesterday|This morning|Last night|The other day|Earlier today|Around noon|On my lunch break] [my|our]
    [coworker|neighbor|sister|brother|cousin|oldest friend|mother|father|roommate|boss|barber|dentist]
    [mentioned|brought up|started on|asked me about|lectured me on] {c}, and I [went quiet|changed the
    subject|pretended to know].
[There|Here] [I was|I sat|I am], [Tuesday|Friday|Sunday|Monday|Thursday] [night|evening|afternoon],
    [coffee|tea|phone|laptop|notepad] [going cold|in hand|on my knees], [staring at|reading about|fighting with]
    {c}.
[For|Over] [years|months|ages|the longest time|as long as I can remember] [I|I've|I have] [put|pushed|kept|shoved]
    {c} [off|aside|to the bottom of the pile], and [now|this week] it [caught up with me|won't wait anymore].
It [started|began|all started|kicked off] [with|over|because of] [a photo|an email|a dinner|a phone call|one
    remark|a video|a podcast|an argument|a birthday] [last|this] [week|month|weekend], and [I haven't stopped
    thinking about it since|it hasn't let me go].
"""),
    "blunt": bank("""
[Long|Short|Tangled|Boring|Sad|Funny|Old|Familiar] [story|version|history] [short|first|aside|in one line]: {c}[,
    and|. And] I [have no plan|am out of ideas|need a second pair of eyes].
{C}[, that's|. That's|, there's] [my|the|our|tonight's|this month's] [headache|problem|sore
    spot|question|project|nemesis], and I [need|would like|could use] [help|a way in|some sense] with it.
[Straight|Right|Directly] [to|at] [it|the point|the matter]: [I|we] [don't|can't|won't|didn't]
    [understand|trust|agree on|know enough about] {c}, and [time is short|it's starting to matter|I'd like to].
[No|Skipping the] [small talk|preamble|long intro|pleasantries|warm-up], [I'm|I am] [stuck|stranded|going nowhere|at
    a wall] [on|with|over] {c}.
[Need|Want|Looking for|Hoping for|After] [a|some] [plain|clear|honest|quick|human] [answer|view|explanation|opinion]
    [on|about] {c}[, please|, if you have one|].
"""),
    "greeting": bank("""
[Hi|Hello|Hey|Good morning|Good evening|Good afternoon|Hi there|Hello there|Evening|Morning], [{work} here|{age}
    here|{place} here|me again in a way|first time writing|long-time worrier here|new here|a stranger with a
    question|reading along for a while], [and|so] I [hope|trust] this is the right place for {c}.
[Hi|Hello|Hey|Good evening|Good morning|Hey there|Hi there|Hello there], [a friend|my sister|a colleague|someone at
    work|my neighbor|a cousin|my partner's aunt] [said|thought|suggested|insisted] [I|that I] [should|could|might]
    [ask|write to] you about {c}.
[Hello|Hi|Hey|Good day|Greetings] from {place}[, where|. Here] [it's raining|it's late|the kitchen table is covered
    in notes|I've run out of patience|I'm on my third coffee|the house is finally quiet] and I'm [looking
    at|thinking about] {c}.
"""),
    "identity": bank("""
[I'm|I am] {age}, [live|living|based|settled] in {place}, and [I've|I have] [been avoiding|been circling|never
    understood|never got on top of] {c}.
[Speaking|Writing|Asking] as [someone|a person|one] who [reads everything|hates instructions|means well|makes lists for
    a living|usually has answers|likes things tidy|never asks for directions], I'm [lost|beaten|stuck] when it comes
    to {c}.
[Background|Context|About me|The basics|Who's asking], [quickly|briefly|before anything else|in short]: {age},
    {place}, [and|and so far] [not much of a plan|no system to speak of|more questions than answers].
[My|The] [work|job|day job|trade] is [simple|easy|nothing] [compared to|next to|against] {c}[, it turns out|, I'm
    finding out|].
"""),
    "hearsay": bank("""
[My|Our|A] [uncle|aunt|coworker|neighbor|sister-in-law|brother-in-law|old roommate|boss|friend from college|running
    partner] [says|swears|claims|insists|keeps saying] [that I've|I've|I have|we've] [got|misread|mixed up|ignored]
    {c}[ entirely| completely|], and I [can't prove otherwise|don't know what to say back].
[Somebody|Someone|A stranger|A guy|A woman] [online|at work|at a barbecue|on the train|in a video|on a podcast|at
    the gym] [said|claimed|announced] [that {c}|{c}] change{s_c} everything, [and|and now] it's stuck in my head.
[I hear|I heard|I keep hearing|I keep reading|I was told|I read] [two|three|completely|totally] [different|opposite]
    [things|stories|answers|theories] about {c}, [depending|all depending] on who's talking.
[According to|If I listen to|Going by] my [brother|sister|mother|father|coworkers|friends|group
    chat|in-laws|landlord|hairdresser], {c} {is_c} [simple|a trap|the whole game|not worth my time], and [I'm not so
    sure|something about that seems off].
"""),
    "late": bank("""
[It's|It is] [nearly|almost|just after|a little past|way past|exactly] [ten|eleven|midnight|one|two|three|four] and
    [I'm|I am] [still|wide] [awake|up], [thinking about|going over|reading about] {c}.
[Can't|Couldn't|Didn't|Not able to] [sleep|rest|focus|switch off|settle] [again|tonight|since Sunday|this week|for
    days], so I'm [writing|typing] this [down|out] instead, mostly about {c}.
[Everyone|Everybody|The whole house|The family] [else|here|at home] is [asleep|in bed|out], [so|and] [finally|now] I
    can [ask|write] about {c} [in peace|without anyone looking over my shoulder].
"""),
    "confession": bank("""
[Confession|Truth|Full disclosure|Cards on the table|Honesty first|I'll admit it|I admit]: [I|I've|I have]
    [never|not once|only pretended to have|barely|hardly] [opened|read|looked at|understood|dealt with] anything
    about {c}[ before today| until this week|].
[I haven't|I have never] told [anyone|my family|a single person|my friends] about [this|any of it], [but|and] {c}
    {has_c} been [on my mind constantly|the thing I keep avoiding].
[Nobody|No one|Not one person|Hardly anyone] [knows|suspects|would guess|at work knows|in my family knows] [how|that
    I'm] [little I know|far behind I am|nervous I get|much I've avoided] [about|when it comes to|with] {c}.
"""),
    "complaint": bank("""
[Why does|And why does|So why does] [everything|every page|every guide|every answer|all of it] [about|around|on] {c}
    [have to be written for experts|need to be read four times|read like a riddle]?
[Another|One more|Yet another|A second|A third|The next] [week|day|month|evening|call|attempt|morning]
    [gone|lost|wasted|spent] [on|over] {c}, and [nothing|not one thing] is [decided|any clearer].
[Seriously|Honestly|Frankly|Truly|Unbelievable], [who|what genius|which committee] [came up|comes up] with {c}?
[I'm|I am] [done|finished|through] with [websites|gadgets|hold music|experts|pamphlets|forums|well-meaning
    advice] that [talk|dance|go] around {c} [without|and never] [saying|say] what to do.
"""),
    "document": bank("""
[It|The manual|The guide|The email|This page|The website|The booklet|Page two|The label]
    [says|reads|states|claims|tells me], and I [quote|copy it word for word], that {c} "[may apply|must be
    considered|may vary|should be reviewed]", [full stop|and nothing else|whatever that means].
[Line|Box|Page|Section|Paragraph|Item] [two|three|four|five|six|seven|nine|eleven|twelve] [of|in|on] [the|this]
    [manual|guide|label|booklet|article|email] [is about|asks about|mentions|deals with] {c}, and [I stopped
    there|that is as far as I got].
[A|Another|One] [note|notice|message|newsletter|brochure|summary|reminder] [on|about|regarding|covering] {c}
    [arrived|came|landed here|turned up] [today|yesterday|on Monday|this week|on Saturday], and I've [read it
    twice|read it to the end|underlined half of it].
[According to|If I go by|Judging by] the [label|website|small print|booklet|manual|second page|footnote],
    {c} {is_c} [automatic|my own business|up to me|something I chose].
"""),
    "deadline": bank("""
[By|Before|Until] [Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|the first|the tenth|the fifteenth|the
    thirtieth] [I|we] [have to|need to|must|should|am supposed to] [decide|say yes or no|answer|choose|settle]
    [on|something about] {c}.
[Two|Three|Four|Five|Six|Nine|Ten|Eleven|Twelve|Fifteen] [days|weeks|workdays] [left|to go|remain|from now] [to
    decide|to choose|to settle|until I have to decide] about {c}, and [I'm no further|I keep changing my mind].
[Friday|Monday|Wednesday|Thursday|Sunday|The fifteenth|The thirtieth|The end of the month] [is|is already|will be]
    [the|my] [deadline|last day|cut-off|final day] [for|with] {c}[, no excuses|, I'm told|].
[The clock|Time] [is running|runs out] on {c}: [I have|there's] [until|only until] [Friday|Monday|the weekend|the
    tenth|the end of the month].
"""),
    "memory": bank("""
[When I was|Back when I was|At the age of|I was] [eight|nine|ten|eleven|twelve|fourteen|sixteen|nineteen|twenty],
    [my|our] [mother|father|grandmother|grandfather|uncle|aunt|neighbor] [said|used to say|told me] that
    [talking|thinking] about {c} [is for people with time|only makes you nervous].
[Years|Ages|A decade|A long time|Some years] [ago|back], [in|at] [my first job|my first apartment|a break room|a
    parking lot|a kitchen in {place}|school], [someone|a colleague|an older man|a teacher] [tried to
    explain|mentioned|warned me about] {c}, and I [wasn't listening|laughed].
[In|Around|Back in] [my twenties|college|the first years|the old apartment|my first real job], {c} {was_c} [someone
    else's problem|not on my radar|a thing for older people].
[My|Our] [mother|father|grandmother|grandfather|parents|aunt] [never|hardly ever|always|once]
    [talked|spoke|argued|fought|whispered|lied] about {c}, [and maybe that's|which may be] [where I get it from|why
    I avoid it].
"""),
    "comparison": bank("""
[Everyone|Everybody|Half the people|Nearly everyone|All the people|Most people] [at work|on my street|in my
    family|in our building|from college|I know|my age|on my team] [seems to have|has|claims to have|brags about
    having] {c} [sorted|figured out|handled], [except me|and then there's me].
[My|Our] [coworkers|friends|neighbors|cousins|siblings|old classmates|colleagues|in-laws]
    [all|mostly|simply|apparently|already] [dealt with|took care of|did something about|made up their minds
    on|settled] {c} [years ago|last year|ages ago].
[Other|Normal|Most] [people|adults|families|folks] [in {place}|my age|at {age}|I meet|around here]
    [talk|joke|argue|brag|complain] about {c} [over lunch|at parties], and I [nod along|keep quiet].
[Compared|Next] to [my brother|my sister|my friends|my coworkers|the neighbors|my boss|everyone I know|people
    online], I'm [behind|nowhere|a beginner|an amateur] [on|with] {c}.
"""),
    "attempt": bank("""
[I've|I have|So far I've|Already I've|Up to now I've] [tried|used|gone through|abandoned|bought]
    [two|three|four|five|six|a dozen] [apps|gadgets|checklists|books|worksheets|podcasts|notebooks|templates],
    and {c} {is_c} where [each of them lost me|it stops every time].
[First|To begin with] I [tried|asked|called|read|did] [a neighbor|the manual|my cousin|two forums|the booklet|a
    friend|a video course|the library], [then|after that] [another one|a second opinion|nothing for a month], and
    {c} {is_c} as [foggy|unclear] as before.
[Called|Emailed|Asked|Visited|Texted] [the|my|our] [shop|provider|office|neighbor|help desk|expert|library|teacher]
    [twice|three times|yesterday|on Tuesday|last week] about {c} [and got|and the result was] [two different
    answers|nothing|a recording].
[Spent|Lost|Wasted|Used up] [my|the|a|this] [lunch break|whole evening|Sunday|weekend|Saturday morning|commute|day
    off] [on|over|with] {c}, and I [learned nothing|know less than before|gave up].
"""),
    "joke": bank("""
[If|When] {c} [were|was] [a sport|a class|an exam|a pet|a language|a movie|an instrument], I'd be [on the
    bench|asked to leave|the one crying in the back row|watching it with subtitles].
[My|Our|The] [strategy|system|approach|method|grand plan|philosophy] [for|on|regarding|about] {c} [so far|until
    now|to date] has been to [hum loudly|look the other way|hope|ask the dog].
Somewhere between [the coffee|page four|the third attempt|lunch|the second video|the second login] and {c}, [I|my
    brain] [lost the plot|gave up|went on strike].
[I'd|I would] [rather|sooner|honestly rather] [clean|mop|repaint|sort|alphabetize|regrout] [the|our|my]
    [garage|oven|attic|bathroom|closet|spice rack] [than|before I] [think about|deal with] {c}, and yet [here we
    are|here I am].
"""),
    "hypothetical": bank("""
[Suppose|Say|Imagine|Picture|Let's say|Assume] [someone|somebody|a person|a friend|a {age}-year-old|a colleague]
    [from {place}|like me|of my age|I know well|with my job] [had|has] [ignored|misjudged|put off] {c} [for
    years|until this week|for far too long].
[Hypothetically|Theoretically|Purely in theory|Just supposing], [if|what if] [someone|a person|a
    friend|somebody|one] [never|hardly|had never] [looked at|understood|bothered with] {c}, [how bad would that
    be|what then]?
[Asking|Writing|Inquiring] [for|on behalf of] [a friend|a very close friend|the person in my mirror|a certain
    someone]: [how bad is it|what happens] when {c} [get{s_c}|{is_c}] [ignored|put off] [for years|until it's
    urgent]?
"""),
    "middle": bank("""
[So|And then|Anyway|Well], [the|that] [folder|manual|app|guide|notebook|box|list] [is|was|sits]
    [open|unopened|right here|in front of me] [again|now|since Monday], and {c} {is_c} [what I can't get past|the
    part that stops me].
[And|So|Then] [now|of course|naturally|as usual] [it's|it is|we're] [about|back to] {c}, which [I swore I'd|we said
    we'd|I promised to|we swore to] [deal with|settle] [last year|in January|ages ago].
[Which|That] [leaves|brings|lands] [me|us] [with|at|on] {c}, [again|of all things|as always], and [I|we]
    [can't|don't] [move|see a way forward].
[Tried|Read|Compared|Asked|Listed|Googled|Printed] [everything|all of it|the whole thing|it all|half the internet]
    [twice|already|yesterday|by hand], and {c} still {does_c} not [add up|make sense] for me.
"""),
}

LEADS: Bank = bank("""
[Okay|Right|So|Well|Alright|Hm|Um|Anyway|Now|Ok], [here goes|here's mine|deep breath|no preamble|just asking|a
    question|my turn|fresh start].
[Quick|Long|Odd|Small|Big|Late|Early|Honest|Awkward|Clumsy] [one|question|message|note|story]
    [today|tonight|again|here].
[Writing|Typing|Asking] [fast|slowly|from work|standing up|in bed|before dinner|over lunch|between calls].
[Day|Week|Evening|Attempt|Try|Draft|Round|Version] [two|three|four|five|six|seven|eight|nine|ten].
[Coffee|Tea|Notebook|Pencil|Sandwich|Tab|Draft] number [two|three|four|five|six|seven|eight|nine].
[Still|Again|Finally|Back] [here|reading|counting|thinking|undecided|searching].
[Rough|Slow|Gray|Busy|Odd|Strange|Quiet|Restless] [week|month|stretch|patch|season].
""")

PLAIN_LEADS: Bank = bank("""
[Hello|Hi|Good morning|Good afternoon|Good evening|Hi there], [a detail|one question|something factual|a check].
[Factual|Short|Practical|Small|Simple|Formal|Routine|Brief|Plain] [question|point|item|check|matter]
    [today|again|here].
[Monday|Tuesday|Wednesday|Thursday|Friday|Saturday] [sorting|planning|housekeeping|errands|cleaning].
[Item|Point|Question|Line|Entry] [one|two|three|four|five|six|seven].
""")

PLAIN: Bank = bank("""
[Hi|Hello|Good morning|Good afternoon|Hi there|Hello there], [quick|one|a short|a factual|a straightforward|a
    practical] question [on|about|regarding] {c}.
[I'd|I would] [like|want] to [know|check|confirm|understand] [how|exactly how|in short how] {c} [work{s_c}|{is_c}
    handled|{is_c} treated] [this year|these days|in a case like mine].
[Could|Can|Would] you [tell me|confirm|explain|clarify|summarize] [how|exactly how|briefly how] {c}
    [work{s_c}|{is_c} handled|appl{ies_c}]?
[I'm|I am] [writing up|updating|comparing|reviewing|going through|setting up|checking] [some notes|two
    options|our plans|a list|my notes|a few details] [this week|today|tonight|at the moment], and {c} came up.
[For|As part of] [my|our] [yearly|annual|monthly|usual|spring] [review|planning|clean-up|check], I'm [looking
    at|noting down|collecting facts on] {c}.
[My|The] [coworker|neighbor|school|provider|shop|team] [sent|mailed|posted|published] [a notice|an update|a
    leaflet|new instructions] [that mentions|about|on] {c}.
[Question|Two questions|A question|Small question] [about|on|regarding|concerning] {c}, [from|for] [a beginner|a
    file|my notes|the record|next week's meeting].
[What|And what|Just what] [exactly|precisely] [counts as|falls under] {c} [here|in this case|for my purposes]?
[We|I] [need|have|plan] to [choose|decide|begin|finish|set this up] [by|before] [Friday|the end of the month|next
    week|Monday], and {c} {is_c} the part [I|we] [haven't|have not] looked up.
""")

KEYWORDS: tuple[tuple[str, str], ...] = (
    ("apolog", "apology"),
    ("sorry", "apology"),
    ("greet", "greeting"),
    ("hello", "greeting"),
    ("middle of", "middle"),
    ("letter", "document"),
    ("read in", "document"),
    ("date by", "deadline"),
    ("deadline", "deadline"),
    ("earlier years", "memory"),
    ("memory", "memory"),
    ("others around", "comparison"),
    ("compar", "comparison"),
    ("tried", "attempt"),
    ("jok", "joke"),
    ("hypothe", "hypothetical"),
    ("statement about", "identity"),
    ("introduc", "identity"),
    ("who they are", "identity"),
    ("confess", "confession"),
    ("embarrass", "confession"),
    ("happened", "story"),
    ("event", "story"),
    ("story", "story"),
    ("scene", "story"),
    ("said about", "hearsay"),
    ("somebody", "hearsay"),
    ("heard", "hearsay"),
    ("article", "hearsay"),
    ("amount", "number"),
    ("figure", "number"),
    ("number", "number"),
    ("night", "late"),
    ("complain", "complaint"),
    ("vent", "complaint"),
    ("blunt", "blunt"),
    ("abrupt", "blunt"),
    ("question", "question"),
)


def opening_kind(text: str) -> str | None:
    """The kind of opening that a plan's words ask for, if any is known."""
    lower = text.lower()
    return next((kind for keyword, kind in KEYWORDS if keyword in lower), None)
