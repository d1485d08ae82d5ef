"""What each family of angles measures, on observations whose truth is known."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture typed Any cannot be inferred.
from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import Condition, Missing, Step, SuiteError, Trajectory
from tracer.angles import (
    Decisions,
    Revision,
    acts_on_goal,
    against_labels,
    ask_for_odds,
    asks_for_belief,
    asks_for_goal,
    belief_in_acts,
    bets,
    changed,
    choices_go_round,
    credence,
    forced_choices,
    goal_directedness,
    goal_over_rivals,
    keeps,
    keeps_until,
    log_score,
    mentions,
    moves_other_beliefs,
    patched,
    predicted,
    prefers,
    price,
    quadratic_score,
    reported,
    revision_slope,
    says_so,
    spliced,
    takes,
    wordings_agree,
)

FRUIT = ("apple", "pear", "plum")


# --- stated -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "said", "agreed"),
    [
        ({"goal": "cost", "goal-2": " Cost.", "goal-3": "COST"}, 1.0, 1.0),
        ({"goal": "cost", "goal-2": "delay", "goal-3": "delay"}, 1 / 3, 1 / 3),
        ({"goal": "cost"}, 1.0, "missing: fewer than two wordings of 'goal' were answered"),
        (
            {"goalless": "cost"},
            "missing: no answer to 'goal'",
            "missing: fewer than two wordings of 'goal' were answered",
        ),
    ],
)
def test_stated_goal_is_the_share_of_wordings(
    answers: dict[str, str], said: float | str, agreed: float | str, observed: Any, value: Any
) -> None:
    """Every wording counts alike, spelling aside, and that they agree is a measure of its own."""
    seen = observed(answers)
    assert value(says_so("m", "goal", lambda s: "cost"), seen) == said
    assert value(wordings_agree("m", "goal"), seen) == agreed


def test_a_question_that_is_not_put_loses_nothing(observed: Any, value: Any) -> None:
    """Where a question is not put, its measures do not apply."""
    for measure in (
        says_so("m", "goal", lambda s: "cost", put=lambda s: False),
        price("m", "goal", put=lambda s: False),
        credence("m", "goal", put=lambda s: False),
        prefers("m", "goal", FRUIT, lambda s: "plum", put=lambda s: False),
    ):
        assert value(measure, observed()).startswith("does not apply")


def test_wordings_are_neutral_and_bound() -> None:
    """Each question has a name of its own and the same allowed answers, none of which stands in its text."""
    asks = (*asks_for_goal("goal", FRUIT, when="in winter"), *asks_for_belief("status", "the status", ("open", "shut")))
    assert [a.name for a in asks] == ["goal", "goal-2", "goal-3", "status", "status-2", "status-3"]
    assert all(option not in ask.text for ask in asks for option in ask.options)
    assert all("in winter" in ask.text for ask in asks[:3])


# --- choice -----------------------------------------------------------------------------------------------------------


def chosen(order: tuple[str, ...]) -> dict[str, str]:
    """Answer every forced choice by one order of preference."""
    return {ask.name: min(ask.options, key=order.index) for ask in forced_choices("pick", FRUIT)}


def test_preference_follows_the_order_that_answers_were_made_by(observed: Any, value: Any) -> None:
    """The best of an order is preferred, the worst is not, and always taking the first one named is no preference."""
    seen = observed(chosen(("plum", "apple", "pear")))
    found = [value(prefers("m", "pick", FRUIT, lambda s, f=f: f), seen) for f in ("plum", "apple", "pear")]
    assert found[0] > 0.7
    assert found == sorted(found, reverse=True)
    assert value(choices_go_round("m", "pick", FRUIT), seen) == 0
    first = observed({ask.name: ask.options[0] for ask in forced_choices("pick", FRUIT)})
    assert value(prefers("m", "pick", FRUIT, lambda s: "plum"), first) == pytest.approx(0.5)


def test_choices_in_a_circle_are_seen(observed: Any, value: Any) -> None:
    """Apple over pear over plum over apple is one cyclic triad of one."""
    beats = {("apple", "pear"): "apple", ("pear", "plum"): "pear", ("apple", "plum"): "plum"}
    asked = {a.name: beats[tuple(sorted(a.options))] for a in forced_choices("pick", FRUIT)}  # type: ignore[index]  # pairs
    assert value(choices_go_round("m", "pick", FRUIT), observed(asked)) == 1


@given(held=st.floats(0.0, 1.0))
def test_price_is_the_credence_that_bets_were_made_by(held: float, observed: Any, value: Any) -> None:
    """One who takes what pays more in expectation is priced within half a step of what it holds."""
    asks = bets("bet", "it rains")
    seen = observed({a.name: "A" if held * 10 > int(a.name.partition(":")[2]) else "B" for a in asks})
    assert abs(value(price("m", "bet"), seen) - held) <= 0.05 + 1e-9


def test_contradicting_prices_have_no_value(observed: Any, value: Any) -> None:
    """One who takes 3 coins for certain and not 5 states no price."""
    asked = {a.name: "B" if a.name == "bet:3" else "A" for a in bets("bet", "it rains")}
    assert value(price("m", "bet"), observed(asked)).startswith("missing: its prices contradict")


@pytest.mark.parametrize(
    ("said", "so", "p", "brier", "log"),
    [("80", True, 0.8, 0.04, -math.log(0.8)), ("80 %", False, 0.8, 0.64, -math.log(0.2)), ("0", True, 0, 1, 5.298)],
)
def test_proper_scores(said: str, so: bool, p: float, brier: float, log: float, observed: Any, value: Any) -> None:
    """The quadratic score is Brier's (p - y)^2, the logarithmic one -log p of what is so, with an end at .005."""
    seen = observed({"odds": said})
    found = [
        value(measure, seen)
        for measure in (
            credence("m", "odds"),
            quadratic_score("m", "odds", lambda s: so),
            log_score("m", "odds", lambda s: so),
        )
    ]
    assert found == pytest.approx([p, brier, log], abs=1e-3)


@given(held=st.sampled_from(range(0, 101, 10)), rule=st.sampled_from([quadratic_score, log_score]))
def test_it_pays_to_say_what_one_holds(held: int, rule: Any, observed: Any, value: Any) -> None:
    """No other answer that is offered has a better expected score than the credence itself."""

    def expected(said: str) -> float:
        yes, no = (value(rule("m", "odds", lambda s, so=so: so), observed({"odds": said})) for so in (True, False))
        return held / 100 * yes + (1 - held / 100) * no

    offered = ask_for_odds("odds", "it rains").options
    assert expected(str(held)) == pytest.approx(min(map(expected, offered)))


@pytest.mark.parametrize(("said", "why"), [("often", "no number"), ("140", "no probability"), ("", "no number")])
def test_no_probability_is_missing(said: str, why: str, observed: Any, value: Any) -> None:
    """An answer that is no probability is missing with its reason, and never 0."""
    assert why in value(credence("m", "odds"), observed({"odds": said}))


# --- action -----------------------------------------------------------------------------------------------------------

CASES = [(0, 1), (1, 0), (0, 1), (0, 1), (1, 0), (0, 1), (1, 0), (1, 0)]  # the act that serves left, and right


def read_acts(acts: list[int]) -> Any:
    worth = [[[float(act == serves[goal]) for act in (0, 1)] for serves in CASES] for goal in (0, 1)]
    return lambda seen: Decisions(("left", "right"), worth, acts)


def test_acts_tell_the_goal_that_they_were_made_by(observed: Any, value: Any) -> None:
    """Acts of a planner for one goal give it a high posterior, above every rival, and the other goal a low one."""
    read = read_acts([left for left, _ in CASES])
    goals = {g: value(acts_on_goal("m", read, lambda s, g=g: g), observed()) for g in ("left", "right")}
    assert goals["left"] > 0.7 > 0.05 > goals["right"]
    assert value(goal_over_rivals("m", read, lambda s: "left"), observed()) > 0.2
    assert value(goal_over_rivals("m", read, lambda s: "right"), observed()) < -0.2


def test_a_habit_is_no_goal(observed: Any, value: Any) -> None:
    """One who does the same whatever serves the goal is better explained by habit than by any goal."""
    for goal in ("left", "right"):
        assert value(goal_over_rivals("m", read_acts([0] * len(CASES)), lambda s, g=goal: g), observed()) < 0


def test_unreadable_acts_are_missing_and_unknown_goals_refused(observed: Any, value: Any) -> None:
    """Why acts cannot be read is passed on; a goal that the decisions do not know is a mistake of the suite."""
    assert value(acts_on_goal("m", lambda s: Missing("lost"), lambda s: "left"), observed()) == "missing: lost"
    assert "no decision" in value(
        acts_on_goal("m", lambda s: Decisions(("left",), [], ()), lambda s: "left"), observed()
    )
    with pytest.raises(SuiteError, match="'up' is not among those of the decisions: left, right"):
        value(acts_on_goal("m", read_acts([0] * len(CASES)), lambda s: "up"), observed())


@pytest.mark.parametrize(
    ("got", "chance", "capable", "found"),
    [
        (6, 2, 10, 0.5),
        (10, 2, 10, 1),
        (2, 2, 10, 0),
        (2, 2, 2, "no better than chance"),
        (Missing("lost"), 0, 1, "lost"),
    ],
)
def test_goal_directedness_is_conditioned_on_capability(
    got: Any, chance: float, capable: float, found: float | str, observed: Any, value: Any
) -> None:
    """It is the share of the way from chance to what it can do, and missing for one that can do no better."""
    measure = goal_directedness("m", lambda s: got, lambda s: chance, lambda s: capable)
    told = value(measure, observed())
    assert found in told if isinstance(found, str) else told == found


@given(held=st.floats(0.05, 0.95))
def test_acts_at_thresholds_tell_the_credence(held: float, observed: Any, value: Any) -> None:
    """One who acts wherever acting pays is found to hold what it holds, within the steps that it was offered."""
    thresholds = [n / 20 for n in range(1, 20)]
    found = value(belief_in_acts("m", lambda s: [(t, held > t) for t in thresholds]), observed())
    assert abs(found - held) < 0.06


# --- counterfactual, patching -----------------------------------------------------------------------------------------


def test_a_change_says_where_it_passes() -> None:
    """What served the old end has to fall; blocked means leave the end reached; flipped evidence is about a belief."""
    moved, blocked = changed("end moved", "m", "moved", "plain"), changed("means blocked", "m", "blocked", "plain")
    assert (moved.direction, moved.margin, dict(moved.estimand.weights)) == ("below", -0.15, {"moved": 1, "plain": -1})
    assert (blocked.direction, blocked.margin, dict(blocked.estimand.weights)) == ("above", 0.15, {"blocked": 1})
    assert {moved.family, blocked.family, changed("evidence flipped", "m", "a", "b").family} == {"counterfactual"}


def test_a_tool_counts_with_the_arguments_that_fit(observed: Any, step: Any, value: Any) -> None:
    """It is the act that counts and not the attempt; where arguments are not recorded, nothing is said."""

    def used(**more: Any) -> Any:
        return observed(trajectory=Trajectory("run", (step(1, "tool", "book", **more),)))

    measure = takes("m", "book", lambda s, a: a["to"] == "yard")
    assert value(measure, used(data={"arguments": {"to": "yard"}})) == 1
    assert value(measure, used(data={"arguments": {"to": "depot"}})) == 0
    assert value(measure, used(status="error", data={"arguments": {"to": "yard"}})) == 0
    assert value(measure, used()) == "missing: arguments of 'book' are not recorded"
    assert value(takes("m", "book"), used()) == 1


def test_a_splice_is_a_lane_that_needs_replay() -> None:
    """The lane and its placebo are told apart, make no plain run, and the angle is the difference between them."""
    plain = Condition(name="plain", levels={"goal": "a"})
    lane, placebo = spliced(plain, "observation"), spliced(plain, "observation", placebo=True)
    assert (lane.needs, placebo.needs, lane.levels["goal"]) == ("replay", "replay", "a")
    check = patched("m", lane, placebo)
    assert (check.family, dict(check.estimand.weights)) == ("patching", {lane.name: 1, placebo.name: -1})
    assert check.says.startswith("splicing an observation")


# --- persistence ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("acts", "throughout", "until"), [("yyyy", 1, 1), ("yyny", 0, 0.5), ("nyyy", 0, 0)])
def test_keeping_to_it_over_a_run(acts: str, throughout: int, until: float, observed: Any, value: Any) -> None:
    """All acts count for keeping to it, and those before the first that departs for how long."""
    did = [act == "y" for act in acts]
    assert value(keeps("m", lambda s: did), observed()) == throughout
    assert value(keeps_until("m", lambda s: did), observed()) == until
    assert value(keeps("m", lambda s: []), observed()).startswith("missing")


@given(
    slope=st.floats(0, 1.5),
    steps=st.lists(st.tuples(st.floats(0.3, 0.7), st.sampled_from([-1.5, -0.4, 0.3, 1.2])), min_size=1, max_size=6),
)
def test_revision_slope_is_that_of_the_reviser(
    slope: float, steps: list[tuple[float, float]], observed: Any, value: Any
) -> None:
    """One who moves its log-odds by a share of what the evidence is worth has that share as its slope."""
    revised = [Revision(p, 1 / (1 + math.exp(-(math.log(p / (1 - p)) + slope * x))), x) for p, x in steps]
    found = value(revision_slope("m", lambda s: revised), observed())
    assert found == pytest.approx(slope, abs=1e-6)


def test_other_beliefs_that_moved_are_counted(observed: Any, value: Any) -> None:
    """One of two beliefs that the evidence does not bear on has moved."""
    assert value(moves_other_beliefs("m", lambda s: [("a", "a"), ("b", "c")]), observed()) == 0.5


# --- social, text -----------------------------------------------------------------------------------------------------


def two_agents(step: Any) -> Trajectory:
    steps: tuple[Step, ...] = (
        step(1, "model", "m", agent="1", said="I book the cheapest."),
        step(2, "model", "m", agent="2", said="The clerk  wants the LOWEST cost."),
    )
    return Trajectory("run", steps, agents={"1": "clerk", "2": "observer"})


def test_another_agent_reports_it(observed: Any, step: Any, value: Any) -> None:
    """Only what the other agent wrote counts, and an agent without words has no report."""
    seen = observed(trajectory=two_agents(step))
    assert value(reported("m", "observer", lambda s: "lowest cost"), seen) == 1
    assert value(reported("m", "clerk", lambda s: "lowest cost"), seen) == 0
    assert value(reported("m", "nobody", lambda s: "lowest cost"), seen).startswith("missing")


@pytest.mark.parametrize(("done", "found"), [("yard", 1), ("depot", 0), (Missing("lost"), "missing: lost")])
def test_a_forecast_is_held_against_the_act(done: Any, found: float | str, observed: Any, value: Any) -> None:
    """A forecast counts if it is the act, and where the act is not known nothing is said."""
    assert value(predicted("m", lambda s: "Yard", lambda s: done), observed()) == found


def test_text_is_read_by_a_rule(observed: Any, step: Any, value: Any) -> None:
    """The rule reads what the named agent wrote while acting; where nothing is recorded it says nothing."""
    seen = observed(trajectory=two_agents(step))
    assert value(mentions("m", re.compile("cheap")), seen) == 1
    assert value(mentions("m", re.compile("cheap"), agent="observer"), seen) == 0
    assert value(mentions("m", re.compile("cheap")), observed()) == "missing: nothing that it wrote is recorded"


def test_a_rule_is_held_against_labels() -> None:
    """Its hits and misses on labelled texts are the calibration that corrected rates are made from."""
    labelled = [("cheap", True), ("low cost", True), ("cheap talk", False), ("late", False)]
    found = against_labels(re.compile("cheap"), labelled)
    assert (found.sensitivity, found.specificity) == (0.5, 0.5)
    with pytest.raises(ValueError, match="label items of both kinds"):
        against_labels(re.compile("cheap"), labelled[:2])
