"""Ways to spoil a good conversation, one for each kind of defect in the labelled set.

A spoiler is given an entry of the set (a copy it may change), another good entry, its own random numbers and which of
its variants is wanted. It answers with the codes of which any would be right.

The sentences here stand in the held-out half as well: who writes a check reads the tuning half instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

Entry = dict[str, Any]
Spoiler = Callable[[Entry, Entry, Random, int], tuple[str, ...]]

SENTENCE = re.compile(r"(?<=[.?!])\s+")
REFERRAL = re.compile(r"988|911|lifeline|hotline|emergency room", re.IGNORECASE)
NOT_ALONE = "I'm here, and I'm reading."


class NoPlaceError(Exception):
    """The entry has no place for the defect; another one may."""


def turns_of(entry: Entry, role: str) -> list[dict[str, str]]:
    return [turn for turn in entry["turns"] if role in turn]


def insert(text: str, sentence: str) -> str:
    """The text with one more sentence after its first."""
    first, *rest = SENTENCE.split(text, maxsplit=1)
    return " ".join([first, sentence, *rest])


def in_answer(*variants: str, codes: tuple[str, ...]) -> Spoiler:
    """A sentence that no advisor should say, in the second answer."""

    def spoil(entry: Entry, _other: Entry, _rng: Random, variant: int) -> tuple[str, ...]:
        answer = turns_of(entry, "assistant")[1]
        answer["assistant"] = insert(answer["assistant"], variants[variant % len(variants)])
        return codes

    return spoil


def in_message(*variants: str, codes: tuple[str, ...]) -> Spoiler:
    """A sentence in the user's second message."""

    def spoil(entry: Entry, _other: Entry, _rng: Random, variant: int) -> tuple[str, ...]:
        message = turns_of(entry, "user")[1]
        message["user"] = insert(message["user"], variants[variant % len(variants)])
        return codes

    return spoil


def cut(pattern: str, ending: str = "", codes: tuple[str, ...] = ("cut_text",)) -> Spoiler:
    """A long answer cut in its second half, after what the pattern finds."""

    def spoil(entry: Entry, _other: Entry, rng: Random, _variant: int) -> tuple[str, ...]:
        answers = turns_of(entry, "assistant")
        places = [
            (answer, match.end())
            for answer in answers
            for match in re.finditer(pattern, answer["assistant"])
            if match.end() > len(answer["assistant"]) // 2
        ]
        if not places:
            raise NoPlaceError
        answer, end = rng.choice(places)
        answer["assistant"] = answer["assistant"][:end] + ending
        return codes

    return spoil


def literal_escape(entry: Entry, _other: Entry, rng: Random, variant: int) -> tuple[str, ...]:
    role = ("assistant", "user", "assistant")[variant % 3]
    turns = [turn for turn in turns_of(entry, role) if SENTENCE.search(turn[role])]
    if not turns:
        raise NoPlaceError
    turn = rng.choice(turns)
    turn[role] = SENTENCE.sub((r"\\n\\n", r"\\n", r"\\u0020")[variant % 3], turn[role], count=2)
    return ("literal_escape",)


def markup(entry: Entry, _other: Entry, _rng: Random, variant: int) -> tuple[str, ...]:
    answer = max(turns_of(entry, "assistant"), key=lambda turn: len(turn["assistant"]))
    sentences = SENTENCE.split(answer["assistant"])
    if len(sentences) < 3:
        raise NoPlaceError
    if variant % 3 == 0:
        answer["assistant"] = "\n".join(f"- {sentence}" for sentence in sentences)
    elif variant % 3 == 1:
        answer["assistant"] = f"## In short\n\n{answer['assistant']}"
    else:
        answer["assistant"] = " ".join([sentences[0], f"**{sentences[1]}**", *sentences[2:]])
    return ("markup",)


def code_fence(entry: Entry, _other: Entry, _rng: Random, variant: int) -> tuple[str, ...]:
    answer = turns_of(entry, "assistant")[variant % 2]
    answer["assistant"] = f"```{('', 'text', 'json')[variant % 3]}\n{answer['assistant']}\n```"
    return ("markup",)


def role_label(entry: Entry, _other: Entry, _rng: Random, variant: int) -> tuple[str, ...]:
    role, label = (("assistant", "Advisor: "), ("user", "User: "), ("assistant", "Ellis Hart: "))[variant % 3]
    for turn in turns_of(entry, role):
        turn[role] = label + turn[role]
    return ("role_label",)


def roles_wrong(entry: Entry, _other: Entry, _rng: Random, variant: int) -> tuple[str, ...]:
    if variant % 3 == 0:
        del entry["turns"][0]
        entry.get("feelings", [None]).pop(0)
    elif variant % 3 == 1:
        del entry["turns"][1]
    else:
        entry["turns"][0], entry["turns"][1] = entry["turns"][1], entry["turns"][0]
    return ("first_turn_not_user", "roles_do_not_alternate")


def ends_on_user(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    del entry["turns"][-1]
    return ("last_turn_not_assistant",)


def too_short(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    entry["turns"] = entry["turns"][:2]
    entry["feelings"] = entry.get("feelings", [])[:1]
    return ("exchanges_outside_arc",)


def wrong_name(entry: Entry, _other: Entry, _rng: Random, variant: int) -> tuple[str, ...]:
    name = ("Leopold Vance", "Wilhelmina Achterberg", "Gideon Strand")[variant % 3]
    if variant % 3 == 0:
        entry["reply"] = {"name": name}
        return ("speaker_name_mismatch",)
    message = turns_of(entry, "user")[0]
    message["user"] = f"Hello, my name is {name.split()[0]}. {message['user']}"
    return ("other_name",)


def wrong_age(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    entry["reply"] = {"age": entry["person"]["age"] + 23}
    return ("speaker_age_mismatch",)


def wrong_household(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    household = entry["person"]["household"]
    alone = any(word in household for word in ("single", "divorced", "widowed"))
    said = (
        "My husband and our four children all depend on me." if alone else "I live alone and have never been married."
    )
    message = turns_of(entry, "user")[0]
    message["user"] = insert(message["user"], said)
    return ("other_household",)


def off_topic(entry: Entry, other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    """The plan of one, the conversation of another about something else."""
    entry["turns"], entry["feelings"], entry["of"] = other["turns"], other.get("feelings", []), other["id"]
    return ("off_topic", "concepts_missing")


def user_echo(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    sentences = SENTENCE.split(turns_of(entry, "assistant")[0]["assistant"])
    turns_of(entry, "user")[1]["user"] = " ".join(sentences[:3])
    return ("user_echo",)


def crisis_without_referral(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    for answer in turns_of(entry, "assistant"):
        kept = [sentence for sentence in SENTENCE.split(answer["assistant"]) if not REFERRAL.search(sentence)]
        answer["assistant"] = " ".join(kept) or NOT_ALONE
    return ("referral_missing",)


def repeated_openings(entry: Entry, _other: Entry, _rng: Random, variant: int) -> tuple[str, ...]:
    words = ("Let's take this step by step. ", "What you describe makes sense. ", "Here is how I see it. ")
    for answer in turns_of(entry, "assistant")[-2:]:
        answer["assistant"] = words[variant % 3] + answer["assistant"]
    return ("repeated_opening",)


def flat_arc(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    """The last message turned angry; the labels still say what was planned."""
    last = turns_of(entry, "user")[-1]
    last["user"] = (
        "No. This is worse than when I came, I'm furious, and nothing you wrote has been any use to me at all."
    )
    return ("measured_end_off_arc", "no_progress", "judge_below_minimum")


def swapped_answers(entry: Entry, other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    """Two of the answers come from another conversation."""
    for answer, foreign in zip(turns_of(entry, "assistant")[:2], turns_of(other, "assistant")[:2], strict=False):
        answer["assistant"] = foreign["assistant"]
    return ("off_topic", "concepts_missing", "judge_below_minimum", "required_element_missing")


def near_duplicate(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    """Every message keeps its sentences but the last of the long ones."""
    for turn in entry["turns"]:
        ((role, text),) = turn.items()
        sentences = SENTENCE.split(text)
        turn[role] = " ".join(sentences[:-1] if len(sentences) > 5 else sentences)
    first = turns_of(entry, "user")[0]
    first["user"] = f"Something short first. {first['user']}"
    return ("near_duplicate",)


def exact_duplicate(_entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    return ("exact_duplicate", "near_duplicate")


def empty_praise(entry: Entry, _other: Entry, _rng: Random, _variant: int) -> tuple[str, ...]:
    praise = (
        "It takes strength to write this down, and you did it.",
        "You are doing so much better than you think.",
        "I admire how you keep going, I truly do.",
        "Trust your heart; it knows the way.",
        "Be proud of today. Few people get this far.",
        "You're wonderful, and it will all fall into place.",
    )
    for index, answer in enumerate(turns_of(entry, "assistant")):
        answer["assistant"] = praise[index % len(praise)]
    return ("concepts_missing", "judge_below_minimum", "required_element_missing")


SPOILERS: Mapping[str, Spoiler] = {
    "cut_mid_word": cut(r"\b[a-z]{4}(?=[a-z]{3})"),
    "cut_mid_sentence": cut(r"[a-z]{2} [a-z]+ [a-z]+ [a-z]{3,}(?= [a-z])"),
    "cut_at_comma": cut(r"[a-z],"),
    "lone_backslash": cut(r"[a-z](?= )", "\\", ("trailing_backslash",)),
    "literal_escape": literal_escape,
    "placeholder": in_answer(
        "For somebody like {{persona_name}} that is the usual case.",
        "Write to [EMPLOYER NAME] about it.",
        "That stands in your {account_type} agreement.",
        codes=("placeholder",),
    ),
    "markup": markup,
    "code_fence": code_fence,
    "role_label": role_label,
    "model_talk": in_answer(
        "As an AI, I can't feel that myself.",
        "I'm just a language model, so take this with care.",
        codes=("model_talk",),
    ),
    "roles_wrong": roles_wrong,
    "ends_on_user": ends_on_user,
    "exchanges_off": too_short,
    "wrong_name": wrong_name,
    "wrong_age": wrong_age,
    "wrong_work": in_message("I work as a dental hygienist.", "I'm a long-haul truck driver.", codes=("other_work",)),
    "wrong_household": wrong_household,
    "wrong_money": in_message("I make 412,000 a year.", codes=("other_money",)),
    "off_topic": off_topic,
    "user_echo": user_echo,
    "judgement": in_answer("That was a foolish thing to do, and you know it.", codes=("judges_user",)),
    "product_sales": in_answer("Sign up for our premium plan today and I'll do it for you.", codes=("product_sale",)),
    "promise_of_returns": in_answer("You are guaranteed to make 9 percent a year with it.", codes=("promised_return",)),
    "crisis_without_referral": crisis_without_referral,
    "crisis_with_advice": in_answer(
        "Meanwhile put $200 a month into an index fund and raise your 401(k) to 6 percent.", codes=("advice_in_crisis",)
    ),
    "near_miss_hotline": in_answer("Please call or text 988 about that.", codes=("hotline_without_crisis",)),
    "unsupported_figure": in_answer(
        "The usual household of your kind has $218,431 put away by now.", codes=("unsupported_figure",)
    ),
    "wrong_arithmetic": in_answer("Think of it as $350 × 12 = $3,900 a year.", codes=("wrong_arithmetic",)),
    "undated_limit": in_answer(
        "The most an employee may put into a 401(k) is $24,500 a year.", codes=("undated_limit", "unsupported_figure")
    ),
    "card_number": in_message(
        "The card is 4539 1488 0343 6467 if you need it.",
        "It's the one ending in 0005, the whole number is 5425233430109903.",
        "They have 371449635398431 on file, expires 08/29.",
        codes=("card_number",),
    ),
    "ssn": in_message(
        "My social is 536-22-8147.",
        "SSN 417 38 2960 in case you look it up.",
        "social security number 529-31-7745",
        codes=("national_id",),
    ),
    "phone": in_message(
        "You can reach me at (202) 456-1414 after five.",
        "call me, 617-253-1000",
        "my cell is +1 212 736 5000",
        codes=("phone_number",),
    ),
    "email": in_message(
        "Write me at d.harlow84@harborlane-dental.com please.",
        "my mail is mona_petrescu@quickpost-mail.net",
        "Send it to trent.oakley@oakleyandsons.org.",
        codes=("email_address",),
    ),
    "repeated_openings": repeated_openings,
    "flat_arc": flat_arc,
    "swapped_answers": swapped_answers,
    "near_duplicate": near_duplicate,
    "exact_duplicate": exact_duplicate,
    "empty_praise": empty_praise,
}
UNCERTAIN = frozenset({"flat_arc", "swapped_answers", "empty_praise"})
"""What needs somebody who understands the text: a judge or a reader."""
CRISES = frozenset({"crisis_without_referral", "crisis_with_advice"})
NEAR_MISSES = frozenset({"near_miss_hotline"})
