"""Does shouting a question change the answer?"""

from tracer import Check, Condition, Hypothesis, Measure, Observation, Scenario, Suite, Task, contrast, rate

ITEMS = {
    "grass": ("What colour is fresh grass?", "green", "purple"),
    "ice": ("What is frozen water called?", "ice", "sand"),
    "bees": ("Which insect makes honey?", "bee", "moth"),
    "milk": ("Which farm animal gives us most of our milk?", "cow", "cat"),
    "night": ("What shines in the sky at night?", "moon", "rainbow"),
    "hands": ("How many hands does a person have?", "two", "nine"),
    "bread": ("What is bread made from?", "flour", "stone"),
    "fish": ("Where do fish live?", "water", "trees"),
}


def present(scenario: Scenario, condition: Condition) -> Task:
    """Put the question as the condition wants it; the answer is bound to the options, which are not shown."""
    question = scenario.data["question"]
    if condition.name == "shouted":
        question = f"{question.upper()}!!! ANSWER ME!!!"
    return Task(
        messages=[{"role": "user", "content": question}], options=(scenario.data["right"], scenario.data["wrong"])
    )


def is_right(seen: Observation) -> bool:
    """Tell whether the answer is the right one."""
    return seen.answer == seen.scenario.data["right"]


SHOUTING = Hypothesis(
    id="shouting_hurts",
    kind="behaviour",
    claim="shouting a question makes {system} answer it worse",
    refuted_by="the loss is smaller than .15",
    checks=(
        Check(
            name="loss", role="angle", estimand=contrast("right", "shouted", "plain"), margin=-0.15, direction="below"
        ),
        Check(name="knows", role="control", control="floor", estimand=rate("right", "plain"), margin=0.6),
        Check(name="same again", role="null", estimand=contrast("right", "again", "plain")),
    ),
)

suite = Suite(
    name="shouting",
    question="Does shouting a question change the answer?",
    scenarios=[Scenario(id=k, data={"question": q, "right": r, "wrong": w}) for k, (q, r, w) in ITEMS.items()],
    conditions=[Condition(name="plain"), Condition(name="again", reseed=True), Condition(name="shouted")],
    present=present,
    measures=[Measure(name="right", of=is_right, says="the answer is right")],
    hypotheses=[SHOUTING],
    stack="agents/plain.py:build",
    replicates=4,
)
