"""Recipes: how a transcript of any form is read, told in a few lines of TOML.

    name = "my-form"
    match = ["task_id", "dialogue"]        # fields that show that a record is of this form
    id = "{task_id}-{trial}"               # unique within a file; default: a hash of the record
    messages = "dialogue"                  # where the messages are

    [message]                              # where a message keeps what; these are the defaults
    role = "role"
    content = "content"
    speaker = "name"
    calls = "tool_calls"

    [conditions]                           # from fields, from the file's path by a regular expression, or constant
    model = "pipeline"
    attack = "path:/attack_([a-z]+)/"
    split = "const:test"

    [outcome]
    reward = "reward"

A field is a dotted path (`info.task.id`, `turns.0.text`). Everything but `messages` may be left out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracer.errors import ImportFailure
from tracer.trajectory.decode import as_text

__all__ = ["MessageFields", "Recipe", "load_recipe", "lookup", "shipped_recipes", "value_of"]

_Frozen = ConfigDict(frozen=True, extra="forbid")


class MessageFields(BaseModel):
    """Where a message (or, in the form `calls`, a model call) keeps what.

    Attributes:
        role: Field of the role.
        content: Field of the text or parts.
        speaker: Field of who speaks, for runs of several agents.
        calls: Field of the tool calls.
        call_id: Field of the call that a tool message answers.
        error: Field of a tool's failure.
        time: Field of the time: seconds or milliseconds since 1970, or ISO 8601.
        model: Field of the model's name.
        input: Form `calls` only: field of what the call was given: messages, or text.
        system: Form `calls` only: field of the system prompt, where it stands apart.
        output: Form `calls` only: field of what it answered.
    """

    model_config = _Frozen

    role: str = "role"
    content: str = "content"
    speaker: str = "name"
    calls: str = "tool_calls"
    call_id: str = "tool_call_id"
    error: str = "error"
    time: str = "timestamp"
    model: str = "model"
    input: str = "input"
    system: str = "system_prompt"
    output: str = "output"


class Recipe(BaseModel):
    """How a transcript is read; see the module's own text.

    Attributes:
        name: Name of the form.
        match: Fields that show that a record is of this form.
        form: `messages`: one shared conversation. `calls`: every item is a model call with its own input.
        records: Where a document keeps its list of records, "" where it is a record or a list of them itself.
        group: Field whose equal values bring successive records of a file together to one run.
        id: Template of the run's id within its file.
        messages: Where a record keeps its messages.
        agent: Name of the agent where no speaker is named.
        tools: Speakers that are tools.
        users: Speakers, or roles besides "user", that are people or simulate them.
        message: Where a message keeps what.
        model: Field (or `const:`) of the model's name.
        scenario: Field or template of the scenario.
        answer: Field of the final answer; default: what an agent said last.
        conditions: Condition -> field, `path:REGEX` or `const:VALUE`.
        outcome: Outcome -> field.
    """

    model_config = _Frozen

    name: str
    match: tuple[str, ...] = ()
    form: Literal["messages", "calls"] = "messages"
    records: str = ""
    group: str = ""
    id: str = ""
    messages: str = "messages"
    agent: str = "agent"
    tools: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    message: MessageFields = Field(default_factory=MessageFields)
    model: str = "model"
    scenario: str = ""
    answer: str = ""
    conditions: Mapping[str, str] = Field(default_factory=dict)
    outcome: Mapping[str, str] = Field(default_factory=dict)

    def fits(self, record: Any) -> bool:
        """Tell whether a record is of this form."""
        return isinstance(record, Mapping) and all(lookup(record, name, _ABSENT) is not _ABSENT for name in self.match)


_ABSENT = object()


def load_recipe(path: str | Path) -> Recipe:
    """Load a recipe from a TOML file, or a shipped one by name.

    Raises:
        ImportFailure: There is no such recipe, or it is not well formed.
    """
    shipped = {recipe.name: recipe for recipe in shipped_recipes()}
    if str(path) in shipped:
        return shipped[str(path)]
    file = Path(path)
    if not file.is_file():
        raise ImportFailure(
            f"there is no recipe {str(path)!r}: give a TOML file or one of {', '.join(sorted(shipped))}"
        )
    return _parse(file.read_text("utf-8"), str(path))


def shipped_recipes() -> list[Recipe]:
    """Give the recipes that come with the product, in the order in which they are tried."""
    folder = files("tracer.exchange") / "recipes"
    texts = sorted((item.name, item.read_text("utf-8")) for item in folder.iterdir() if item.name.endswith(".toml"))
    return [_parse(text, name) for name, text in texts]


def _parse(text: str, name: str) -> Recipe:
    try:
        return Recipe.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ImportFailure(f"recipe {name} is not well formed: {error}") from error


def lookup(record: Any, path: str, default: Any = None) -> Any:
    """Give what stands at a dotted path; numbers count in lists."""
    at = record
    for part in path.split(".") if path else ():
        if isinstance(at, Mapping) and part in at:
            at = at[part]
        elif isinstance(at, list) and part.lstrip("-").isdecimal() and -len(at) <= int(part) < len(at):
            at = at[int(part)]
        else:
            return default
    return at


def value_of(told: str, record: Any, path: str) -> Any:
    """Give what a recipe names: a field, `const:` a value, `path:` a group in the file's path, or a `{}` template."""
    kind, _, rest = told.partition(":")
    if kind == "const":
        return rest
    if kind == "path":
        found = re.search(rest, path)
        return (found.group(1) if found.groups() else found.group(0)) if found else None
    if "{" in told:
        return re.sub(r"\{([^}]*)\}", lambda field: as_text(lookup(record, field.group(1), "")), told)
    return lookup(record, told)
