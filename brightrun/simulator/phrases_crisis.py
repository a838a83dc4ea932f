"""For arcs that end in a referral: no subject is taught there, the way to help is all there is.

`{help}` is where help is reached, in the words of the request; `{urgent}` is whom to call when it cannot wait.
"""

from __future__ import annotations

from brightrun.simulator.phrase_bank import Bank, bank

SIGNAL = bank("""
And [honestly|to be honest] it isn't really about that anymore, I just [don't see a way through|can't see any way
    out].
[Some nights|Lately] I think [everyone|my whole family] would be better off if I weren't [around|here].
I don't [want to be here|want to do this] anymore, and I don't mean this [chat|conversation].
I can't [carry|face] this any longer, and I've [stopped|quit] believing that there's a way out.
I'm so tired that I [don't want|wouldn't mind not] to wake up tomorrow.
""")

START = bank("""
[I was going to|I started out to|I wanted to|I meant to] [ask|write] [about|you about|something about] {c}[, I don't
    even know why| and the details|, as if that mattered].
[An hour|Two hours|Three hours|Half the night|All evening|Since dinner] [I've sat|I've been] [here|in the dark|at
    the table|on the floor] [trying to|meaning to] write about {c}.
[Technically|On paper|Officially] [this is|my question is] about {c}, [I guess|I suppose|whatever that's worth].
[There's|There is] the matter of {c}, [and there's the rest|and then there's everything else|which I can't look at].
[It started|It all began] with {c}, [months|weeks|a long time] ago, and [it took everything with it|now it's
    everything].
[{age} years|All these years] of [work|trying|holding on], and {c} {is_c} where it [ended|broke].
""")

DENIAL = bank("""
[I wasn't expecting|I didn't expect] to be asked that. [Yes, sometimes|I think about it, yes].
[It's not that bad|I'm probably exaggerating]. I mean, I [think|have thought] about it, but everyone does, right?
[Yes|Yeah]. There, I [said|wrote] it. I've [never told anyone|not told a soul].
[I don't know|Maybe]. I just want it to [stop|be quiet] for a while.
""")

OBJECTIONS: dict[str, tuple[Bank, Bank]] = {
    "place": (
        bank("""
I don't want to take up [a place|the line] for someone who [really needs it|has it worse].
There are people with [real|bigger] problems, I'd be [in the way|taking their turn].
"""),
        bank("""
You would not be taking [anyone's place|a place from anyone]. [Calls|Messages] like yours are what it is there for.
Nobody [weighs|ranks] who deserves it. [It|The line] is there for the night you are having.
"""),
    ),
    "words": (
        bank("""
I wouldn't know what to say. I'd just [sit there|cry into the phone].
How do you even start [a call like that|something like that]? I have no [words|first sentence].
"""),
        bank("""
You don't need the right words. [You can|It is enough to] [write|say] only this: I am not safe with my thoughts.
[They|The people there] are used to silence, to crying and to people who don't know how to begin.
"""),
    ),
    "exposure": (
        bank("""
What would [happen|they do]? I can't have [people|anyone at work] finding out.
I'm scared that [it gets written down somewhere|somebody hears about it].
"""),
        bank("""
You can [stay|remain] as vague as you like there, and you [decide|choose] what you [tell|say] about yourself.
It is a [talk|conversation] first. You can ask them [what they keep|how they handle that] before you say [anything
    else|more].
"""),
    ),
    "tired": (
        bank("""
I'm tired of talking. I've [talked|explained myself] enough for one life.
I don't have a [whole|long] conversation in me. I can [barely|hardly] type this.
"""),
        bank("""
Then [don't talk|make it short]. [A text|Two lines] will do, and you can stop [at any point|whenever you want].
If talking is [too much|more than you can do], ask one person to [sit|be] in the room while you [write|text]. That
    counts.
"""),
    ),
    "alone": (
        bank("""
I'm alone here, and calling [someone|a stranger] feels [absurd|impossible] at this hour.
It's the middle of the night, who would I [even|possibly] [wake|call].
"""),
        bank("""
At this hour is when [most|many] people [write|call] there, and somebody is [awake|on duty] for it.
The person you would [wake|call] would [rather|sooner] lose an hour of sleep than not be asked.
"""),
    ),
    "hold": (
        bank("""
What if they [put me on hold|don't pick up]? I couldn't take that.
And if nobody [answers|is there]? Then I've [tried|asked] and it's worse.
"""),
        bank("""
If there is a wait, [stay|keep writing] here [with me|meanwhile], and text while you wait. I am [not going
    anywhere|still reading].
A wait can happen, and it [ends|passes]. [Text|Write] at the same time, and tell me when [someone answers|they pick
    up].
"""),
    ),
}

HANDOVER = bank("""
Okay. I'll [do it|text them], I've got the phone in my hand.
[My sister|My neighbor|My friend] is [awake|next door]. I'll [knock|go over] and then I'll [call|write to them].
All right. I [typed|have typed] the first sentence. I'm [sending it|pressing send] now.
Okay. I'll call. I'm going to [sit in the kitchen|put the light on] while I do it.
""")

NOT_YET = bank("""
I've [saved|written down] the number. Maybe [tonight|tomorrow], not now.
I [hear you|know you mean it]. I just can't do it right now, maybe later.
I'll think about it. I have it [here|on a piece of paper].
""")

LEAVING = bank("""
I'm going to [log off|stop writing] now.
I [can't|don't want to] write any more tonight.
I'll leave it here.
""")

SET_ASIDE = bank("""
{name}, I am going to stay with the last thing you wrote and leave everything else for another day.
We will not talk about the other [matter|subject] now. What you wrote last, {name}, goes first.
What you wrote sounds like more than [worry|tiredness], and that is what I want to talk about.
I am [leaving|putting] the [other|first] question [alone|aside] for now, {name}. What you wrote at the end
    [matters|worries me] more.
The rest of your message can wait, and it will. I [noticed|am stopping at] what you said about not seeing a way
    [out|through].
Before anything else, {name}: I read your last lines [twice|again], and I am not going to [skip|pass over] them.
""")

DIRECT = bank("""
Are you thinking about [ending your life|killing yourself]?
I am asking you [directly|plainly]: are you thinking of [ending your life|suicide]?
""")

REFER = bank("""
Please keep {help} [open|in front of you] while we write. [Somebody is there|It is staffed] around the clock.
I want you to have this [now|before anything else]: {help}. A single word is enough to begin.
[You can reach|Please reach out to] {help}, [at any hour|day or night]. Someone trained [picks up|answers], and you
    [need not|don't have to] explain it well.
[There is|You have] {help}, [right now|this minute], and the person there [listens first|has time for you].
[Whatever the answer is|Either way], {help} [is there|can be reached] now, and [it costs nothing|you can say as
    little as you like].
""")

REFER_AGAIN = bank("""
Tonight {help} is the [door|place] to [knock on|turn to], and you can [do it|write to them] while you read this.
[Let|Make] {help} the one thing you do [in this hour|next].
[Then|So] {help} is the next step, and it can be [short|a single line].
I would like you to [contact|turn to] {help} [now|in the next minutes]. They will [ask|start with] a few calm
    questions and then [listen|stay with you].
[As I said|Again]: {help}, [any time|at any hour].
""")

URGENT = bank("""
If you [could|might] act on it now, [call|it is] {urgent}[, or go to the nearest emergency room|].
Should it get [worse|sharper] tonight, {urgent} is there [too|as well].
""")

BELIEVED = bank("""
I read that [carefully|slowly], and I am taking it seriously.
Then we both know [where you are|how it stands], and we go on from there.
Thank you for answering [that|me] plainly. I [believe|take] it as you [say|wrote] it.
I am [glad|relieved] you said it. It is [out|on the page] now, and you are not [holding|carrying] it by yourself in
    this minute.
That took one line, and it is the [most important|one] line today.
""")

NEARBY = bank("""
Whose [door could you knock on|number could you dial] without having to explain much?
Is anyone [at home|in the building] with you [tonight|at the moment]?
Who could [sit|be] with you [tonight|for the next hour], without having to fix anything?
Is there [one person|someone] nearby you could [ask|call] to come and sit with you?
Who is [near|close by] right now, even just in the next [room|apartment]?
""")

STAY = bank("""
There is no [hurry|rush] on this side. I am [reading|here].
We go in small [steps|pieces], and the next one is all that counts.
I stay with you [here|in this chat] while you decide on the [first|next] small step.
I am [still here|here] until you have [someone|a person] beside you or on the line.
I am not the right place for this, and I am not [going away|leaving] before you have reached someone.
One thing at a time. [Only this|This] is for now.
""")

HAND_OVER = bank("""
[Good|All right]. Put the [lamp|light] on, sit down, and let the [first|next] minute be only that message.
[Yes|Do]. I will not add anything to it. One sentence, then wait for theirs.
[Good|Yes]. Stay where there is light, keep the phone in your hand, and [send|say] the first sentence as it is.
[Good|Do that]. Tell them what you told me, in the same words. That is [enough|all it takes].
[Yes|Good]. Go to that person first, if the way is [short|shorter], and [call|write] from there.
""")

KEEPS = bank("""
[Nothing|None of the rest] has to be [solved|answered] before you have slept and spoken to someone.
Everything else you [asked|brought] will keep until you [come back|have had rest].
The other question is [parked|put away] here and [can wait|will wait] as long as it needs to.
""")

MATTER = bank("""
You matter [beyond|apart from] any of this, {name}.
I am glad you wrote [here|tonight], {name}, even if you stop now.
""")

TEACHES: dict[str, Bank] = {
    "first": bank("""
Set the subject aside at the first sign of danger and say so, then ask directly.
Ask directly and calmly about suicide; asking does not plant the thought.
Name the place that helps in the very first answer, next to the direct question.
"""),
    "second": bank("""
Take the answer as it is given and name the place that helps once more.
Say what is for now and what is for immediate danger, and ask who is near.
Look for one person nearby who need not fix anything.
"""),
    "objection": bank("""
Meet the one objection that was raised and offer a smaller version of the step.
Answer a reason against calling with a plain fact and nothing more.
Keep the answer short and to one thing, and stay in the conversation.
Lower the step until it can be taken: a text, a line, a person in the room.
"""),
    "last": bank("""
Make the next ten minutes concrete and repeat the referral before the end.
Repeat the referral without reproach and without hurry; the rest can wait.
"""),
}

TECHNIQUES = ("setting the subject aside", "the direct question", "plain referral", "one person nearby")
