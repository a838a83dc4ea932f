"""Replies of the Messages API: a conversation, or a reason why not. The reply itself is never changed or lost."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.conversation import (
    AssistantTurn,
    Conversation,
    ReplyError,
    ReplyProblem,
    UserTurn,
    parse_conversation,
    parse_reply,
    reply_schema,
)

CONVERSATION: dict[str, Any] = {
    "speaker": {"name": "Dana Whitfield", "age": 41},
    "topic": "monthly_bills",
    "outcome": "resolved",
    "turns": [
        {"role": "user", "content": "Which one first?", "emotion": "worry", "intensity": 0.7},
        {"role": "assistant", "content": "The rent.", "technique": "answer first", "teaches": "Order."},
    ],
}


def reply(text: str | None = None, stop_reason: Any = "end_turn", **fields: Any) -> dict[str, Any]:
    """A message as the API sends it."""
    content = [{"type": "text", "text": json.dumps(CONVERSATION) if text is None else text}]
    return {"type": "message", "stop_reason": stop_reason, "content": content, **fields}


def problem_of(message: dict[str, Any]) -> ReplyError:
    """What parsing says; the paid reply is the same after as before (KF-10)."""
    before = copy.deepcopy(message)
    with pytest.raises(ReplyError) as raised:
        parse_reply(message)
    assert repr(message) == repr(before)
    return raised.value


def test_a_good_reply_is_a_conversation() -> None:
    conversation = parse_reply(reply())
    assert conversation.speaker.name == "Dana Whitfield"
    assert [type(turn) for turn in conversation.turns] == [UserTurn, AssistantTurn]
    assert conversation.model_dump(mode="json") == CONVERSATION


@pytest.mark.parametrize(
    "stop_reason, problem",
    [
        ("max_tokens", ReplyProblem.MAX_TOKENS),
        ("refusal", ReplyProblem.REFUSAL),
        ("model_context_window_exceeded", ReplyProblem.CONTEXT_WINDOW),
        ("stop_sequence", ReplyProblem.UNEXPECTED_STOP),
        ("tool_use", ReplyProblem.UNEXPECTED_STOP),
        ("pause_turn", ReplyProblem.UNEXPECTED_STOP),
        ("something_new", ReplyProblem.UNEXPECTED_STOP),
        (None, ReplyProblem.UNEXPECTED_STOP),
        ([], ReplyProblem.UNEXPECTED_STOP),
    ],
)
def test_every_stop_reason_has_its_own_answer(stop_reason: Any, problem: ReplyProblem) -> None:
    """KF-08: the text is a whole conversation each time, and only `end_turn` makes it one."""
    error = problem_of(reply(stop_reason=stop_reason))
    assert error.problem is problem
    if problem is ReplyProblem.UNEXPECTED_STOP:
        assert repr(stop_reason) in str(error)


def test_a_reply_without_a_stop_reason_is_not_taken_for_complete() -> None:
    """KF-08."""
    message = reply()
    del message["stop_reason"]
    assert problem_of(message).problem is ReplyProblem.UNEXPECTED_STOP


@pytest.mark.parametrize(
    "details, category", [({"category": "frontier_llm"}, "frontier_llm"), (None, "not given"), ("x", "not given")]
)
def test_a_refusal_tells_its_category(details: Any, category: str) -> None:
    """KF-08, KF-23: the category is what a user can act on."""
    assert f"category {category}" in str(problem_of(reply(stop_reason="refusal", stop_details=details)))


@pytest.mark.parametrize("cut", [1, 60, 250, -1])
def test_a_reply_that_was_cut_at_max_tokens_says_so_and_is_not_called_broken_json(cut: int) -> None:
    """KF-08, KF-10: a cut reply raises a reason; nothing tries to parse it first."""
    assert problem_of(reply(json.dumps(CONVERSATION)[:cut], "max_tokens")).problem is ReplyProblem.MAX_TOKENS
    assert problem_of(reply(json.dumps(CONVERSATION)[:cut])).problem is ReplyProblem.NOT_JSON


def test_a_thinking_block_may_come_first_and_a_text_may_come_in_parts() -> None:
    message = reply()
    whole = message["content"][0]["text"]
    message["content"] = [
        {"type": "thinking", "thinking": "Not JSON {", "signature": "s"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": whole[:100]},
        {"type": "something_new", "text": "ignored"},
        {"type": "text", "text": whole[100:]},
    ]
    assert parse_reply(message).topic == "monthly_bills"


@pytest.mark.parametrize(
    "content",
    [[], None, [{"type": "thinking", "thinking": "hm"}], [{"type": "text", "text": " \n"}], [{"type": "text"}], ["x"]],
)
def test_a_reply_without_text_says_so(content: Any) -> None:
    """KF-10."""
    assert problem_of(reply() | {"content": content}).problem is ReplyProblem.NO_TEXT


@pytest.mark.parametrize(
    "text", ["Here is the conversation:", "{", "```json\n{}\n```", '{"a": 1} {"b": 2}', '{"a": NaN}', "[" * 9999]
)
def test_a_text_that_is_no_json_is_quoted(text: str) -> None:
    """KF-10, KF-23: the message holds the first 500 characters."""
    error = problem_of(reply(text))
    assert error.problem is ReplyProblem.NOT_JSON
    assert text[:500] in str(error)
    assert len(str(error)) < 800


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    data = copy.deepcopy(CONVERSATION)
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return data


@pytest.mark.parametrize(
    "path, value",
    [
        (("turns",), []),
        (("turns",), None),
        (("turns", 0, "intensity"), 1.2),
        (("turns", 0, "intensity"), -0.01),
        (("turns", 0, "intensity"), "0.5"),
        (("turns", 0, "content"), 5),
        (("turns", 0, "role"), "system"),
        (("turns", 0, "extra"), "x"),
        (("turns", 0, "technique"), "a user has none"),
        (("turns", 1, "teaches"), None),
        (("turns", 1), "text"),
        (("speaker", "age"), "41"),
        (("speaker", "age"), 41.5),
        (("speaker",), None),
        (("topic",), ["monthly_bills"]),
        (("comment",), "x"),
    ],
)
def test_what_the_api_does_not_enforce_is_enforced_here(path: tuple[str | int, ...], value: Any) -> None:
    """KF-10: a schema miss is a reason with the field's name, and the reply is kept."""
    error = problem_of(reply(json.dumps(changed(path, value))))
    assert error.problem is ReplyProblem.SCHEMA_MISMATCH


def test_a_schema_miss_names_the_first_fields_and_counts_the_others() -> None:
    data = {**CONVERSATION, "turns": [{"role": "user"}, {"role": "assistant"}]}
    message = str(problem_of(reply(json.dumps(data))))
    assert "turns.0.user.content: Field required" in message
    assert message.endswith(" and 4 more")


@pytest.mark.parametrize("surrogate", ["\\ud83d", "\\udc00", "\\udc00\\ud800"])
def test_lone_surrogates_are_refused_and_pairs_are_not(surrogate: str) -> None:
    """They cannot be written to any file; a release must never meet them."""
    text = json.dumps(CONVERSATION).replace("The rent.", f"The rent {surrogate}.")
    assert problem_of(reply(text)).problem is ReplyProblem.SCHEMA_MISMATCH
    paired = json.dumps(CONVERSATION).replace("The rent.", "The rent \\ud83d\\ude42.")
    assert parse_reply(reply(paired)).turns[1].content == "The rent 🙂."


def test_escapes_are_resolved_once_and_what_is_left_of_them_stays_visible() -> None:
    """KF-06: parsed text is what the checks see; a doubly escaped line break is still a literal one."""
    data = changed(("turns", 1, "content"), 'One line,\nanother "quoted", a literal \\n and \\')
    assert parse_reply(reply(json.dumps(data))).turns[1].content == data["turns"][1]["content"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    )
)
def test_no_json_raises_anything_but_a_reply_error(data: Any) -> None:
    """KF-10."""
    with pytest.raises(ReplyError) as raised:
        parse_conversation(data)
    assert raised.value.problem is ReplyProblem.SCHEMA_MISMATCH


@given(st.text(max_size=300))
def test_no_text_raises_anything_but_a_reply_error(text: str) -> None:
    """KF-10."""
    assert problem_of(reply(text)).problem in set(ReplyProblem)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, TEXT, st.floats(0, 1), st.integers(-9, 200))
def test_every_conversation_that_can_be_written_is_read_back(
    question: str, answer: str, intensity: float, age: int
) -> None:
    data = copy.deepcopy(CONVERSATION)
    data["speaker"]["age"] = age
    data["turns"][0] |= {"content": question, "intensity": intensity}
    data["turns"][1]["content"] = answer
    for ensure_ascii in (True, False):
        conversation = parse_reply(reply(json.dumps(data, ensure_ascii=ensure_ascii)))
        assert conversation.model_dump(mode="json") == data
    assert Conversation.model_validate_json(conversation.model_dump_json()) == conversation


def test_the_schema_asks_for_what_the_parser_reads() -> None:
    """Every object is closed and every field required, as structured output demands."""
    schema = reply_schema(["worry", "calm"])
    user, assistant = schema["properties"]["turns"]["items"]["anyOf"]
    assert set(schema["properties"]) == set(Conversation.model_fields)
    assert set(user["properties"]) == set(UserTurn.model_fields)
    assert set(assistant["properties"]) == set(AssistantTurn.model_fields)
    assert user["properties"]["emotion"]["enum"] == ["worry", "calm"]
    for part in (schema, user, assistant, schema["properties"]["speaker"]):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
