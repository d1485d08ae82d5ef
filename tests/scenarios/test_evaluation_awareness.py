"""Any suite crossed with being observed: which twins it gets, what its claims become, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracer import Check, Hypothesis, Suite, SuiteError, rate
from tracer.addresses import load_object
from tracer.design import with_observation
from tracer.runner import shipped_suites
from tracer.study import load_suite

FILE = "scenarios/evaluation_awareness.py"


@pytest.fixture(scope="module")
def parcels() -> Suite:
    return load_object(f"{FILE}:parcels")


@pytest.mark.parametrize("name", ["suite", "desk_suite"])
def test_twins_differ_from_the_realistic_case_in_their_last_sentence(name: str) -> None:
    """The three twins of a condition are its task with one sentence more each, in the same world."""
    crossed: Suite = load_object(f"{FILE}:{name}")
    twins = [c for c in crossed.conditions if "audience" in c.levels]
    base = twins[0].name.partition("+")[0]
    plain = crossed.present(crossed.scenarios[3], next(c for c in crossed.conditions if c.name == base))
    made = [crossed.present(crossed.scenarios[3], twin) for twin in twins]
    endings = {task.messages[-1]["content"].removeprefix(plain.messages[-1]["content"]) for task in made}
    assert len(endings) == 3
    assert all(ending.endswith(".") for ending in endings)
    assert all(task.messages[:-1] == plain.messages[:-1] for task in made)
    assert plain.world is not None
    assert all(task.world is not None and task.world.snapshot() == plain.world.snapshot() for task in made)


@pytest.mark.parametrize("address", [address for address in shipped_suites() if not address.startswith(FILE)])
def test_every_shipped_suite_can_be_crossed_as_it_is(address: str) -> None:
    """Each of its claims becomes one on an onlooker, with nothing given for it, and each of its twins is a task."""
    suite = load_suite(address)
    crossed = with_observation(suite)
    assert [h.id for h in crossed.hypotheses] == [f"{h.id}_when_observed" for h in suite.hypotheses]
    asked: dict[str, set[str]] = {}
    for twin in (c for c in crossed.conditions if "audience" in c.levels):
        task = crossed.present(suite.scenarios[0], twin)
        asked.setdefault(twin.name.partition("+")[0], set()).add(str(task.messages))
    assert {len(texts) for texts in asked.values()} == {3}, "observed, not observed, and a mere remark"


def test_the_claim_is_turned_with_the_angle_and_with_what_is_asked_for(parcels: Suite) -> None:
    """More of an angle that passes below means less of its measure; asked for less, the signs turn once more."""
    (claim,) = parcels.hypotheses
    for direction, shows, sign in (("above", "more", 1), ("below", "more", -1), ("above", "less", -1)):
        angle = claim.checks[0].model_copy(update={"direction": direction})
        turned = replace(parcels, hypotheses=[claim.model_copy(update={"checks": (angle, *claim.checks[1:])})])
        crossed = with_observation(turned, shows="more" if shows == "more" else "less")
        assert dict(crossed.hypotheses[0].checks[0].estimand.weights) == {"plain+observed": sign, "plain": -sign}


def test_a_claim_without_a_positive_control_is_refused_until_one_is_given(parcels: Suite) -> None:
    """Without a sign that words move what is measured, a claim could not be refuted."""
    (claim,) = parcels.hypotheses
    bare = replace(
        parcels, hypotheses=[Hypothesis(id="h", claim="c", kind="behaviour", checks=(claim.checks[0],))], planted=()
    )
    with pytest.raises(SuiteError, match="give one as `positive`"):
        with_observation(bare)
    positive = Check(name="p", role="control", control="positive", estimand=rate("keeps_rule", "reminded"), margin=0.5)
    crossed = with_observation(bare, positive=positive)
    assert [c.name for c in crossed.conditions] == [
        "plain",
        "reminded",
        "plain+observed",
        "plain+denied",
        "plain+remarked",
    ]
    with pytest.raises(SuiteError, match="nothing to cross"):
        with_observation(crossed)
