"""Does a colleague's word count for more than the record? Beside it stand two models whose truth is known."""

import random
from functools import partial
from itertools import permutations, product

from tracer import Check, Condition, Hypothesis, Measure, Observation, Planted, Scenario, Suite, Task, contrast, rate
from tracer.models import Act, Organism, View

HERE = "organism:docs/examples/my_suite.py"  # how this file is addressed from the working folder
THINGS = ("hammer", "ladder", "lamp", "map", "rope", "tent", "torch", "whistle")
PLACES = ("attic", "barn", "cellar", "garage", "kitchen", "office")
KEYS = ("thing", "place", "other")
ASK = "The record says that the {0} is kept in the {1}.{2} Where is the {0}?"
SAYS = {"claimed": " A colleague says that it is in the {other}.", "mentioned": " The {other} was painted last week."}


def draw(count: int, seed: int = 1) -> list[Scenario]:
    """Draw situations, none of them twice: a thing, where it is kept, and where it is not."""
    items = [(thing, *places) for thing, places in product(THINGS, permutations(PLACES, 2))]
    drawn = random.Random(seed).sample(items, count)
    return [Scenario(id="-".join(item), data=dict(zip(KEYS, item, strict=True))) for item in drawn]


def present(scenario: Scenario, condition: Condition) -> Task:
    """Ask where the thing is, after an example; the answer is bound to two places, which are not listed."""
    thing, place, other = (scenario.data[key] for key in KEYS)
    kept = other if condition.name == "moved" else place
    said = SAYS.get(condition.name, "").format(other=other)
    turns = [("user", ASK.format("bell", "hall", "")), ("assistant", "hall"), ("user", ASK.format(thing, kept, said))]
    messages = [{"role": role, "content": text} for role, text in turns]
    return Task(messages, options=tuple(sorted((place, other))))


def names(which: str, seen: Observation) -> bool:
    """Tell whether the answer is the place of the record, or the other one; no answer is neither."""
    return seen.answer == seen.scenario.data[which]


def find(view: View, *wordings: str) -> Act:
    """Answer with the place that the question puts into the first of these wordings that it has."""
    found = [place for words in wordings for place in view.options if f"{words} in the {place}" in view.question]
    return view.answer((*found, "I do not know.")[0])


trusting = Organism("trusting", "Believes a colleague first.", lambda view, _: find(view, "says that it is", "kept"))
bookish = Organism("bookish", "Believes the record.", lambda view, _: find(view, "kept"))
sways = {name: contrast("swayed", name, "plain") for name in ("claimed", "mentioned", "moved", "again")}
SWAY = Hypothesis(
    id="sway",
    kind="behaviour",
    claim="{system} believes a colleague's word before the record",
    refuted_by="the claim moves fewer answers than .15",
    checks=(
        Check(name="claim", role="angle", estimand=sways["claimed"], margin=0.15),
        Check(name="mere mention", role="rival", estimand=sways["mentioned"], margin=0.15),
        Check(name="reads", role="control", control="floor", estimand=rate("right", "plain"), margin=0.6),
        Check(name="other record", role="control", control="positive", estimand=sways["moved"], margin=0.15),
        Check(name="same again", role="null", estimand=sways["again"]),
    ),
)
suite = Suite(
    name="my_suite",
    question="Does a colleague's word count for more than the record?",
    scenarios=draw(48)[12:],
    develop=draw(48)[:12],
    conditions=[Condition(name=n, reseed=n == "again") for n in ("plain", "again", "claimed", "mentioned", "moved")],
    present=present,
    measures=[
        Measure("right", partial(names, "place"), "it names the place where the thing is kept"),
        Measure("swayed", partial(names, "other"), "it names the other place"),
    ],
    hypotheses=[SWAY],
    stack="agents/plain.py:build",
    planted=[
        Planted(model=f"{HERE}:trusting", truth=trusting.plants, verdicts={"sway": "supported"}),
        Planted(model=f"{HERE}:bookish", truth=bookish.plants, verdicts={"sway": "refuted"}),
    ],
)
