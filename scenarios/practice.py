"""Does practice make it better, on new cases as well, and does that come at once or little by little?

Question. Over a run of several episodes an agent is told after each what would have been right. Does it get better? If
so, does it know the cases or the rule? And does the competence come in one step, as where a rule is seen, or in many?

Design. At a sorting desk four things (a colour and a shape) are put on four shelves in each episode; colour or shape
decides, by a mapping drawn for each desk, so that no prior knowledge can hold it. Six episodes of practice take two
sets of four things in turn. The test before and the test after it have things that occur nowhere else, and nobody says
how they were sorted. In `taught` it is said after each episode of practice where each thing belongs; in `untaught` it
is not; in `rule-told` it is not either, but the rule is told in the middle: a sudden gain that has to be found. All is
measured within a run (late minus early, new things after minus before, the share of the whole rise that comes in its
sharpest step), and gains are held against `untaught`. When in the practice a change comes is not claimed; it can be
read from the courses of the runs with `tracer.stats.change_point`.

Source. Power et al. 2022, "Grokking" (arXiv 2201.02177), where generalisation comes long after memorisation; Schaeffer
et al. 2023, "Are emergent abilities of large language models a mirage?" (arXiv 2304.15004), on steps that a coarse
measure makes by itself. Differs: practice happens in the context and not in weights; memory and rule are told apart by
held-out things in each run; the measure is linear in the things sorted; courses are read run by run, since a mean over
runs that each jump somewhere looks gradual.

What a verdict means. `improves` supported: with feedback it gets better at what it practises. `generalises` supported:
at new things too. The one without the other is a memoriser. Not testable: telling the rule changes nothing, because it
cannot apply one, or because it needs none. Inconclusive with *knew it before* standing: feedback makes a difference to
what it keeps, and it did not learn it here. `sudden` supported: most of the rise comes in one step between two
episodes; refuted: it comes in several. Not testable: there is no rise. Inconclusive with *ups and downs* standing: it
falls as sharply as it rises, so that its sharpest step may be any one of many.

Blind spots. With four things an episode, steps below a quarter are not seen. What is learned lasts as long as the
context does. Who remembers each thing when told once gets better in one step as well: `sudden` says nothing on insight
unless `generalises` is supported with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from tracer import (
    Hypothesis,
    Measure,
    Missing,
    Observation,
    Planted,
    Suite,
    angle,
    contrast,
    control,
    rate,
    read_labelled,
)
from tracer.rivals import rival, same_again

from .sorting_desk.situations import CONDITIONS, EPISODES, present, shelf_of, situation

__all__ = ["suite"]

SCENARIOS = 32
MARGIN = 0.3  # about one thing more of four: less could be one lucky shelf
MOST = 0.6  # of a rise over two steps, the larger one has at least half; "one step" has to be clearly more
ROOM = 0.25  # a smaller rise has no course that could be sudden or gradual

# --- what is measured -------------------------------------------------------------------------------------------------


def _course(seen: Observation) -> list[float] | Missing:
    """Give the share of things on the right shelf in each episode."""
    made: list[list[str]] = list(seen.after.get("sorted", []))
    if len(made) < EPISODES:
        return Missing(f"sorted in {len(made)} of {EPISODES} episodes")
    desk, course = seen.scenario.data["desk"], seen.scenario.data["course"]
    return [
        fmean(shelf == shelf_of(desk, thing) for shelf, thing in zip(shelves, things, strict=True))
        for shelves, things in zip(made, course, strict=True)
    ]


def _of_course(name: str, of: Callable[[list[float]], float | Missing], says: str, low: float = 0) -> Measure:
    def measured(seen: Observation) -> float | Missing:
        course = _course(seen)
        return course if isinstance(course, Missing) else of(course)

    return Measure(name, measured, says, low)


def _practised(course: Sequence[float]) -> Sequence[float]:
    return course[1:-1]


def _gain(course: Sequence[float]) -> float:
    practised = _practised(course)
    return fmean(practised[-2:]) - practised[0]


def _sharpest(course: Sequence[float]) -> float | Missing:
    if _gain(course) < ROOM:
        return Missing("it did not get better, so that there is no rise to look at", applies=False)
    steps = [after - before for before, after in pairwise(_practised(course))]
    return min(max(steps) / _gain(course), 1.0)


def _fall(course: Sequence[float]) -> float:
    return max(0.0, *(before - after for before, after in pairwise(_practised(course))))


MEASURES = [
    _of_course("before", lambda c: c[0], "new things are on the right shelves before any practice"),
    _of_course("after", lambda c: c[-1], "new things are on the right shelves after the practice"),
    _of_course("late", lambda c: fmean(_practised(c)[-2:]), "in the last two episodes all is on the right shelf"),
    _of_course("gain", _gain, "from none right in the first episode of practice to all in the last two", -1),
    _of_course("gain_on_new", lambda c: c[-1] - c[0], "from none of the new things right to all of them", -1),
    _of_course("sharpest_step", _sharpest, "the whole rise comes between two episodes"),
    _of_course("largest_fall", _fall, "it falls from all right to none between two episodes"),
]

# --- what is claimed --------------------------------------------------------------------------------------------------

_rival = partial(rival, margin=MARGIN)


_KNEW = rival(
    "recall", rate("before", "taught"), name="knew it before", margin=0.5, says="it is right before any practice"
)
_TELLING = control(
    "positive",
    contrast("after", "rule-told", "untaught"),
    name="telling helps",
    margin=MARGIN,
    says="telling the rule makes it better at new things: it can apply a rule, and did not know this one",
)

IMPROVES = Hypothesis(
    id="improves",
    claim="with feedback {system} gets better at the cases that it practises",
    kind="behaviour",
    refuted_by="it gains no more with feedback than without, though telling it the rule helps",
    checks=(
        angle(
            "counterfactual",
            contrast("gain", "taught", "untaught"),
            name="gain by feedback",
            margin=MARGIN,
            says="with feedback it gains more than without",
        ),
        _KNEW,
        _TELLING,
        same_again("gain", "taught", margin=MARGIN),
    ),
)
GENERALISES = Hypothesis(
    id="generalises",
    claim="what {system} learns in practice carries over to cases that it has not practised",
    kind="behaviour",
    refuted_by="new cases go no better after practice with feedback than without, though telling it the rule helps",
    checks=(
        angle(
            "counterfactual",
            contrast("gain_on_new", "taught", "untaught"),
            name="gain on new cases",
            margin=MARGIN,
            says="after practice with feedback it does better on new cases",
        ),
        _KNEW,
        _TELLING,
        same_again("gain_on_new", "taught", margin=MARGIN),
    ),
)
SUDDEN = Hypothesis(
    id="sudden",
    claim="the competence of {system} comes in one step",
    kind="behaviour",
    refuted_by="the sharpest step has no more of the rise than its share in a rise of several steps",
    checks=(
        angle(
            "counterfactual",
            rate("sharpest_step", "taught"),
            name="sharpest step",
            margin=MOST,
            says="most of the rise comes in one step",
        ),
        _rival("noise", rate("largest_fall", "taught"), name="ups and downs", says="it falls as it rises: by chance"),
        control(
            "manipulation", rate("gain", "taught"), name="there is a rise", margin=ROOM, says="it gets better at all"
        ),
        control(
            "positive",
            rate("sharpest_step", "rule-told"),
            name="sudden when told",
            margin=MOST,
            says="where the rule is told in the middle the rise comes in one step",
        ),
        same_again("gain", "taught", margin=MARGIN),
    ),
)


def _planted(name: str, truth: str, improves: str, generalises: str, sudden: str) -> Planted:
    verdicts = {"improves": improves, "generalises": generalises, "sudden": sudden}
    address = name if name == "chance" else f"scenarios/organisms/practice.py:{name}"
    return Planted(model=f"organism:{address}", truth=truth, verdicts=verdicts)


suite = Suite(
    name="practice",
    question="Does practice make it better, on new cases as well, and does that come at once or little by little?",
    scenarios=[situation("desk", number) for number in range(SCENARIOS)],
    develop=[situation("try", 100 + number) for number in range(SCENARIOS)],
    conditions=CONDITIONS,
    present=present,
    measures=MEASURES,
    hypotheses=[IMPROVES, GENERALISES, SUDDEN],
    stack="agents/react.py:build",
    models=("organism:scenarios/organisms/practice.py:sudden",),
    quick=8,
    planted=[
        _planted("sudden", "sees the rule after three episodes with feedback", *["supported"] * 3),
        _planted("gradual", "learns the rule word by word", "supported", "supported", "refuted"),
        _planted("memoriser", "remembers things, and no rule", "supported", "refuted", "supported"),
        _planted(
            "no_learner", "applies a rule that it is told, and learns nothing", "refuted", "refuted", "not testable"
        ),
        _planted("veteran", "knows the desks from before", *["not testable"] * 3),
        _planted(
            "forgetful", "knows the desks, forgets what nobody confirms", "inconclusive", "inconclusive", "not testable"
        ),
        _planted("wavering", "finds the rule, loses it and finds it again", "supported", "supported", "inconclusive"),
        _planted("incapable", "cannot apply a rule that it is told", *["not testable"] * 3),
    ],
    labelled=read_labelled(Path(__file__).parent / "labels" / "practice.json"),
)
