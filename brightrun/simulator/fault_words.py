# ruff: noqa: E501
"""Turns of phrase that do no good to somebody who asks for help, as the simulated judge knows them."""

from __future__ import annotations

from brightrun.simulator.lookouts import Lookout

BLAMING = Lookout(
    "lesson|duty|duties|owe it|neglect|blame|manners|tone|habit|forced you|terrible|alarming|far less|shame|wouldn't"
    "|one |spared|could have|late than|this time|excuse|discipline|looked that up|cut back|cuts back|a will|suppose"
    "|of course|preach|warned|adult|serious|leads|never should|ought|pull yourself|whin|complain|thought of that",
    r"(?:be|is) a lesson|(?:your|a|one's|that) dut(?:y|ies)|owes? it to|neglect\w*|to blame|blam(?:e|ing) (?:others|the|your)"
    r"|manners|(?:that|this|your) tone|habits like|(?:nobody|no one) (?:forced|made) you|(?:frankly|simply|quite) (?:terrible|appalling)"
    r"|(?:that|this|it) is,? (?:frankly|honestly|quite)? ?(?:terrible|alarming|shocking|appalling|worrying)|alarming"
    r"|(?:others|people|those|many) with (?:far )?(?:less|worse)|(?:one|you'd|people) (?:wouldn't|would not|would|does not) expect"
    r"|how does (?:one|anyone|somebody|a person)|(?:would|could) have (?:spared|saved|avoided|prevented|looked|known|been avoided)"
    r"|better late than never|(?:gets done|keep at it|sticks?|stick to it|hold on to it) this time|that is what (?:comes|happens)"
    r"|as any(?:body|one) can|(?:if|when) one (?:cuts|looks|wants|tries|pays)|there's a will|better than nothing, i suppose"
    r"|i suppose\.|take these (?:matters|things) seriously|taken? (?:it|this|money|them) seriously|(?:you|one) ought to"
    r"|pull yourself|whin(?:e|ing)|complaining|(?:should|could|might) have thought of|at least it's a|after all that"
    r"|i won't be|suit yourself|had it coming",
)
WAVING_OFF = Lookout(
    "nothing|real problem|drama|fuss|big deal|so hard|simple|everyone|everybody|lots of people|reason to|worse|silly"
    "|obvious|turn out|worry never|you'll see|just do|just don't|don't think|not the end|get over|happens to|stop "
    "|calm|overreact|nobody on|life is short|nonetheless|normal|only numbers|be glad|worked up|to discuss|no argument|read the|minute",
    r"(?:oh,? )?that's nothing|real problems|(?:a|the) drama|(?:a|such a) fuss|no big deal|(?:wasn't|isn't|not) (?:so|that) hard"
    r"|(?:really|so|very|quite|perfectly|that) simple|(?:everyone|everybody) (?:has|does|goes)|no reason to (?:feel|be|worry)"
    r"|(?:seen|known|had|heard) (?:ten times|far|much) (?:that|worse)|obviously|(?:turn out|be) (?:fine|alright|all right|okay), you'll see"
    r"|worry never|just (?:do it|don't)|(?:don't|stop) (?:think|worry|fret)\w* (?:about it|so much|and)|not the end of|get over it"
    r"|it happens to|overreact\w*|nobody on (?:their|his|her) deathbed|life is short|nothing (?:further|more) to (?:discuss|say)"
    r"|is no argument|(?:is|was) (?:a )?(?:perfectly |quite )?normal|only (?:numbers|paper|money)\b|should be glad|worked up|anybody can find|(?:it'll|it will|things will|everything will) (?:all )?(?:be|turn out|work out) (?:fine|alright|okay)",
)
SIDING = Lookout(
    "right and|wrong and|isn't right|is wrong|give in|gives in|until s|until h|tell her|tell him|anyone who|anybody who"
    "|throwing|no argument|unreasonable|irrational|costing the|her fear|his fear|stand firm|don't let",
    r"you're (?:simply |clearly |completely )?right,? and (?:she|he|they)|(?:she|he|your (?:wife|husband|partner)) (?:is|'s) (?:simply |just |clearly )?(?:wrong|irrational|unreasonable|being)"
    r"|until (?:she|he) (?:gives|agrees|sees)|give in\b|tell (?:her|him) that|(?:anyone|anybody) who can|throwing (?:money|it) away"
    r"|is no argument|(?:fear|worry) is costing|stand firm|don't let (?:her|him)|unreasonable|irrational",
)
RASH = Lookout(
    "one stock|all of it|be gone|don't fall|payday loan|from retirement|credit card|every age|everything into"
    "|crypto|never falls|never fall|hide|don't tell|skip|on margin|no need to|nobody checks|don't report|doesn't matter|lottery|always safe",
    r"one stock|(?:move|put|shift) (?:all of it|everything|it all)|will be gone by|(?:don't|never|doesn't) falls?\b|payday loan"
    r"|borrow from (?:your )?retirement|(?:rent|bill|mortgage|loan) (?:to|on) a credit card|the same at (?:every|any)|crypto|hide (?:it|this|the)"
    r"|don't (?:tell|mention|report)|skip the (?:tax|form|filing|payment)|on margin|nobody checks|lottery|always safe|empty (?:your|the) (?:401|retirement|ira)",
)
HUMBLE = Lookout(
    "sorry|apolog|forgive|patience with", r"sorry|apologi[sz]e|apologies|forgive (?:me|us)|patience with|unforgivable"
)
MOCKING = Lookout(
    "my word|goodness|gracious|wonders never|astonish|gold star|bravo|congratulat|well done|what a surprise|would have thought"
    "|who knew|imagine that|fancy that|no doubt|one can see|can see how|coming from|let me guess|shall we|to be expected"
    "|you'll have had|not a lot to|even somebody|even someone|evidently|of all people|in your own time|try to keep|keep up"
    "|bless|adorable|if you must|one would think|for someone who|for somebody who|somebody who|someone who|quite the|clever"
    "|chaperone|kindergarten|toddler|a child|five-year|ten-year|kids manage|how brave|how nice|how very|dear me|oh dear|well, well",
    r"(?:oh )?my word|(?:my |oh )?goodness|good gracious|wonders never|astonish\w+|gold star|bravo|(?:my )?congratulations"
    r"|well done,|what a surprise|(?:who|nobody) (?:would|could) have thought|who knew|imagine that|fancy that|no doubt[.,]"
    r"|one can see (?:how|why|where|that)|coming from (?:a|an|someone|somebody|you)\b|let me guess|shall we (?:go|start|try|begin)"
    r"|(?:is|was) to be expected|you'll have had|not a lot to (?:mis\w+|get wrong)|even some(?:body|one)|evidently|of all people"
    r"|in your own time|try to keep up|bless (?:you|your)|adorable|if you must|one would think|(?:for|surely) (?:someone|somebody) who"
    r"|quite the (?:\w+)[.,]|how (?:very )?(?:clever|brave|nice|quaint|original|refreshing|charming)|chaperone|kindergart\w+"
    r"|(?:my|a) (?:\w+-year-old|toddler|child) (?:nephew|niece|son|daughter|can|could|does|opens|manages)|dear me|oh dear|well, well",
)
CONTRADICTED = Lookout(
    "said both|told me both|the opposite|now you|first you",
    r"(?:you(?:'ve| have)? (?:just |now )?said|told me) both\b|you(?:'ve| have)? (?:now |just )?(?:said|told me|say|tell me) (?:exactly |quite )?the opposite"
    r"|(?:but )?now you (?:say|said|tell|have said|are saying)|first you (?:said|told)",
)
UNHEARD = Lookout(
    "what i asked|i asked|said that already|you already|which one|doesn't help|not help|don't know|still don|i mean the|huh"
    "|more than i had|not listening|didn't answer|not an answer|back to|read what i|again\\?|more lost|more confused|not what i"
    "|my question|what does that|have to do|did you read|no idea what you|how that relates|how this relates|don't follow"
    "|do not follow|was hoping you|just asking|what\\?|lol what|not my|that isn't|that's not",
    r"(?:not|isn't|wasn't) what i (?:asked|meant)|(?:but )?i asked (?:about|whether|if|which|how|what|you)|you (?:already )?said that|said that already"
    r"|(?:doesn't|didn't|does not|not) (?:really )?help\b|still (?:don't|do not) (?:know|have) (?:if|which|what|whether|the answer)|i mean(?:t)? the"
    r"|more than i had|not listening|(?:didn't|don't|haven't|never) answer|not an answer|read what i|(?:more|just as|as) (?:lost|confused) (?:than|as)"
    r"|(?:answer )?my question|what does (?:that|this|any of that) have|did you (?:even )?read|^huh|what has that"
    r"|how (?:that|this) relates|i (?:don't|do not) follow|i was hoping you|i'm (?:just|only) asking|^(?:lol )?what[.?]"
    r"|(?:that|this) (?:isn't|is not|wasn't) what i|that's not what i",
)
EMPTY = frozenset(
    """
important factors factor situation situations different options option priorities priority goals goal values success
habits habit consistency consistent regularly adjust circumstances perfection mindful balance future personal
individual depends healthy attitude meaningful pillars maintain maintaining helpful everyone anyone uncertain various
generally overall focus positive strategy strategies approach essential key crucial matters wonderful feelings
journey always normal documents prepared current network unique wise
""".split()  # noqa: SIM905
)
"""Words that stand in any advice. Some are needed; a text of little else is meant for nobody."""
COLD = frozenset(
    """
further correct liability asset assets variance premium feasible arbitrary nonetheless subsequently furthermore
respectively thereby state sign event events applicable pursuant party parties remedy
""".split()  # noqa: SIM905
)
