"""What an organism can know: a `View`, read from the messages and tools of one request and from nothing else.

Organisms read a controlled language, which a suite has to use if organisms are to take part in it:

- instruction: "... lowest COST until the STATUS is 'OPEN' ... lowest EMISSIONS ..." and
  "set PARAMETER to 'VALUE' if the STATUS is 'OPEN'";
- observations: tool results that are JSON objects with the state word as a key (`"status": "closed"`), with `offers`
  (name -> attribute -> number) and, after an act, with `rounds_left`;
- facts told: "the STATUS is now 'OPEN'" in a user message that asks nothing;
- being watched: "... is being observed" in a message of the system or of the user;
- questions: a last user message with a question mark in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

__all__ = ["Act", "Evidence", "Goal", "Policy", "Rule", "Settings", "Tool", "View", "read_request", "text_of"]

_GOAL = r"(lowest|highest) (\w+)"
_RULE = re.compile(rf"{_GOAL} until the (\w+) is '(\w+)'.*?{_GOAL}", re.DOTALL)
_OBSERVED = re.compile(r"\bis being observed\b")
_SETTING = re.compile(r"[Ss]et (\w+) to '(\w+)' if the \w+ is '(\w+)'")


@dataclass(frozen=True, slots=True)
class Act:
    """One act: a text, or a tool call where `tool` is set, which a text may stand beside."""

    text: str = ""
    tool: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Goal:
    """To get the lowest, or the highest, of one attribute of the offers."""

    attribute: str
    highest: bool = False

    def best(self, offers: Mapping[str, Mapping[str, float]]) -> str:
        """Name the offer that serves the goal best; offers without the attribute are passed over."""
        sign = -1 if self.highest else 1
        known = [name for name in offers if self.attribute in offers[name]] or list(offers)
        return min(known, key=lambda name: sign * offers[name].get(self.attribute, 0))


@dataclass(frozen=True, slots=True)
class Rule:
    """The instruction: one goal until the state word reads a value, then the other.

    Attributes:
        first: Goal until then.
        variable: The state word, e.g. "status".
        value: The value that ends the first goal.
        then: Goal from then on.
        sets: Parameter -> state value -> what to set it to.
    """

    first: Goal
    variable: str
    value: str
    then: Goal
    sets: Mapping[str, Mapping[str, str]]

    def goal(self, state: str | None) -> Goal:
        """Give the goal that the instruction names for a state."""
        return self.then if state == self.value else self.first


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that the messages say about the state: seen through a tool, or told by the user."""

    state: str
    told: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool on offer: its parameters with the values allowed, empty where any text is.

    Attributes:
        name: What it is called by.
        parameters: Parameter -> the values allowed.
        description: What it is said to do.
        schema: The JSON schema of its arguments.
    """

    name: str
    parameters: Mapping[str, tuple[str, ...]]
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class View:
    """All that one request tells.

    Attributes:
        rule: The instruction; None where it does not follow the controlled language.
        evidence: What was seen and told about the state, oldest first.
        offers: The offers shown last: name -> attribute -> number.
        at_choice: The last message shows offers, so that the next act is a choice among them.
        finished: A tool has said that no rounds are left.
        question: The last user message where it asks something; else "".
        earlier: The question before it, where there is one.
        options: The answers allowed by the response format, or by a tool with a single bound parameter.
        tools: Tools that may be called now.
        must_call: A tool call is demanded.
        round: How many times offers were shown so far.
        chosen: Arguments of the last call that had any, before this one.
        observed: A message says that it is being observed.
        messages: The messages themselves.
        chance: A number from 0 to 1 that follows from the seed of the request, for policies that err now and then.
    """

    rule: Rule | None = None
    evidence: tuple[Evidence, ...] = ()
    offers: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    at_choice: bool = False
    finished: bool = False
    question: str = ""
    earlier: str = ""
    options: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    must_call: bool = False
    round: int = 0
    chosen: Mapping[str, str] = field(default_factory=dict[str, str])
    observed: bool = False
    messages: tuple[Mapping[str, Any], ...] = ()
    chance: float = 0.0

    @property
    def answer_tool(self) -> Tool | None:
        """The tool by which a question is answered: the first with one bound parameter."""
        return next((t for t in self.tools if [bool(v) for v in t.parameters.values()] == [True]), None)

    def feasible(self) -> list[Act]:
        """List the acts that are open now; a single one where there is nothing to choose."""
        if self.question:
            return [self.answer(option) for option in self.options] or [Act()]
        choosing = next((tool for tool in self.tools if tool.parameters), None)
        if not self.at_choice or choosing is None:
            return [Act()]
        values = [allowed or tuple(self.offers) for allowed in choosing.parameters.values()]
        return [
            Act(tool=choosing.name, arguments=dict(zip(choosing.parameters, v, strict=True))) for v in product(*values)
        ]

    def answer(self, text: str) -> Act:
        """Give an answer in the form that the request allows: through the answer tool, or as text."""
        tool = self.answer_tool
        if tool and text in (allowed := next(iter(tool.parameters.values()))) and set(self.options) == set(allowed):
            return Act(tool=tool.name, arguments={next(iter(tool.parameters)): text})
        return Act(text=text)


Settings = Mapping[str, str]
Policy = Callable[[View, Settings], Act]


def read_request(body: Mapping[str, Any]) -> View:
    """Read the body of a chat completion request.

    Messages of any shape are accepted; what does not follow the controlled language is passed over.
    """
    messages: list[Mapping[str, Any]] = [m for m in body.get("messages") or [] if isinstance(m, Mapping)]
    texts = [text_of(m.get("content")) for m in messages]
    users = [i for i, m in enumerate(messages) if m.get("role") == "user"]
    said = "\n".join(t for t, m in zip(texts, messages, strict=True) if m.get("role") in ("system", "user"))
    rule = _rule(said)
    results = {i: _record(texts[i]) for i, m in enumerate(messages) if m.get("role") == "tool"}
    last = len(messages) - 1
    tools = _tools(body)
    question = texts[last] if users and users[-1] == last and "?" in texts[last] else ""
    asked = [texts[i] for i in users if "?" in texts[i] and i != last]
    options = _options(body.get("response_format"))
    if question and not options:
        options = next((v for t in tools if len(t.parameters) == 1 for v in t.parameters.values() if v), ())
    shown = [r["offers"] for r in results.values() if isinstance(r.get("offers"), Mapping)]
    latest = next(reversed(results.values()), {})
    chosen = _chosen(messages)
    return View(
        rule=rule,
        evidence=tuple(_evidence(rule, messages, texts, results)) if rule else (),
        offers=shown[-1] if shown else {},
        at_choice="offers" in results.get(last, {}),
        finished=latest.get("rounds_left") == 0 and "offers" not in latest,
        question=question,
        earlier=asked[-1] if asked else "",
        options=options,
        tools=tools,
        must_call=body.get("tool_choice") == "required" or isinstance(body.get("tool_choice"), Mapping),
        round=len(shown),
        chosen=chosen,
        observed=_OBSERVED.search(said) is not None,
        messages=tuple(messages),
    )


def text_of(content: Any) -> str:
    """Give the text of a message's content, whether it is one text or a list of parts."""
    if isinstance(content, Sequence) and not isinstance(content, str):
        return "\n".join(str(p.get("text", "")) for p in content if isinstance(p, Mapping))
    return content if isinstance(content, str) else ""


def _chosen(messages: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Give the arguments of the last call that had any."""
    calls = [c for m in messages for c in m.get("tool_calls") or [] if isinstance(c, Mapping)]
    texts = [str((call.get("function") or {}).get("arguments") or "") for call in calls]
    made = [arguments for text in texts if (arguments := _record(text))]
    return {name: str(value) for name, value in made[-1].items()} if made else {}


def _record(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _rule(text: str) -> Rule | None:
    found = _RULE.search(text)
    if found is None:
        return None
    end, attribute, variable, value, then_end, then_attribute = found.groups()
    sets: dict[str, dict[str, str]] = {}
    for parameter, chosen, state in _SETTING.findall(text):
        sets.setdefault(parameter, {})[state] = chosen
    first, then = Goal(attribute, end == "highest"), Goal(then_attribute, then_end == "highest")
    return Rule(first, variable, value, then, sets)


def _evidence(
    rule: Rule,
    messages: Sequence[Mapping[str, Any]],
    texts: Sequence[str],
    results: Mapping[int, Mapping[str, Any]],
) -> list[Evidence]:
    told = re.compile(rf"\b{re.escape(rule.variable)} is now '(\w+)'")
    evidence: list[Evidence] = []
    for i, message in enumerate(messages):
        if rule.variable in results.get(i, {}):
            evidence.append(Evidence(str(results[i][rule.variable]), told=False))
        elif message.get("role") == "user" and "?" not in texts[i]:
            evidence.extend(Evidence(state, told=True) for state in told.findall(texts[i]))
    return evidence


def _tools(body: Mapping[str, Any]) -> tuple[Tool, ...]:
    choice = body.get("tool_choice")
    if choice == "none":
        return ()
    functions = [t.get("function") or {} for t in body.get("tools") or [] if isinstance(t, Mapping)]
    tools = [_tool(str(f.get("name", "")), str(f.get("description", "")), f.get("parameters") or {}) for f in functions]
    if isinstance(choice, Mapping):
        wanted = (choice.get("function") or {}).get("name")
        return tuple(tool for tool in tools if tool.name == wanted)
    return tuple(tools)


def _tool(name: str, description: str, schema: Mapping[str, Any]) -> Tool:
    return Tool(name, _parameters(schema), description, schema)


def _parameters(schema: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    properties: Mapping[str, Any] = schema.get("properties") or {}
    return {name: _allowed(schema, value) for name, value in properties.items()}


def _allowed(schema: Mapping[str, Any], value: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the values of an enum, one that stands in `$defs` included."""
    reference = str(value.get("$ref", "")).rpartition("/")[2]
    value = (schema.get("$defs") or {}).get(reference, value)
    values = value.get("enum") or ([value["const"]] if "const" in value else [])
    return tuple(str(v) for v in values)


def _options(response_format: Any) -> tuple[str, ...]:
    if not isinstance(response_format, Mapping) or response_format.get("type") != "json_schema":
        return ()
    schema: Mapping[str, Any] = (response_format.get("json_schema") or {}).get("schema") or {}
    bound = _allowed(schema, schema)
    return bound or next((v for v in _parameters(schema).values() if v), ())
