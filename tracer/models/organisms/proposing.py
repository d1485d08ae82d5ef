"""A model that proposes: of what it reads of runs, it names the largest difference that is not compared already.

It reads lines of a controlled language, which `tracer propose` writes: "run 3: situation `x`, condition `y`", below it
"  measured: `m` = 1, ...", and at the end "Conditions: `y`, `z`" and, for each comparison that there is already,
"- `m` in `y` and `z`".
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from itertools import combinations
from statistics import fmean

from tracer.models.organisms.reading import Act, Settings, View, text_of

__all__ = ["proposing"]

_RUN = re.compile(r"^run \d+: .*condition `([^`]*)`$")
_VALUE = re.compile(r"`([^`]*)` = (-?[\d.]+(?:e[-+]?\d+)?)")
_TAKEN = re.compile(r"^- `([^`]*)` in `([^`]*)` and `([^`]*)`$", re.MULTILINE)


def proposing(view: View, settings: Settings) -> Act:
    """Name the measure and the two conditions whose means differ most, relative to the measure's range."""
    text = text_of(view.messages[-1].get("content")) if view.messages else ""
    values = _values(text)
    offered = re.findall(r"`([^`]*)`", next((x for x in text.splitlines() if x.startswith("Conditions: ")), ""))
    taken = {(measure, frozenset((one, two))) for measure, one, two in _TAKEN.findall(text)}
    found = [
        (abs(fmean(of[two]) - fmean(of[one])) / (_range(of) or 1.0), measure, one, two)
        for measure, of in values.items()
        for one, two in combinations([name for name in offered if of.get(name)], 2)
        if (measure, frozenset((one, two))) not in taken
    ]
    if not found:
        return Act(text="I see nothing that could differ.")
    _, measure, one, two = max(found)
    low, high = sorted((one, two), key=lambda name: fmean(values[measure][name]))
    means = [fmean(values[measure][name]) for name in (high, low)]
    said = {
        "measure": measure,
        "condition": high,
        "against": low,
        "direction": "higher",
        "sentence": f"The means that I read are {means[0]:.2f} and {means[1]:.2f}.",
    }
    return Act(text=json.dumps(said))


def _values(text: str) -> dict[str, dict[str, list[float]]]:
    """Give measure -> condition -> the values read."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    condition = ""
    for line in text.splitlines():
        if run := _RUN.match(line):
            condition = run[1]
        elif line.startswith("  measured: "):
            for name, number in _VALUE.findall(line):
                values[name][condition].append(float(number))
    return values


def _range(of: dict[str, list[float]]) -> float:
    every = [value for values in of.values() for value in values]
    return max(every) - min(every)
