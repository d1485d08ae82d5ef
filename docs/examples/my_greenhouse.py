"""Does it look before it waters? The same beds, with the gauge and without."""

import json

from tracer import Check, Condition, Hypothesis, Scenario, Suite, Task, contrast, rate

from . import my_world as greenhouse

ALL, BLIND = ("read_gauge", "water"), ("water",)


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the job, and in one condition its steps; the tools on offer are a factor."""
    text = greenhouse.task_text(scenario)
    tools = BLIND if condition.levels["tools"] == "blind" else ALL
    steps = [act for act in greenhouse.solution(scenario) if act[0] in tools]
    if condition.levels["steps"] == "given":
        lines = [f"{number}. {tool} {json.dumps(given)}" for number, (tool, given) in enumerate(steps, 1)]
        text = "\n".join([text, "Follow these steps:", *lines])
    return Task(
        messages=[{"role": "user", "content": text}], world=greenhouse.world(scenario), tools=tools, max_steps=14
    )


STEPS_HELP = Hypothesis(
    id="steps_help",
    kind="behaviour",
    claim="with the steps given, {system} gets the beds watered more often",
    refuted_by="the gain is smaller than .3",
    checks=(
        Check(name="gain", role="angle", estimand=contrast("solved", "steps", "open"), margin=0.3),
        Check(name="needs the gauge", role="rival", estimand=contrast("solved", "steps", "blind"), margin=0.3),
        Check(name="can do it", role="control", control="floor", estimand=rate("solved", "steps"), margin=0.5),
        Check(name="same again", role="null", estimand=contrast("solved", "again", "steps")),
    ),
)

suite = Suite(
    name="greenhouse",
    question="Do the steps, spelled out, get the beds watered?",
    scenarios=greenhouse.situations(12),
    conditions=[
        Condition(name="steps", levels={"steps": "given", "tools": "all"}),
        Condition(name="again", levels={"steps": "given", "tools": "all"}, reseed=True),
        Condition(name="blind", levels={"steps": "given", "tools": "blind"}),
        Condition(name="open", levels={"steps": "none", "tools": "all"}),
    ],
    present=present,
    measures=greenhouse.measures(),
    hypotheses=[STEPS_HELP],
    models=("organism:by_the_book",),
)
