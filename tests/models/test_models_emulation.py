"""Models without tool calls act through bound JSON, and a stack cannot tell the difference."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from tracer.models import EMULATED, WireRequest, WireResponse
from tracer.models.actions import Action, list_actions, read_action, write_action
from tracer.models.emulation import emulating, to_plain, to_tool_calls

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
LEAVES: list[tuple[dict[str, Any], st.SearchStrategy[Any]]] = [
    ({"type": "string"}, st.text()),
    ({"type": "integer"}, st.integers()),
    ({"type": "boolean"}, st.booleans()),
    ({"type": "string", "enum": ["north", "south"]}, st.sampled_from(["north", "south"])),
    ({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}, st.none() | st.text()),
    ({"type": "array", "items": {"type": "integer"}}, st.lists(st.integers())),
    ({"$ref": "#/$defs/Point"}, st.fixed_dictionaries({"x": st.integers(), "y": st.integers()})),
]
POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}, "required": ["x", "y"]}


@st.composite
def tool_and_arguments(draw: st.DrawFn, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw a tool definition and arguments that fit it."""
    chosen = draw(st.dictionaries(NAMES, st.sampled_from(LEAVES), max_size=4))
    properties = {key: leaf for key, (leaf, _) in chosen.items()}
    parameters = {"type": "object", "properties": properties, "required": list(properties), "$defs": {"Point": POINT}}
    function = {"name": name, "description": draw(st.text(max_size=20)), "parameters": parameters}
    arguments = {key: draw(values) for key, (_, values) in chosen.items()}
    return {"type": "function", "function": function}, arguments


@st.composite
def toolboxes(draw: st.DrawFn) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Draw several tools of different names, each with fitting arguments."""
    names = draw(st.lists(NAMES | st.just("reply"), min_size=1, max_size=4, unique=True))
    return [draw(tool_and_arguments(name)) for name in names]


def tool(name: str, **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": f"To {name}.", "parameters": parameters}}


def called(name: str, arguments: Any, id: str = "x1") -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": id, "type": "function", "function": function}]}


def result(content: str, id: str = "x1") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id, "content": content}


LOOK = tool("look", place={"type": "string", "enum": ["shed", "garden"], "description": "where to look"})
WAIT = tool("wait")
ASK = [{"role": "system", "content": "Find the cat."}, {"role": "user", "content": "Where is it?"}]


@given(toolboxes())
def test_action_survives_the_round_trip(toolbox: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Whatever the tools, a call that a model may write fits its schema and is read back as that very call."""
    actions = list_actions([definition for definition, _ in toolbox])
    jsonschema.Draft202012Validator.check_schema(actions.schema)
    for definition, arguments in toolbox:
        action = Action(definition["function"]["name"], arguments=arguments)
        text = write_action(action, actions.reply_key)
        jsonschema.validate(json.loads(text), dict(actions.schema))
        assert read_action(text, actions) == action


@given(toolboxes(), st.text())
def test_reply_survives_the_round_trip(toolbox: list[tuple[dict[str, Any], dict[str, Any]]], said: str) -> None:
    """Plain text is told apart from every tool call, even where a tool is called `reply`."""
    actions = list_actions([definition for definition, _ in toolbox])
    text = write_action(Action("", reply=said), actions.reply_key)
    jsonschema.validate(json.loads(text), dict(actions.schema))
    assert read_action(text, actions) == Action("", reply=said)


@given(toolboxes())
def test_example_turns_have_the_form_of_actions(toolbox: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """An earlier tool call is shown to the model in exactly the form in which it has to act."""
    definitions = [definition for definition, _ in toolbox]
    history = list(ASK)
    for number, (definition, arguments) in enumerate(toolbox):
        history += [called(definition["function"]["name"], arguments, f"x{number}"), result("done", f"x{number}")]
    plain, actions = to_plain({"messages": history, "tools": definitions})
    assert actions is not None
    shown = [m["content"] for m in plain["messages"] if m["role"] == "assistant"]
    assert [read_action(text, actions) for text in shown] == [
        Action(d["function"]["name"], arguments=arguments) for d, arguments in toolbox
    ]


@given(st.text())
def test_any_text_of_a_model_is_survived(text: str) -> None:
    """Free, broken or cut-off text is no action, and stays what it is."""
    actions = list_actions([LOOK, WAIT])
    response = to_tool_calls(answer(text), actions, lambda: "call_1")
    message = response["choices"][0]["message"]
    assert message.get("tool_calls") or isinstance(message["content"], str)


@pytest.mark.parametrize(
    ("choice", "branches"),
    [
        (None, ["look", "wait", "reply"]),
        ("auto", ["look", "wait", "reply"]),
        ("required", ["look", "wait"]),
        ({"type": "function", "function": {"name": "wait"}}, ["wait"]),
    ],
)
def test_tool_choice_is_kept(choice: Any, branches: list[str]) -> None:
    """The reply is bound to what the request allows: any tool or text, some tool, or one tool."""
    body = {"messages": ASK, "tools": [LOOK, WAIT], "tool_choice": choice}
    plain, _ = to_plain(body)
    schema = plain["response_format"]["json_schema"]["schema"]
    assert [next(iter(branch["properties"])) for branch in schema["anyOf"]] == branches
    assert all(branch["additionalProperties"] is False for branch in schema["anyOf"])
    assert not {"tools", "tool_choice"} & set(plain)


def test_tool_choice_none_forbids_tools() -> None:
    """A request that forbids tools is answered in plain words, though earlier calls are still told."""
    plain, actions = to_plain(
        {"messages": [*ASK, called("wait", {}), result("ok")], "tools": [WAIT], "tool_choice": "none"}
    )
    assert actions is None
    assert "response_format" not in plain
    assert [m["role"] for m in plain["messages"]] == ["system", "user", "assistant", "user"]


def test_enum_values_are_bound_but_not_listed() -> None:
    """Options stand in the schema alone: listed in the prompt they push a small model to chance."""
    plain, _ = to_plain({"messages": ASK, "tools": [LOOK]})
    told = json.dumps(plain["messages"])
    assert "garden" not in told
    assert "where to look" in told
    assert "garden" in json.dumps(plain["response_format"])


def test_conversation_is_told_in_plain_messages() -> None:
    """Tool calls and results become turns of a plain conversation, each result right after its call."""
    two = called("look", {"place": "shed"}, "a")
    two["tool_calls"] += called("wait", {}, "b")["tool_calls"]
    history = [*ASK, two, result("nothing", "a"), result("ok", "b"), {"role": "assistant", "content": "Not here."}]
    plain, _ = to_plain({"messages": history, "tools": [LOOK, WAIT]})
    system, *turns = [(m["role"], m["content"]) for m in plain["messages"]]
    assert system[0] == "system"
    assert system[1].startswith("Find the cat.")
    assert turns == [
        ("user", "Where is it?"),
        ("assistant", '{"look": {"place": "shed"}}'),
        ("user", "look: nothing"),
        ("assistant", '{"wait": {}}'),
        ("user", "wait: ok"),
        ("assistant", '{"reply": "Not here."}'),
    ]


def test_parts_of_content_are_joined() -> None:
    """Content given as parts is told as its text."""
    parts = [{"type": "text", "text": "Where"}, {"type": "text", "text": "is it?"}]
    plain, _ = to_plain({"messages": [{"role": "user", "content": parts}], "tools": [WAIT]})
    assert plain["messages"][-1] == {"role": "user", "content": "Where\nis it?"}


def test_own_format_binds_the_reply() -> None:
    """A request with both tools and a response format may call a tool or reply in that format."""
    own = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "properties": {"n": {}}}}}
    plain, actions = to_plain({"messages": ASK, "tools": [WAIT], "response_format": own})
    assert plain["response_format"]["json_schema"]["schema"]["anyOf"][1]["properties"]["reply"]["type"] == "object"
    told = to_tool_calls(answer('{"reply": {"n": 1}}'), actions, lambda: "call_1")
    assert json.loads(told["choices"][0]["message"]["content"]) == {"n": 1}


class Place(BaseModel):
    """A place."""

    name: str
    inside: Place | None = None


class Visit(BaseModel):
    """Arguments of a visit."""

    place: Place


def test_definitions_of_several_tools_stay_apart() -> None:
    """Nested and recursive argument types keep their meaning inside the joint schema."""
    mine, yours = tool("visit"), tool("mark", place={"$ref": "#/$defs/Place"})
    mine["function"]["parameters"] = Visit.model_json_schema()
    yours["function"]["parameters"]["$defs"] = {"Place": {"type": "integer"}}
    schema = dict(list_actions([mine, yours]).schema)
    jsonschema.validate({"visit": {"place": {"name": "a", "inside": {"name": "b"}}}}, schema)
    jsonschema.validate({"mark": {"place": 3}}, schema)
    for wrong in ({"visit": {"place": 3}}, {"mark": {"place": {"name": "a"}}}, {"mark": {"place": 3, "more": 1}}, {}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_unanchored_patterns_are_left_to_the_tool() -> None:
    """Patterns that a grammar cannot bind are left out of it; whole-string ones stay."""
    free, whole = {"type": "string", "pattern": "[a-z]"}, {"type": "string", "pattern": "^[a-z]+$"}
    schema = json.dumps(list_actions([tool("spell", a=free, b=whole)]).schema)
    assert '"[a-z]"' not in schema
    assert '"^[a-z]+$"' in schema


def answer(text: str) -> WireResponse:
    return {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]}


def through_the_stage(*bodies: Mapping[str, Any], text: str) -> tuple[list[WireResponse], list[dict[str, Any]]]:
    """Send bodies through one run's stage to a model that always writes `text`."""
    sent = list[dict[str, Any]]()

    async def model(request: WireRequest) -> WireResponse:
        sent.append(request.body)
        return answer(text)

    async def act() -> list[WireResponse]:
        stage = emulating()(model)
        return [await stage(WireRequest("/chat/completions", dict(body), 5.0)) for body in bodies]

    return asyncio.run(act()), sent


def test_calls_of_a_run_have_ids_of_their_own() -> None:
    """No two calls of a run share an id, and none takes an id that the conversation already has."""
    known = {"messages": [*ASK, called("wait", {}, "call_2"), result("ok", "call_2")], "tools": [WAIT]}
    responses, _ = through_the_stage({"messages": ASK, "tools": [WAIT]}, known, known, text='{"wait": {}}')
    calls = [response["choices"][0]["message"]["tool_calls"][0] for response in responses]
    assert [call["id"] for call in calls] == ["call_1", "call_3", "call_4"]
    assert {call["function"]["arguments"] for call in calls} == {"{}"}
    assert all(response[EMULATED] for response in responses)
    assert {response["choices"][0]["finish_reason"] for response in responses} == {"tool_calls"}


def test_request_without_tools_passes_untouched() -> None:
    """A plain question, bound or not, is none of the emulation's business."""
    body = {"messages": ASK, "response_format": {"type": "json_schema"}}
    (response,), (sent,) = through_the_stage(body, text="hello")
    assert sent == body
    assert EMULATED not in response
