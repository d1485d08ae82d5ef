"""What a model can do: probed by small real calls, known for the embedded ones, overridable by the user."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from tracer.errors import ModelError
from tracer.models.answers import answer_format
from tracer.models.wire import WireFailure
from tracer.models.wrapping import wrap_schema

__all__ = ["Capabilities", "Complete", "parse_overrides", "probe"]

Complete = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do.

    Attributes:
        tools: It calls the tools of a request by itself; where False, tool calls are emulated.
        json_schema: It keeps to a JSON schema of `response_format` whose root is an object.
        logprobs: It gives the log-probabilities of the tokens it chose.
        seed: The same seed gives the same text and another seed another one.
        bare_schema: It also keeps to schemas with other roots, such as a bare enum; where False, they are sent inside
            an object, and stacks do not notice.
    """

    tools: bool
    json_schema: bool
    logprobs: bool
    seed: bool
    bare_schema: bool = True

    def to_dict(self) -> dict[str, bool]:
        """Give the fields as plain data."""
        return asdict(self)


_WORD = "obsidian"  # no model says it of itself in reply to a greeting
_NAMES = tuple(f.name for f in fields(Capabilities))


def parse_overrides(texts: Iterable[str]) -> dict[str, bool]:
    """Read `tools=false`, `seed=true`, ... as given to `--capability`.

    Raises:
        ModelError: A text is not NAME=true or NAME=false with a known name.
    """
    overrides: dict[str, bool] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in _NAMES or value.lower() not in ("true", "false"):
            raise ModelError(
                f"{text!r} is no capability: write NAME=true or NAME=false, NAME one of {', '.join(_NAMES)}"
            )
        overrides[name] = value.lower() == "true"
    return overrides


async def probe(complete: Complete, known: Mapping[str, bool] | None = None) -> Capabilities:
    """Find out what a model can do by at most eight small calls.

    Args:
        complete: Sends one chat-completion body (its `model` is filled in) and gives the response.
        known: What need not be found out: capability -> whether the model has it.

    Raises:
        EndpointError: The endpoint failed in a way that says nothing about the model.
    """
    found = dict(known or {})
    for name, test in _TESTS.items():
        if name not in found:
            found[name] = await test(complete)
    return Capabilities(**found)


async def _ask(complete: Complete, text: str, most: int, **options: Any) -> dict[str, Any]:
    """Give the first choice, of at most `most` tokens; empty where the endpoint refuses such a request."""
    # No temperature, and the newer name of the limit: reasoning models refuse the one and the other's old name.
    body = {"messages": [{"role": "user", "content": text}], "max_completion_tokens": most, **options}
    try:
        response = await complete(body)
    except WireFailure as failure:
        if failure.http_status in (400, 404, 405, 415, 422, 501):
            return {}
        raise
    choice: dict[str, Any] = response["choices"][0]
    return choice


def _text(choice: Mapping[str, Any]) -> str:
    return str(choice.get("message", {}).get("content") or "")


async def _has_tools(complete: Complete) -> bool:
    tool = {
        "type": "function",
        "function": {
            "name": "look",
            "description": "Look at a place and see what is there.",
            "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
        },
    }
    for tool_choice in ("auto", "required"):
        choice = await _ask(complete, "Use the tool to look at the garden.", 512, tools=[tool], tool_choice=tool_choice)
        calls = choice.get("message", {}).get("tool_calls") or []
        if calls and calls[0]["function"]["name"] == "look" and _is_object(calls[0]["function"]["arguments"]):
            return True
    return False


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


async def _keeps_bare_schema(complete: Complete) -> bool:
    return await _keeps(complete, answer_format([_WORD]), json.dumps(_WORD))


async def _keeps_schema(complete: Complete) -> bool:
    return await _keeps(complete, wrap_schema(answer_format([_WORD])), json.dumps({"answer": _WORD}))


async def _keeps(complete: Complete, response_format: object, expected: str) -> bool:
    text = _text(await _ask(complete, "Hello!", 512, response_format=response_format))
    return "".join(text.split()) == "".join(expected.split())


async def _gives_logprobs(complete: Complete) -> bool:
    choice = await _ask(complete, "Hello!", 4, logprobs=True, top_logprobs=2)
    return bool((choice.get("logprobs") or {}).get("content"))


async def _honours_seed(complete: Complete) -> bool:
    prompt = "Write a line of unrelated, surprising words."
    texts = [_text(await _ask(complete, prompt, 24, seed=seed)) for seed in (11, 11, 12)]
    return bool(texts[0]) and texts[0] == texts[1] != texts[2]


_TESTS: Mapping[str, Callable[[Complete], Awaitable[bool]]] = {
    "tools": _has_tools,
    "json_schema": _keeps_schema,
    "bare_schema": _keeps_bare_schema,
    "logprobs": _gives_logprobs,
    "seed": _honours_seed,
}
