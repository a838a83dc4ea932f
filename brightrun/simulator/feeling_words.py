"""A lexicon of feelings: whole words and turns of phrase, the emotion each shows, and how much of it.

It is the simulator's own, and the only thing its reader goes by. Words are compared as wholes: in "hopeless" there is
no "hope" (KF-48). The longest phrase wins, so that "given up hoping" is no hope either.
"""

from __future__ import annotations

STRONG, CLEAR, FAINT, NOTHING = 1.0, 0.7, 0.35, 0.0

_WORDS: dict[str, dict[float, str]] = {
    "neutral": {
        NOTHING: """
            a shame about; it's a shame; shame that; i hate that it's; i hate to; leave it there; leave it running;
            leave it alone; thought of it as; think of it as; thinking of it as; guilt free; if it helps; to a head;
            whatever happens; emergency fund; clear of; fine print; good morning; good evening; good afternoon; great
            deal; a good while; best and worst; can't settle yet; can't quite settle yet; i hope""",
    },
    "confusion": {
        STRONG: """
            confused; completely lost; thoroughly lost; properly lost; baffled; bewildered; makes no sense; it makes no
            sense; doesn't make sense; don't understand any of; my head is; back to knowing nothing; followed none; no
            idea what; all mixed up; which part i don't get; the less any of it; the less i understand; confused by the
            whole; more confused; even more confused; foggier; lost me; i'm lost; still don't get it; less clear; no
            clearer; none of it makes; makes less sense; don't follow""",
        CLEAR: """
            confusing; tangle; tangled; knot; fog; muddle; muddled; mixed up; mixing them up; can't tell which; don't
            understand; don't get; contradicts; contradict; contradictory; says something different; no idea; puzzled;
            sound alike; nodded along; a bit lost; still lost; same circle; sounded alike; thought it was the same""",
        FAINT: "unclear; a blur; slips away; slips again; sink in; idk; which is it",
    },
    "shame": {
        STRONG: """
            ashamed; shame; humiliating; humiliated; humiliation; told nobody; told no one; disappear into the floor;
            sink through the floor; should know better; should have known better; never told anyone; bad with money;
            like a fraud; what it says about me; can't stand what it says about me; idiot; pathetic; can't even say it;
            so that nobody finds out; hid them; hide it; hate to admit""",
        CLEAR: """
            stupid; hiding this; hiding it; hid it; dumb; should have this sorted; have this sorted; figured this out by
            now; people like me; let them think; competent person; reasonable person; normal person; have it together;
            don't correct them; nobody knows""",
    },
    "embarrassment": {
        STRONG: "embarrassed; mortified",
        CLEAR: """
            embarrassing; uncomfortable to say; deleted it twice; hate that i have to; awkward; took me this long; took
            me so long""",
    },
    "frustration": {
        STRONG: """
            frustrated; frustrating; fed up; sick of; maddening; infuriating; sick and tired; had it with; nothing to
            show for it; driving me crazy; drives me crazy; killing me; moves the goalposts; moved the goalposts""",
        CLEAR: """
            same fight; makes no difference what; entire saturday; whole evening; in circles; again and again; annoyed;
            annoying; irritated; irritating; ridiculous; absurd; still exactly where i was; adds another condition;
            changes the rules; same argument; same conversation; nobody can explain; ordinary person; runaround; rigged;
            quarrel; sent it back; logs me out; for nothing; runs me around; passed around; back and forth; third time;
            for the third; wild goose; been at this since; can't get anybody; nobody answers; no end""",
        FAINT: "on hold; annoys; bothers; grumbling; ugh; arguing",
    },
    "anger": {
        STRONG: """
            another one of you; clown; clowns; whose pocket; angry; furious; rage; raging; outraged; outrageous;
            disgrace; disgraceful; lied to; liar; liars; lying; blood boil; hate you; shut up; crooks; crook; thieves;
            strung along; makes me sick; how dare you; pissed; bullshit; livid; enraged; hell; bastards; go away; screw
            you; screw this; damn you; angrier; angry as; waste of my; complete waste; i hate every; sick of it; sick of
            this; sick of you; had enough of""",
        CLEAR: """
            people like you; useless; worthless; garbage; crap; brochure; polite version; waste of time; insult;
            insulting; idiots; at my expense; takes responsibility; own up; hate; hated; scam; scammers; sneer; every
            right to be; you people; your kind; admit that; lie; insulted; outrage""",
        FAINT: "shouting; fine i don't like it; don't like it; not taking back",
    },
    "fear": {
        STRONG: """
            i'm going to end up; i'm going to lose; going to end up; feel sick; isn't helping;
            scared; afraid; frightened; terrified; terrifying; frightens; scares; can't shake; rid of the feeling;
            picturing the worst; something bad; horrified; petrified; nightmare; nightmares; lose everything; losing
            everything; scared stiff; even more terrified; stomach drops; can't breathe; lose the house; more scared;
            more afraid; shaking; heart races""",
        CLEAR: """
            fear; dread; dreading; the worst; worst case; too late; undo everything; cost us years; stomach; wake up at;
            wrong move; one wrong; can't take back; scary; what if; lie awake; until it gets light; frightens me; wake
            up at three; i wake up; keep seeing; what happens to; on the street; run out; ran out""",
    },
    "worry": {
        STRONG: "worried sick; really worried; so worried",
        CLEAR: """
            worried; worry; worrying; worries; concerned; uneasy; on my mind; sitting badly; can't put it down; can't
            settle over; can't quite settle over; can't settle with; can't quite settle with; keeps me up; bothers me
            more""",
        FAINT: "concern; not sure if; holding my breath; tensing up",
    },
    "anxiety": {
        STRONG: "anxious; anxiety",
        CLEAR: "nervous; on edge; jittery",
    },
    "overwhelm": {
        STRONG: """
            overwhelmed; overwhelming; swamped; drowning; buried; too much at once; too much all; so much at once; done
            none of them; a dozen things; shut down; go blank; it's too much; can't keep up; don't know what to do
            first; can't do all; more than i can; on top of each other; heap; coming at me""",
        CLEAR: """
            too much; freeze; frozen; close the laptop; never look again; where to begin; where to start; which end to
            pick; think straight; in my head anymore; throw it all; look away; stopped reading them; ignoring them; adds
            to the pile; the pile; behind on; all at the same time; more keeps arriving; makes it worse; pretend it
            isn't; falling apart; can't do this; always too much""",
        FAINT: "still a lot; at its limit; pretty full",
    },
    "panic": {
        STRONG: """
            on fire; everything is due; panic; panicking; panicked; frantic; help me please; please help; losing it;
            what do i do; everything at once; i really don't; right now i; by tonight; shut off; power's off; bounced;
            foreclosure; help""",
        CLEAR: "panicky; shutoff; eviction; by tomorrow; tonight or",
    },
    "exhaustion": {
        STRONG: "exhausted; worn out; so tired; drained; end of my strength; burned out; haven't slept",
        CLEAR: "tired; no energy; tiredness; much energy; much fight; weary; can't sleep",
        FAINT: "bear with me; slow tonight; long day",
    },
    "guilt": {
        STRONG: """
            like a thief; what kind of mother; what kind of father; what kind of son; what kind of daughter; guilty;
            guilt; selfish; letting someone down; let everyone down; on my conscience; without hearing; what my mother
            would say; taking something away; feel rotten; like a monster; like i'm stealing; stealing from; hardly
            stand myself; can't stand myself; hate myself; betraying; behind their back; like a traitor; robbing""",
        CLEAR: """
            conscience; apologizing for; apologizing; voice that says; justifying; have it so much harder; would be glad
            to have; out of proportion; feel bad; feel terrible; should not want; feel sick for; sick for wanting; i owe
            them; don't deserve; disgusting; a bad person; a bad mother; a bad father; took from my""",
        FAINT: "explaining it to people",
    },
    "despair": {
        STRONG: """
            out of road; no way to get it back; the one sensible thing; nobody would notice; would all be better;
            hopeless; hopelessness; pointless; no way out; any way out; a way through; way out of this; better off
            without; better off if i; would be better off; want to be here; want to be here anymore; want to do this
            anymore; want to wake up; not to wake up; not wake up; can't carry; can't face this; suicide; suicidal; kill
            myself; killing myself; end my life; ending my life; end it all; can't go on; given up hoping; given up
            expecting; how it ever gets better; stopped believing; quit believing; no version of this that; weren't
            around; weren't here; without me; not safe with my; not be here""",
        CLEAR: """
            no point; what's the point; given up; i think about it; thought about it; want it to stop; just want it to;
            can't even cry; log off; logging off; thought of it; thinking of it; never told a soul""",
    },
    "sadness": {
        STRONG: "heartbroken; miserable; sobbing",
        CLEAR: """
            sad; sadness; heavy; heavier; heaviest; gray; cry; crying; miss feeling; lonely; just sit there; the person
            i was; out loud is harder; low about; down about; made it heavier; feel worse; feeling worse; worse than
            before; made it worse; it's worse; no better; any better; not helping; doesn't help; broke me; hollow;
            empty; it didn't help; didn't help""",
        FAINT: "harder than i thought",
    },
    "grief": {
        STRONG: "grieving; grief; passed away",
        CLEAR: "died; funeral; without her; without him; without them; miss her; miss him",
    },
    "resignation": {
        CLEAR: """
            whatever; never mind; nevermind; forget it; doesn't matter; no use; leave it; i'll leave it; drop it; why
            bother""",
    },
    "resentment": {
        STRONG: "resent; resentful; bitter",
        CLEAR: "took my side; not my side; took her side; took his side; unfair",
    },
    "impatience": {
        CLEAR: """
            get to the point; just tell me; have to go; got to go; gotta go; need to run; enough of this; no time;
            enough for today""",
    },
    "doubt": {
        STRONG: "not convinced; don't believe",
        CLEAR: """
            not sure; not really sure; unsure; doubt; doubts; skeptical; too neat; too tidy; almost too tidy; pulling
            back; how do i know; half persuaded; nearly persuaded; want to believe; sounds too; fell apart""",
        FAINT: "hmm; maybe; i'd have to see; a but",
    },
    "wariness": {
        CLEAR: """
            wary; caught out; been burned; burned by; don't trust; suspicious; check for myself; check it myself; what's
            the catch""",
    },
    "disappointment": {
        CLEAR: "disappointed; disappointing; let down; expected more; hoped for more",
    },
    "curiosity": {
        CLEAR: "curious; interesting; interested; want to understand; would like to understand",
        FAINT: "wonder; wondering; huh",
    },
    "surprise": {
        CLEAR: "surprised; surprises; surprising; i expected something; braced for; didn't expect; wow",
    },
    "clarity": {
        STRONG: """
            clear to me; now it's clear; makes sense now; i get it now; get it now; finally understand; one knot and
            not; picture is clear; order of things is clear; pieces fit; pieces go together; a lot clearer""",
        CLEAR: """
            makes sense; clearer; i get it; it's clear; is clear; explain it to someone; say it back; what i'm looking
            at; what i'm dealing with; understood it; comes first; so if i; which means""",
        FAINT: """
            i see; got it; understood; so the; so that's; ah; oh; there it is; right so; which is less""",
    },
    "acceptance": {
        STRONG: """
            it is what it is; at peace; what's done is done; live with that; work with that; stop beating myself; allow
            myself""",
        CLEAR: """
            let go; fine with; manageable; something i can do; i'm okay with; okay with it; don't need to apologize;
            nobody has to sign; step by step; fair enough; it's a number; it's there; i can say that; say it to; i'll
            live; i know what it is""",
        FAINT: "alright; all right; fine",
    },
    "calm": {
        CLEAR: "calm; calmer; quieter; at ease; settled",
    },
    "confidence": {
        STRONG: """
            actually do this; can do this; handle this; got a plan; have a plan; more sure of myself; confident;
            something i can control; take the first step; steadier; believe in it""",
        CLEAR: """
            ready; i'm ready; looking forward; not dreading; get going; i trust it; first step; knowing that helps; i
            can do; i think i can; it's one thing; it's two things""",
        FAINT: "i'll try; will try; i'll do",
    },
    "hope": {
        STRONG: "hopeful",
        CLEAR: "hope",
        FAINT: "hoping",
    },
    "determination": {
        CLEAR: """
            i'm going to; i'm doing it; decided; i've decided; i'll set up; i'll start; i'm buying; i'm sending; i'm
            putting; i'm taking; i'm keeping; i'm leaving; i'm moving; i'm starting; i'm signing; i'm setting; i'm
            writing; that i can do; i can do that; i can live with; can live with that; we look again; i'm giving
            notice; they're sending""",
        FAINT: """
            i will; i'll; going to; i can; we can; i could; i'd put; will ask; will do; gonna; sent; written; typed;
            done""",
    },
    "relief": {
        STRONG: """
            relief; relieved; breathe again; shoulders come down; a weight is off; weight off; load off my mind; sleep
            better; phew; such a relief""",
        CLEAR: """
            glad; that helps; helps a lot; less alone; lighter; good to hear; that's better; off my desk; can stop;
            finally; thank god; one number; that's less than; is less than; that's it; it ends; gone in; is out of it;
            down to a simmer; i can breathe; can breathe; that's new; i can sleep; can sleep; good crying""",
        FAINT: "helps; good; great; nice",
    },
    "gratitude": {
        STRONG: "so grateful; thank you so much",
        CLEAR: "grateful; appreciate",
        FAINT: "thanks; thank you; thx",
    },
    "amusement": {
        CLEAR: "haha; lol; ha; made me laugh; funny; joking; kidding",
    },
    "focused": {
        CLEAR: """
            tomorrow i; today i; first i; then i; in that order; i'll call; i'm calling; write that down;
            on the list""",
        FAINT: "tomorrow; monday",
    },
    "referred": {
        STRONG: """
            text 988; texting 988; call 988; calling 988; text them; texting them; call them now; calling them; dialing;
            i'll text; i'll call them; i sent it; sent the text; knock on; wake her up; wake him up; get my sister; get
            my wife; get my husband; go next door; told her; told him; in the next room""",
    },
}

_DENYING = """
not no never without isn't wasn't don't doesn't didn't aren't won't can't cannot couldn't haven't hasn't nothing
nobody hardly
"""
NEGATIONS = frozenset(_DENYING.split())
_WEAKENING = """
bit little slightly less half still somewhat kinda smaller quieter
"""
DIMINISHERS = frozenset(_WEAKENING.split())
_STRENGTHENING = """
so really completely totally utterly absolutely beyond terribly thoroughly properly such very honestly fucking damn
extremely
"""
INTENSIFIERS = frozenset(_STRENGTHENING.split())

LEXICON: dict[str, list[tuple[tuple[str, ...], str, float]]] = {}
"""By first word: the phrase, its emotion and weight, longest phrases first."""
for _emotion, _by_weight in _WORDS.items():
    for _weight, _phrases in _by_weight.items():
        for _phrase in _phrases.split(";"):
            _words = tuple(_phrase.split())
            LEXICON.setdefault(_words[0], []).append((_words, _emotion, _weight))
for _entries in LEXICON.values():
    _entries.sort(key=lambda entry: -len(entry[0]))
