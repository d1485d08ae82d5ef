"""Drafts of hypotheses: what one may be about, how it is read from a model's answer, and the file that it goes into.

A model only ever picks a measure, two conditions and a direction out of those that a suite has, and adds a sentence.
The claim is worded here, from what will be tested; its sentence is quoted beside it, and nothing that it says is run.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, Literal

from pydantic import BaseModel

from tracer.contracts import Check, Hypothesis, Suite, contrast, matches
from tracer.errors import SuiteError

__all__ = ["Choices", "Draft", "choices_of", "draft_format", "drafts_file", "hypothesis_of", "read_draft"]

_DIRECTIONS: dict[str, Literal["above", "below"]] = {"higher": "above", "lower": "below"}
_ANGLE = "difference"
_LONG = 200  # characters of a sentence
_SHARE = 0.1  # of a measure's range, as margin where the suite has none for the measure


@dataclass(frozen=True, slots=True)
class Draft:
    """A hypothesis as it was proposed: one measure is higher, or lower, in one condition than in another.

    Attributes:
        measure: Name of the measure.
        condition: The condition in which it is so.
        against: The one that it is compared to.
        direction: Where the effect lies.
        sentence: The words of the model.
    """

    measure: str
    condition: str
    against: str
    direction: Literal["above", "below"]
    sentence: str

    @property
    def key(self) -> tuple[str, frozenset[str]]:
        """What is compared, whichever way around."""
        return self.measure, frozenset((self.condition, self.against))

    def __str__(self) -> str:
        higher = "higher" if self.direction == "above" else "lower"
        return f"`{self.measure}` is {higher} in `{self.condition}` than in `{self.against}`"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a draft may be about.

    Attributes:
        measures: Measures of the suite that have a value in the runs.
        conditions: Conditions that the runs were made in, without A/A lanes.
        taken: What is compared already -> where.
    """

    measures: tuple[str, ...]
    conditions: tuple[str, ...]
    taken: Mapping[tuple[str, frozenset[str]], str]


def choices_of(suite: Suite, measured: set[str], run_in: set[str]) -> Choices:
    """Say what a draft may be about.

    Args:
        suite: Whose measures, conditions and hypotheses there are.
        measured: Measures that have a value in the runs.
        run_in: Conditions that the runs were made in.

    Raises:
        SuiteError: There is nothing that could be compared.
    """
    conditions = tuple(c.name for c in suite.conditions if c.name in run_in and not c.reseed and not c.needs)
    measures = tuple(m.name for m in suite.measures if m.name in measured)
    if len(conditions) < 2:
        raise SuiteError(
            f"suite {suite.name!r}: the runs are of {len(conditions)} condition that is no A/A lane, and a hypothesis "
            "compares two: give the suite another one, and run it on its develop scenarios"
        )
    if not measures:
        raise SuiteError(f"suite {suite.name!r}: no measure has a value in the runs, so that nothing can be compared")
    taken = {
        (check.estimand.measure, frozenset(check.estimand.weights)): f"`{check.name}` of `{hypothesis.id}`"
        for hypothesis in suite.hypotheses
        for check in hypothesis.checks
        if len(check.estimand.weights) == 2
    }
    return Choices(measures, conditions, taken)


def draft_format(choices: Choices) -> dict[str, Any]:
    """Give the `response_format` that binds an answer to a draft."""
    properties: dict[str, Any] = {
        "measure": {"type": "string", "enum": list(choices.measures)},
        "condition": {"type": "string", "enum": list(choices.conditions)},
        "direction": {"type": "string", "enum": list(_DIRECTIONS)},
        "against": {"type": "string", "enum": list(choices.conditions)},
        "sentence": {"type": "string", "maxLength": _LONG},
    }
    schema = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "hypothesis", "strict": True, "schema": schema}}


def read_draft(text: str, choices: Choices, suite: Suite) -> Draft | str:
    """Give the draft that an answer states, or why it states none that could be tested or is new."""
    try:
        said: Any = json.loads(text)
    except ValueError:
        return f"no JSON: {_flat(text)[:60]!r}"
    allowed = {"measure": choices.measures, "condition": choices.conditions, "against": choices.conditions}
    for name, values in {**allowed, "direction": tuple(_DIRECTIONS)}.items():
        value = said.get(name) if isinstance(said, Mapping) else None
        if value not in values:
            return f"{name} is {str(value)[:40]!r}, which is none of: {', '.join(values)}"
    direction = _DIRECTIONS[said["direction"]]
    draft = Draft(said["measure"], said["condition"], said["against"], direction, _flat(str(said.get("sentence", ""))))
    return _why_not(draft, choices, suite) or draft


def _why_not(draft: Draft, choices: Choices, suite: Suite) -> str:
    if draft.condition == draft.against:
        return f"compares `{draft.condition}` with itself"
    if not re.search(r"\w", draft.sentence):
        return "says no word about why"
    if draft.key in choices.taken:
        return f"{draft}: repeats {choices.taken[draft.key]}"
    wheres = [c.where for c in suite.conditions if c.name in (draft.condition, draft.against)]
    if not any(all(matches(s, where) for where in wheres) for s in suite.scenarios):
        return f"{draft}: no scenario is run in both"
    return ""


def hypothesis_of(draft: Draft, suite: Suite, number: int, model: str) -> Hypothesis:
    """Make a hypothesis of a draft: one angle, guarded by what guards the suite's own claims about the measure.

    The margin is that of the suite's own angles over the measure; without one, a tenth of the measure's range.
    """
    sign = 1 if draft.direction == "above" else -1
    margin = _margin(draft.measure, suite)
    angle = Check(
        name=_ANGLE,
        role="angle",
        estimand=contrast(draft.measure, draft.condition, draft.against),
        margin=sign * margin,
        direction=draft.direction,
        says=f"in the words of {model}: {draft.sentence}",
    )
    names = "_".join(re.sub(r"\W+", "_", part).strip("_") for part in (draft.measure, draft.condition))
    return Hypothesis(
        id=f"draft_{number}_{names}",
        claim=f"of {{system}}, {draft}",
        kind="behaviour",
        checks=(angle, *_guards(draft, suite)),
        refuted_by=f"the difference is smaller than {margin:g}",
    )


def _margin(measure: str, suite: Suite) -> float:
    own = [abs(c.margin) for h in suite.hypotheses for c in h.role("angle") if c.estimand.measure == measure]
    if any(own):
        return max(own)
    low, high = next((m.low, m.high) for m in suite.measures if m.name == measure)
    return 0.0 if low is None or high is None else round(_SHARE * (high - low), 6)


def _guards(draft: Draft, suite: Suite) -> list[Check]:
    """Give the controls and nulls of the suite's hypotheses about the measure that bear on the draft, each once.

    Floors and nulls always do, positive controls where they are of the measure itself, and all other controls where
    they look at one of the two conditions.
    """
    about = [h for h in suite.hypotheses if any(c.estimand.measure == draft.measure for c in h.checks)]
    found: dict[tuple[str, str | None, str, str], Check] = {}
    for check in (c for h in about for c in h.checks if _bears_on(draft, c)):
        found.setdefault((check.role, check.control, check.direction, repr(check.estimand)), check)
    return _told_apart([*found.values()])


def _bears_on(draft: Draft, check: Check) -> bool:
    if check.control == "positive":
        return check.estimand.measure == draft.measure
    shared = {draft.condition, draft.against} & {*check.estimand.weights}
    return check.role == "null" or (check.role == "control" and (check.control == "floor" or bool(shared)))


def _told_apart(guards: Sequence[Check]) -> list[Check]:
    """Name the conditions in the names of guards that are called alike, and number what is still alike then."""
    times = Counter([_ANGLE, *(c.name for c in guards)])
    taken = set(times)
    told: list[Check] = []
    for check in guards:
        name = check.name
        if times[name] > 1:
            name = f"{name}, {', '.join(check.estimand.weights)}"
            numbered = chain([name], (f"{name} ({n})" for n in count(2)))
            name = next(one for one in numbered if one not in taken)
            taken.add(name)
        told.append(check.model_copy(update={"name": name}))
    return told


def drafts_file(suite: Suite, address: str, hypotheses: Sequence[Hypothesis], origin: Sequence[str]) -> str:
    """Give the text of a Python file: the suite with the drafts in place of its own hypotheses.

    Args:
        suite: The suite that they were drafted for.
        address: Its address.
        hypotheses: The drafts.
        origin: Lines that say where they are from.
    """
    names = ("Check", "Estimand", "Hypothesis")
    said = "\n".join(_quoted(line) for line in origin)
    return f'''"""{said}
"""

from dataclasses import replace

from tracer import {", ".join(names)}
from tracer.addresses import load_object

original = load_object({address!r})
drafts = [
{"".join(_hypothesis_code(h) for h in hypotheses)}]
suite = replace(original, name={suite.name + "_drafts"!r}, hypotheses=drafts, planted=())
'''


def _quoted(line: str) -> str:
    """Make a line one that can stand in a docstring, whatever is in it."""
    return line.replace("\\", "/").replace('"""', "'''")


def _hypothesis_code(hypothesis: Hypothesis) -> str:
    lines = ["    Hypothesis("]
    lines += [f"        {name}={getattr(hypothesis, name)!r}," for name in ("id", "kind", "claim", "refuted_by")]
    lines += ["        checks=("]
    for check in hypothesis.checks:
        lines += ["            Check(", *(f"                {field}," for field in _fields(check)), "            ),"]
    return "\n".join([*lines, "        ),", "    ),", ""])


def _fields(value: BaseModel) -> list[str]:
    """Write the fields of a declared value that it was given as the arguments of the call that makes it."""
    given = {name: getattr(value, name) for name in type(value).model_fields if name in value.model_fields_set}
    return [f"{name}={_code(field)}" for name, field in given.items() if field not in ("", None, {})]


def _code(value: Any) -> str:
    if isinstance(value, BaseModel):
        return f"{type(value).__name__}({', '.join(_fields(value))})"
    return repr(dict(value)) if isinstance(value, Mapping) else repr(value)


def _flat(text: str) -> str:
    return " ".join(text.split())[:_LONG]
